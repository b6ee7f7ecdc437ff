import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { Lookups } from '../authentication/lookups.ts';
import type { Route } from '../deliver/route.ts';
import { EDGE_SOURCE } from '../edge/acceptance.ts';
import { Blocklists } from '../edge/checks/blocklists.ts';
import { EdgeClientChecks } from '../edge/checks/client-checks.ts';
import { Greylist } from '../edge/checks/greylist.ts';
import { HarvestGuard } from '../edge/checks/harvest.ts';
import { NetworkRates } from '../edge/checks/rates.ts';
import { loadGreylist, saveGreylist } from '../edge/checks/stored-greylist.ts';
import { CallAhead, type NextHop } from '../edge/recipients/call-ahead.ts';
import { encodeFilter, FilterError, fillFilter } from '../edge/recipients/ldap/filter.ts';
import { LdapRecipients, ldapServer } from '../edge/recipients/ldap/ldap-recipients.ts';
import { listedRecipients } from '../edge/recipients/listed.ts';
import { RememberedRecipients } from '../edge/recipients/remembered.ts';
import type { RecipientList, RecipientSource } from '../edge/recipients/source.ts';
import { RecipientVerification } from '../edge/recipients/verification.ts';
import type { Tenant } from '../edge/tenant.ts';
import { systemDialer } from '../platform/dialer.ts';
import { repeat } from '../platform/repeat.ts';
import type { Resolver } from '../platform/resolver.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

export interface EdgeChecksOptions {
  list: RecipientList;
  tenants(): readonly Tenant[];
  /** Answers of DNS, remembered. */
  resolver: Resolver;
  /** PEM of authorities that are trusted besides the well-known ones: for next hops, and for directory servers. */
  trustedCa?: string;
  directoryCa?: string;
}

const SAVE_MS = 30_000;
const PROBE_MS = 600_000;
/** What DNS may cost for one client: a few lists, its names, and SPF. */
const CLIENT_LOOKUPS = { time: 10_000, queries: 100 };

/** Who is let in at the edge before its message is looked at, and for whom. */
export async function wireEdgeChecks(
  ground: Ground,
  { list, tenants, resolver, trustedCa, directoryCa }: EdgeChecksOptions,
  closers: Closers,
): Promise<{ checks: EdgeClientChecks; recipients: RecipientVerification }> {
  const { config, clock, events, control, log } = ground;
  const { hostname, edge } = config;
  const lookups = (): Lookups => new Lookups({ resolver, clock, limits: CLIENT_LOOKUPS });
  const trouble = (what: string) => (error: unknown) =>
    log.logger.error(`${what}: ${error instanceof Error ? error.message : String(error)}`);

  const blocklists = new Blocklists({
    lists: edge.blocklist.map(({ codes, ...rest }) => ({ ...rest, ...(codes.length > 0 && { codes }) })),
    lookups,
    clock,
    events,
  });
  if (edge.blocklist.length > 0) {
    const probe = (): Promise<void> => blocklists.probe();
    void probe().catch(trouble('blocklists'));
    closers.add(repeat(clock, PROBE_MS, probe, trouble('blocklists')));
  }

  let greylist: Greylist | undefined;
  if (edge.greylist.enabled) {
    const { delaySeconds, windowSeconds, lifetimeSeconds, entries } = edge.greylist;
    const kept = new Greylist({
      clock,
      delayMs: delaySeconds * 1000,
      windowMs: windowSeconds * 1000,
      lifetimeMs: lifetimeSeconds * 1000,
      entries,
    });
    await loadGreylist(control, kept);
    const save = (): Promise<void> => saveGreylist(control, kept);
    closers.add(save);
    closers.add(repeat(clock, SAVE_MS, save, trouble('greylist')));
    greylist = kept;
  }

  const { unknownSlow, unknownRefuse, refuseSeconds, connectorFactor, ...rates } = edge.limits;
  const checks = new EdgeClientChecks({
    blocklists,
    greylist,
    harvest: new HarvestGuard(clock, events, {
      slow: unknownSlow,
      refuse: unknownRefuse,
      refuseMs: refuseSeconds * 1000,
    }),
    rates: new NetworkRates(clock, rates),
    connectorFactor,
    helo: edge.helo,
    reverseDns: edge.reverseDns,
    exceptSpfPass: edge.greylist.exceptSpfPass,
    ownNames: () => ({
      hostname,
      domains: tenants().flatMap(({ domains }) => domains.map(({ name }) => name)),
    }),
    lookups,
  });

  const { verify, subaddress, caseSensitive } = edge.recipients;
  const ways: Record<(typeof verify)[number], () => RecipientSource> = {
    list: () => listedRecipients(list),
    ldap: () => remembered(ground, ldapRecipients(ground, directoryCa)),
    'call-ahead': () => remembered(ground, callAhead(ground, trustedCa)),
  };
  const recipients = new RecipientVerification({
    sources: verify.map((way) => ways[way]()),
    subaddress,
    caseSensitive,
    clock,
    events,
  });
  closers.add(() => recipients.close());
  return { checks, recipients };
}

