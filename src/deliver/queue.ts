import type { EventSink } from '../journal/event.ts';
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
  'list' | 'payload' | 'statistics' | 'hold' | 'release' | 'retry' | 'remove' | 'reroute'
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
  readonly #events: EventSink;

  /** @param events is told of each change: what the journal says of a message must not end with its last attempt */
  constructor(
    spool: Spool,
    scheduler: Pick<Scheduler, 'withdraw' | 'awaken' | 'refresh'>,
    clock: Clock,
    events: EventSink,
  ) {
    this.#spool = spool;
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#events = events;
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
    return this.#change(filter, () => this.#spool.hold(filter, reason), { verb: 'hold', reason });
  }

  release(filter: DeliveryFilter, now = this.#clock.now()): Promise<number> {
    return this.#change(filter, () => this.#spool.release(filter, now), { verb: 'release' });
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
    return this.#change(filter, () => this.#spool.remove(filter), { verb: 'delete' });
  }

  /** What keeps the old destination asleep counts no longer either: deliveries with the new one may be behind it. */
  reroute(filter: DeliveryFilter, route: string | undefined, now = this.#clock.now()): Promise<number> {
    const change = async (): Promise<number> => {
      const before = await this.#spool.list({ state: 'queued', ...filter }, MOST_AWAKENED);
      const changed = await this.#spool.reroute(filter, route, now);
      // first it has to be known that deliveries of their domains go different ways
      await this.#scheduler.refresh();
      this.#scheduler.awaken([...before, ...before.map((delivery) => ({ ...delivery, route }))]);
      return changed;
    };
    return this.#change(filter, change, { verb: 'reroute', route });
  }

  async #change(filter: DeliveryFilter, change: () => Promise<number>, told?: Told): Promise<number> {
    this.#scheduler.withdraw(filter);
    const changed = await change();
    if (told && changed > 0) this.#tell(filter, changed, told);
    this.#scheduler.withdraw(filter);
    await this.#scheduler.refresh();
    return changed;
  }

  #tell(filter: DeliveryFilter, count: number, told: Told): void {
    const { message, source, from } = filter;
    const outcome = DONE[told.verb];
    this.#events.write({
      type: 'system',
      message,
      source,
      from,
      outcome,
      text: `${count} ${count === 1 ? 'delivery' : 'deliveries'} ${outcome}`,
      detail: { queue: { ...told, filter, count } },
    });
  }
}

/** How the outcome of each change is called. */
const DONE = { hold: 'held', release: 'released', delete: 'deleted', reroute: 'rerouted' } as const;

interface Told {
  verb: keyof typeof DONE;
  reason?: HoldReason;
  route?: string;
}
