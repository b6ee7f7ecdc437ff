/**
 * Decides which deliveries are tried, when, and over which connection.
 *
 *   spool ──due(domain)──▶ lane ──route──▶ destination ──▶ connection ──▶ judge ──▶ settler ──▶ spool
 *   acceptance ──offer──▶ ┘ (body still in memory)
 *
 * Memory holds at most `lookAhead` deliveries; all others are known only by the number of their domain. A
 * destination that can not be reached sleeps, and the domains that need it are parked on it: until it wakes,
 * a million messages for it cost nothing, and then one message is tried.
 */
import { domainOf } from '../message/envelope.ts';
import type { Clock } from '../platform/clock.ts';
import { repeat } from '../platform/repeat.ts';
import type { TransactionResult } from '../smtp/client/transaction.ts';
import type { Delivery, DeliveryFilter, NewMessage, Payload, Settlement } from '../spool/spool.ts';
import { Agenda } from './agenda.ts';
import { Judge } from './attempt.ts';
import { type Asleep, Backoff } from './backoff.ts';
import { deliveriesOf, matchesFilter } from './deliveries.ts';
import { ConnectionBudget } from './connection-budget.ts';
import type { Destination, DestinationHost } from './destination.ts';
import { Destinations } from './destinations.ts';
import { Entry, keyOf } from './entry.ts';
import { Lanes } from './lane.ts';
import { Loader } from './loader.ts';
import { LookAhead } from './look-ahead.ts';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.ts';
import { Outcomes } from './outcomes.ts';
import {
  DEFAULT_SCHEDULER_LIMITS,
  type SchedulerLimits,
  type SchedulerOptions,
} from './scheduler-options.ts';
import { Settler } from './settler.ts';
import { Sweep } from './sweep.ts';
import type { Carrier, OpenFailure } from './transport.ts';

export class Scheduler implements DestinationHost {
  readonly clock: Clock;
  readonly limits: SchedulerLimits;
  readonly #options: SchedulerOptions;
  readonly #retry: RetryPolicy;
  /** Milliseconds; nothing that waits can have longer to wait. */
  readonly #longestWait: number;
  readonly #agenda: Agenda;
  readonly #outcomes: Outcomes;
  readonly #settler: Settler;
  readonly #sweep: Sweep;
  readonly #lanes: Lanes;
  readonly #backoff: Backoff;
  readonly #memory: LookAhead;
  readonly #destinations: Destinations;
  readonly #connections: ConnectionBudget;
  readonly #loader: Loader;
  /** What runs now and then. */
  readonly #repeated: (() => Promise<void>)[] = [];
  #closing = false;
  #unsubscribe: () => void = () => {};

