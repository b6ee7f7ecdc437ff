import { placeOf } from './sorted-sources.ts';
import type { SourceState } from './lifecycle.ts';
import type { SourceRegistry } from './registry.ts';
import type { Credential, Source } from './source.ts';

/** Which sources are meant; what is absent asks for nothing. */
export interface SourceFilter {
  /** Part of name, description, owner, contact, site, a tag, an address pattern or the notes; in any case. */
  search?: string;
  state?: SourceState;
  owner?: string;
  tag?: string;
  site?: string;
  /** A block that one of its credentials names exactly. */
  network?: string;
  /** None of its credentials was used since then, nor was it made since (wall time, milliseconds). */
  unusedSince?: number;
  /** It is about to be retired. */
  brownOut?: boolean;
  /** What one of its active credentials is. */
  credential?: CredentialKind;
  /** One of its active credentials ends within so many days, or has ended. */
  expiresWithinDays?: number;
  /** Something was noticed, or done, about what it does not usually do. */
  contained?: boolean;
}

export const CREDENTIAL_KINDS = ['password', 'api-key', 'certificate', 'oauth', 'network'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** What a search can not learn from the registry. */
export interface SearchFacts {
  /** Wall time, milliseconds. */
  now: number;
  isContained(source: string): boolean;
}

/** The first thing that a credential has to show; `network` where that is all. */
export function credentialKind({ secret, apiKeyHash, certificate, oauth }: Credential): CredentialKind {
  if (secret) return 'password';
  if (apiKeyHash !== undefined) return 'api-key';
  if (certificate) return 'certificate';
  return oauth ? 'oauth' : 'network';
}

/** The next end of a credential that somebody has to see to; traps and what is being replaced are not meant. */
export function nextEndOf(credentials: readonly Credential[]): number | undefined {
  let next: number | undefined;
  for (const { state, canary, rotation, expiresAt } of credentials) {
    if (state !== 'active' || canary || rotation?.role === 'old' || expiresAt === undefined) continue;
    if (next === undefined || expiresAt < next) next = expiresAt;
  }
  return next;
}

/** The last use of any of its credentials, wall time in milliseconds; undefined when none was ever used. */
export function lastUseOf(credentials: readonly Credential[]): number | undefined {
  let last: number | undefined;
  for (const { lastUsedAt } of credentials) {
    if (lastUsedAt !== undefined && (last === undefined || lastUsedAt > last)) last = lastUsedAt;
  }
  return last;
}

/**
 * One page of sources in the order of names.
 * @param after name that the page before ended with; empty: from the beginning
 * @param visible whom the caller may see
 */
export function searchSources(
  registry: Pick<SourceRegistry, 'list' | 'credentials'>,
  filter: SourceFilter,
  {
    after = '',
    most,
    visible,
    facts,
  }: { after?: string; most: number; visible: (source: Source) => boolean; facts?: SearchFacts },
): { items: Source[]; more: boolean } {
  const sources = registry.list();
  const matches = matcher(registry, filter, facts);
  const items: Source[] = [];
  for (let at = placeOf(sources, after); at < sources.length; at++) {
    const source = sources[at] as Source;
    if (source.name === after || !visible(source) || !matches(source)) continue;
    if (items.length === most) return { items, more: true };
    items.push(source);
  }
  return { items, more: false };
}

/**
 * Whether a source is meant. Conditions that cost little come first.
 * @param facts needed for `expiresWithinDays` and `contained`
 */
export function matcher(
  registry: Pick<SourceRegistry, 'credentials'>,
  filter: SourceFilter,
  facts: SearchFacts = { now: 0, isContained: () => false },
): (source: Source) => boolean {
  const { search, state, owner, tag, site, network, unusedSince, brownOut } = filter;
  const { credential, expiresWithinDays, contained } = filter;
  const endsBefore = expiresWithinDays === undefined ? undefined : facts.now + expiresWithinDays * 86_400_000;
  const wantedOwner = owner?.toLowerCase();
  const wantedSite = site?.toLowerCase();
  const wantedTag = tag?.toLowerCase();
  const text = search?.toLowerCase();
  return (source) =>
    (state === undefined || source.state === state) &&
    (brownOut === undefined || (source.brownOut !== undefined) === brownOut) &&
    (wantedTag === undefined || source.tags.includes(wantedTag)) &&
    (wantedOwner === undefined || source.owner.toLowerCase() === wantedOwner) &&
    (wantedSite === undefined || source.site.toLowerCase() === wantedSite) &&
    (contained === undefined || facts.isContained(source.id) === contained) &&
    (unusedSince === undefined || isUnused(registry, source, unusedSince)) &&
    (network === undefined ||
      registry.credentials(source.id).some(({ networks }) => networks.includes(network))) &&
    (credential === undefined ||
      registry
        .credentials(source.id)
        .some((one) => one.state === 'active' && credentialKind(one) === credential)) &&
    (endsBefore === undefined || (nextEndOf(registry.credentials(source.id)) ?? Infinity) <= endsBefore) &&
    (text === undefined || mentions(source, text));
}

function isUnused(registry: Pick<SourceRegistry, 'credentials'>, source: Source, since: number): boolean {
  return source.createdAt < since && (lastUseOf(registry.credentials(source.id)) ?? 0) < since;
}

function mentions(source: Source, text: string): boolean {
  const contains = (field: string) => field.toLowerCase().includes(text);
  return (
    source.name.includes(text) ||
    contains(source.description) ||
    contains(source.owner) ||
    contains(source.contact) ||
    contains(source.site) ||
    source.tags.some((one) => one.includes(text)) ||
    source.policy.pairs.some(({ envelope, header }) => contains(envelope) || contains(header)) ||
    contains(source.notes)
  );
}
