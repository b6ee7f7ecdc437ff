/**
 * The messages of the journal in one file, `messages.db`: one row a message, found by what people remember of it. It is
 * derived: a thread follows the journal from where it stopped (src/journal/followers), some moments behind, so that
 * acceptance has nothing to do with it; without the file, or with a damaged one, it reads the journal again.
 */
import { isDamage } from '../followers/damage.ts';
import type { Followers } from '../followers/followers.ts';
import type { Outcome } from '../followers/follower.ts';
import type { SqliteJournal } from '../sqlite-journal.ts';
import type { IndexProgress } from './index-builder.ts';
import type { MessageQuery } from './message-query.ts';
import { type IndexedMessage, type MessageRow, shownOf } from './message-row.ts';
import type { MessageCount, MessageQuestion, MessageSearchAnswer } from './message-search.ts';

export interface MessageIndexOptions {
  /** Its thread answers searches. */
  journal: Pick<SqliteJournal, 'ask'>;
  /** They write what is searched. */
  followers: Pick<Followers, 'catchUp' | 'onStep' | 'remake'>;
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

/** Steps of a search, so that several go on side by side; and all of it, after which a page is answered as it is. */
const STEP_MS = 30;
const SEARCH_MS = 100;
/** Behind by more than this it is still being built. */
const BUILDING = 20_000;

export class MessageIndex implements MessageSearching {
  readonly #options: MessageIndexOptions;
  #progress: IndexProgress = { stored: 0, last: 0, rows: 0, more: true };
  #trouble: string | undefined;
  /** Searches have found it damaged, and have the damaged file open until it was made anew. */
  #damaged = false;

  constructor(options: MessageIndexOptions) {
    this.#options = options;
    options.followers.onStep('messages', (outcome) => this.#stepped(outcome));
  }

  /** Resolves when what the journal had stored at the call can be found. @throws Error when it can't be written */
  async catchUp(): Promise<void> {
    await this.#options.followers.catchUp('messages');
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
      rows: rows.map(shownOf),
      ...(below !== undefined && { next: below }),
      ...(below !== undefined && rows.length < limit && reached !== undefined && { reached }),
    };
  }

  count(query: MessageQuery): Promise<MessageCount | undefined> {
    return this.#ask({ kind: 'count', query });
  }

  async row(id: number): Promise<MessageRow | undefined> {
    const found = await this.#ask<IndexedMessage | undefined>({ kind: 'row', id });
    return found && shownOf(found);
  }

  async message(message: string): Promise<MessageRow | undefined> {
    const found = await this.#ask<IndexedMessage | undefined>({ kind: 'message', message });
    return found && shownOf(found);
  }

  status(): MessageIndexStatus {
    const { stored, last, rows } = this.#progress;
    const behind = Math.max(0, last - stored);
    return {
      messages: rows,
      behind,
      building: behind > BUILDING || (last === 0 && this.#progress.more),
      progress: last === 0 ? Number(!this.#progress.more) : Math.min(1, stored / last),
      ...(this.#trouble !== undefined && { trouble: this.#trouble }),
    };
  }

  #stepped(outcome: Outcome<IndexProgress>): void {
    const { onTrouble } = this.#options;
    if ('error' in outcome) {
      const text = `the message index can not be written: ${outcome.error}`;
      if (this.#trouble === undefined) onTrouble?.(text);
      this.#trouble = text;
      return;
    }
    this.#progress = outcome.progress;
    if (this.#trouble !== undefined) onTrouble?.('the message index is written again');
    this.#trouble = undefined;
    const { rebuilt } = outcome.progress;
    if (rebuilt === undefined) return;
    const reason = rebuilt === 'damaged' ? 'it was damaged' : 'it belonged to another journal';
    onTrouble?.(`the message index is made anew, because ${reason}`);
    // who searches has the old file open
    this.#ask({ kind: 'close' })
      .catch((error: unknown) => onTrouble?.(`the message index: ${String(error)}`))
      .finally(() => (this.#damaged = false));
  }

  async #ask<T>(question: MessageQuestion): Promise<T> {
    const { journal, followers } = this.#options;
    try {
      return await journal.ask<T>({ kind: 'messages', question });
    } catch (error) {
      if (isDamage(error) && !this.#damaged) {
        this.#damaged = true;
        followers.remake('messages').catch(() => (this.#damaged = false));
      }
      throw error;
    }
  }
}
