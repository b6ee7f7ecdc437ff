/**
 * The messages of the journal in one file, `messages.db`: one row a message, found by what people remember of it. It is
 * derived: a thread of its own follows the journal from where it stopped, some moments behind and with a low priority,
 * so that acceptance has nothing to do with it; without the file, or with a damaged one, it reads the journal again.
 */
import { join } from 'node:path';
import type { Clock, Timer } from '../../platform/clock.ts';
import { WorkerLink } from '../../platform/worker-link.ts';
import type { IndexProgress } from './index-builder.ts';
import type { MessageQuery } from './message-query.ts';
import type { IndexedMessage, MessageRow } from './message-row.ts';
import type { MessageCount, MessageSearchAnswer } from './message-search.ts';
import type { BuilderRequest, MessageWorkerData, SearcherRequest } from './message-worker.ts';

export interface MessageIndexOptions {
  /** Where `journal.db` is; it is open. */
  folder: string;
  clock: Clock;
  /** Names of the listeners that take mail from the internet. */
  edgeListeners: readonly string[];
  /** Told when the index can not be written, and when it is made anew. */
  onTrouble?: (text: string) => void;
}

/** A page of messages, newest first. */
export interface MessagePage {
  rows: MessageRow[];
  /** Where the next page begins; absent after the last. */
  next?: number;
  /** Wall time down to which was looked when time was up before the page was full. */
  reached?: number;
}

/** What the console shows of the index. */
export interface MessageIndexStatus {
  messages: number;
  /** Events of the journal that it has not read yet. */
  behind: number;
  /** It reads an existing journal. */
  building: boolean;
  /** Share of the journal that it has read, 0 to 1. */
  progress: number;
  trouble?: string;
}

/** What a message search answers; of it the API knows no more. */
export interface MessageSearching {
  find(query: MessageQuery, limit: number, below?: number): Promise<MessagePage>;
  /** Absent where counting would take long. */
  count(query: MessageQuery): Promise<MessageCount | undefined>;
  /** The row that began with this event. */
  row(id: number): Promise<MessageRow | undefined>;
  /** By spool identifier. */
  message(id: string): Promise<MessageRow | undefined>;
  status(): MessageIndexStatus;
}

/** Of the thread that builds, which has one event at a time. */
const NURSERY_MB = 2;
/** Milliseconds between two looks at the journal: many events are cheaper to take together. */
const FOLLOW_MS = 500;
const RETRY_MS = 5000;
/** Steps of a search, so that several go on side by side; and all of it, after which a page is answered as it is. */
const STEP_MS = 30;
const SEARCH_MS = 100;
/** Behind by more than this it is still being built. */
const BUILDING = 20_000;

export class MessageIndex implements MessageSearching {
  readonly #options: MessageIndexOptions;
  readonly #builder: WorkerLink;
  readonly #searcher: WorkerLink;
  #timer: Timer | undefined;
  #stepping: Promise<void> | undefined;
  #progress: IndexProgress = { event: 0, last: 0, rows: 0, more: true };
  #trouble: string | undefined;
  #closed = false;

  constructor(options: MessageIndexOptions) {
    this.#options = options;
    const { folder, edgeListeners } = options;
    const url = new URL('./message-worker.ts', import.meta.url);
    const path = join(folder, 'messages.db');
    const builder: MessageWorkerData = {
      role: 'builder',
      journal: join(folder, 'journal.db'),
      path,
      edgeListeners,
    };
    this.#builder = new WorkerLink(url, builder, NURSERY_MB);
    this.#searcher = new WorkerLink(url, { role: 'searcher', path } satisfies MessageWorkerData);
  }

  /** Begins to follow the journal; nothing waits for it. */
  start(): void {
    this.#schedule(0);
  }

