import type { Envelope, Recipient } from '../../../src/message/envelope.ts';
import type {
  MailCommand,
  MessageReceiver,
  SaslExchange,
  SessionSummary,
  SessionView,
  SmtpHandler,
  TlsFailure,
} from '../../../src/smtp/server/handler.ts';
import { isPositive, type Reply } from '../../../src/smtp/reply.ts';
import { must, Violation } from '../target.ts';

/** Stands between the wire and a handler: counts what is under way, and holds both to the contract. */
export class WatchedHandler implements SmtpHandler {
  /** Contents of messages that were answered positively, in order. */
  readonly accepted: Buffer[] = [];
  /** Promises that the wire waits for. */
  pending = 0;
  /** Promises that the wire has waited for until now. */
  asked = 0;
  closings = 0;
  refusals: string[] = [];
  /** The contract was broken where an exception would have been swallowed. */
  broken: string | undefined;
  readonly #handler: SmtpHandler;

  constructor(handler: SmtpHandler) {
    this.#handler = handler;
  }

  #watch<T>(answer: T): T {
    if (!(answer instanceof Promise)) return answer;
    this.pending++;
    this.asked++;
    const done = (): void => {
      this.pending--;
    };
    answer.then(done, done);
    return answer;
  }

  connected(session: SessionView): Reply | undefined | Promise<Reply | undefined> {
    return this.#watch(this.#handler.connected(session));
  }
  mechanisms(session: SessionView): string[] {
    return this.#handler.mechanisms(session);
  }
  authenticate(session: SessionView, mechanism: string): SaslExchange {
    const exchange = this.#handler.authenticate(session, mechanism);
    return { step: (response) => this.#watch(exchange.step(response)) };
  }
  mail(session: SessionView, command: MailCommand): Reply | undefined | Promise<Reply | undefined> {
    return this.#watch(this.#handler.mail(session, command));
  }
  recipient(
    session: SessionView,
    envelope: Readonly<Envelope>,
    recipient: Recipient,
  ): Reply | undefined | Promise<Reply | undefined> {
    return this.#watch(this.#handler.recipient(session, envelope, recipient));
  }

  message(session: SessionView, envelope: Readonly<Envelope>): MessageReceiver | Reply {
    const receiver = this.#handler.message(session, envelope);
    if (!('write' in receiver)) return receiver;
    const chunks: Buffer[] = [];
    let state: 'open' | 'ended' | 'aborted' = 'open';
    const expect = (what: string): void => {
      if (state !== 'open') this.broken ??= `${what} after the receiver was ${state}`;
    };
    return {
      write: (chunk) => {
        expect('write');
        chunks.push(Buffer.from(chunk));
        return this.#watch(receiver.write(chunk));
      },
      end: async () => {
        expect('end');
        state = 'ended';
        const reply = await this.#watch(receiver.end());
        if (isPositive(reply)) this.accepted.push(Buffer.concat(chunks));
        return reply;
      },
      abort: () => {
        expect('abort');
        state = 'aborted';
        receiver.abort();
      },
    };
  }

  refused(session: SessionView, reply: Reply, command: string): void {
    this.refusals.push(`${reply.refusal ?? reply.code}`);
    if (
      reply.refusal === 'X902' &&
      /Violation|TypeError|RangeError|ReferenceError/.test(reply.explanation ?? '')
    ) {
      this.broken ??= `X902 hides ${reply.explanation?.slice(0, 400)}`;
    }
    this.#handler.refused(session, reply, command);
  }
  tlsFailed(session: SessionView, failure: TlsFailure): void {
    this.#handler.tlsFailed(session, failure);
  }
  closed(session: SessionView, summary: SessionSummary): void {
    this.closings++;
    this.#handler.closed(session, summary);
  }

  /** @throws Violation when the session is over and something is left. */
  check(): void {
    if (this.broken) throw new Violation(this.broken);
    must(this.closings === 1, `closed() was called ${this.closings} times`);
  }
}
