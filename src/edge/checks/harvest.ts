import type { EventSink } from '../../journal/event.ts';
import type { Clock } from '../../platform/clock.ts';
import { Generations } from '../../platform/generations.ts';

export interface HarvestLimits {
  /** Unknown recipients within the window, after which answers come slowly, and after which none come. */
  slow: number;
  refuse: number;
  /** How long a network is refused, milliseconds. */
  refuseMs: number;
}

interface Entry {
  /** Monotonic. */
  since: number;
  unknown: number;
  refusedUntil: number;
}

export const WINDOW_MS = 600_000;
export const DELAY_MS = 5000;
const NETWORKS = 50_000;
/** Answers held back at a time: each holds a connection. */
const MOST_DELAYED = 200;

/** Notices who tries addresses to learn which exist: they get slow answers, then none for a while. */
export class HarvestGuard {
  readonly #clock: Clock;
  readonly #events: EventSink;
  readonly #limits: HarvestLimits;
  readonly #entries = new Generations<Entry>(NETWORKS);
  #delayed = 0;

  constructor(clock: Clock, events: EventSink, limits: HarvestLimits) {
    this.#clock = clock;
    this.#events = events;
    this.#limits = limits;
  }

  /** Networks that are refused now. */
  get refused(): number {
    const now = this.#clock.monotonic();
    let count = 0;
    for (const { refusedUntil } of this.#entries.values()) if (refusedUntil > now) count++;
    return count;
  }

  isRefused(network: string): boolean {
    const entry = this.#entries.get(network);
    return entry !== undefined && entry.refusedUntil > this.#clock.monotonic();
  }

  /** The network asked for somebody who does not exist; resolves when it may be told so. */
  unknown(network: string): Promise<void> | undefined {
    const now = this.#clock.monotonic();
    let entry = this.#entries.get(network);
    if (!entry || now - entry.since >= WINDOW_MS) {
      entry = { since: now, unknown: 0, refusedUntil: entry?.refusedUntil ?? 0 };
      this.#entries.set(network, entry);
    }
    entry.unknown++;
    if (entry.unknown > this.#limits.refuse && entry.refusedUntil <= now) this.#refuse(network, entry, now);
    if (entry.unknown <= this.#limits.slow || this.#delayed >= MOST_DELAYED) return undefined;
    this.#delayed++;
    return new Promise((resolve) => {
      this.#clock.after(DELAY_MS, () => {
        this.#delayed--;
        resolve();
      });
    });
  }

  #refuse(network: string, entry: Entry, now: number): void {
    const { refuseMs } = this.#limits;
    entry.refusedUntil = now + refuseMs;
    this.#events.write({
      type: 'alarm',
      code: 'directory-harvest',
      outcome: 'warning',
      text: `${network} asked for ${entry.unknown} recipients that do not exist within ten minutes; it is refused for ${Math.ceil(refuseMs / 60_000)} minutes.`,
      detail: { network, unknown: entry.unknown },
    });
  }
}
