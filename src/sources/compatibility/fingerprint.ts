import type { RecordedEvent } from '../../journal/event.ts';

/** What a source is known to do, by what was seen of it. */
export const TRAITS = [
  'tls', // version, or `none`
  'cipher',
  'offeredVersion', // of its ClientHello
  'offeredFamily', // kinds of cipher suites of its ClientHello
  'method', // how it proved who it is
  'hello', // what it calls itself
  'extension', // of SMTP, as far as it uses them
  'repair', // what had to be mended in its messages
  'listener',
  'network',
] as const;

export type Trait = (typeof TRAITS)[number];

export interface Sighting {
  count: number;
  firstAt: number;
  lastAt: number;
}

export interface Fingerprint {
  firstAt: number;
  lastAt: number;
  /** SMTP connections that ended under its identity. */
  connections: number;
  messages: number;
  /** Octets of its largest message. */
  largest: number;
  seen: Record<Trait, Record<string, Sighting>>;
}

/** Values of one trait; of more, those that were not seen for longest are forgotten. */
const MOST_VALUES = 16;
const LONGEST_VALUE = 100;

export function emptyFingerprint(at: number): Fingerprint {
  const seen = Object.fromEntries(TRAITS.map((trait) => [trait, {}])) as Fingerprint['seen'];
  return { firstAt: at, lastAt: at, connections: 0, messages: 0, largest: 0, seen };
}

/** Notes what an event tells of its source. */
export function observe(fingerprint: Fingerprint, event: RecordedEvent): void {
  const { at, type, detail = {}, size = 0 } = event;
  fingerprint.firstAt = Math.min(fingerprint.firstAt, at);
  fingerprint.lastAt = Math.max(fingerprint.lastAt, at);
  const see = (trait: Trait, ...values: unknown[]): void => {
    for (const value of values)
      if (typeof value === 'string' && value !== '')
        sight(fingerprint.seen[trait], value.slice(0, LONGEST_VALUE), { count: 1, firstAt: at, lastAt: at });
  };
  if (type === 'connection') {
    fingerprint.connections++;
    const [version = 'none', cipher] = event.tls?.split(' ') ?? [];
    see('tls', version);
    see('cipher', cipher);
    const offered = detail['offered'] as { versions?: unknown[]; families?: unknown[] } | undefined;
    see('offeredVersion', ...(offered?.versions ?? []));
    see('offeredFamily', ...(offered?.families ?? []));
    see('hello', detail['hello']);
    see('listener', event.listener);
    see('network', event.network);
    if (detail['chunking'] === true) see('extension', 'CHUNKING');
    if (detail['bareLineEnds'] === true) see('repair', 'bare line ends');
  } else if (type === 'authentication') {
    see('method', detail['method']);
  } else if (type === 'acceptance') {
    fingerprint.messages++;
    fingerprint.largest = Math.max(fingerprint.largest, size);
    see('extension', ...((detail['uses'] as unknown[] | undefined) ?? []));
  } else if (type === 'warning' && event.code !== 'alignment') {
    see('repair', event.code);
  }
}

/** Adds what was seen meanwhile to what was known. */
export function merge(known: Fingerprint, more: Fingerprint): void {
  known.firstAt = Math.min(known.firstAt, more.firstAt);
  known.lastAt = Math.max(known.lastAt, more.lastAt);
  known.connections += more.connections;
  known.messages += more.messages;
  known.largest = Math.max(known.largest, more.largest);
  for (const trait of TRAITS) {
    // a trait that a later version added is missing in what an earlier one wrote
    const values = (known.seen[trait] ??= {});
    for (const [value, sighting] of Object.entries(more.seen[trait])) sight(values, value, sighting);
  }
}

function sight(values: Record<string, Sighting>, value: string, more: Sighting): void {
  const before = Object.hasOwn(values, value) ? values[value] : undefined;
  if (before) {
    before.count += more.count;
    before.firstAt = Math.min(before.firstAt, more.firstAt);
    before.lastAt = Math.max(before.lastAt, more.lastAt);
    return;
  }
  // defined, not assigned: `__proto__` is a value like any other
  Object.defineProperty(values, value, {
    value: { ...more },
    enumerable: true,
    configurable: true,
    writable: true,
  });
  const entries = Object.entries(values);
  if (entries.length <= MOST_VALUES) return;
  const oldest = entries.reduce((a, b) => (b[1].lastAt < a[1].lastAt ? b : a));
  delete values[oldest[0]];
}
