/**
 * How much a source may send. The unit of `messages` is the accepted message, however many recipients it has;
 * the unit of `bytes` is the octet of that message, counted once.
 *
 * Each limit has a ring of slices of its window, and counts the slice in progress with all whole ones before
 * it. So no stretch of a minute, an hour or a day ever holds more than the limit; in return an allowance comes
 * back up to one slice (1/12 of the window, 1/24 of a day) later than to the second.
 */
import type { Clock } from '../platform/clock.ts';
import type { RefusalCode } from '../refusals.ts';
import type { RefusalFacts } from '../smtp/reply.ts';
import type { RateLimit, SourcePolicy } from '../sources/source.ts';

const WINDOWS: Record<RateLimit['per'], { slice: number; slices: number }> = {
  minute: { slice: 5000, slices: 12 },
  hour: { slice: 300_000, slices: 12 },
  day: { slice: 3_600_000, slices: 24 },
};
const LONGEST = 25 * WINDOWS.day.slice;
const SWEEP_EVERY = 3_600_000;

export type LimitDecision = 'ok' | 'hold' | { code: RefusalCode; particulars: string; facts: RefusalFacts };

/** `undo` gives back what was counted, when the message was not accepted after all; once, later calls do nothing. */
export interface Taken {
  decision: LimitDecision;
  undo(): void;
}

/** JSON, to be kept over a restart. */
export interface LimiterSnapshot {
  /** Wall time, milliseconds. */
  at: number;
  sources: { id: string; counters: { key: string; age: number; counts: number[] }[] }[];
}

type LimitPolicy = Pick<SourcePolicy, 'limits' | 'overLimit'>;

class Counter {
  readonly slice: number;
  readonly counts: number[];
  sum = 0;
  /** Number of the slice in progress, counted from the epoch of the limiter's time. */
  newest: number;

  constructor(per: RateLimit['per'], now: number) {
    const { slice, slices } = WINDOWS[per];
    this.slice = slice;
    this.counts = Array.from({ length: slices + 1 }, () => 0);
    this.newest = Math.floor(now / slice);
  }

  /** Forgets the slices that have left the window: at most as many steps as there are slices. */
  advance(now: number): void {
    const current = Math.floor(now / this.slice);
    const oldest = current - this.counts.length + 1;
    for (let slice = Math.max(this.newest + 1, oldest); slice <= current; slice++) {
      const place = this.#place(slice);
      this.sum -= this.counts[place]!;
      this.counts[place] = 0;
    }
    this.newest = Math.max(current, this.newest);
  }

