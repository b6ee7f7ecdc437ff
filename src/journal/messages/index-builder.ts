import type { RecordedEvent } from '../event.ts';
import { isDamage } from '../followers/damage.ts';
import type { Batch as Events, Bounds, EventReader } from '../followers/event-reader.ts';
import type { Consumer } from '../followers/follower.ts';
import { beginRow, continueRow, setWaiting } from './fold.ts';
import { destroyIndex, IndexDatabase } from './index-database.ts';
import type { IndexedMessage, Waiting } from './message-row.ts';

/** How far the index is behind the journal. */
export interface IndexProgress {
  /** Identifier of the last event that it has read. */
  stored: number;
  /** Of the last event of the journal. */
  last: number;
  /** Messages in it. */
  rows: number;
  /** There is more to do now. */
  more: boolean;
  /** Why it was begun anew in this step. */
  rebuilt?: Reason;
}

type Reason = 'damaged' | 'another journal';

export interface IndexBuilderOptions {
  /** The index; made when it is missing. */
  path: string;
  /** Names of the listeners that take mail from the internet. */
  edgeListeners: readonly string[];
}

/** Rows that one step removes: some milliseconds. */
const AGED = 500;

/**
 * Carries each event into the row of its message. Position and rows are written in one transaction: a kill makes it read
 * again what it had read, and a row that is there stays.
 */
export class IndexBuilder implements Consumer<IndexProgress> {
  readonly #path: string;
  readonly #edgeListeners: ReadonlySet<string>;
  #index: IndexDatabase | undefined;
  #rebuilt: Reason | undefined;

  constructor({ path, edgeListeners }: IndexBuilderOptions) {
    this.#path = path;
    this.#edgeListeners = new Set(edgeListeners);
  }

  position(journal: EventReader): number {
    this.#open(journal);
    return this.#guarded((index) => index.progress.event);
  }

  take({ events, through, at }: Events): void {
    this.#guarded((index) => {
      index.begin();
      const batch = new Batch(index);
      for (const event of events) this.#take(batch, event);
      index.advanced({ event: through, at: at ?? 0 }, batch.write());
    });
  }

  /** Rows whose events are gone go with them. */
  settle({ first, last }: Bounds): IndexProgress {
    return this.#guarded((index) => {
      const aged = index.forget(first, AGED);
      index.commit();
      const { event, rows } = index.progress;
      const rebuilt = this.#rebuilt;
      this.#rebuilt = undefined;
      return { stored: event, last, rows, more: event < last || aged === AGED, ...(rebuilt && { rebuilt }) };
    });
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

  #open(journal: EventReader): void {
    if (this.#index) return;
    try {
      this.#index = new IndexDatabase(this.#path);
      if (isOfAnotherJournal(journal, this.#index)) this.#beginAnew('another journal');
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#beginAnew('damaged');
    }
    this.#index ??= new IndexDatabase(this.#path);
  }

  /** What is damaged is made anew by the next step. What was not stored is lost with the connection, and read again. */
  #guarded<T>(act: (index: IndexDatabase) => T): T {
    try {
      return act(this.#index as IndexDatabase);
    } catch (error) {
      if (isDamage(error)) this.#beginAnew('damaged');
      throw error;
    }
  }

  remake(): void {
    this.#beginAnew('damaged');
  }

  #beginAnew(reason: Reason): void {
    this.close();
    destroyIndex(this.#path);
    this.#rebuilt = reason;
  }

  shrink(): void {
    this.#index?.shrink();
  }

  close(): void {
    this.#index?.close();
    this.#index = undefined;
  }
}

/** The journal was replaced: what it calls the last event that was read is another one, or it has not come so far. */
function isOfAnotherJournal(journal: EventReader, { progress: { event, at } }: IndexDatabase): boolean {
  if (event === 0) return false;
  const found = journal.timeOf(event);
  return found === undefined ? journal.bounds().last < event : found !== at;
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
    this.#added += this.#index.add(this.#begun);
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
  if (type !== 'system') return undefined;
  const queue = detail?.queue as QueueCommand | null | undefined;
  if (!queue?.filter || !Object.hasOwn(OUTCOMES, queue.verb)) return undefined;
  return [queue.reason, ...Object.values(queue.filter)].every(isText) ? queue : undefined;
}

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
