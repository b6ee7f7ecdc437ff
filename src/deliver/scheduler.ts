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
import type { EventSink } from '../journal/event.ts';
import { domainOf } from '../message/envelope.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { RecipientResult, TransactionResult } from '../smtp/client/transaction.ts';
import type { Delivery, DeliveryFilter, NewMessage, Payload, Settlement, Spool } from '../spool/spool.ts';
import { Agenda } from './agenda.ts';
import { type Attempt, Judge } from './attempt.ts';
import { deliveriesOf } from './deliveries.ts';
import { Destination, type DestinationHost, type DestinationLimits } from './destination.ts';
import { type Entry, keyOf } from './entry.ts';
import { Lane } from './lane.ts';
import type { Notifier } from './notifier.ts';
import { DEFAULT_RETRY, type RetryPolicy, waitAfter } from './retry.ts';
import type { RouteTable } from './routes.ts';
import { Settler } from './settler.ts';
import { Sweep } from './sweep.ts';
import { isMixed } from './table.ts';
import type { RouteTarget } from './route.ts';
import type { Carrier, Hop, OpenFailure, Transport } from './transport.ts';

export interface SchedulerOptions {
  spool: Spool;
  routes: RouteTable;
  /** The transport of each kind of target. */
  transports: Record<RouteTarget['kind'], Transport>;
  clock: Clock;
  random: Random;
  events: EventSink;
  notifier: Notifier;
  /** The source was disabled: nothing more of it may leave. */
  isStopped(source: string): boolean;
  retry?: Partial<RetryPolicy>;
  limits?: Partial<SchedulerLimits>;
}

export interface SchedulerLimits extends DestinationLimits {
  /** Deliveries in memory. */
  lookAhead: number;
  /** Octets of offered messages kept in memory; those above are read from the spool again. */
  payloadBytes: number;
  /** Connections in all. */
  connections: number;
  /** Waits of a destination that can not be reached, milliseconds. */
  sleep: number[];
  /** Between looks at the whole backlog, and between sweeps for age. */
  refreshMs: number;
  sweepMs: number;
  collectMs: number;
}

export const DEFAULT_SCHEDULER_LIMITS: SchedulerLimits = {
  lookAhead: 2000,
  payloadBytes: 64 * 1024 * 1024,
  connections: 1000,
  sleep: [30_000, 60_000, 120_000, 300_000, 600_000],
  refreshMs: 30_000,
  sweepMs: 60_000,
  collectMs: 4,
  idleMs: 5000,
  patienceMs: 100,
  recipientsPerTransaction: 100,
};

const PAGE = 50;
const READS = 4;
/** Deliveries of one domain that are moved on, to get at others behind them, while a destination sleeps. */
const MOST_SKIPPED = 2000;
/** Connections that may be lost under a message before that counts as an attempt. */
const MOST_UNTRIED = 3;

interface Sleep {
  failures: number;
  until: number;
  reply: string;
  /** Lanes that wait for this destination. */
  parked: Set<Lane>;
}

export class Scheduler implements DestinationHost {
  readonly clock: Clock;
  readonly limits: SchedulerLimits;
  readonly #options: SchedulerOptions;
  readonly #retry: RetryPolicy;
  readonly #agenda: Agenda;
  readonly #judge: Judge;
  readonly #settler: Settler;
  readonly #sweep: Sweep;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes to read, in turn. */
  #line: Lane[] = [];
  #reads = 0;
  readonly #entries = new Map<string, Entry>();
  readonly #destinations = new Map<string, Destination>();
  readonly #sleeps = new Map<Destination, Sleep>();
  /** Destinations with something new; they are started together, so that one message's deliveries can share. */
  readonly #fresh = new Set<Destination>();
  #payloadBytes = 0;
  #connections = 0;
  readonly #short = new Set<Destination>();
  #timers: Timer[] = [];
  #closing = false;
  #unsubscribe: () => void = () => {};

