import type { EventSink } from '../../journal/event.ts';
import { Batcher } from '../../platform/batcher.ts';
import type { WorkerLink } from '../../platform/worker-link.ts';
import { SpoolUnavailable } from '../spool.ts';
import { encodeBatch, weighRequest, type WriteRequest } from './batch.ts';
import type { Space } from './space.ts';
import type { BatchOutcome } from './writer.ts';

/** A batch of commits: enough to share an fsync, not so much that its answer takes long. */
const BATCH_ITEMS = 256;
const BATCH_OCTETS = 4 * 1024 * 1024;

export interface CommitParts {
  writer: WorkerLink;
  space: Space;
  events: EventSink;
  /** Takes body files whose messages have left. */
  removeBody: (name: string) => void;
}

/** The way to the thread that writes: groups requests, and tells each how it ended. */
export class Commits {
  readonly #parts: CommitParts;
  readonly #batcher: Batcher<WriteRequest, void>;
  #trouble: string | undefined;
  /** The last attempt failed because the disk is full. */
  #full = false;

  constructor(parts: CommitParts) {
    this.#parts = parts;
    this.#batcher = new Batcher((requests) => this.#write(requests), {
      items: BATCH_ITEMS,
      weigh: weighRequest,
      weight: BATCH_OCTETS,
    });
  }

  /** Why the last batch was refused by the disk; `undefined` when it was not. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves when the request is on stable storage. @throws SpoolUnavailable, or Error for a name that is taken */
  submit(request: WriteRequest): Promise<void> {
    return this.#batcher.submit(request);
  }

  /** After trouble, an empty commit tells whether it is over; without traffic nobody would find out. */
  lookAgain(): void {
    if (this.#trouble !== undefined) this.submit({ kind: 'settle', settlements: [] }).catch(() => undefined);
  }

  idle(): Promise<void> {
    return this.#batcher.idle();
  }

  async #write(requests: WriteRequest[]): Promise<(void | Error)[]> {
    const results = await this.#attempt(requests);
    if (!this.#full) return results;
    // The disk is full: what finishes deliveries goes without what takes new messages, and then with the reserve.
    const settling = requests.flatMap((request, index) => (request.kind === 'settle' ? [index] : []));
    const settlements = settling.map((index) => requests[index] as WriteRequest);
    if (settlements.length === 0) return results;
    let again = await this.#attempt(settlements);
    if (this.#full && (await this.#releaseReserve())) again = await this.#attempt(settlements);
    for (const [position, index] of settling.entries()) results[index] = again[position];
    return results;
  }

  async #attempt(requests: WriteRequest[]): Promise<(void | Error)[]> {
    const { failures } = await this.#commit(requests);
    const first = failures.find(({ fault }) => fault !== 'statement');
    this.#full = first?.fault === 'full';
    this.#noteTrouble(first?.text);
    const results: (void | Error)[] = Array.from({ length: requests.length });
    for (const { index, fault, text } of failures) {
      results[index] = fault === 'statement' ? new Error(text) : new SpoolUnavailable(`spool: ${text}`);
    }
    return results;
  }

  async #commit(requests: WriteRequest[]): Promise<BatchOutcome> {
    const batch = encodeBatch(requests);
    try {
      const request = { kind: 'batch', batch };
      const outcome = await this.#parts.writer.ask<BatchOutcome>(request, [batch.content]);
      for (const name of outcome.freed) this.#parts.removeBody(name);
      return outcome;
    } catch (error) {
      this.#noteTrouble((error as Error).message);
      throw new SpoolUnavailable('the thread of the spool failed', { cause: error });
    }
  }

  async #releaseReserve(): Promise<boolean> {
    try {
      if (!(await this.#parts.space.release())) return false;
      // the space goes to the database first: then the log is written over, and deletions need no more of it
      await this.#parts.writer.ask({ kind: 'checkpoint' });
      return true;
    } catch (error) {
      this.#parts.events.write({ type: 'system', text: `the reserve can not be given up: ${String(error)}` });
      return false;
    }
  }

  /** Tells the journal when commits begin to fail, and when they work again. */
  #noteTrouble(text: string | undefined): void {
    const changed = (this.#trouble === undefined) !== (text === undefined);
    this.#trouble = text;
    if (!changed) return;
    this.#parts.events.write({
      type: 'system',
      code: text === undefined ? undefined : 'X901',
      text: text === undefined ? 'the spool can be written again' : `the spool can not be written: ${text}`,
    });
  }
}
