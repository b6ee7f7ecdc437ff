import type { Clock, Timer } from '../platform/clock.ts';
import type { Transaction, TransactionResult } from '../smtp/client/transaction.ts';
import type { Payload } from '../spool/spool.ts';
import { type Entry, FairQueue } from './entry.ts';
import type { Carrier, Hop, OpenFailure, Transport } from './transport.ts';

export interface DestinationLimits {
  idleMs: number;
  /** Milliseconds that a message waits before another connection is opened for it. */
  patienceMs: number;
  recipientsPerTransaction: number;
}

/** What a destination asks of the scheduler. */
export interface DestinationHost {
  readonly clock: Clock;
  readonly limits: DestinationLimits;
  /** No new work: disk trouble, or shutting down. */
  readonly paused: boolean;
  isStopped(source: string): boolean;
  /** A connection more in all? Those refused are asked again by `kick`. */
  acquire(destination: Destination): boolean;
  /** A connection less. */
  released(destination: Destination): void;
  payload(entry: Entry): Promise<Payload | undefined>;
  /** The group's source was stopped. */
  hold(group: Entry[]): void;
  /** The message requires TLS, which this destination's connections do not promise. */
  reroute(group: Entry[]): void;
  /** The message has left the spool. */
  gone(group: Entry[]): void;
  attempted(group: Entry[], result: TransactionResult, carrier: Carrier, startedAt: number): void;
  /** A connection could not be had; the destination's entries have not been touched. */
  unreachable(destination: Destination, failure: OpenFailure): void;
  /** A connection did some good: what kept the destination asleep is over. */
  reached(destination: Destination): void;
}

interface Ready {
  group: Entry[];
  payload: Payload;
}

/** How many groups are read ahead of the connections. */
const AHEAD = 8;
/** Up to so many messages for each connection, another is not worth its handshakes. */
const PER_CONNECTION = 5;

/** One next hop: what waits for it in memory, and the connections to it. */
export class Destination {
  readonly hop: Hop;
  readonly #transport: Transport;
  readonly #host: DestinationHost;
  readonly #waiting = new FairQueue();
  #ready: Ready[] = [];
  // arrays, not sets and maps: few at a time, many in all (see LookAhead)
  /** Groups whose message is being read. */
  readonly #loading: Entry[][] = [];
  #opening = 0;
  readonly #busy: Carrier[] = [];
  readonly #idle: { carrier: Carrier; timer: Timer }[] = [];
  /** The scheduler has it in a list of those to be started. */
  fresh = false;
  /** Transactions handed to each carrier. */
  readonly #carried = new WeakMap<Carrier, number>();
  /** Fewer than the route allows, for a while after the other side refused one more. */
  #most = Number.POSITIVE_INFINITY;
  #patience: Timer | undefined;
  #ending = false;

  constructor(hop: Hop, transport: Transport, host: DestinationHost) {
    this.hop = hop;
    this.#transport = transport;
    this.#host = host;
  }

  get connections(): number {
    return this.#opening + this.#busy.length + this.#idle.length;
  }

  /** Entries that no transaction has yet. */
  get waiting(): number {
    return this.#waiting.size + this.#ready.length + this.#loading.length;
  }

  get unused(): boolean {
    return this.waiting === 0 && this.connections === 0;
  }

  push(entry: Entry): void {
    this.#waiting.push(entry);
  }

