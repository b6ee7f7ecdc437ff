import { DatabaseSync } from 'node:sqlite';
import type { RecordedEvent } from '../event.ts';
import { type Cell as EventCell, COLUMNS as EVENT_COLUMNS, eventOf } from '../journal-rows.ts';
import { beginRow, continueRow, setWaiting } from './fold.ts';
import { destroyIndex, IndexDatabase, isDamage } from './index-database.ts';
import type { IndexedMessage, Waiting } from './message-row.ts';

/** How far the index is behind the journal. */
export interface IndexProgress {
  /** Identifier of the last event that it has read. */
  event: number;
  /** Of the last event of the journal. */
  last: number;
  /** Messages in it. */
  rows: number;
  /** There is more to read now. */
  more: boolean;
  /** Why it was begun anew in this step. */
  rebuilt?: 'damaged' | 'another journal';
}

export interface IndexBuilderOptions {
  /** The journal's database; it exists. */
  journal: string;
  /** The index; made when it is missing. */
  path: string;
  /** Names of the listeners that take mail from the internet. */
  edgeListeners: readonly string[];
}

/** Types of events that say something about a message. */
const TYPES = ['acceptance', 'refusal', 'attempt', 'bounce', 'delay', 'warning', 'change', 'system'];
/** Events that are read at a time, and rows that one step removes: both are some milliseconds. */
const EVENTS = 500;
const AGED = 500;

/**
 * Reads the journal from where it stopped, and carries each event into the row of its message. Position and rows are
 * written in one transaction: a kill makes it read again what it had read, and a row that is there stays.
 */
export class IndexBuilder {
  readonly #options: IndexBuilderOptions;
  readonly #edgeListeners: ReadonlySet<string>;
  #journal: DatabaseSync | undefined;
  #index: IndexDatabase | undefined;

  constructor(options: IndexBuilderOptions) {
    this.#options = options;
    this.#edgeListeners = new Set(options.edgeListeners);
  }

  /** One batch of events, and one of rows whose events are gone. @throws the library's error */
  step(): IndexProgress {
    try {
      return this.#step();
    } catch (error) {
      // a connection that failed is not used again
      this.close();
      if (!isDamage(error)) throw error;
      destroyIndex(this.#options.path);
      return { ...this.#step(), rebuilt: 'damaged' };
    }
  }

  #step(): IndexProgress {
    const journal = this.#openJournal();
    this.#index ??= new IndexDatabase(this.#options.path);
    const another = this.#isOfAnotherJournal(journal, this.#index);
    if (another) {
      this.#index.close();
      destroyIndex(this.#options.path);
      this.#index = new IndexDatabase(this.#options.path);
    }
    const index = this.#index;
    const { first, last } = boundsOf(journal);
    const from = index.progress.event;
    // to a fixed event, so that a batch without any message goes on as well
    const to = Math.min(last, from + EVENTS * 4);
    let read = from;
    let aged = 0;
    if (to > from || first > 0) {
      index.transaction(() => {
        if (to > from) read = this.#read(journal, index, from, to);
        aged = index.forget(first, AGED);
        if (aged > 0) index.advanced({ event: read, at: timeOf(journal, read) ?? index.progress.at }, -aged);
      });
    }
    const { event, rows } = index.progress;
    return {
      event,
      last,
      rows,
      more: event < last || aged === AGED,
      ...(another && { rebuilt: 'another journal' as const }),
    };
  }

  /** Answers the last event that was read. */
  #read(journal: DatabaseSync, index: IndexDatabase, from: number, to: number): number {
    const statement = journal.prepare(
      `SELECT ${EVENT_COLUMNS} FROM event WHERE id > ? AND id <= ?
         AND type IN (${TYPES.map((type) => `'${type}'`).join()}) ORDER BY id LIMIT ?`,
    );
    statement.setReturnArrays(true);
    const batch = new Batch(index);
    let taken = 0;
    let end = to;
    // one after the other: a batch of events as values would be most of the thread's memory
    for (const cells of statement.iterate(from, to, EVENTS) as unknown as Iterable<EventCell[]>) {
      const event = eventOf(cells);
      this.#take(batch, event);
      if (++taken === EVENTS) end = event.id;
    }
    const added = batch.write();
    index.advanced({ event: end, at: timeOf(journal, end) ?? 0 }, added);
    return end;
  }

  #take(batch: Batch, event: RecordedEvent): void {
    const command = queueCommandOf(event);
    if (command) {
      batch.command(event, command);
      return;
    }
    if (event.message === undefined) {
      const row = beginRow(event, this.#edgeListeners);
      if (row) batch.begin(row);
      return;
    }
    const known = batch.find(event.message);
    if (known && continueRow(known, event)) batch.touched(known);
    if (known) return;
    const row = beginRow(event, this.#edgeListeners);
    if (!row) return;
    if (event.type !== 'acceptance') continueRow(row, event);
    batch.begin(row);
  }

  /** The journal was replaced: what it calls the last event that was read is another one, or it has not come so far. */
  #isOfAnotherJournal(journal: DatabaseSync, index: IndexDatabase): boolean {
    const { event, at } = index.progress;
    if (event === 0) return false;
    const found = timeOf(journal, event);
    if (found !== undefined) return found !== at;
    return boundsOf(journal).last < event;
  }

  #openJournal(): DatabaseSync {
    if (!this.#journal) {
      this.#journal = new DatabaseSync(this.#options.journal, { readOnly: true, timeout: 2000 });
      // what is read is read once
      this.#journal.exec('PRAGMA cache_size = -256');
    }
    return this.#journal;
  }

