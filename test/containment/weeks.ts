/**
 * Weeks of mail as applications and devices send it, made from a seed so that every run is the same: regular
 * work with its irregularities (month's end, storms, new customers, a device that moves), and attacks mixed in.
 */
export interface Sent {
  /** Wall time, milliseconds. */
  at: number;
  source: string;
  network: string;
  to: string[];
  size: number;
  /** Deliveries that were finished, and those of them that the next hop refused for good. */
  finished: number;
  failed: number;
  /** Which attack it belongs to; undefined for what the source itself sends. */
  attack?: Attack;
}

export interface Attack {
  kind: AttackKind;
  source: string;
  at: number;
}

export type SourceKind = 'printer' | 'invoices' | 'monitoring' | 'crm' | 'shop' | 'quiet';
export type AttackKind =
  | 'blast'
  | 'low-and-slow'
  | 'internal phishing'
  | 'own network'
  | 'exfiltration'
  | 'few to staff';

export const ATTACKS: readonly AttackKind[] = [
  'blast',
  'low-and-slow',
  'internal phishing',
  'own network',
  'exfiltration',
  'few to staff',
];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday. */
const START = Date.UTC(2026, 0, 5);
const INTERNAL = 'corp.example';
const MEGABYTE = 1_000_000;

/** mulberry32: small, and the same everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Whose credential or device is misused. */
export interface Victim {
  name: string;
  random: () => number;
  /** Address that it sends from. */
  network: string;
  /** Domain that it writes to most. */
  staff: string;
}

interface Maker extends Victim {
  kind: SourceKind;
  /** Grows where customers come. */
  customers: string[];
}

const KINDS: readonly SourceKind[] = [
  'printer',
  'printer',
  'printer',
  'invoices',
  'monitoring',
  'crm',
  'shop',
  'quiet',
];

export interface Weeks {
  sent: Sent[];
  attacks: Attack[];
  sources: string[];
  weeks: number;
  /** Weeks in which each source was there, summed up. */
  sourceWeeks: number;
}

/** @param attacked share of the sources that are attacked once, after `clean` weeks */
export function makeWeeks(options: {
  seed: number;
  sources: number;
  weeks: number;
  clean: number;
  attacked: number;
}): Weeks {
  const random = randomFrom(options.seed);
  const sent: Sent[] = [];
  const attacks: Attack[] = [];
  const sources: Weeks['sources'] = [];
  for (let index = 0; index < options.sources; index++) {
    const kind = KINDS[index % KINDS.length] as SourceKind;
    const maker: Maker = {
      name: `${kind}-${index}`,
      kind,
      random: randomFrom(options.seed * 7919 + index),
      network: `10.${1 + (index >> 8)}.${index & 255}.${10 + Math.floor(random() * 200)}`,
      staff: INTERNAL,
      customers: Array.from({ length: 40 }, (_, customer) => `customer-${index}-${customer}.example`),
    };
    sources.push(maker.name);
    for (let day = 0; day < options.weeks * 7; day++) {
      for (let hour = 0; hour < 24; hour++) usualHour(maker, day, hour, sent);
    }
    if (random() >= options.attacked) continue;
    const days = options.clean * 7 + Math.floor(random() * (options.weeks - options.clean) * 7);
    const at = START + days * DAY + Math.floor(random() * 24) * HOUR;
    const attack: Attack = {
      kind: ATTACKS[attacks.length % ATTACKS.length] as AttackKind,
      source: maker.name,
      at,
    };
    attacks.push(attack);
    sent.push(...strike(maker, attack));
  }
  sent.sort((a, b) => a.at - b.at);
  const { weeks } = options;
  return { sent, attacks, sources, weeks, sourceWeeks: sources.length * weeks };
}