  constructor(options: SchedulerOptions) {
    const { clock, random, events, notifier, spool } = options;
    this.#options = options;
    this.clock = clock;
    this.limits = { ...DEFAULT_SCHEDULER_LIMITS, ...options.limits };
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    this.#agenda = new Agenda(clock);
    this.#judge = new Judge({ clock, random, events, notifier, retry: this.#retry });
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
      judge: this.#judge,
      retry: this.#retry,
      inFlight: (delivery) => this.#entries.has(keyOf(delivery)),
      claim: (delivery) => this.#claim(delivery),
      settle: (settlement) => this.#settler.add(settlement),
      lastReply: (delivery) => this.#sleeps.get(this.#destinationOf(delivery))?.reply,
    });
  }

  /** Deliveries in memory; for statistics. */
  get loaded(): number {
    return this.#entries.size;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Reads the backlog and begins. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#options.routes.onChange(() => this.#routesChanged());
    await this.refresh();
    this.#every(this.limits.refreshMs, () => this.refresh());
    this.#every(this.limits.sweepMs, () => this.#sweep.run());
  }

  /**
   * A delivery that has just been stored, with its message still in memory. Taken when there is room; if not,
   * it is found in the spool when its turn comes. Call it once for each delivery, after `store` has resolved.
   */
  offer(delivery: Delivery, payload?: Payload): void {
    if (delivery.state !== 'queued') return;
    const lane = this.#lane(delivery.domain);
    const key = keyOf(delivery);
    if (this.#entries.has(key) || lane.stale.has(key)) return;
    if (this.paused || this.#entries.size >= this.limits.lookAhead) {
      lane.more = true;
      this.#enqueue(lane);
      return;
    }
    this.#admit(lane, {
      key,
      delivery,
      payload,
      requireTls: payload?.envelope.requireTls ?? false,
      untried: 0,
    });
  }

  /** `offer` for each delivery of a message that `store` has just taken. */
  offerMessage(message: NewMessage): void {
    const { head, body, traits, envelope } = message;
    for (const delivery of deliveriesOf(message)) this.offer(delivery, { head, body, traits, envelope });
  }

  /** Looks at the whole backlog now: after an administrator's release or retry, and now and then. */
  async refresh(): Promise<void> {
    try {
      for (const { domain, nextAttemptAt } of await this.#options.spool.backlog()) {
        const lane = this.#lane(domain);
        if (nextAttemptAt > this.clock.now()) this.#wakeAt(lane, nextAttemptAt);
        else this.#wake(lane);
      }
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
    for (const destination of this.#destinations.values()) {
      for (const entry of destination.remove(({ delivery }) => matches(filter, delivery))) {
        this.#release(entry, true);
        count++;
      }
    }
    return count;
  }

  /** Finishes what is being sent, at most `graceMs`, and writes down how it ended. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#unsubscribe();
    for (const timer of this.#timers) timer.cancel();
    this.#agenda.clear();
    const destinations = [...this.#destinations.values()];
    const timer = this.clock.after(graceMs, () => {
      for (const destination of destinations) destination.destroy('this relay shuts down');
    });
    await Promise.all(destinations.map((destination) => destination.end()));
    while (destinations.some(({ connections }) => connections > 0)) {
      await new Promise<void>((resolve) => {
        this.#onReleased = resolve;
      });
    }
    timer.cancel();
    await Promise.all(this.#judging);
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
    if (this.#connections >= this.limits.connections) {
      this.#short.add(destination);
      return false;
    }
    this.#connections++;
    return true;
  }

  #onReleased: () => void = () => {};

  released(): void {
    this.#connections--;
    this.#onReleased();
    for (const destination of this.#short) {
      this.#short.delete(destination);
      destination.kick();
      if (this.#connections >= this.limits.connections) break;
    }
  }

  async payload(entry: Entry): Promise<Payload | undefined> {
    try {
      const payload = await this.#options.spool.payload(entry.delivery.message);
      if (!payload || !this.#entries.has(entry.key)) return payload;
      entry.payload = payload;
      this.#payloadBytes += entry.delivery.size;
    } catch (error) {
      this.#trouble(`message ${entry.delivery.message} can not be read`, error);
    }
    return entry.payload;
  }

  hold(group: Entry[]): void {
    for (const { delivery } of group) {
      this.#settler.add({
        message: delivery.message,
        part: delivery.part,
        outcome: { kind: 'held', reason: 'source', lastReply: 'the source is disabled' },
      });
    }
  }

  reroute(group: Entry[]): void {
    for (const entry of group) {
      entry.requireTls = true;
      const destination = this.#destinationOf(entry.delivery, true);
      destination.push(entry);
      this.#start(destination);
    }
  }

  gone(group: Entry[]): void {
    for (const entry of group) {
      // should its row still be there, then what is amiss needs time
      this.#wakeAt(this.#lane(entry.delivery.domain), this.clock.now() + 5000);
      this.#release(entry, false);
    }
  }

  attempted(group: Entry[], result: TransactionResult, carrier: Carrier, startedAt: number): void {
    const durationMs = this.clock.monotonic() - startedAt;
    const { destination, network, tls } = carrier;
    if (result.eightBitUnannounced) this.#warnEightBit(group[0] as Entry, destination);
    let at = 0;
    for (const entry of group) {
      const { length } = entry.delivery.recipients;
      const results = group.length === 1 ? result.recipients : result.recipients.slice(at, at + length);
      at += length;
      this.#conclude(entry, {
        delivery: entry.delivery,
        payload: entry.payload ?? group[0]?.payload,
        results,
        destination,
        network,
        tls,
        durationMs,
        dsnPassedOn: result.dsnPassedOn,
      });
    }
  }

  unreachable(destination: Destination, failure: OpenFailure): void {
    if (this.#closing) return;
    if (failure.permanent) {
      for (const entry of destination.remove(() => true)) void this.#charge(entry, failure, 'failed');
      return;
    }
    if (destination.connections > 0) {
      destination.crowded();
      return;
    }
    if (!failure.afterAttempt) {
      const entry = destination.takeOne();
      if (entry) void this.#charge(entry, failure, 'deferred');
    }
    this.#sleep(destination, failure.code ? `${failure.code} ${failure.reply}` : failure.reply);
  }

  reached(destination: Destination): void {
    const sleep = this.#sleeps.get(destination);
    if (!sleep || sleep.failures === 0) return;
    sleep.failures = 0;
    sleep.until = 0;
    this.#unpark(destination, sleep);
  }

  // lanes ----------------------------------------------------------------------------------------------------

  #lane(domain: string): Lane {
    let lane = this.#lanes.get(domain);
    if (!lane) this.#lanes.set(domain, (lane = new Lane(domain)));
    return lane;
  }

  #wake(lane: Lane): void {
    lane.more = true;
    this.#enqueue(lane);
  }

  #wakeAt(lane: Lane, at: number): void {
    const second = Math.ceil(at / 1000) * 1000;
    if (lane.wakes.has(second) || lane.wakes.size >= 32) return;
    lane.wakes.add(second);
    this.#agenda.add(second, () => {
      lane.wakes.delete(second);
      this.#lanes.set(lane.domain, lane);
      this.#wake(lane);
    });
  }

  #enqueue(lane: Lane): void {
    if (lane.queued || lane.loading || lane.parkedOn || !lane.more) return;
    lane.queued = true;
    this.#line.push(lane);
    this.#read();
  }

  /** Reads lanes in turn while there is room. */
  #read(): void {
    while (this.#line.length > 0 && this.#reads < READS) {
      if (this.paused || this.#entries.size >= this.limits.lookAhead) return;
      const lane = this.#line.shift() as Lane;
      lane.queued = false;
      lane.loading = true;
      this.#reads++;
      void this.#load(lane);
    }
  }

  async #load(lane: Lane): Promise<void> {
    // rows in memory are still in the spool and come first: ask for enough to see behind them
    const limit = lane.loaded + PAGE;
    let admitted = 0;
    try {
      const rows = await this.#options.spool.due(lane.domain, this.clock.now(), limit);
      lane.more = rows.length >= limit;
      admitted = this.#admitRows(lane, rows);
    } catch (error) {
      this.#trouble(`deliveries to ${lane.domain} can not be read`, error);
      lane.more = false;
      this.#wakeAt(lane, this.clock.now() + 5000);
    }
    lane.loading = false;
    lane.stale.clear();
    this.#reads--;
    if (lane.more && (admitted > 0 || lane.loaded === 0)) this.#enqueue(lane);
    this.#tidy(lane);
    if (admitted === 0) this.#proveOthers();
    this.#read();
  }

  #admitRows(lane: Lane, rows: Delivery[]): number {
    let admitted = 0;
    for (const delivery of rows) {
      const key = keyOf(delivery);
      if (this.#entries.has(key) || lane.stale.has(key)) continue;
      if (this.paused || this.#entries.size >= this.limits.lookAhead) {
        lane.more = true;
        break;
      }
      if (this.#admit(lane, { key, delivery, payload: undefined, requireTls: false, untried: 0 })) admitted++;
      else if (lane.parkedOn) break;
    }
    return admitted;
  }

  /** Puts an entry before its destination; false when that has no use for it now. */
  #admit(lane: Lane, entry: Entry): boolean {
    const { delivery } = entry;
    if (this.isStopped(delivery.source)) {
      this.#remember(lane, entry);
      this.hold([entry]);
      return true;
    }
    const destination = this.#destinationOf(delivery, entry.requireTls);
    const sleep = this.#sleeps.get(destination);
    const asleep =
      sleep !== undefined &&
      sleep.failures > 0 &&
      (this.clock.now() < sleep.until || destination.waiting > 0 || destination.connections > 0);
    if (asleep || destination.waiting >= this.#share()) {
      if (asleep && this.#skip(lane, entry, sleep)) return true;
      this.#park(lane, destination);
      return false;
    }
    this.#remember(lane, entry);
    destination.push(entry);
    this.#start(destination);
    return true;
  }

  /** Entries that one destination may have waiting: the more destinations, the fewer. */
  #share(): number {
    return Math.max(4, Math.floor(this.limits.lookAhead / (2 + this.#destinations.size)));
  }

  #remember(lane: Lane, entry: Entry): void {
    lane.loaded++;
    this.#entries.set(entry.key, entry);
    if (!entry.payload) return;
    // of one message's several deliveries each counts: the bound is what matters, not the sum
    if (this.#payloadBytes + entry.delivery.size > this.limits.payloadBytes) entry.payload = undefined;
    else this.#payloadBytes += entry.delivery.size;
  }

  /** Keeps a delivery from being tried without a destination: the sweep finishes it. */
  #claim(delivery: Delivery): boolean {
    const key = keyOf(delivery);
    if (this.#entries.has(key)) return false;
    this.#remember(this.#lane(delivery.domain), {
      key,
      delivery,
      payload: undefined,
      requireTls: false,
      untried: 0,
    });
    return true;
  }

  #park(lane: Lane, destination: Destination): void {
    lane.more = true;
    lane.parkedOn = destination;
    this.#sleepOf(destination).parked.add(lane);
  }

  /**
   * Where a domain's messages have several routes, those of a sleeping one must not hide the others behind
   * them: they are moved to the time when it wakes, without counting as tried; bounded.
   */
  #skip(lane: Lane, entry: Entry, sleep: Sleep): boolean {
    if (this.clock.now() >= lane.skipUntil) lane.skipped = 0;
    if (lane.skipped >= MOST_SKIPPED || !isMixed(this.#options.routes.list(), lane.domain)) return false;
    lane.skipped++;
    lane.skipUntil = sleep.until;
    this.#remember(lane, entry);
    const { message, part, recipients, attempts, delayNotified, lastReply } = entry.delivery;
    this.#settler.add({
      message,
      part,
      outcome: {
        kind: 'deferred',
        recipients,
        attempts,
        delayNotified,
        nextAttemptAt: Math.max(sleep.until, this.clock.now() + 1000),
        lastReply: lastReply ?? sleep.reply,
      },
    });
    return true;
  }

  #tidy(lane: Lane): void {
    if (lane.unused) this.#lanes.delete(lane.domain);
  }

  // destinations ---------------------------------------------------------------------------------------------

  #destinationOf(delivery: Delivery, requireTls = false): Destination {
    const route = this.#options.routes.resolve(delivery);
    const parts = [route.name, route.target.kind === 'mx' ? delivery.domain : '', requireTls ? 'tls' : ''];
    const key = parts.join('|');
    let destination = this.#destinations.get(key);
    if (!destination) {
      const hop: Hop = { key, route, domain: delivery.domain, requireTls };
      destination = new Destination(hop, this.#options.transports[route.target.kind], this);
      this.#destinations.set(key, destination);
    }
    return destination;
  }

  #start(destination: Destination): void {
    if (this.#fresh.size === 0) queueMicrotask(this.#startFresh);
    this.#fresh.add(destination);
  }

  readonly #startFresh = (): void => {
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    for (const destination of fresh) destination.kick();
  };

  #sleepOf(destination: Destination): Sleep {
    let sleep = this.#sleeps.get(destination);
    if (!sleep)
      this.#sleeps.set(destination, (sleep = { failures: 0, until: 0, reply: '', parked: new Set() }));
    return sleep;
  }

  #sleep(destination: Destination, reply: string): void {
    const sleep = this.#sleepOf(destination);
    sleep.failures++;
    sleep.reply = reply;
    const wait = waitAfter(
      { ...this.#retry, schedule: this.limits.sleep },
      sleep.failures,
      this.#options.random,
    );
    sleep.until = this.clock.now() + wait;
    for (const entry of destination.remove(() => true)) {
      // where others may be behind it, the domain is read on, past what sleeps
      const mixed = isMixed(this.#options.routes.list(), entry.delivery.domain);
      if (!mixed) this.#park(this.#lane(entry.delivery.domain), destination);
      this.#release(entry, mixed);
    }
    this.#agenda.add(sleep.until, () => this.#prove(destination, sleep));
  }

  /** The wait is over: one lane is read, and its first message is the test. */
  #prove(destination: Destination, sleep: Sleep): void {
    if (sleep.failures === 0 || this.clock.now() < sleep.until || !destination.unused) return;
    const [lane] = sleep.parked;
    if (lane) this.#unparkOne(sleep, lane);
    else if (this.#sleeps.get(destination) === sleep) this.#forget(destination);
  }

  /** A lane that was read for a test had nothing to test with: the next one's turn. */
  #proveOthers(): void {
    for (const [destination, sleep] of this.#sleeps) {
      if (sleep.failures > 0 && sleep.parked.size > 0) this.#prove(destination, sleep);
    }
  }

  #unparkOne(sleep: Sleep, lane: Lane): void {
    sleep.parked.delete(lane);
    lane.parkedOn = undefined;
    this.#enqueue(lane);
  }

  /** As many parked lanes as the destination has room for. */
  #unpark(destination: Destination, sleep: Sleep): void {
    let room = Math.ceil((this.#share() - destination.waiting) / PAGE);
    for (const lane of sleep.parked) {
      if (room-- <= 0) return;
      this.#unparkOne(sleep, lane);
    }
  }

  #forget(destination: Destination): void {
    this.#sleeps.delete(destination);
    if (destination.unused && this.#destinations.get(destination.hop.key) === destination) {
      this.#destinations.delete(destination.hop.key);
    }
  }

  /** What waits is routed anew; what is being sent goes on. */
  #routesChanged(): void {
    const destinations = [...this.#destinations.values()];
    this.#destinations.clear();
    for (const destination of destinations) {
      const parked = this.#sleeps.get(destination)?.parked ?? new Set<Lane>();
      this.#sleeps.delete(destination);
      for (const entry of destination.remove(() => true)) this.#release(entry, true);
      for (const lane of parked) {
        lane.parkedOn = undefined;
        this.#enqueue(lane);
      }
      void destination.end();
    }
  }

  // outcomes -------------------------------------------------------------------------------------------------

  readonly #judging = new Set<Promise<void>>();

  #conclude(entry: Entry, attempt: Attempt): void {
    const judged = this.#judge.judge(attempt);
    if (judged === 'untried') this.#again(entry, attempt);
    else if (judged instanceof Promise) this.#track(judged);
    else this.#settler.add(judged);
  }

  #track(judged: Promise<Settlement>): void {
    const done = judged.then((settlement) => this.#settler.add(settlement));
    this.#judging.add(done);
    void done.finally(() => this.#judging.delete(done));
  }

  #again(entry: Entry, attempt: Attempt): void {
    if (this.#closing) return this.#release(entry, true);
    if (entry.untried++ < MOST_UNTRIED) {
      const destination = this.#destinationOf(entry.delivery, entry.requireTls);
      destination.push(entry);
      return this.#start(destination);
    }
    const results = attempt.results.map(
      (result): RecipientResult =>
        result.kind === 'untried' ? { kind: 'deferred', reply: result.reply, status: '4.4.2' } : result,
    );
    return this.#conclude(entry, { ...attempt, results });
  }

  /** The message that found out about its destination bears the attempt. */
  async #charge(entry: Entry, failure: OpenFailure, kind: 'failed' | 'deferred'): Promise<void> {
    const { delivery } = entry;
    const old = this.clock.now() - delivery.receivedAt >= this.#retry.delayNoticeAfter;
    // only a notice needs the message
    if (!entry.payload && (kind === 'failed' || old)) await this.payload(entry);
    const { reply, status, code, destination, network } = failure;
    this.#conclude(entry, {
      delivery,
      payload: entry.payload,
      results: delivery.recipients.map(() => ({ kind, reply, status, code })),
      destination,
      network,
      durationMs: 0,
      dsnPassedOn: false,
    });
  }

  #settled(settlements: Settlement[]): void {
    for (const settlement of settlements) {
      const entry = this.#entries.get(keyOf(settlement));
      if (!entry) continue;
      if (settlement.outcome.kind === 'deferred') {
        this.#wakeAt(this.#lane(entry.delivery.domain), settlement.outcome.nextAttemptAt);
      }
      this.#release(entry, false);
    }
    for (const { notifications } of settlements) {
      for (const notice of notifications ?? []) {
        for (const { address } of notice.envelope.recipients) this.#wake(this.#lane(domainOf(address)));
      }
    }
    this.#read();
  }

  /** @param again it is still due: have it read again */
  #release(entry: Entry, again: boolean): void {
    if (!this.#entries.delete(entry.key)) return;
    if (entry.payload) this.#payloadBytes -= entry.delivery.size;
    const lane = this.#lane(entry.delivery.domain);
    lane.loaded--;
    if (again) lane.more = true;
    else if (lane.loading) lane.stale.add(entry.key);
    if (lane.more && lane.loaded <= PAGE / 2) this.#enqueue(lane);
    this.#tidy(lane);
    this.#relieve(entry);
  }

  /** A destination has room again for the lanes parked on it, or is of no use any more. */
  #relieve({ delivery, requireTls }: Entry): void {
    if (this.#closing) return;
    const destination = this.#destinationOf(delivery, requireTls);
    const sleep = this.#sleeps.get(destination);
    if (sleep && sleep.failures === 0) {
      if (destination.waiting <= this.#share() / 2) this.#unpark(destination, sleep);
      if (sleep.parked.size === 0) this.#sleeps.delete(destination);
    }
    if (destination.unused && !this.#sleeps.has(destination)) this.#forget(destination);
  }

  #resume(): void {
    for (const destination of this.#destinations.values()) destination.kick();
    this.#read();
  }

  #every(ms: number, run: () => Promise<void>): void {
    const index = this.#timers.length;
    const again = (): void => {
      const done = (): void => {
        if (!this.#closing) this.#timers[index] = this.clock.after(ms, again);
      };
      void run().finally(done);
    };
    this.#timers.push(this.clock.after(ms, again));
  }

  #warnEightBit(entry: Entry, destination: string): void {
    // RFC 6152 §3 asks for conversion or a bounce; servers that do not announce it take 8-bit all the same
    this.#options.events.write({
      type: 'warning',
      message: entry.delivery.message,
      source: entry.delivery.source,
      destination,
      text: '8-bit content was sent to a server that does not announce 8BITMIME',
    });
  }

  #trouble(what: string, error: unknown): void {
    const text = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    this.#options.events.write({ type: 'system', code: 'X902', text });
  }
}

function matches(filter: DeliveryFilter, delivery: Delivery): boolean {
  return (
    (filter.message === undefined || filter.message === delivery.message) &&
    (filter.source === undefined || filter.source === delivery.source) &&
    (filter.domain === undefined || filter.domain === delivery.domain) &&
    (filter.from === undefined || filter.from === delivery.from) &&
    (filter.state === undefined || filter.state === delivery.state)
  );
}