  /** Takes out waiting entries; those in a transaction stay. */
  remove(matches: (entry: Entry) => boolean): Entry[] {
    const removed = this.#waiting.remove(matches);
    this.#ready = this.#ready.filter(({ group }) => {
      if (!group.some(matches)) return true;
      removed.push(...group);
      return false;
    });
    for (const group of this.#loading.filter((loading) => loading.some(matches))) {
      drop(this.#loading, group);
      removed.push(...group);
    }
    return removed;
  }

  /** The entry that an unreachable destination is charged with. */
  takeOne(): Entry | undefined {
    const ready = this.#ready.shift();
    if (!ready) return this.#waiting.take(0)[0];
    for (const other of ready.group.slice(1)) this.#waiting.push(other);
    return ready.group[0];
  }

  /** Starts what can be started. */
  kick(): void {
    if (this.#host.paused || this.#ending) return;
    this.#prepare();
    while (this.#ready.length > 0) {
      const parked = this.#idle.shift();
      if (!parked) break;
      parked.timer.cancel();
      void this.#use(parked.carrier);
    }
    const waiting = this.waiting;
    if (waiting === 0) return;
    // one alone until it is known that somebody is there
    const open = this.#busy.length + this.#idle.length > 0;
    const wanted = open ? Math.min(this.#allowed, Math.ceil(waiting / PER_CONNECTION)) : 1;
    while (this.connections < Math.max(1, wanted) && this.#host.acquire(this)) void this.#open();
    this.#patience ??= this.#host.clock.after(this.#host.limits.patienceMs, this.#impatient);
  }

  /** The other side takes no further connection: make do with those there are, for a minute. */
  crowded(): void {
    this.#most = Math.max(1, this.connections);
    this.#host.clock.after(60_000, () => {
      this.#most = Number.POSITIVE_INFINITY;
    });
  }

  get #allowed(): number {
    return Math.min(this.hop.route.connections, this.#most);
  }

  /** No new work; idle connections say goodbye. Resolves when those are gone. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#patience?.cancel();
    await Promise.all(
      this.#idle.splice(0).map(async ({ carrier, timer }) => {
        timer.cancel();
        await carrier.quit();
        this.#host.released(this);
      }),
    );
  }

  /** Drops what is still busy. */
  destroy(text: string): void {
    for (const carrier of this.#busy.slice()) carrier.destroy(text);
  }

  /** A slow transaction must not hold up what could go beside it. */
  readonly #impatient = (): void => {
    this.#patience = undefined;
    if (this.#ending || this.#host.paused || this.waiting === 0) return;
    if (this.#opening === 0 && this.connections < this.#allowed && this.#host.acquire(this)) {
      void this.#open();
    }
    this.kick();
  };

  /** Reads ahead, but only when there is a connection to carry it. */
  #prepare(): void {
    while (this.#busy.length + this.#idle.length > 0 && this.#ready.length + this.#loading.length < AHEAD) {
      const group = this.#waiting.take(this.#host.limits.recipientsPerTransaction);
      const first = group[0];
      if (!first) return;
      if (this.#host.isStopped(first.delivery.source)) this.#host.hold(group);
      else if (first.payload) this.#ready.push({ group, payload: first.payload });
      else void this.#load(group);
    }
  }

  async #load(group: Entry[]): Promise<void> {
    this.#loading.push(group);
    const payload = await this.#host.payload(group[0] as Entry);
    // taken out meanwhile
    if (!drop(this.#loading, group)) return;
    if (!payload) this.#host.gone(group);
    else if (payload.envelope.requireTls && !this.hop.requireTls) this.#host.reroute(group);
    else this.#ready.push({ group, payload });
    this.kick();
  }

  async #open(): Promise<void> {
    this.#opening++;
    const opened = await this.#transport.open(this.hop);
    this.#opening--;
    if (opened.kind === 'failed') {
      this.#host.released(this);
      this.#host.unreachable(this, opened);
      return;
    }
    const used = this.#use(opened.carrier);
    this.kick();
    await used;
  }

  async #use(carrier: Carrier): Promise<void> {
    this.#busy.push(carrier);
    this.#prepare();
    const fresh = !this.#carried.has(carrier);
    let good = false;
    let lastReply = '';
    const state = await carrier.run(() =>
      this.#transaction(carrier, (result) => {
        good ||= didGood(result);
        const one = result.recipients[0];
        if (one && one.kind !== 'withdrawn') lastReply = one.reply;
      }),
    );
    drop(this.#busy, carrier);
    if (good) this.#host.reached(this);
    const used = this.#carried.get(carrier) ?? 0;
    if (state === 'closed' || carrier.closed) {
      this.#host.released(this);
      if (!good && fresh && !this.#ending) {
        const { destination, network } = carrier;
        const reply = lastReply || 'connection closed before it was used';
        this.#host.unreachable(this, {
          permanent: false,
          reply,
          destination,
          network,
          afterAttempt: lastReply !== '',
        });
      }
    } else if (this.#ending || used >= this.hop.route.messagesPerConnection) {
      await carrier.quit();
      this.#host.released(this);
    } else {
      this.#park(carrier);
    }
    this.kick();
  }

  #park(carrier: Carrier): void {
    const leave = (): void => {
      if (drop(this.#idle, parked)) this.#host.released(this);
    };
    const timer = this.#host.clock.after(this.#host.limits.idleMs, () => {
      leave();
      void carrier.quit();
    });
    carrier.onIdleClose = () => {
      timer.cancel();
      leave();
    };
    const parked = { carrier, timer };
    this.#idle.push(parked);
  }

  #transaction(carrier: Carrier, seen: (result: TransactionResult) => void): Transaction | undefined {
    if (this.#host.paused || this.#ending) return undefined;
    const used = this.#carried.get(carrier) ?? 0;
    if (used >= this.hop.route.messagesPerConnection) return undefined;
    this.#prepare();
    const next = this.#ready.shift();
    if (!next) return undefined;
    const { group, payload } = next;
    const { source, message } = (group[0] as Entry).delivery;
    if (this.#host.isStopped(source)) {
      this.#host.hold(group);
      return this.#transaction(carrier, seen);
    }
    this.#carried.set(carrier, used + 1);
    const startedAt = this.#host.clock.monotonic();
    const recipients =
      group.length === 1
        ? (group[0] as Entry).delivery.recipients
        : group.flatMap(({ delivery }) => delivery.recipients);
    return {
      message,
      source,
      envelope: payload.envelope,
      recipients,
      content: payload,
      withdrawn: () => this.#host.isStopped(source),
      finish: (result) => {
        seen(result);
        this.#host.attempted(group, result, carrier, startedAt);
      },
    };
  }
}

/** The next hop spoke about the message, whatever it said: the connection to it works. */
function didGood(result: TransactionResult): boolean {
  return result.recipients.some(
    (one) =>
      one.kind === 'delivered' ||
      one.kind === 'failed' ||
      (one.kind === 'deferred' && /^[45]\d\d /.test(one.reply) && !one.reply.startsWith('421')),
  );
}

function drop<T>(list: T[], item: T): boolean {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}
