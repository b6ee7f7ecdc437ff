import { isDeepStrictEqual } from 'node:util';
import type {
  DeclaredCredential,
  DeclaredDomain,
  DeclaredRoute,
  DeclaredSource,
  Desired,
  Present,
} from './state.ts';

/** One field of one item; for a list, the whole of it. Absent: the field is not there. */
export interface FieldChange {
  /** `policy.recipients.allow` */
  field: string;
  before?: unknown;
  after?: unknown;
}

export interface ItemChange<Kind extends string, Value> {
  kind: Kind;
  action: 'create' | 'change' | 'delete';
  /** Of the item; of a credential, of its source. */
  name: string;
  /** Identifier of the source or credential that there is, or was. */
  id?: string;
  fields: FieldChange[];
  before?: Value;
  after?: Value;
}

export type Change =
  | ItemChange<'domain', DeclaredDomain>
  | ItemChange<'source', DeclaredSource>
  | ItemChange<'credential', DeclaredCredential>
  | ItemChange<'route', DeclaredRoute>;

/** What is there and not in the files: it stays, unless the files are to be the whole truth. */
export interface Unnamed {
  kind: Change['kind'];
  name: string;
}

/**
 * What has to change so that `present` is as `desired` says.
 * @param prune deletes what the files do not name, of those kinds of which they name something: a folder with routes
 *   alone must not delete every source
 */
export function changesBetween(
  present: Present,
  desired: Desired,
  prune: boolean,
): { changes: Change[]; unnamed: Unnamed[] } {
  const changes: Change[] = [];
  const unnamed: Unnamed[] = [];
  const put = (change: Change | undefined) => {
    if (change) changes.push(change);
  };
  const surplus = (kind: Change['kind'], name: string, among: number, remove: () => Change): void => {
    if (prune && among > 0) changes.push(remove());
    else unnamed.push({ kind, name });
  };

  for (const [name, after] of desired.domains) {
    put(changeOf('domain', name, present.domains.get(name), after));
  }
  for (const [name, after] of desired.sources) {
    const found = present.sources.get(name);
    put(changeOf('source', name, found?.value, keepState(after, found?.value), found?.id));
    const wanted = desired.credentials.get(name);
    if (!wanted) continue;
    const { pairs, free } = matched(wanted, present.credentials.get(name) ?? []);
    for (const { after: credential, before } of pairs)
      changes.push(...credentialChanges(name, before, credential));
    for (const { id, value } of free) {
      surplus('credential', `${name}: ${credentialName(value)}`, 1, () =>
        removal('credential', name, value, id),
      );
    }
  }
  for (const [name, after] of desired.routes) {
    put(changeOf('route', name, present.routes.get(name), after));
  }

  for (const [name, before] of present.routes) {
    if (desired.routes.has(name)) continue;
    surplus('route', name, desired.routes.size, () => removal('route', name, before));
  }
  for (const [name, { id, value }] of present.sources) {
    if (desired.sources.has(name)) continue;
    const among = desired.sources.size;
    if (prune && among > 0) {
      // told one by one: they are what a roll-back can not bring back whole
      for (const one of present.credentials.get(name) ?? [])
        changes.push(removal('credential', name, one.value, one.id));
    }
    surplus('source', name, among, () => removal('source', name, value, id));
  }
  for (const [name, before] of present.domains) {
    if (desired.domains.has(name)) continue;
    surplus('domain', name, desired.domains.size, () => removal('domain', name, before));
  }
  return { changes, unnamed };
}

/** Undefined when nothing differs. */
export function changeOf<Kind extends Change['kind'], Value extends object>(
  kind: Kind,
  name: string,
  before: Value | undefined,
  after: Value | undefined,
  id?: string,
): Extract<Change, { kind: Kind }> | undefined {
  const fields = fieldChanges(before ?? {}, after ?? {});
  if (before && after && fields.length === 0) return undefined;
  if (!before && !after) return undefined;
  const action = !before ? 'create' : !after ? 'delete' : 'change';
  const change = { kind, action, name, fields } as Extract<Change, { kind: Kind }>;
  return Object.assign(change, id && { id }, before && { before }, after && { after });
}

