import { statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { RecordedEvent } from '../event.ts';
import { type Cell, COLUMNS, eventOf } from '../journal-rows.ts';

/** What the journal holds: identifiers of its first and of its last event, 0 without any. */
export interface Bounds {
  first: number;
  last: number;
}

/** Events in the order of the journal. */
export interface Batch {
  events: RecordedEvent[];
  /** Identifier of the last event that was looked at; of those up to it that are left out, nobody wants to know. */
  through: number;
  /** Its time, undefined when it is gone. */
  at: number | undefined;
}

/** Events that say something about a message, or are counted. */
const TYPES = [
  'acceptance',
  'refusal',
  'attempt',
  'bounce',
  'delay',
  'warning',
  'change',
  'system',
  'tls-failure',
  'authentication-failure',
];
/** What a batch holds at most: few enough to be gone before the thread's memory is tidied up. */
const EVENTS = 100;
const OCTETS = 500_000;
/** Identifiers that are passed at most in looking for them. */
const SPAN = 4000;
const SENDER = 8;
const RECIPIENTS = 10;
const REST = 11;

/** The journal as those that follow it see it: on a connection that reads, and only for as long as a batch takes. */
export class EventReader {
  readonly #path: string;
  #opened:
    | {
        database: DatabaseSync;
        file: number;
        bounds: StatementSync;
        time: StatementSync;
        events: StatementSync;
      }
    | undefined;

  /** @param path of the journal's database; it exists */
  constructor(path: string) {
    this.#path = path;
  }

  /** @throws the library's error */
  bounds(): Bounds {
    // a damaged journal is moved aside, and what is open would be that
    if (this.#opened && statSync(this.#path).ino !== this.#opened.file) this.close();
    return this.#open().bounds.get() as unknown as Bounds;
  }

  /** Wall time of an event; undefined when it is not there. @throws the library's error */
  timeOf(event: number): number | undefined {
    return (this.#open().time.get(event) as { at: number } | undefined)?.at;
  }

  /** What follows an event, as much as is to be held at a time. @throws the library's error */
  read(after: number, last: number): Batch {
    const events: RecordedEvent[] = [];
    let through = Math.min(last, after + SPAN);
    let octets = 0;
    // nothing is done with them while the statement is open: the journal's log can't be used anew until it ends
    for (const cells of this.#open().events.iterate(after, through) as unknown as Iterable<Cell[]>) {
      const event = readable(cells);
      if (event === undefined) continue;
      octets += sizeOf(cells);
      if (events.push(event) < EVENTS && octets < OCTETS) continue;
      through = event.id;
      break;
    }
    return { events, through, at: this.timeOf(through) };
  }

  #open() {
    if (this.#opened) return this.#opened;
    const database = new DatabaseSync(this.#path, { readOnly: true, timeout: 2000 });
    try {
      // what is read is read once
      database.exec('PRAGMA cache_size = -256; PRAGMA trusted_schema = OFF');
      const events = database.prepare(
        `SELECT ${COLUMNS} FROM event WHERE id > ? AND id <= ?
           AND type IN (${TYPES.map((type) => `'${type}'`).join()}) ORDER BY id`,
      );
      events.setReturnArrays(true);
      this.#opened = {
        database,
        file: statSync(this.#path).ino,
        events,
        bounds: database.prepare(
          'SELECT coalesce((SELECT min(id) FROM event), 0) AS first, coalesce((SELECT max(id) FROM event), 0) AS last',
        ),
        time: database.prepare('SELECT at FROM event WHERE id = ?'),
      };
    } catch (error) {
      database.close();
      throw error;
    }
    return this.#opened;
  }

  /** The next question opens the file anew. */
  close(): void {
    this.#opened?.database.close();
    this.#opened = undefined;
  }
}

/** A row that is damaged must not keep those after it from being read. */
function readable(cells: Cell[]): RecordedEvent | undefined {
  try {
    const event = eventOf(cells);
    return isEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

/** Whether what stood in JSON is what it should be; `detail` may be anything. */
function isEvent({
  to = [],
  listener = '',
  reply = '',
  size,
}: Partial<Record<keyof RecordedEvent, unknown>>): boolean {
  return (
    Array.isArray(to) &&
    to.every((address) => typeof address === 'string') &&
    typeof listener === 'string' &&
    typeof reply === 'string' &&
    // JSON of what was no number is null
    (size === undefined || size === null || Number.isSafeInteger(size))
  );
}

/** Of what can be long in an event, in UTF-16 units. */
function sizeOf(cells: Cell[]): number {
  let size = 0;
  for (const index of [SENDER, RECIPIENTS, REST]) size += (cells[index] as string | null)?.length ?? 0;
  return size;
}
