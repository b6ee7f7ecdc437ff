import type { Clock } from '../platform/clock.ts';
import type {
  Delivery,
  DeliveryFilter,
  HoldReason,
  MessageId,
  Payload,
  Spool,
  SpoolStatistics,
} from '../spool/spool.ts';
import type { Scheduler } from './scheduler.ts';

/** What administrators see of what waits, and what they may do to it. */
export type QueueAccess = Pick<
  Spool,
  'list' | 'payload' | 'statistics' | 'hold' | 'release' | 'retry' | 'remove'
>;

/** Deliveries that are looked at for their destinations when they are to be tried now. */
const MOST_AWAKENED = 1000;

/**
 * Changes what waits, in the spool and in the scheduler's memory alike: what was loaded before the change is
 * forgotten, so that it can't be acted on afterwards.
 */
export class Queue implements QueueAccess {
  readonly #spool: Spool;
  readonly #scheduler: Pick<Scheduler, 'withdraw' | 'awaken' | 'refresh'>;
  readonly #clock: Clock;

  constructor(spool: Spool, scheduler: Pick<Scheduler, 'withdraw' | 'awaken' | 'refresh'>, clock: Clock) {
    this.#spool = spool;
    this.#scheduler = scheduler;
    this.#clock = clock;
  }

  list(...question: Parameters<Spool['list']>): Promise<Delivery[]> {
    return this.#spool.list(...question);
  }

  payload(message: MessageId): Promise<Payload | undefined> {
    return this.#spool.payload(message);
  }

  statistics(): Promise<SpoolStatistics> {
    return this.#spool.statistics();
  }

  hold(filter: DeliveryFilter, reason: HoldReason): Promise<number> {
    return this.#change(filter, () => this.#spool.hold(filter, reason));
  }

  release(filter: DeliveryFilter, now = this.#clock.now()): Promise<number> {
    return this.#change(filter, () => this.#spool.release(filter, now));
  }

  retry(filter: DeliveryFilter, now = this.#clock.now()): Promise<number> {
    return this.#change(filter, async () => {
      const changed = await this.#spool.retry(filter, now);
      const waiting = await this.#spool.list({ state: 'queued', ...filter }, MOST_AWAKENED);
      this.#scheduler.awaken(waiting);
      return changed;
    });
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