function removal<Kind extends Change['kind'], Value extends object>(
  kind: Kind,
  name: string,
  before: Value,
  id?: string,
): Change {
  return changeOf(kind, name, before, undefined, id) as Change;
}

/** A state that the files leave open is that which there is. */
function keepState(after: DeclaredSource, before: DeclaredSource | undefined): DeclaredSource {
  return after.state === undefined && before?.state !== undefined ? { ...after, state: before.state } : after;
}

/** What a credential is called in a listing. */
export function credentialName({
  kind,
  label,
  account,
  networks,
  certificate,
  oauth,
}: DeclaredCredential): string {
  const proof =
    account ??
    (certificate && Object.values(certificate)[0]) ??
    oauth?.clientId ??
    (kind === 'network' ? networks.join(', ') : '');
  return [kind, proof, label && `(${label})`].filter(Boolean).join(' ');
}

function credentialChanges(
  source: string,
  before: { id: string; value: DeclaredCredential } | undefined,
  after: DeclaredCredential,
): Change[] {
  const change = changeOf('credential', source, before?.value, after, before?.id);
  if (!change) return [];
  // a password that is kept as a hash can not be had back: CRAM-MD5 needs a new one
  if (before && !before.value.cramMd5 && after.cramMd5) {
    return [
      removal('credential', source, before.value, before.id),
      changeOf('credential', source, undefined, after) as Change,
    ];
  }
  return [change];
}

interface Existing {
  id: string;
  value: DeclaredCredential;
}

/** Finds for each credential of the files the one that is meant: first the same in all, then the same proof, then the same label. */
function matched(
  wanted: DeclaredCredential[],
  existing: readonly Existing[],
): { pairs: { after: DeclaredCredential; before?: Existing }[]; free: Existing[] } {
  const free = [...existing];
  const found = new Map<DeclaredCredential, Existing>();
  const tests: ((a: DeclaredCredential, b: DeclaredCredential) => boolean)[] = [
    (a, b) => sameProof(a, b) && a.label === b.label,
    sameProof,
    (a, b) => a.label === b.label,
  ];
  for (const test of tests) {
    for (const after of wanted) {
      if (found.has(after)) continue;
      const place = free.findIndex(({ value }) => value.kind === after.kind && test(after, value));
      const [before] = place < 0 ? [] : free.splice(place, 1);
      if (before) found.set(after, before);
    }
  }
  return { pairs: wanted.map((after) => ({ after, before: found.get(after) })), free };
}

function sameProof(a: DeclaredCredential, b: DeclaredCredential): boolean {
  switch (a.kind) {
    case 'password':
      return a.account === b.account;
    case 'certificate':
      return isDeepStrictEqual(a.certificate, b.certificate);
    case 'oauth':
      return isDeepStrictEqual(a.oauth, b.oauth);
    case 'network':
      return isDeepStrictEqual(a.networks, b.networks);
    case 'api-key':
      // nothing of a key is known but its label
      return a.label === b.label;
  }
}

/** Leaf by leaf, lists as a whole; in the order in which the fields stand. */
export function fieldChanges(before: object, after: object, path: string[] = []): FieldChange[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key): FieldChange[] => {
    const old = (before as Record<string, unknown>)[key];
    const now = (after as Record<string, unknown>)[key];
    const field = [...path, key];
    if (isTable(old) || isTable(now)) {
      if ((old === undefined || isTable(old)) && (now === undefined || isTable(now)))
        return fieldChanges(old ?? {}, now ?? {}, field);
    }
    if (isDeepStrictEqual(old, now)) return [];
    return [
      {
        field: field.join('.'),
        ...(old === undefined ? {} : { before: old }),
        ...(now === undefined ? {} : { after: now }),
      },
    ];
  });
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