  constructor(options: SchedulerOptions) {
    const { clock, random, events, notifier, spool } = options;
    this.#options = options;
    this.clock = clock;
    this.limits = { ...DEFAULT_SCHEDULER_LIMITS, ...options.limits };
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    this.#longestWait =
      Math.max(...this.#retry.schedule, ...this.limits.sleep) * (1 + this.#retry.jitter) + 1000;
    this.#agenda = new Agenda(clock);
    this.#memory = new LookAhead(this.limits);
    this.#backoff = new Backoff({
      clock,
      random,
      agenda: this.#agenda,
      schedule: this.limits.sleep,
      jitter: this.#retry.jitter,
      unparked: (lane) => this.#lanes.enqueue(lane),
      forgotten: (destination) => this.#destinations.forget(destination),
    });
    this.#destinations = new Destinations({
      routes: options.routes,
      transports: options.transports,
      host: this,
      isKept: (destination) => this.#backoff.knows(destination),
    });
    this.#connections = new ConnectionBudget(this.limits.connections);
    this.#lanes = new Lanes({
      spool,
      clock,
      agenda: this.#agenda,
      has: (key) => this.#memory.has(key),
      full: () => this.paused || this.#memory.full,
      admit: (lane, delivery) => this.#loader.admit(lane, new Entry(delivery)),
      fruitless: () => this.#backoff.tryOthers(),
      trouble: (what, error) => this.#trouble(what, error),
    });
    this.#loader = new Loader({
      clock,
      routes: options.routes,
      lanes: this.#lanes,
      memory: this.#memory,
      backoff: this.#backoff,
      destinations: this.#destinations,
      lookAhead: this.limits.lookAhead,
      isStopped: (source) => this.isStopped(source),
      hold: (group) => this.hold(group),
      settle: (settlement) => this.#settler.add(settlement),
    });
    const judge = new Judge({ clock, random, events, notifier, retry: this.#retry });
    this.#outcomes = new Outcomes({
      clock,
      events,
      judge,
      delayNoticeAfter: this.#retry.delayNoticeAfter,
      payload: (entry) => this.payload(entry),
      settle: (settlement) => this.#settler.add(settlement),
      again: (entry) => {
        if (this.#closing) this.#loader.release(entry, true);
        else this.#destinations.push(entry);
      },
    });
    this.#settler = new Settler({
      spool,
      clock,
      events,
      collectMs: this.limits.collectMs,
      batch: 50,
      settled: (settlements) => this.#settled(settlements),
      troubled: (trouble) => {
        if (!trouble) this.#resume();
      },
    });
    this.#sweep = new Sweep({
      spool,
      clock,
      events,
      judge,
      retry: this.#retry,
      inFlight: (delivery) => this.#memory.has(keyOf(delivery)),
      claim: (delivery) => this.#loader.claim(delivery),
      settle: (settlement) => this.#settler.add(settlement),
      lastReply: (delivery) => this.#backoff.about(this.#destinations.of(delivery, false))?.reply,
    });
  }

  /** Deliveries in memory; for statistics. */
  get loaded(): number {
    return this.#memory.size;
  }

  get connections(): number {
    return this.#connections.used;
  }

  /** The destinations that can not be reached now. */
  asleep(): Asleep[] {
    return this.#backoff.asleep();
  }

  /** Reads the backlog and begins. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#options.routes.onChange(() => this.#routesChanged());
    await this.refresh();
    const failed = (error: unknown): void => this.#trouble('the queue can not be looked after', error);
    this.#repeated.push(
      repeat(this.clock, this.limits.refreshMs, () => this.refresh(), failed),
      repeat(this.clock, this.limits.sweepMs, () => this.#sweep.run(), failed),
    );
  }

  /**
   * A delivery that has just been stored, with its message still in memory. Taken when there is room; if not,
   * it is found in the spool when its turn comes. Call it once for each delivery, after `store` has resolved.
   */
  offer(delivery: Delivery, payload?: Payload): void {
    if (delivery.state !== 'queued') return;
    const lane = this.#lanes.of(delivery.domain);
    const key = keyOf(delivery);
    if (this.#memory.has(key) || lane.stale.has(key)) return;
    if (this.paused || this.#memory.full) {
      lane.more = true;
      this.#lanes.enqueue(lane);
      return;
    }
    this.#loader.admit(lane, new Entry(delivery, payload));
  }

  /** `offer` for each delivery of a message that `store` has just taken. */
  offerMessage(message: NewMessage): void {
    for (const delivery of deliveriesOf(message)) this.offer(delivery, message);
  }

  /** Looks at the whole backlog now: after an administrator's release or retry, and now and then. */
  async refresh(): Promise<void> {
    try {
      const latest = this.clock.now() + this.#longestWait;
      this.#backoff.dropAfter(latest);
      await this.#lanes.refresh(latest);
    } catch (error) {
      this.#trouble('the backlog can not be read', error);
    }
  }

  /**
   * Forgets what waits in memory and matches, so that an administrator's change to the spool is not undone by
   * what was read before it. Call it before and after the change, then `refresh`. What is being sent goes on.
   */
  withdraw(filter: DeliveryFilter): number {
    let count = 0;
    for (const destination of this.#destinations.current()) {
      for (const entry of destination.remove(({ delivery }) => matchesFilter(filter, delivery))) {
        this.#loader.release(entry, true);
        count++;
      }
    }
    return count;
  }

  /** Somebody wants these to be tried now: what kept their destinations asleep counts no longer. Then `refresh`. */
  awaken(deliveries: readonly Delivery[]): void {
    for (const destination of deliveries.flatMap((delivery) => this.#destinations.known(delivery))) {
      if (this.#backoff.about(destination)) this.#backoff.drop(destination);
    }
  }

  /** Finishes what is being sent, at most `graceMs`, and writes down how it ended. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#loader.close();
    this.#unsubscribe();
    const ended = Promise.all(this.#repeated.map((end) => end()));
    this.#agenda.clear();
    const destinations = this.#destinations.all();
    const late = Promise.withResolvers<void>();
    const timers = [
      this.clock.after(graceMs, () => {
        for (const destination of destinations) destination.destroy('this relay shuts down');
      }),
      // connections that are still being made can not be hurried; they have nothing to settle
      this.clock.after(graceMs + 500, late.resolve),
    ];
    void Promise.all(destinations.map((destination) => destination.end()));
    await this.#connections.drained(late.promise);
    await ended;
    for (const timer of timers) timer.cancel();
    await this.#outcomes.idle();
    await this.#settler.flush();
  }

  // what destinations ask ------------------------------------------------------------------------------------

  get paused(): boolean {
    return this.#closing || this.#settler.troubled;
  }

  isStopped(source: string): boolean {
    return source !== '' && this.#options.isStopped(source);
  }

  acquire(destination: Destination): boolean {
    return this.#connections.acquire(destination);
  }

  released(destination: Destination): void {
    this.#destinations.forget(destination);
    this.#connections.release();
  }

  async payload(entry: Entry): Promise<Payload | undefined> {
    try {
      const payload = await this.#options.spool.payload(entry.delivery.message);
      if (payload) this.#memory.attach(entry, payload);
      return payload;
    } catch (error) {
      this.#trouble(`message ${entry.delivery.message} can not be read`, error);
    }
    return entry.payload;
  }

  hold(group: Entry[]): void {
    const text = 'the source may not send now';
    for (const { delivery } of group) {
      this.#settler.add({
        message: delivery.message,
        part: delivery.part,
        outcome: { kind: 'held', reason: 'source', lastReply: text },
      });
      // as the queue tells it: whoever stopped the source may have found nothing there that waits
      const { message, source, from } = delivery;
      const queue = { verb: 'hold', reason: 'source', filter: { message }, count: 1 };
      this.#options.events.write({
        type: 'system',
        message,
        source,
        from,
        outcome: 'held',
        text: `1 delivery held: ${text}`,
        detail: { queue },
      });
    }
  }

  reroute(group: Entry[]): void {
    for (const entry of group) {
      entry.requireTls = true;
      this.#destinations.push(entry);
    }
  }

  gone(group: Entry[]): void {
    for (const entry of group) {
      // should its row still be there, then what is amiss needs time
      this.#lanes.wakeAt(this.#lanes.of(entry.delivery.domain), this.clock.now() + 5000);
      this.#loader.release(entry, false);
    }
  }

  attempted(group: Entry[], result: TransactionResult, carrier: Carrier, startedAt: number): void {
    this.#outcomes.attempted(group, result, carrier, startedAt);
  }

  unreachable(destination: Destination, failure: OpenFailure): void {
    if (this.#closing) return;
    if (failure.permanent) {
      for (const entry of destination.remove(() => true))
        void this.#outcomes.charge(entry, failure, 'failed');
      return;
    }
    if (destination.connections > 0) {
      destination.crowded();
      return;
    }
    if (!failure.afterAttempt) {
      const entry = destination.takeOne();
      if (entry) void this.#outcomes.charge(entry, failure, 'deferred');
    }
    this.#loader.sleep(destination, failure.code ? `${failure.code} ${failure.reply}` : failure.reply);
  }

  reached(destination: Destination): void {
    this.#backoff.succeeded(destination, this.#loader.roomIn(destination));
  }

  /** What waits is routed anew; what is being sent goes on. */
  #routesChanged(): void {
    for (const destination of this.#destinations.retire()) {
      for (const entry of destination.remove(() => true)) this.#loader.release(entry, true);
      this.#backoff.drop(destination);
      void destination.end();
    }
  }

  // outcomes -------------------------------------------------------------------------------------------------

  #settled(settlements: Settlement[]): void {
    for (const settlement of settlements) {
      const entry = this.#memory.get(keyOf(settlement));
      if (!entry) continue;
      if (settlement.outcome.kind === 'deferred') {
        this.#lanes.wakeAt(this.#lanes.of(entry.delivery.domain), settlement.outcome.nextAttemptAt);
      }
      this.#loader.release(entry, false);
    }
    for (const { notifications } of settlements) {
      for (const notice of notifications ?? []) {
        for (const { address } of notice.envelope.recipients)
          this.#lanes.wake(this.#lanes.of(domainOf(address)));
      }
    }
    this.#lanes.read();
  }

  #resume(): void {
    for (const destination of this.#destinations.current()) destination.kick();
    this.#lanes.read();
  }

  #trouble(what: string, error: unknown): void {
    const text = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    this.#options.events.write({ type: 'system', code: 'X902', text });
  }
}