  /** Resolves when what the journal had stored at the call can be found. @throws WorkerError */
  async catchUp(): Promise<void> {
    await this.#stepping;
    do await this.#step();
    while (this.#progress.more && !this.#trouble && !this.#closed);
    if (this.#trouble !== undefined) throw new Error(this.#trouble);
  }

  async find(query: MessageQuery, limit: number, before?: number): Promise<MessagePage> {
    const deadline = performance.now() + SEARCH_MS;
    const rows: IndexedMessage[] = [];
    let below: number | undefined = before ?? Number.MAX_SAFE_INTEGER;
    let reached: number | undefined;
    do {
      const left: number = deadline - performance.now();
      const step = { query, limit: limit - rows.length, below, budget: Math.min(STEP_MS, Math.max(1, left)) };
      const answer: MessageSearchAnswer = await this.#ask({ kind: 'search', step });
      rows.push(...answer.rows);
      below = answer.below;
      reached = answer.reached;
    } while (below !== undefined && rows.length < limit && performance.now() < deadline);
    return {
      rows: rows.map(rowAlone),
      ...(below !== undefined && { next: below }),
      ...(below !== undefined && rows.length < limit && reached !== undefined && { reached }),
    };
  }

  count(query: MessageQuery): Promise<MessageCount | undefined> {
    return this.#ask({ kind: 'count', query });
  }

  async row(id: number): Promise<MessageRow | undefined> {
    const found = await this.#ask<IndexedMessage | undefined>({ kind: 'row', id });
    return found && rowAlone(found);
  }

  async message(message: string): Promise<MessageRow | undefined> {
    const found = await this.#ask<IndexedMessage | undefined>({ kind: 'message', message });
    return found && rowAlone(found);
  }

  status(): MessageIndexStatus {
    const { event, last, rows } = this.#progress;
    const behind = Math.max(0, last - event);
    return {
      messages: rows,
      behind,
      building: behind > BUILDING || (last === 0 && this.#progress.more),
      progress: last === 0 ? Number(!this.#progress.more) : Math.min(1, event / last),
      ...(this.#trouble !== undefined && { trouble: this.#trouble }),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#stepping;
    for (const link of [this.#searcher, this.#builder]) {
      if (link.started)
        await link
          .ask({ kind: 'close' })
          .catch((error: unknown) => this.#options.onTrouble?.(`the message index: ${String(error)}`));
      await link.terminate();
    }
  }

  #schedule(ms: number): void {
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(ms, () => {
      this.#timer = undefined;
      void this.#step();
    });
  }

  /** One batch; never rejects. */
  #step(): Promise<void> {
    this.#stepping ??= this.#takeStep().finally(() => {
      this.#stepping = undefined;
      this.#schedule(this.#trouble !== undefined ? RETRY_MS : this.#progress.more ? 0 : FOLLOW_MS);
    });
    return this.#stepping;
  }

  async #takeStep(): Promise<void> {
    if (this.#closed) return;
    try {
      const progress = await this.#builder.ask<IndexProgress>({ kind: 'step' } satisfies BuilderRequest);
      if (progress.rebuilt) await this.#begunAnew(progress.rebuilt);
      this.#progress = progress;
      if (this.#trouble !== undefined) this.#options.onTrouble?.('the message index is written again');
      this.#trouble = undefined;
    } catch (error) {
      const text = `the message index can not be written: ${error instanceof Error ? error.message : String(error)}`;
      if (this.#trouble === undefined) this.#options.onTrouble?.(text);
      this.#trouble = text;
    }
  }

  async #begunAnew(why: 'damaged' | 'another journal'): Promise<void> {
    const reason = why === 'damaged' ? 'it was damaged' : 'it belonged to another journal';
    this.#options.onTrouble?.(`the message index is made anew, because ${reason}`);
    // it has the old file open
    if (this.#searcher.started) await this.#ask({ kind: 'close' });
  }

  async #ask<T>(request: SearcherRequest): Promise<T> {
    try {
      return await this.#searcher.ask<T>(request);
    } catch (error) {
      // perhaps the file was replaced: the next question opens it anew
      if (request.kind !== 'close') await this.#searcher.ask({ kind: 'close' }).catch(() => undefined);
      throw error;
    }
  }
}

/** Without what only the index needs. */
function rowAlone({
  waiting: _waiting,
  delivered: _delivered,
  failed: _failed,
  ...row
}: IndexedMessage): MessageRow {
  return row;
}
