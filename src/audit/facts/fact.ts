import type { EvidenceKind, Observation } from '../evidence/observation.ts';

/** What is told of a message; places in files are not. */
export type Told = Omit<Observation, 'kind' | 'file' | 'row' | 'event'>;
export type FactField = keyof Told;

/** Who tells a field: a kind of evidence, or DNS as it is today. */
export type Origin = EvidenceKind | 'dns';

/**
 * One message to one recipient, or what a report counts, as all sources together tell it. Each field says which kind
 * of evidence it is from; what nobody told is absent.
 */
export interface Fact {
  told: Told;
  origins: Partial<Record<FactField, Origin>>;
  /** All kinds that spoke, each once, sorted. */
  kinds: EvidenceKind[];
}

/** Who is believed, the most certain first. A detail is the front door's own record; a report counts from afar. */
const AUTHORITY: readonly Origin[] = [
  'trace-detail',
  'trace-extended',
  'email-events',
  'message',
  'postern-log',
  'trace-enhanced',
  'connector-report',
  'trace',
  'change-optics',
  'notification',
  'dmarc',
  'inbound-report',
  'dns',
];

/** The author is read from the message itself before what a trace makes of it. */
const AUTHOR_AUTHORITY: readonly Origin[] = ['message', 'email-events', ...AUTHORITY];

/** How a message came in, and from whom: only the event of its reception can tell. */
const OF_RECEPTION: ReadonlySet<FactField> = new Set([
  'address',
  'helo',
  'ptr',
  'tls',
  'connector',
  'direction',
  'p1',
]);

const LONGEST = 1000;
const MOST_PARTS = 50;

/** The fact that one observation makes by itself. */
export function factOf(observation: Observation): Fact {
  const { kind } = observation;
  const told = toldBy(observation);
  const origins = Object.fromEntries(Object.keys(told).map((field) => [field, kind])) as Fact['origins'];
  return { told, origins, kinds: [kind] };
}

/** What an observation tells of its message. */
export function toldBy(observation: Observation): Told {
  const { event } = observation;
  const received = event === undefined || event === 'receive' || event === 'refusal';
  const told: Record<string, unknown> = {};
  for (const name in observation) {
    if (name === 'kind' || name === 'file' || name === 'row' || name === 'event') continue;
    const value = observation[name as FactField];
    if (value === undefined || (!received && OF_RECEPTION.has(name as FactField))) continue;
    told[name] = typeof value === 'number' ? value : bounded(value);
  }
  return told;
}

/** Strangers write subjects and names: nothing of them may be as long as they like. */
function bounded(value: unknown): unknown {
  if (typeof value === 'string') return value.length > LONGEST ? value.slice(0, LONGEST) : value;
  if (Array.isArray(value)) return value.slice(0, MOST_PARTS).map(bounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST_PARTS)
      .map(([name, part]) => [name.slice(0, LONGEST), bounded(part)]),
  );
}

/**
 * Joins what was told of one message. Neither the order of the sources nor repetition changes the result: each field
 * is the greatest under one order of certainty.
 */
export function mergeFacts(a: Fact, b: Fact): Fact {
  const told: Record<string, unknown> = { ...a.told };
  const origins: Fact['origins'] = { ...a.origins };
  for (const name of Object.keys(b.told)) {
    const field = name as FactField;
    const theirs = b.told[field];
    const kind = b.origins[field];
    if (theirs === undefined || kind === undefined) continue;
    if (field === 'extra') {
      told['extra'] = mergedExtra(a.told.extra, b.told.extra);
      origins.extra = better('extra', origins.extra ?? kind, kind);
      continue;
    }
    const ours = a.told[field];
    const ourKind = a.origins[field];
    if (ours === undefined || ourKind === undefined || isSurer(field, theirs, kind, ours, ourKind)) {
      told[field] = theirs;
      origins[field] = kind;
    }
  }
  return { told, origins, kinds: [...new Set([...a.kinds, ...b.kinds])].sort() };
}

function isSurer(
  field: FactField,
  theirs: unknown,
  theirKind: Origin,
  ours: unknown,
  ourKind: Origin,
): boolean {
  const gain = wholeness(field, theirs) - wholeness(field, ours);
  if (gain !== 0) return gain > 0;
  const rank = rankOf(field, ourKind) - rankOf(field, theirKind);
  if (rank !== 0) return rank > 0;
  // the same kind of evidence, twice: the earliest time and the last word on the fate; otherwise any fixed order
  if (field === 'at') return (theirs as number) < (ours as number);
  if (field === 'until' || field === 'count') return (theirs as number) > (ours as number);
  if (field === 'status') return finality(theirs as string) > finality(ours as string);
  const [left, right] = [textOf(theirs), textOf(ours)];
  return left.length === right.length ? left > right : left.length > right.length;
}

/** A whole address says more than its domain, an address more than a blank. */
function wholeness(field: FactField, value: unknown): number {
  if (typeof value !== 'string') return 1;
  if (field === 'address' || field === 'helo' || field === 'messageId') return value === '' ? 0 : 1;
  return value.startsWith('@') ? 0 : 1;
}

function finality(status: string): string {
  const steps = [
    'gettingstatus',
    'pending',
    'expanded',
    'delivered',
    'filteredasspam',
    'quarantined',
    'failed',
  ];
  return `${steps.indexOf(status) + 1}${status}`;
}

function rankOf(field: FactField, kind: Origin): number {
  return (field === 'p2' || field === 'subject' ? AUTHOR_AUTHORITY : AUTHORITY).indexOf(kind);
}

function better(field: FactField, a: Origin, b: Origin): Origin {
  return rankOf(field, a) <= rankOf(field, b) ? a : b;
}

function mergedExtra(a: Told['extra'], b: Told['extra']): Record<string, string> {
  const merged: Record<string, string> = { ...a };
  for (const [name, value] of Object.entries(b ?? {})) {
    const known = merged[name];
    if (known === undefined || value > known) merged[name] = value;
  }
  return Object.fromEntries(Object.entries(merged).sort(([x], [y]) => (x < y ? -1 : 1)));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
