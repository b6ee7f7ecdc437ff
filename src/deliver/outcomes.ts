import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { RecipientResult, TransactionResult } from '../smtp/client/transaction.ts';
import type { Payload, Settlement } from '../spool/spool.ts';
import type { Attempt, Judge } from './attempt.ts';
import type { Entry } from './entry.ts';
import type { Carrier, OpenFailure } from './transport.ts';

export interface OutcomesOptions {
  clock: Clock;
  events: EventSink;
  judge: Judge;
  /** Age at which an attempt may lead to a notice, milliseconds. */
  delayNoticeAfter: number;
  payload(entry: Entry): Promise<Payload | undefined>;
  settle(settlement: Settlement): void;
  /** Nothing was said about it: it goes back in line. */
  again(entry: Entry): void;
}

/** Connections that may be lost under a message before that counts as an attempt. */
const MOST_UNTRIED = 3;

/** From how a transaction or a connection ended to the settlement of each delivery in it. */
export class Outcomes {
  readonly #options: OutcomesOptions;
  /** Those that need a notice written first. */
  readonly #judging = new Set<Promise<void>>();

  constructor(options: OutcomesOptions) {
    this.#options = options;
  }

  /** Resolves when nothing is being judged. */
  async idle(): Promise<void> {
    await Promise.all(this.#judging);
  }

  /** A transaction with these deliveries has ended; their recipients come one delivery after the other. */
  attempted(group: Entry[], result: TransactionResult, carrier: Carrier, startedAt: number): void {
    const durationMs = this.#options.clock.monotonic() - startedAt;
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

  /** The message that found out about its destination bears the attempt. */
  async charge(entry: Entry, failure: OpenFailure, kind: 'failed' | 'deferred'): Promise<void> {
    const { clock, delayNoticeAfter, payload } = this.#options;
    const { delivery } = entry;
    const old = clock.now() - delivery.receivedAt >= delayNoticeAfter;
    // only a notice needs the message
    if (!entry.payload && (kind === 'failed' || old)) await payload(entry);
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

  #conclude(entry: Entry, attempt: Attempt): void {
    const judged = this.#options.judge.judge(attempt);
    if (judged === 'untried') this.#untried(entry, attempt);
    else if (judged instanceof Promise) this.#track(judged);
    else this.#options.settle(judged);
  }

  #track(judged: Promise<Settlement>): void {
    const done = judged.then(this.#options.settle);
    this.#judging.add(done);
    void done.finally(() => this.#judging.delete(done));
  }

  #untried(entry: Entry, attempt: Attempt): void {
    if (entry.untried++ < MOST_UNTRIED) {
      this.#options.again(entry);
      return;
    }
    const results = attempt.results.map(
      (result): RecipientResult =>
        result.kind === 'untried' ? { kind: 'deferred', reply: result.reply, status: '4.4.2' } : result,
    );
    this.#conclude(entry, { ...attempt, results });
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
}
