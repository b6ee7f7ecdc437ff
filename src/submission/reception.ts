import type { BodyHash, BodyHasher, Signer } from '../authentication/dkim/signer.ts';
import type { Body, Traits } from '../message/content.ts';
import { type BodyTraits, MessageScanner } from '../message/scan.ts';
import type { RefusalCode } from '../refusals.ts';
import type { MessageReceiver } from '../smtp/server/handler.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import { type BodyWriter, type MessageId, type Spool, SpoolUnavailable } from '../spool/spool.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** A message that has arrived whole: what acceptance judges. */
export interface ReceivedMessage {
  id: MessageId;
  head: Buffer;
  body: Body;
  traits: Traits;
  bodyTraits: BodyTraits;
  bodyHash: BodyHash;
}

export interface ReceptionLimits {
  /** Octets of the whole message. */
  messageBytes: number;
  headerBytes: number;
  /** A larger body goes to a file. */
  inlineBytes: number;
}

export interface ReceptionRooms {
  spool: Spool;
  signer: Pick<Signer, 'hash' | 'hasher'>;
  budget: MemoryBudget;
}

/** Octets that a body may still have in memory when memory is tight: most that devices send at once is smaller. */
const SMALL = 32_768;

/**
 * Collects one message: a small body in memory, a large one in a file of the spool while its hash is made on
 * the way. Never holds more than the limits allow; what has failed is swallowed until its end, so that the
 * client hears why.
 *
 *   memory ──too large, or no budget──▶ file
 *      └────────────any failure────────────▶ nothing kept; `end` answers the refusal
 */
export class Reception implements MessageReceiver {
  readonly #id: MessageId;
  readonly #limits: ReceptionLimits;
  readonly #rooms: ReceptionRooms;
  readonly #complete: (message: ReceivedMessage) => Promise<Reply>;
  readonly #scanner: MessageScanner;
  #parts: Buffer[] = [];
  #size = 0;
  #bodySize = 0;
  /** Octets that the budget counts for this message. */
  #reserved = 0;
  #file: { writer: BodyWriter; hasher: BodyHasher } | undefined;
  #failure: { code: RefusalCode; particulars?: string } | undefined;

  /** @param complete is handed the message, or never called; afterwards a body file is its own affair. */
  constructor(
    id: MessageId,
    limits: ReceptionLimits,
    rooms: ReceptionRooms,
    complete: (message: ReceivedMessage) => Promise<Reply>,
  ) {
    this.#id = id;
    this.#limits = limits;
    this.#rooms = rooms;
    this.#complete = complete;
    this.#scanner = new MessageScanner(limits);
  }

  write(chunk: Buffer): void | Promise<void> {
    if (this.#failure) return;
    this.#size += chunk.length;
    if (this.#size > this.#limits.messageBytes) {
      return this.#fail('M601', `more than ${this.#limits.messageBytes} octets`);
    }
    this.#scanner.feed(chunk, this.#keep);
    if (this.#scanner.failure) {
      return this.#fail(
        this.#scanner.failure,
        `header section of more than ${this.#limits.headerBytes} octets`,
      );
    }
    if (this.#file) return this.#toFile();
    const most = this.#rooms.budget.tight ? SMALL : this.#limits.inlineBytes;
    if (this.#bodySize > most || !this.#reserve(chunk.length)) return this.#spill();
  }

  async end(): Promise<Reply> {
    try {
      if (this.#failure) return refuse(this.#failure.code, this.#failure.particulars);
      this.#scanner.finish();
      const { bodyTraits } = this.#scanner;
      const body = await this.#body();
      const bodyHash = this.#file
        ? this.#file.hasher.digest()
        : this.#rooms.signer.hash((body as { bytes: Buffer }).bytes, bodyTraits.looseSpace);
      const { head, traits } = this.#scanner;
      return await this.#complete({ id: this.#id, head, body, traits, bodyTraits, bodyHash });
    } catch (error) {
      // a body file that could not be finished; what complete() throws it has judged itself
      if (error instanceof SpoolUnavailable) return refuse('X901', error.message);
      throw error;
    } finally {
      this.#release();
    }
  }

  abort(): void {
    this.#parts = [];
    this.#release();
    const file = this.#file;
    this.#file = undefined;
    this.#failure = { code: 'X902', particulars: 'the connection was lost' };
    // nobody waits for it; a file that could not be removed is found at the next start
    if (file) file.writer.discard().catch(() => {});
  }

  readonly #keep = (part: Buffer): void => {
    this.#bodySize += part.length;
    this.#parts.push(part);
  };

  #reserve(bytes: number): boolean {
    if (!this.#rooms.budget.reserve(bytes)) return false;
    this.#reserved += bytes;
    return true;
  }

  #release(): void {
    this.#rooms.budget.release(this.#reserved);
    this.#reserved = 0;
  }

  async #spill(): Promise<void> {
    try {
      const writer = await this.#rooms.spool.newBody(this.#id);
      if (this.#failure) return await writer.discard(); // given up while the file was being made
      this.#file = { writer, hasher: this.#rooms.signer.hasher() };
    } catch (error) {
      return this.#diskFailed(error);
    }
    await this.#toFile();
    this.#release();
  }

  /** Writes what has been collected; the server reads on when it is with the system. */
  async #toFile(): Promise<void> {
    const file = this.#file;
    const parts = this.#parts;
    this.#parts = [];
    try {
      for (const part of parts) {
        file?.hasher.update(part);
        await file?.writer.write(part);
        release(part);
      }
    } catch (error) {
      await this.#diskFailed(error);
    }
  }

  async #diskFailed(error: unknown): Promise<void> {
    const file = this.#file;
    this.#fail('X901', (error as Error).message);
    // the write has failed already: that a half-written file stays until the next start changes nothing
    await file?.writer.discard().catch(() => {});
  }

  #fail(code: RefusalCode, particulars: string): void {
    this.#failure = { code, particulars };
    this.#parts = [];
    this.#release();
    const file = this.#file;
    this.#file = undefined;
    if (code !== 'X901' && file) file.writer.discard().catch(() => {});
  }

  async #body(): Promise<Body> {
    if (this.#file) {
      await this.#toFile();
      if (!this.#file) throw new SpoolUnavailable(this.#failure?.particulars);
      return this.#file.writer.finish();
    }
    const bytes = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    return { kind: 'memory', bytes };
  }
}

/**
 * Gives a chunk's memory back at once. The collector would come for it some tens of megabytes later, and
 * hundreds of clients that send large messages at the same time would make much of that.
 */
function release(chunk: Buffer): void {
  const { buffer, byteLength } = chunk;
  // a part of something larger may have neighbours that are still in use
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
