import type { Clock } from '../platform/clock.ts';
import type { Delivery, Spool } from '../spool/spool.ts';
import type { Agenda } from './agenda.ts';
import type { Destination } from './destination.ts';
import { keyOf } from './entry.ts';

/** One recipient domain: whether the spool has more of it, and when to look again. */
export class Lane {
  readonly domain: string;
  /** The spool may hold due deliveries that are not in memory. */
  more = false;
  /** In line to be read. */
  queued = false;
  loading = false;
  /** Entries in memory. */
  loaded = 0;
  /** Where it waits: reading is of no use until this destination has room, or is awake. */
  parkedOn: Destination | undefined;
  /** Keys that were settled while a read was under way: the read may still show them as they were. */
  readonly stale = new Set<string>();
  /** Wall times at which something falls due, rounded up to seconds. The periodic look finds what is not here. */
  readonly wakes = new Set<number>();
  /** Some of its deliveries have a route of their own. */
  rerouted = false;
  /** Deliveries moved on because their destination sleeps, and until when they count. */
  skipped = 0;
  skipUntil = 0;

  constructor(domain: string) {
    this.domain = domain;
  }

  get unused(): boolean {
    return (
      !this.more &&
      !this.queued &&
      !this.loading &&
      this.loaded === 0 &&
      !this.parkedOn &&
      this.wakes.size === 0
    );
  }
}

export interface LanesOptions {
  spool: Spool;
  clock: Clock;
  agenda: Agenda;
  /** In memory already. */
  has(key: string): boolean;
  /** No room for another delivery, or no wish. */
  full(): boolean;
  /** Answers whether the delivery is in memory now; if not, the lane may have been parked. */
  admit(lane: Lane, delivery: Delivery): boolean;
  /** A read brought nothing that could be used. */
  fruitless(): void;
  trouble(what: string, error: unknown): void;
}

/** How many deliveries more than those in memory are asked of the spool at once. */
export const PAGE = 50;
const READS = 4;
const MOST_WAKES = 32;

/** All lanes, and the reading of them in turn. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #line: Lane[] = [];
  #reads = 0;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  of(domain: string): Lane {
    let lane = this.#lanes.get(domain);
    if (!lane) {
      lane = new Lane(domain);
      this.#lanes.set(domain, lane);
    }
    return lane;
  }

  /**
   * Looks at the whole backlog.
   * @param latest no wait is so long that it could end after this: the clock was set back meanwhile
   */
  async refresh(latest: number): Promise<void> {
    const { spool, clock } = this.#options;
    for (const { domain, nextAttemptAt, rerouted = false } of await spool.backlog()) {
      this.of(domain).rerouted = rerouted;
      if (nextAttemptAt > latest) {
        await spool.retry({ domain, state: 'queued' }, clock.now());
        this.wake(this.of(domain));
      } else if (nextAttemptAt > clock.now()) this.wakeAt(this.of(domain), nextAttemptAt);
      else this.wake(this.of(domain));
    }
  }

  /** Something of it is due. */
  wake(lane: Lane): void {
    lane.more = true;
    this.enqueue(lane);
  }

  wakeAt(lane: Lane, at: number): void {
    const second = Math.ceil(at / 1000) * 1000;
    if (lane.wakes.has(second) || lane.wakes.size >= MOST_WAKES) return;
    lane.wakes.add(second);
    this.#options.agenda.add(second, () => {
      lane.wakes.delete(second);
      this.wake(lane);
    });
  }

  enqueue(lane: Lane): void {
    if (lane.queued || lane.loading || lane.parkedOn || !lane.more) return;
    lane.queued = true;
    this.#line.push(lane);
    this.read();
  }

  /** An entry has left memory. @param again it is still due */
  released(lane: Lane, key: string, again: boolean): void {
    lane.loaded--;
    if (again) lane.more = true;
    else if (lane.loading) lane.stale.add(key);
    if (lane.more && lane.loaded <= PAGE / 2) this.enqueue(lane);
    this.#tidy(lane);
    this.read();
  }

  /** Reads lanes in turn while there is room. */
  read(): void {
    while (this.#line.length > 0 && this.#reads < READS && !this.#options.full()) {
      const lane = this.#line.shift() as Lane;
      lane.queued = false;
      lane.loading = true;
      this.#reads++;
      void this.#load(lane);
    }
  }

  async #load(lane: Lane): Promise<void> {
    const { spool, clock, trouble, fruitless } = this.#options;
    // rows in memory are still in the spool and come first: ask for enough to see behind them
    const limit = lane.loaded + PAGE;
    let admitted = 0;
    // what the read will not show wakes the lane again while it runs
    lane.more = false;
    try {
      const rows = await spool.due(lane.domain, clock.now(), limit);
      if (rows.length >= limit) lane.more = true;
      admitted = this.#admit(lane, rows);
    } catch (error) {
      trouble(`deliveries to ${lane.domain} can not be read`, error);
      this.wakeAt(lane, clock.now() + 5000);
    }
    lane.loading = false;
    lane.stale.clear();
    this.#reads--;
    if (lane.more && (admitted > 0 || lane.loaded <= PAGE / 2)) this.enqueue(lane);
    this.#tidy(lane);
    if (admitted === 0) fruitless();
    this.read();
  }

  #admit(lane: Lane, rows: Delivery[]): number {
    const { has, full, admit } = this.#options;
    let admitted = 0;
    for (const delivery of rows) {
      const key = keyOf(delivery);
      if (has(key) || lane.stale.has(key)) continue;
      if (full()) {
        lane.more = true;
        break;
      }
      if (admit(lane, delivery)) admitted++;
      else if (lane.parkedOn) break;
    }
    return admitted;
  }

  #tidy(lane: Lane): void {
    if (lane.unused) this.#lanes.delete(lane.domain);
  }
}
