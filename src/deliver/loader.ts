import type { Clock } from '../platform/clock.ts';
import type { Delivery, Settlement } from '../spool/spool.ts';
import type { Backoff } from './backoff.ts';
import type { Destination } from './destination.ts';
import type { Destinations } from './destinations.ts';
import { Entry, keyOf } from './entry.ts';
import { type Lane, type Lanes, PAGE } from './lane.ts';
import type { LookAhead } from './look-ahead.ts';
import type { RouteTable } from './routes.ts';

export interface LoaderOptions {
  clock: Clock;
  routes: RouteTable;
  lanes: Lanes;
  memory: LookAhead;
  backoff: Backoff;
  destinations: Destinations;
  /** Deliveries in memory, at most. */
  lookAhead: number;
  /** Nothing of this source may leave now. */
  isStopped(source: string): boolean;
  hold(group: Entry[]): void;
  settle(settlement: Settlement): void;
}

/** Deliveries of one domain that are moved on, to get at others behind them, while a destination sleeps. */
const MOST_SKIPPED = 2000;

/** How deliveries come from the spool before their destinations, and leave memory again. */
export class Loader {
  readonly #options: LoaderOptions;
  #closed = false;

  constructor(options: LoaderOptions) {
    this.#options = options;
  }

  /** From now on what is let go makes no room for others. */
  close(): void {
    this.#closed = true;
  }

  /** Puts an entry before its destination; false when that has no use for it now. */
  admit(lane: Lane, entry: Entry): boolean {
    const { backoff, destinations, hold, isStopped } = this.#options;
    const { delivery } = entry;
    if (isStopped(delivery.source)) {
      this.#remember(lane, entry);
      hold([entry]);
      return true;
    }
    const destination = destinations.of(delivery, entry.requireTls);
    const closed = backoff.isClosed(destination);
    if (closed || destination.waiting >= this.#share()) {
      if (closed && this.#skip(lane, entry, destination)) return true;
      backoff.park(lane, destination);
      return false;
    }
    this.#remember(lane, entry);
    destinations.push(entry, destination);
    return true;
  }

  /**
   * Keeps a delivery from being tried without a destination: the sweep finishes it, or gives it back by what this
   * answers. Undefined when somebody has it.
   */
  claim(delivery: Delivery): (() => void) | undefined {
    const { memory, lanes } = this.#options;
    if (memory.has(keyOf(delivery))) return undefined;
    const entry = new Entry(delivery);
    this.#remember(lanes.of(delivery.domain), entry);
    return () => this.release(entry, true);
  }

  /** @param again it is still due: have it read again */
  release(entry: Entry, again: boolean): void {
    const { memory, lanes, destinations, backoff } = this.#options;
    if (!memory.delete(entry)) return;
    lanes.released(lanes.of(entry.delivery.domain), entry.key, again);
    if (this.#closed) return;
    const destination = destinations.of(entry.delivery, entry.requireTls);
    if (destination.waiting <= this.#share() / 2) backoff.relieve(destination, this.roomIn(destination));
    destinations.forget(destination);
  }

  /** How many lanes' pages a destination has room for. */
  roomIn(destination: Destination): number {
    return Math.ceil((this.#share() - destination.waiting) / PAGE);
  }

  /** Where others may be behind them, the domain is read on, past what sleeps; else it waits for the destination. */
  sleep(destination: Destination, reply: string): void {
    const { backoff, lanes } = this.#options;
    backoff.failed(destination, reply);
    for (const entry of destination.remove(() => true)) {
      const lane = lanes.of(entry.delivery.domain);
      const mixed = this.#isMixed(lane);
      if (!mixed) backoff.park(lane, destination);
      this.release(entry, mixed);
    }
  }

  /** Deliveries of this domain may go different ways. */
  #isMixed({ domain, rerouted }: Lane): boolean {
    return rerouted || this.#options.routes.isMixed(domain);
  }

  /** Entries that one destination may have waiting: the more destinations, the fewer. */
  #share(): number {
    const { lookAhead, destinations } = this.#options;
    return Math.max(4, Math.floor(lookAhead / (2 + destinations.size)));
  }

  #remember(lane: Lane, entry: Entry): void {
    lane.loaded++;
    this.#options.memory.add(entry);
  }

  /**
   * Where a domain's messages have several routes, those of a sleeping one must not hide the others behind
   * them: they are moved to the time when it wakes, without counting as tried; bounded.
   */
  #skip(lane: Lane, entry: Entry, destination: Destination): boolean {
    const { backoff, clock, settle } = this.#options;
    const { until, reply } = backoff.about(destination) ?? { until: 0, reply: '' };
    if (clock.now() >= lane.skipUntil) lane.skipped = 0;
    if (lane.skipped >= MOST_SKIPPED || !this.#isMixed(lane)) return false;
    lane.skipped++;
    lane.skipUntil = until;
    this.#remember(lane, entry);
    const { message, part, recipients, attempts, delayNotified, lastReply } = entry.delivery;
    settle({
      message,
      part,
      outcome: {
        kind: 'deferred',
        recipients,
        attempts,
        delayNotified,
        nextAttemptAt: Math.max(until, clock.now() + 1000),
        lastReply: lastReply ?? reply,
      },
    });
    return true;
  }
}
