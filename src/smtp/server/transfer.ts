import { type Reply, isPositive, refuse } from '../reply.ts';
import { failure } from './failure.ts';
import type { Flow } from './flow.ts';
import { Intake } from './intake.ts';
import { START_MAIL } from './positive-replies.ts';
import type { ListenerRules } from './rules.ts';
import type { Session } from './session.ts';
import type { Transaction, TransactionState } from './transaction.ts';

/** A BDAT whose octets are on their way (RFC 3030 §2). */
interface Chunk {
  total: number;
  left: number;
  last: boolean;
  /** The octets are read and dropped; they must not be taken for commands. */
  refusal: Reply | undefined;
}

/** DATA and BDAT: from the command to the answer that the message gets. */
export class Transfer {
  readonly #rules: ListenerRules;
  readonly #session: Session;
  readonly #flow: Flow;
  readonly #state: TransactionState;
  #mode: 'data' | 'chunk' | undefined;
  #chunk: Chunk | undefined;

  constructor(rules: ListenerRules, session: Session, flow: Flow, state: TransactionState) {
    this.#rules = rules;
    this.#session = session;
    this.#flow = flow;
    this.#state = state;
  }

  /** The octets that come are a message's, not commands. */
  get active(): boolean {
    return this.#mode !== undefined;
  }

  /** Consumes the input at hand, up to the message's or chunk's end. */
  take(): void {
    if (this.#mode === 'data') this.#takeData();
    else this.#takeChunk();
  }

  /** Why the transaction is not ready for its message, if it is not. */
  #unready(): Reply | undefined {
    const { transaction } = this.#state;
    if (!transaction) return refuse('C105');
    if (transaction.envelope.recipients.length > 0) return undefined;
    return refuse(transaction.attempted ? 'R505' : 'C105');
  }

  /** Opens the message of a transaction that is ready; a Reply refuses it. */
  #openIntake(transaction: Transaction, framing: 'dots' | 'counted' | 'binary'): Intake | Reply {
    const { limits, lineEndings, handler } = this.#rules;
    try {
      const answer = handler.message(this.#session, transaction.envelope);
      if (!('write' in answer)) return answer;
      transaction.intake = new Intake(answer, limits.messageBytes, lineEndings, framing);
      return transaction.intake;
    } catch (error) {
      return failure('no receiver for the message', error);
    }
  }

  /** DATA (RFC 5321 §4.1.1.4). */
  data(argument: string): void {
    if (argument !== '') {
      this.#say(refuse('C104', 'DATA has no argument'));
      return;
    }
    const { transaction } = this.#state;
    const unready = this.#unready();
    // RFC 3030 §2 and §3: not after BDAT, and not for BINARYMIME
    if (unready || !transaction || transaction.intake || transaction.envelope.body === 'binarymime') {
      this.#say(unready ?? refuse('C105'));
      return;
    }
    const intake = this.#openIntake(transaction, 'dots');
    if (intake instanceof Intake) {
      this.#mode = 'data';
      this.#session.startPace();
      this.#say(this.#rules.voice?.replies.START_MAIL ?? START_MAIL);
    } else {
      this.#state.reset();
      this.#say(intake);
    }
  }

  #takeData(): void {
    const intake = this.#state.transaction?.intake;
    if (!intake) throw new Error('data without a transaction');
    const flow = this.#flow;
    let end = -1;
    const proceed = (): void => {
      if (end >= 0) this.#finishMessage(intake);
      else if (intake.overrun) this.#close(intake.refusal ?? refuse('M601'));
    };
    flow.ask(
      () => {
        end = intake.data(flow.input, flow.at);
        flow.at = end < 0 ? flow.input.length : end;
        if (intake.pending) flow.holdBack();
        return intake.pending;
      },
      proceed,
      (error) => {
        intake.refuse(failure('the receiver of the message failed', error));
        proceed();
      },
    );
  }

  #finishMessage(intake: Intake): void {
    this.#mode = undefined;
    this.#session.finishing = true;
    if (intake.bare) this.#session.bareLineEnds = true;
    this.#flow.ask(
      () => intake.finish(),
      (reply) => this.#concludeMessage(reply),
      (error) => this.#concludeMessage(failure('the message could not be finished', error)),
    );
  }

  #concludeMessage(reply: Reply): void {
    this.#state.reset(); // RFC 5321 §4.1.1.4: after a negative reply as well
    this.#session.messageFinished(isPositive(reply));
    this.#say(reply);
  }

  /** BDAT (RFC 3030 §2). */
  bdat(argument: string): void {
    const found = /^([0-9]{1,20})(?: +(LAST))?$/i.exec(argument);
    const total = Number(found?.[1]);
    // Without a length nobody knows where the next command begins
    if (!found) this.#close(refuse('C104', 'BDAT is malformed'));
    else if (total > 2 * this.#rules.limits.messageBytes) this.#close(refuse('M601'));
    else {
      const { transaction } = this.#state;
      let refusal = this.#unready();
      if (transaction && !transaction.intake && !refusal) {
        this.#session.chunking = true;
        const framing = transaction.envelope.body === 'binarymime' ? 'binary' : 'counted';
        const intake = this.#openIntake(transaction, framing);
        if (!(intake instanceof Intake)) refusal = intake;
      }
      if (refusal) this.#state.reset();
      this.#chunk = { total, left: total, last: found[2] !== undefined, refusal };
      this.#mode = 'chunk';
      this.#session.startPace();
      if (total === 0) this.#endChunk(this.#chunk);
    }
  }

  #takeChunk(): void {
    const chunk = this.#chunk;
    if (!chunk) throw new Error('octets of no BDAT');
    const flow = this.#flow;
    const intake = chunk.refusal ? undefined : this.#state.transaction?.intake;
    const end = Math.min(flow.at + chunk.left, flow.input.length);
    const octets = flow.input.subarray(flow.at, end);
    chunk.left -= octets.length;
    flow.at = end;
    const proceed = (): void => {
      if (intake?.overrun) this.#close(intake.refusal ?? refuse('M601'));
      else if (chunk.left === 0) this.#endChunk(chunk);
    };
    flow.ask(
      () => {
        intake?.chunk(octets);
        if (intake?.pending) flow.holdBack();
        return intake?.pending;
      },
      proceed,
      (error) => {
        intake?.refuse(failure('the receiver of the message failed', error));
        proceed();
      },
    );
  }

  #endChunk(chunk: Chunk): void {
    this.#chunk = undefined;
    this.#mode = undefined;
    const intake = chunk.refusal ? undefined : this.#state.transaction?.intake;
    const refusal = chunk.refusal ?? intake?.refusal;
    if (refusal || !intake) {
      // RFC 3030 §2: the transaction has failed as a whole; further BDAT are out of sequence
      this.#state.reset();
      this.#say(refusal ?? refuse('C105'));
    } else if (chunk.last) this.#finishMessage(intake);
    else this.#say({ code: 250, enhanced: '2.0.0', text: `${chunk.total} octets received` });
  }

  #say(reply: Reply): void {
    this.#session.say(reply);
  }

  #close(reply: Reply): void {
    this.#session.say({ ...reply, close: true });
  }
}
