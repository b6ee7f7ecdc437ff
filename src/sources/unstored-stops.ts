import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { repeat } from '../platform/repeat.ts';
import type { Source } from './source.ts';

const AGAIN_MS = 10_000;

/**
 * Sources that are stopped in memory, and not in the store because it takes no writes: they are written again and again
 * until it does. Whoever stops a source must not be told to make room on the disk first.
 */
export class UnstoredStops {
  readonly #clock: Clock;
  readonly #events: EventSink;
  readonly #write: (id: string) => Promise<void>;
  readonly #waiting = new Map<string, string>();
  #end: (() => Promise<void>) | undefined;

  /** @param write stores the source of this identifier as it is in memory, if it still is */
  constructor(clock: Clock, events: EventSink, write: (id: string) => Promise<void>) {
    this.#clock = clock;
    this.#events = events;
    this.#write = write;
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  add({ id, name }: Source, error: unknown): void {
    if (this.#waiting.size === 0) {
      this.#events.write({
        type: 'alarm',
        source: id,
        code: 'stop-not-stored',
        outcome: 'critical',
        text: `Source ${name} is stopped, but the control data can not be written (${String(error)}): a restart would let it send again. It is tried again every ${AGAIN_MS / 1000} seconds.`,
      });
    }
    this.#waiting.set(id, name);
    this.#end ??= repeat(
      this.#clock,
      AGAIN_MS,
      () => this.#again(),
      () => {},
    );
  }

  /** Tries a last time. */
  async close(): Promise<void> {
    await this.#end?.();
    await this.#again().catch(() => {});
  }

  async #again(): Promise<void> {
    for (const [id, name] of this.#waiting) {
      await this.#write(id);
      this.#waiting.delete(id);
      this.#events.write({
        type: 'change',
        source: id,
        outcome: 'stored',
        text: `source ${name}: that it was stopped is stored now, and outlives a restart`,
      });
    }
    void this.#end?.();
    this.#end = undefined;
  }
}
