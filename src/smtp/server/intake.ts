import { type Reply, refuse } from '../reply.ts';
import { type LineEndings, MessageScanner } from './data.ts';
import type { MessageReceiver } from './handler.ts';

/**
 * One message on its way in: from the wire's octets to the handler's receiver. Once the message is refused,
 * the receiver is told so and let go, and the rest is read to the end of data without being kept.
 */
export class Intake {
  /** What will be said at the end instead of the receiver's word. */
  refusal: Reply | undefined;
  /** Resolves when the receiver can take more. */
  pending: Promise<void> | undefined;
  #receiver: MessageReceiver | undefined;
  readonly #limit: number;
  readonly #strict: boolean;
  /** Absent for BINARYMIME, where CR and LF are content like any other octet (RFC 3030 §3). */
  readonly #scanner: MessageScanner | undefined;
  #length = 0;
  #seen = 0;

  /** `limit`: octets of the largest message. `framing`: DATA, BDAT, or BDAT with BODY=BINARYMIME. */
  constructor(
    receiver: MessageReceiver,
    limit: number,
    lineEndings: LineEndings,
    framing: 'dots' | 'counted' | 'binary',
  ) {
    this.#receiver = receiver;
    this.#limit = limit;
    this.#strict = lineEndings === 'refuse';
    this.#scanner = framing === 'binary' ? undefined : new MessageScanner(lineEndings, framing);
  }

  /** The client has sent so much after a refusal that reading on to the end is no courtesy any more. */
  get overrun(): boolean {
    return this.refusal !== undefined && this.#seen > 2 * this.#limit;
  }

  /** A bare CR or LF was seen. */
  get bare(): boolean {
    return this.#scanner?.bare ?? false;
  }

  /** Takes `input` from `from` on; answers the index after the end of data, or -1. Only for DATA. */
  data(input: Buffer, from: number): number {
    if (!this.#scanner) return -1;
    const end = this.#scanner.scan(input, from);
    this.#seen += (end < 0 ? input.length : end) - from;
    this.#deliver(this.#scanner.content);
    return end;
  }

  /** Takes a part of a chunk whose length is known. Only for BDAT. */
  chunk(octets: Buffer): void {
    this.#seen += octets.length;
    if (this.#scanner) this.#scanner.scan(octets, 0);
    this.#deliver(this.#scanner ? this.#scanner.content : octets);
  }

  #deliver(content: Buffer): void {
    this.pending = undefined;
    if (this.refusal) return;
    this.#length += content.length;
    if (this.#strict && this.#scanner?.bare) this.refuse(refuse('M602'));
    // RFC 1870 §6.3: what counts is what came, not what was announced
    else if (this.#length > this.#limit) this.refuse(refuse('M601'));
    else if (content.length > 0) this.pending = this.#write(content);
  }

  #write(content: Buffer): Promise<void> | undefined {
    try {
      return this.#receiver?.write(content) ?? undefined;
    } catch (error) {
      // The octets are consumed all the same; whoever waits for the receiver learns of it
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The message is complete: the receiver's answer, or the refusal. The receiver can not be aborted any more. */
  finish(): Reply | Promise<Reply> {
    const tail = this.#scanner?.finish();
    if (tail && (tail.length > 0 || this.#scanner?.bare)) this.#deliver(tail);
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (this.refusal) return this.refusal;
    if (!receiver) return refuse('X902', 'the message was ended twice');
    return this.pending ? this.pending.then(() => receiver.end()) : receiver.end();
  }

  /** Refuses the message with the first reason given. */
  refuse(reply: Reply): void {
    this.refusal ??= reply;
    this.pending = undefined;
    this.abort();
  }

  abort(): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.abort();
  }
}