function remembered({ config, clock }: Ground, source: RecipientSource): RememberedRecipients {
  const { knownSeconds, unknownSeconds, staleSeconds, cacheEntries } = config.edge.recipients;
  return new RememberedRecipients(source, {
    clock,
    knownMs: knownSeconds * 1000,
    unknownMs: unknownSeconds * 1000,
    staleMs: staleSeconds * 1000,
    entries: cacheEntries,
  });
}

/** @throws when the filter can not be read */
function ldapRecipients({ config, clock }: Ground, ca: string | undefined): LdapRecipients {
  const { urls, bindDn, password, base, filter, timeoutSeconds } = config.edge.recipients.ldap;
  try {
    encodeFilter(fillFilter(filter, 'local@domain.example'));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new Error(`edge.recipients.ldap.filter: ${error.message}`, { cause: error });
  }
  return new LdapRecipients({
    dialer: systemDialer,
    clock,
    timeoutMs: timeoutSeconds * 1000,
    servers: urls.map(ldapServer),
    base,
    filter,
    ...(bindDn !== '' && { bind: { dn: bindDn, password } }),
    ...(ca !== undefined && { context: trusting([ca]) }),
  });
}

function callAhead(
  { config, clock, random, disk, routes }: Ground,
  trustedCa: string | undefined,
): CallAhead {
  const contexts = new WeakMap<Route, SecureContext>();
  const contextOf = (route: Route): SecureContext => {
    let context = contexts.get(route);
    if (!context) {
      const { target } = route;
      const own = target.kind === 'smarthost' ? target.clientCertificate : undefined;
      context = trusting(
        trustedCa === undefined ? [] : [trustedCa],
        own && { cert: own.certificate, key: own.privateKey },
      );
      contexts.set(route, context);
    }
    return context;
  };
  return new CallAhead({
    dialer: systemDialer,
    clock,
    random,
    disk,
    hostname: config.hostname,
    timeoutMs: config.edge.recipients.callAheadSeconds * 1000,
    nextHop(domain): NextHop | undefined {
      const route = routes.resolve({ source: EDGE_SOURCE, domain, from: '' });
      const { target } = route;
      // by MX the domain leads here, and the sandbox takes everybody
      if (target.kind !== 'smarthost') return undefined;
      return {
        name: route.name,
        hosts: target.hosts,
        implicitTls: target.implicitTls,
        tls: route.tls,
        context: contextOf(route),
        login: target.authentication,
      };
    },
  });
}

function trusting(roots: string[], own?: { cert: string; key: string }): SecureContext {
  const ca = roots.length > 0 ? [...getCACertificates('default'), ...roots] : undefined;
  return createSecureContext({ ...own, ca, minVersion: 'TLSv1.2' });
}
