import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Inbox, InboxEntry, InboxFilter } from './inbox.ts';

export interface InboxSettings {
  /** The database file. */
  path: string;
  /** How many messages, and how many octets of them, are kept. */
  messages: number;
  bytes: number;
}

type Deposit = Omit<InboxEntry, 'id' | 'headerFrom' | 'subject'>;

export type InboxRequest =
  | { id: number; kind: 'deposit'; entry: Deposit; content: Uint8Array }
  | { id: number; kind: 'list'; limit: number; filter: InboxFilter }
  | { id: number; kind: 'content'; entry: number }
  | { id: number; kind: 'clear' }
  | { id: number; kind: 'close' };

/** `id` 0 tells of an arrival. */
export type InboxAnswer = { id: number; value: unknown } | { id: number; error: string };

/** What passes through is garbage at once. */
const NURSERY_MB = 4;

/**
 * The sandbox inbox in a file of its own, written by a thread of its own: an fsync never stops the wire. Most relays have
 * no sandbox: the thread, which takes 10 MB, begins with the first question.
 */
export class SqliteInbox implements Inbox {
  readonly #settings: InboxSettings;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  readonly #listeners = new Set<(entry: InboxEntry) => void>();
  #last = 0;
  #ended: Error | undefined;

  constructor(settings: Partial<InboxSettings> & { path: string }) {
    this.#settings = { messages: 1000, bytes: 100 * 1024 * 1024, ...settings };
  }

  async deposit(entry: Deposit, content: Buffer): Promise<void> {
    await this.#ask({ kind: 'deposit', entry, content });
  }

  list(limit: number, filter: InboxFilter = {}): Promise<InboxEntry[]> {
    return this.#ask({ kind: 'list', limit, filter });
  }

  async content(id: number): Promise<{ entry: InboxEntry; content: Buffer } | undefined> {
    const found = await this.#ask<{ entry: InboxEntry; content: Uint8Array } | undefined>({
      kind: 'content',
      entry: id,
    });
    return found && { entry: found.entry, content: Buffer.from(found.content) };
  }

  clear(): Promise<number> {
    return this.#ask({ kind: 'clear' });
  }

  onArrival(listener: (entry: InboxEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    const worker = this.#worker;
    if (!worker) return this.#end(new Error('the inbox is closed'));
    const exit = once(worker, 'exit');
    await this.#ask({ kind: 'close' });
    // its answer has let go of the thread; a process that has nothing else left would end before what is closed next
    worker.ref();
    await exit;
  }

  #ask<T>(request: RequestBody): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      const worker = (this.#worker ??= this.#start());
      const id = ++this.#last;
      this.#waiting.set(id, { resolve, reject });
      // the thread must not keep the process alive but while it owes an answer
      worker.ref();
      return worker.postMessage({ ...request, id });
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./sqlite-inbox-worker.ts', import.meta.url), {
      workerData: this.#settings,
      resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
    });
    worker.unref();
    worker.on('message', (answer: InboxAnswer) => this.#answered(answer));
    worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#end(new Error('the inbox is closed')));
    return worker;
  }

  #answered(answer: InboxAnswer): void {
    if (answer.id === 0) {
      if ('value' in answer) for (const listener of this.#listeners) listener(answer.value as InboxEntry);
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.value as never);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

type RequestBody = InboxRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;
