import type { Clock } from '../platform/clock.ts';
import type { DeliveryFilter, HoldReason, Spool } from '../spool/spool.ts';
import type { Scheduler } from './scheduler.ts';

/** The administrator's commands on what waits. */
export type QueueCommands = Pick<Spool, 'hold' | 'release' | 'retry' | 'remove'>;

/**
 * Changes what waits, in the spool and in the scheduler's memory alike: what was loaded before the change is
 * forgotten, so that it can't be acted on afterwards.
 */
export class Queue implements QueueCommands {
  readonly #spool: Spool;
  readonly #scheduler: Pick<Scheduler, 'withdraw' | 'refresh'>;
  readonly #clock: Clock;

  constructor(spool: Spool, scheduler: Pick<Scheduler, 'withdraw' | 'refresh'>, clock: Clock) {
    this.#spool = spool;
    this.#scheduler = scheduler;
    this.#clock = clock;
  }

  hold(filter: DeliveryFilter, reason: HoldReason): Promise<number> {
    return this.#change(filter, () => this.#spool.hold(filter, reason));
  }

  release(filter: DeliveryFilter, now = this.#clock.now()): Promise<number> {
    return this.#change(filter, () => this.#spool.release(filter, now));
  }

  retry(filter: DeliveryFilter, now = this.#clock.now()): Promise<number> {
    return this.#change(filter, () => this.#spool.retry(filter, now));
  }

  remove(filter: DeliveryFilter): Promise<number> {
    return this.#change(filter, () => this.#spool.remove(filter));
  }

  async #change(filter: DeliveryFilter, change: () => Promise<number>): Promise<number> {
    this.#scheduler.withdraw(filter);
    const changed = await change();
    this.#scheduler.withdraw(filter);
    await this.#scheduler.refresh();
    return changed;
  }
}