function usualHour(maker: Maker, day: number, hour: number, sent: Sent[]): void {
  const { random, kind } = maker;
  const working = day % 7 < 5;
  const dayOfMonth = new Date(START + day * DAY).getUTCDate();
  const add = (count: number, to: () => string, size: () => number, network = maker.network): void => {
    for (let one = 0; one < count; one++) {
      sent.push({
        at: START + day * DAY + hour * HOUR + Math.floor(random() * HOUR),
        source: maker.name,
        network,
        to: [`someone@${to()}`],
        size: Math.round(size()),
        finished: 1,
        failed: random() < 0.01 ? 1 : 0,
      });
    }
  };
  const internal = (): string => INTERNAL;
  const customer = (): string =>
    maker.customers[Math.floor(random() ** 2 * maker.customers.length)] as string;
  const comes = (count: number): void => {
    for (let one = 0; one < count; one++)
      maker.customers.push(`new-${maker.name}-${maker.customers.length}.example`);
  };
  switch (kind) {
    case 'printer':
      if (hour === 0 && random() < 0.002) maker.network = `10.99.${Math.floor(random() * 250)}.20`;
      if (working && hour >= 7 && hour < 18) {
        add(
          poisson(random, 2),
          () => (random() < 0.9 ? INTERNAL : customer()),
          () => (0.2 + random() * 4) * MEGABYTE,
        );
      }
      return;
    case 'invoices':
      if (hour !== 2) return;
      if (random() < 0.5) comes(Math.floor(random() * 3));
      add(
        Math.round((80 + random() * 120) * (dayOfMonth <= 2 ? 2.5 : 1)),
        customer,
        () => (0.05 + random() * 0.2) * MEGABYTE,
      );
      return;
    case 'monitoring':
      add(poisson(random, 0.3), internal, () => 4000);
      // a switch fails, and everything behind it complains
      if (random() < 0.004) add(20 + Math.floor(random() * 60), internal, () => 4000);
      return;
    case 'crm':
      if (!working || hour < 8 || hour >= 17) return;
      comes(poisson(random, 2));
      add(poisson(random, 15), customer, () => (0.02 + random()) * MEGABYTE);
      return;
    case 'shop': {
      comes(poisson(random, 2));
      const freemail = ['gmail.example', 'outlook.example', 'orange.example'];
      const to = (): string => (random() < 0.7 ? (freemail[Math.floor(random() * 3)] as string) : customer());
      const busy = 8 + 10 * Math.sin(((hour - 6) / 24) * 2 * Math.PI);
      add(poisson(random, Math.max(2, busy)), to, () => 30_000, `192.0.${2 + Math.floor(random() * 4)}.9`);
      return;
    }
    case 'quiet':
      if (random() < 0.02) add(1 + Math.floor(random() * 2), internal, () => 2000);
  }
}

/** What somebody does with a stolen credential, or with the device itself. */
export function strike(victim: Victim, attack: Attack): Sent[] {
  const { random, staff } = victim;
  const foreign = `203.0.113.${Math.floor(random() * 250)}`;
  const stranger = (): string => `victim-${Math.floor(random() * 100_000)}.example`;
  const make = (
    count: number,
    hours: number,
    from: string,
    to: () => string,
    size: number,
    failures: number,
  ): Sent[] =>
    Array.from({ length: count }, (_, one) => ({
      at: attack.at + Math.floor(((one + random()) / count) * hours * HOUR),
      source: victim.name,
      network: from,
      to: [`someone@${to()}`],
      size,
      finished: 1,
      failed: random() < failures ? 1 : 0,
      attack,
    }));
  switch (attack.kind) {
    case 'blast':
      return make(300 + Math.floor(random() * 1700), 1, foreign, stranger, 8000, 0.25);
    case 'low-and-slow':
      return make(180, 6, foreign, stranger, 8000, 0.15);
    case 'internal phishing':
      return make(60 + Math.floor(random() * 140), 1, foreign, () => staff, 12_000, 0.05);
    case 'own network':
      return make(100 + Math.floor(random() * 400), 2, victim.network, stranger, 8000, 0.2);
    case 'exfiltration':
      return make(10, 1, victim.network, () => 'drop.example', 15 * MEGABYTE, 0);
    case 'few to staff':
      return make(3 + Math.floor(random() * 7), 0.5, foreign, () => staff, 12_000, 0);
  }
}

/** Knuth's, good for small means. */
function poisson(random: () => number, mean: number): number {
  const limit = Math.exp(-mean);
  let count = -1;
  for (let product = 1; product > limit; count++) product *= random();
  return Math.max(0, count);
}
