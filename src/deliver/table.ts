import type { Route, RouteMatch } from './route.ts';

export interface RouteKey {
  source: string;
  domain: string;
  from: string;
}

/** The route of a key; undefined when no rule matches, which means the sandbox. */
export type RouteChooser = (key: RouteKey) => Route | undefined;

const CACHE_LIMIT = 10_000;

/**
 * Makes the matching function of a set of routes. More exact before less: a source condition outweighs a
 * recipient domain, which outweighs a sender domain; an exact domain outweighs `*.parent`, a longer parent a
 * shorter; then the name decides, so that the order in which routes were made does not.
 */
export function compileRoutes(routes: readonly Route[]): RouteChooser {
  const ordered = inOrder(routes);
  // sources name few routes, but a source has a cache of its own all the same: the key must not be joined per message
  const cache = new Map<string, Map<string, Map<string, Route | undefined>>>();
  let cached = 0;
  const bySender = ordered.some((route) => route.match.senderDomain !== undefined);
  return ({ source, domain, from }) => {
    const sender = bySender ? senderDomain(from) : '';
    let domains = cache.get(source);
    if (!domains) cache.set(source, (domains = new Map()));
    let senders = domains.get(domain);
    if (!senders) domains.set(domain, (senders = new Map()));
    if (senders.has(sender)) return senders.get(sender);
    const found = ordered.find(({ match }) => matches(match, source, domain, sender));
    if (++cached > CACHE_LIMIT) {
      cache.clear();
      cached = 0;
    } else {
      senders.set(sender, found);
    }
    return found;
  };
}

/** Routes as they are tried: the first that matches decides. */
export function inOrder(routes: readonly Route[]): Route[] {
  return routes
    .map((route) => ({ route, weight: weight(route.match) }))
    .sort((a, b) => compareWeights(b.weight, a.weight) || (a.route.name < b.route.name ? -1 : 1))
    .map(({ route }) => route);
}

/** `compileRoutes` for a single question. */
export function chooseRoute(routes: readonly Route[], key: RouteKey): Route | undefined {
  return compileRoutes(routes)(key);
}

/** Two keys of this domain may have different routes. */
export function isMixed(routes: readonly Route[], domain: string): boolean {
  return routes.some(
    ({ match }) =>
      (match.source !== undefined || match.senderDomain !== undefined) &&
      (match.recipientDomain === undefined || domainMatches(match.recipientDomain, domain)),
  );
}

function matches(match: RouteMatch, source: string, domain: string, sender: string): boolean {
  return (
    (match.source === undefined || match.source === source) &&
    (match.recipientDomain === undefined || domainMatches(match.recipientDomain, domain)) &&
    (match.senderDomain === undefined || domainMatches(match.senderDomain, sender))
  );
}

function domainMatches(pattern: string, domain: string): boolean {
  const wanted = pattern.toLowerCase();
  // `*.corp.example` is about subdomains, not about corp.example itself
  return wanted.startsWith('*.')
    ? domain.length >= wanted.length && domain.endsWith(wanted.slice(1))
    : domain === wanted;
}

function senderDomain(from: string): string {
  return from.slice(from.lastIndexOf('@') + 1).toLowerCase();
}

function weight(match: RouteMatch): [number, number, number] {
  return [
    match.source === undefined ? 0 : 1,
    patternWeight(match.recipientDomain),
    patternWeight(match.senderDomain),
  ];
}

function patternWeight(pattern: string | undefined): number {
  if (pattern === undefined) return 0;
  // longer than any domain name is long (RFC 1035 §2.3.4), so that exact comes first
  return pattern.startsWith('*.') ? pattern.length : 1000 + pattern.length;
}

function compareWeights(a: [number, number, number], b: [number, number, number]): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
