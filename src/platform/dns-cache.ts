import type { Clock } from './clock.ts';
import { bothFamilies, ResolveError, type Resolver, type TtlListener } from './resolver.ts';

export interface DnsCacheOptions {
  clock: Clock;
  /** Answers kept at most, default 20,000. */
  entries?: number;
  /** Octets of all answers kept, about, default 32 MiB. */
  octets?: number;
}

const SECOND = 1000;
/** How long answers are kept, milliseconds. */
const KEPT = {
  /** Where the name server's word is not known. */
  found: 300 * SECOND,
  /** The longest time to live that is believed. */
  longest: 3600 * SECOND,
  missing: 60 * SECOND,
  /** Long enough that a message's checks do not wait for the same dead server again and again. */
  temporary: 5 * SECOND,
} as const;
/** A question in flight is not joined any more after this time: its answer may never come. */
const JOINED = 10 * SECOND;
/** A longer answer is given and not kept. */
const LONGEST_ANSWER = 16_384;
const LONGEST_NAME = 255;
/** What an entry costs beside its strings. */
const OVERHEAD = 200;

type Answer = readonly unknown[];

interface Entry {
  /** Monotonic. */
  until: number;
  /** What it occupies, about. */
  octets: number;
  answer: Promise<Answer>;
}

/**
 * A resolver that remembers the answers of another for a bounded time, and asks once what several want to know
 * at the same time. Two generations: what was not asked for during a whole generation goes with it, so that
 * nothing is deleted piece by piece.
 */
export class DnsCache implements Resolver {
  readonly #resolver: Resolver;
  readonly #clock: Clock;
  readonly #entries: number;
  readonly #octets: number;
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #youngOctets = 0;

  constructor(resolver: Resolver, { clock, entries = 20_000, octets = 32 * 1024 * 1024 }: DnsCacheOptions) {
    this.#resolver = resolver;
    this.#clock = clock;
    this.#entries = entries;
    this.#octets = octets;
  }

  mx(domain: string): ReturnType<Resolver['mx']> {
    return this.#ask('MX', domain, () => this.#resolver.mx(domain));
  }

  addresses(host: string): Promise<string[]> {
    return bothFamilies(this, host);
  }

  a(host: string, ttl?: TtlListener): Promise<string[]> {
    return this.#ask('A', host, (hear) => this.#resolver.a(host, hear), ttl);
  }

  aaaa(host: string, ttl?: TtlListener): Promise<string[]> {
    return this.#ask('AAAA', host, (hear) => this.#resolver.aaaa(host, hear), ttl);
  }

  ptr(address: string): Promise<string[]> {
    return this.#ask('PTR', address, () => this.#resolver.ptr(address));
  }

  txt(name: string): Promise<string[]> {
    return this.#ask('TXT', name, () => this.#resolver.txt(name));
  }

  /** Answers held now, for metrics; some may be over their time. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  async #ask<T>(
    type: string,
    name: string,
    query: (ttl: TtlListener) => Promise<T[]>,
    ttl?: TtlListener,
  ): Promise<T[]> {
    const key = `${type} ${name.toLowerCase()}`;
    const known = this.#find(key) ?? this.#fetch(key, query);
    // a copy: whoever asks may change what it was given
    const answer = [...((await known.answer) as readonly T[])];
    ttl?.(Math.max(0, Math.floor((known.until - this.#clock.monotonic()) / SECOND)));
    return answer;
  }

  #find(key: string): Entry | undefined {
    const now = this.#clock.monotonic();
    const young = this.#young.get(key);
    if (young) return young.until > now ? young : undefined;
    const old = this.#old.get(key);
    if (!old || old.until <= now) return undefined;
    this.#keep(key, old);
    return old;
  }

  #fetch(key: string, query: (ttl: TtlListener) => Promise<Answer>): Entry {
    let heard: number | undefined;
    const answer = query((seconds) => {
      if (Number.isFinite(seconds)) heard = Math.max(0, seconds) * SECOND;
    });
    const entry: Entry = {
      until: this.#clock.monotonic() + JOINED,
      octets: OVERHEAD + 2 * key.length,
      answer,
    };
    const settle = (ms: number): void => {
      entry.until = this.#clock.monotonic() + ms;
    };
    answer.then(
      (records) => {
        const octets = octetsOf(records);
        settle(octets > LONGEST_ANSWER ? 0 : Math.min(heard ?? KEPT.found, KEPT.longest));
        if (octets > LONGEST_ANSWER) {
          this.#release(key, entry);
        } else {
          entry.octets += octets;
          this.#youngOctets += octets;
        }
      },
      (error: unknown) => {
        const missing = error instanceof ResolveError && error.failure !== 'temporary';
        settle(missing ? KEPT.missing : KEPT.temporary);
      },
    );
    if (key.length <= LONGEST_NAME) this.#keep(key, entry);
    return entry;
  }

  #keep(key: string, entry: Entry): void {
    if (this.#young.size >= this.#entries / 2 || this.#youngOctets >= this.#octets / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngOctets = 0;
    }
    this.#young.set(key, entry);
    this.#youngOctets += entry.octets;
  }

  /** Lets go of an answer that is too long, without a deletion. */
  #release(key: string, entry: Entry): void {
    for (const generation of [this.#young, this.#old]) {
      if (generation.get(key) === entry) generation.set(key, EXPIRED);
    }
  }
}

const EXPIRED: Entry = { until: Number.NEGATIVE_INFINITY, octets: 0, answer: Promise.resolve([]) };

function octetsOf(records: Answer): number {
  if (!Array.isArray(records)) return 0;
  let octets = 0;
  for (const record of records) {
    octets += 50 + (typeof record === 'string' ? record.length : 0);
    if (octets > LONGEST_ANSWER) break;
  }
  return octets;
}
