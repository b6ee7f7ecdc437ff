import type { EventSink } from '../journal/event.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Settlement, Spool } from '../spool/spool.ts';

export interface SettlerOptions {
  spool: Spool;
  clock: Clock;
  events: EventSink;
  /** Milliseconds to wait for company, and the number that is enough company. */
  collectMs: number;
  batch: number;
  /** Called when the settlements are on disk. */
  settled(settlements: Settlement[]): void;
  /** The disk refuses (true), or takes them again (false). */
  troubled(trouble: boolean): void;
}

const RETRY_MS = [1000, 2000, 5000, 10_000];

/**
 * Writes outcomes to the spool in batches, one batch at a time. An outcome is never given up: while the disk
 * refuses, it is tried again, and delivery pauses meanwhile, because what is delivered and not written down
 * is delivered again after a crash.
 */
export class Settler {
  readonly #options: SettlerOptions;
  #pending: Settlement[] = [];
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #failures = 0;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  get troubled(): boolean {
    return this.#failures > 0;
  }

  add(settlement: Settlement): void {
    this.#pending.push(settlement);
    if (this.#writing || this.#failures > 0) return;
    if (this.#pending.length >= this.#options.batch) this.#start();
    else this.#timer ??= this.#options.clock.after(this.#options.collectMs, () => this.#start());
  }

  /** Resolves when everything added is on disk, or the disk has refused it once more. */
  async flush(): Promise<void> {
    while (this.#writing || this.#pending.length > 0) {
      if (!this.#writing) this.#start();
      await this.#writing;
      if (this.#failures > 0) return;
    }
  }

  #start(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#writing || this.#pending.length === 0) return;
    const batch = this.#pending.splice(0, 10 * this.#options.batch);
    this.#writing = this.#write(batch);
  }

  async #write(batch: Settlement[]): Promise<void> {
    const { spool, clock, events } = this.#options;
    try {
      await spool.settle(batch);
    } catch (error) {
      this.#pending = [...batch, ...this.#pending];
      this.#writing = undefined;
      const wait = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)] as number;
      if (this.#failures === 1) {
        events.write({
          type: 'system',
          code: 'X901',
          text: `outcomes can not be written, delivery pauses: ${error instanceof Error ? error.message : String(error)}`,
        });
        this.#options.troubled(true);
      }
      this.#timer = clock.after(wait, () => this.#start());
      return;
    }
    this.#writing = undefined;
    const recovered = this.#failures > 0;
    this.#failures = 0;
    this.#options.settled(batch);
    if (recovered) {
      events.write({ type: 'system', text: 'outcomes are written again, delivery goes on' });
      this.#options.troubled(false);
    }
    // what came in meanwhile has waited long enough
    if (this.#pending.length > 0) this.#start();
  }
}