  close(): void {
    this.#journal?.close();
    this.#journal = undefined;
    this.#index?.close();
    this.#index = undefined;
  }
}

/** Rows that a batch of events is about: read and written once, however many events they have. */
class Batch {
  readonly #index: IndexDatabase;
  readonly #rows = new Map<string, IndexedMessage>();
  readonly #begun = new Set<IndexedMessage>();
  readonly #touched = new Set<IndexedMessage>();
  #added = 0;

  constructor(index: IndexDatabase) {
    this.#index = index;
  }

  find(message: string): IndexedMessage | undefined {
    let row = this.#rows.get(message);
    if (row) return row;
    row = this.#index.find(message);
    if (row) this.#rows.set(message, row);
    return row;
  }

  begin(row: IndexedMessage): void {
    this.#begun.add(row);
    if (row.message !== undefined) this.#rows.set(row.message, row);
  }

  touched(row: IndexedMessage): void {
    if (!this.#begun.has(row)) this.#touched.add(row);
  }

  /** Somebody's word about what waits: about one message, or about all that it chooses. */
  command(event: RecordedEvent, { verb, filter, reason }: QueueCommand): void {
    const [waiting, hold] =
      OUTCOMES[verb] === 'held' ? (['held', reason] as const) : ([OUTCOMES[verb]] as const);
    if (typeof filter.message === 'string') {
      const row = this.find(filter.message);
      if (!row) return;
      setWaiting(row, waiting, hold, event.at);
      this.touched(row);
      return;
    }
    this.#flush();
    const { source, from, domain, state, hold: held } = filter;
    const choice = { source, from, domain, hold: held, waiting: state };
    this.#index.setWaiting(choice, waiting, hold, event.at);
  }

  /** Answers how many rows are new. */
  write(): number {
    this.#flush();
    return this.#added;
  }

  #flush(): void {
    for (const row of this.#begun) if (this.#index.add(row)) this.#added++;
    for (const row of this.#touched) this.#index.change(row);
    this.#begun.clear();
    this.#touched.clear();
    this.#rows.clear();
  }
}

const OUTCOMES: Record<QueueCommand['verb'], Waiting> = {
  hold: 'held',
  release: 'queued',
  delete: 'deleted',
};

/** What the queue has written about a change of what waits. */
interface QueueCommand {
  verb: 'hold' | 'release' | 'delete';
  filter: {
    message?: string;
    source?: string;
    from?: string;
    domain?: string;
    state?: 'queued' | 'held';
    hold?: string;
  };
  reason?: string;
}

function queueCommandOf({ type, detail }: RecordedEvent): QueueCommand | undefined {
  const queue = detail?.queue as QueueCommand | undefined;
  if (type !== 'system' || queue === undefined || OUTCOMES[queue.verb] === undefined) return undefined;
  return queue;
}

function boundsOf(journal: DatabaseSync): { first: number; last: number } {
  return journal
    .prepare(
      'SELECT coalesce((SELECT min(id) FROM event), 0) AS first, coalesce((SELECT max(id) FROM event), 0) AS last',
    )
    .get() as { first: number; last: number };
}

function timeOf(journal: DatabaseSync, event: number): number | undefined {
  const row = journal.prepare('SELECT at FROM event WHERE id = ?').get(event) as { at: number } | undefined;
  return row?.at;
}
