import { MessageScanner } from '../message/scan.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type { MessageReceiver } from '../smtp/server/handler.ts';

/** Collects the header section of a message that will not be kept; of its body it only counts the octets. */
export class HeadReception implements MessageReceiver {
  readonly #scanner: MessageScanner;
  readonly #limits: { messageBytes: number; headerBytes: number };
  readonly #complete: (head: Buffer, size: number) => Promise<Reply>;
  #size = 0;

  constructor(
    limits: { messageBytes: number; headerBytes: number },
    complete: (head: Buffer, size: number) => Promise<Reply>,
  ) {
    this.#limits = limits;
    this.#scanner = new MessageScanner(limits);
    this.#complete = complete;
  }

  write(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size <= this.#limits.messageBytes) this.#scanner.feed(chunk, () => undefined);
  }

  async end(): Promise<Reply> {
    if (this.#size > this.#limits.messageBytes) {
      return refuse('M601', `more than ${this.#limits.messageBytes} octets`);
    }
    if (this.#scanner.failure) return refuse(this.#scanner.failure);
    this.#scanner.finish();
    return this.#complete(this.#scanner.head, this.#size);
  }

  abort(): void {
    this.#size = Number.POSITIVE_INFINITY;
  }
}
