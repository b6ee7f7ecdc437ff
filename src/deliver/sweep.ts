import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Delivery, Settlement, Spool } from '../spool/spool.ts';
import type { Judge } from './attempt.ts';
import type { RetryPolicy } from './retry.ts';

export interface SweepOptions {
  spool: Spool;
  clock: Clock;
  events: EventSink;
  judge: Judge;
  retry: RetryPolicy;
  inFlight(delivery: Delivery): boolean;
  /** Keeps others off a delivery until its settlement is written, or it is given back; undefined when somebody has it. */
  claim(delivery: Delivery): (() => void) | undefined;
  settle(settlement: Settlement): void;
  /** What is known of a destination whose messages have not been tried themselves. */
  lastReply(delivery: Delivery): string | undefined;
}

const PAGE = 100;
/** Pages in one run: the rest waits for the next, so that a large backlog is swept in bounded steps. */
const MOST_PAGES = 20;

/**
 * Gives up what is too old and tells senders of delays, for deliveries that are not tried themselves because
 * their destination sleeps. Those that are tried learn of their age in their attempt.
 */
export class Sweep {
  readonly #options: SweepOptions;
  /** Up to here delays have been told: the look goes on from there, not from the beginning. */
  #told: { message: string; part: number } | undefined;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { events, clock, retry } = this.#options;
    const now = clock.now();
    try {
      await this.#pages(now - retry.giveUpAfter, undefined, (delivery) => this.#expire(delivery));
      this.#told = await this.#pages(now - retry.delayNoticeAfter, this.#told, (delivery) =>
        this.#delay(delivery, now),
      );
    } catch (error) {
      events.write({
        type: 'system',
        code: 'X902',
        text: `old messages can not be looked at: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }

  /** Answers the last delivery seen. */
  async #pages(
    before: number,
    from: { message: string; part: number } | undefined,
    each: (delivery: Delivery) => Promise<void>,
  ): Promise<{ message: string; part: number } | undefined> {
    let after = from;
    for (let page = 0; page < MOST_PAGES; page++) {
      const rows = await this.#options.spool.receivedBefore(before, PAGE, after);
      for (const delivery of rows) {
        after = { message: delivery.message, part: delivery.part };
        if (!this.#options.inFlight(delivery)) await each(delivery);
      }
      if (rows.length < PAGE) break;
    }
    return after;
  }

  async #expire(delivery: Delivery): Promise<void> {
    const { spool, judge } = this.#options;
    const payload = await spool.payload(delivery.message);
    await this.#claimed(delivery, () => judge.expire(delivery, payload, this.#reply(delivery)));
  }

  async #delay(delivery: Delivery, now: number): Promise<void> {
    const { spool, judge, retry } = this.#options;
    if (delivery.delayNotified || now - delivery.receivedAt >= retry.giveUpAfter) return;
    const payload = await spool.payload(delivery.message);
    await this.#claimed(delivery, async () => {
      const lastReply = this.#reply(delivery);
      const notice = await judge.delay(delivery, payload, lastReply);
      const { message, part, recipients, nextAttemptAt, attempts } = delivery;
      return {
        message,
        part,
        outcome: { kind: 'deferred', recipients, nextAttemptAt, attempts, lastReply, delayNotified: true },
        notifications: notice && [notice],
      };
    });
  }

  /** A delivery whose notice can't be written goes back: kept here, it would wait for the next start. */
  async #claimed(delivery: Delivery, conclude: () => Promise<Settlement>): Promise<void> {
    const giveBack = this.#options.claim(delivery);
    if (!giveBack) return;
    try {
      this.#options.settle(await conclude());
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  #reply(delivery: Delivery): string {
    return delivery.lastReply ?? this.#options.lastReply(delivery) ?? 'it has not been possible to try';
  }
}