  add(amount: number): void {
    this.counts[this.#place(this.newest)]! += amount;
    this.sum += amount;
  }

  /** Takes back from the slice in which it was counted, if that is still in the window. */
  subtract(amount: number, slice: number): void {
    if (this.newest - slice >= this.counts.length) return;
    this.counts[this.#place(slice)]! -= amount;
    this.sum -= amount;
  }

  #place(slice: number): number {
    return slice % this.counts.length;
  }

  /** From the slice in progress back. */
  export(): number[] {
    return this.counts.map((_, back) => this.counts[this.#place(this.newest - back + this.counts.length)]!);
  }

  import(counts: number[]): void {
    for (let back = 0; back < this.counts.length; back++) {
      const count = counts[back] ?? 0;
      this.counts[this.#place(this.newest - back + this.counts.length)] = count;
      this.sum += count;
    }
  }
}

const keyOf = ({ unit, per }: RateLimit): string => `${unit}/${per}`;

interface Account {
  usedAt: number;
  counters: Map<string, Counter>;
}

export class RateLimiter {
  readonly #clock: Clock;
  readonly #startedWall: number;
  readonly #started: number;
  readonly #accounts = new Map<string, Account>();
  #sweptAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedWall = clock.now();
    this.#started = clock.monotonic();
    this.#sweptAt = this.#startedWall;
  }

  /** Wall time at the start, moved on by the clock that never jumps: setting the system's time changes no limit. */
  #now(): number {
    return this.#startedWall + (this.#clock.monotonic() - this.#started);
  }

  /**
   * Asks for one message of `bytes` octets and counts it at once, so that messages in flight at the same
   * time can not pass a limit together. A message that is refused or held is not counted.
   */
  take(source: string, policy: LimitPolicy, bytes: number): Taken {
    const now = this.#now();
    this.#sweep(now);
    const account = this.#account(source, now);
    const exceeded = this.#exceeded(account, policy, bytes, now);
    if (exceeded) return { decision: overLimit(exceeded, policy.overLimit), undo: () => undefined };
    const taken: { counter: Counter; amount: number; slice: number }[] = [];
    for (const limit of policy.limits) {
      const counter = account.counters.get(keyOf(limit))!;
      if (taken.some((other) => other.counter === counter)) continue;
      const amount = limit.unit === 'messages' ? 1 : bytes;
      counter.add(amount);
      taken.push({ counter, amount, slice: counter.newest });
    }
    return {
      decision: 'ok',
      undo: () => {
        for (const { counter, amount, slice } of taken.splice(0)) counter.subtract(amount, slice);
      },
    };
  }

  /** What `take` would decide, without counting: to refuse at MAIL what would be refused after DATA. */
  peek(source: string, policy: LimitPolicy, bytes: number): LimitDecision {
    const now = this.#now();
    const account = this.#accounts.get(source);
    if (!account) return 'ok';
    const exceeded = this.#exceeded(account, policy, bytes, now);
    return exceeded ? overLimit(exceeded, policy.overLimit) : 'ok';
  }

  /** What of each limit is used up, for the API and the console. */
  usage(source: string, policy: LimitPolicy): { limit: RateLimit; used: number }[] {
    const now = this.#now();
    return policy.limits.map((limit) => {
      const counter = this.#accounts.get(source)?.counters.get(keyOf(limit));
      counter?.advance(now);
      return { limit, used: counter?.sum ?? 0 };
    });
  }

  /** A source was removed. */
  forget(source: string): void {
    this.#accounts.delete(source);
  }

  snapshot(): LimiterSnapshot {
    const now = this.#now();
    const sources = [...this.#accounts].map(([id, { counters }]) => ({
      id,
      counters: [...counters].map(([key, counter]) => {
        counter.advance(now);
        return { key, age: now - counter.newest * counter.slice, counts: counter.export() };
      }),
    }));
    return { at: this.#clock.now(), sources };
  }

  /**
   * Takes over the counts of an earlier process. If the wall clock stands before the time of the snapshot,
   * it was set back meanwhile: the counts then apply as if made just now, which errs on the side of the limit.
   */
  restore(snapshot: LimiterSnapshot): void {
    const now = this.#now();
    const then = Math.min(snapshot.at, now);
    if (now - then > LONGEST) return;
    for (const { id, counters } of snapshot.sources) {
      const account = this.#account(id, now);
      for (const { key, age, counts } of counters) {
        const per = key.slice(key.indexOf('/') + 1);
        if (!Object.hasOwn(WINDOWS, per)) continue;
        const { slice } = WINDOWS[per as RateLimit['per']];
        // slices of this process may lie otherwise than those of the last: the later one is the safe one
        const newest = Math.ceil(Math.max(0, then - age) / slice);
        const counter = new Counter(per as RateLimit['per'], newest * slice);
        counter.import(counts);
        counter.advance(now);
        account.counters.set(key, counter);
      }
    }
  }

  #account(source: string, now: number): Account {
    let account = this.#accounts.get(source);
    if (!account) {
      account = { usedAt: now, counters: new Map() };
      this.#accounts.set(source, account);
    }
    account.usedAt = now;
    return account;
  }

  #exceeded(account: Account, policy: LimitPolicy, bytes: number, now: number): RateLimit | undefined {
    let exceeded: RateLimit | undefined;
    for (const limit of policy.limits) {
      const key = keyOf(limit);
      let counter = account.counters.get(key);
      if (!counter) {
        counter = new Counter(limit.per, now);
        account.counters.set(key, counter);
      }
      counter.advance(now);
      if (counter.sum + (limit.unit === 'messages' ? 1 : bytes) > limit.most) exceeded ??= limit;
    }
    return exceeded;
  }

  /** Sources that have been silent for longer than the longest window take no memory. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < SWEEP_EVERY) return;
    this.#sweptAt = now;
    for (const [id, { usedAt }] of this.#accounts) if (now - usedAt > LONGEST) this.#accounts.delete(id);
  }
}

function overLimit({ unit, per, most }: RateLimit, action: SourcePolicy['overLimit']): LimitDecision {
  if (action === 'hold') return 'hold';
  const reject = action === 'reject';
  const messages: RefusalCode = reject ? 'L701' : 'L702';
  const bytes: RefusalCode = reject ? 'L703' : 'L704';
  return {
    code: unit === 'messages' ? messages : bytes,
    particulars: `limit of ${most} ${unit} a ${per}`,
    facts: { unit, per, most },
  };
}
