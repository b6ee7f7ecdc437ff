import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { ClockRecord } from './clock-trust.ts';
import { isDamage } from './followers/damage.ts';
import { type Cell, COLUMNS, WIDTH } from './journal-rows.ts';
import type { KeptTranscript } from './transcript.ts';
import { appendTranscripts, retainTranscripts, TRANSCRIPT_TABLE } from './transcript-table.ts';

/** Events whose identifiers share the same quotient are a block. */
export const BLOCK = 8192;

/**
 * event   one row a fact; the indexes hold only the rows that have the field
 * block   the earliest and latest wall time within a block of identifiers, so that a search by time skips what
 *         can not match, without an index of times and whatever the clock did meanwhile
 * clock   one row: whether the clock was believed when the relay ran last
 */
const TABLES = `
  CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    source TEXT,
    session TEXT,
    message TEXT,
    network TEXT,
    code TEXT,
    sender TEXT,
    outcome TEXT,
    recipients TEXT,
    rest TEXT
  ) STRICT;
  CREATE INDEX event_message ON event (message) WHERE message IS NOT NULL;
  CREATE INDEX event_source ON event (source) WHERE source IS NOT NULL;
  CREATE INDEX event_code ON event (code) WHERE code IS NOT NULL;
  CREATE TABLE block (number INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, latest INTEGER NOT NULL) STRICT;
`;

const CLOCK_TABLE = `
  CREATE TABLE clock (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    believed INTEGER NOT NULL,
    doubted INTEGER NOT NULL
  ) STRICT;
`;

const VERSION = 3;
const OURS = 0x4a524e4c; // "JRNL"
export interface Retention {
  /** Wall time now, and that before which events go; absent: none goes for its age. */
  age?: { now: number; before: number };
  events: number;
  bytes: number;
  /** Rows that one step removes at most. */
  step: number;
}

export interface Opened {
  /** The highest identifier; 0 without events. */
  last: number;
  /** Absent for a journal that holds nothing. */
  clock?: ClockRecord;
  /** New name of a damaged journal. */
  damaged?: string;
}

export interface Appended {
  wrong: number;
  damaged?: string;
}

/** The journal's database as its thread sees it: appends, and forgets. */
export class JournalDatabase {
  readonly #path: string;
  #database: DatabaseSync | undefined;
  #insert: StatementSync | undefined;
  #widen: StatementSync | undefined;
  /** New name of a damaged journal, until it is told. */
  #damaged: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * A damaged journal is moved aside, because trouble with the record of mail must not stop mail.
   * @throws the library's error
   */
  open(): Opened {
    const opened = this.#mended((database) => ({
      last: this.#last(database),
      clock: this.#clockOf(database),
    }));
    return { ...opened, ...this.#toTell() };
  }

  /** Keeps it for the next time. @throws the library's error */
  keepClock({ believed, doubted }: ClockRecord): void {
    this.#mended((database) =>
      database
        .prepare('INSERT OR REPLACE INTO clock VALUES (1, ?, ?)')
        .run(Math.round(believed), Math.round(doubted)),
    );
  }

  #clockOf(database: DatabaseSync): ClockRecord | undefined {
    const kept = database.prepare('SELECT believed, doubted FROM clock').get();
    // of a journal that never kept it the last event tells the time
    const last = database.prepare('SELECT at AS believed, 0 AS doubted FROM event ORDER BY id DESC LIMIT 1');
    return (kept ?? last.get()) as ClockRecord | undefined;
  }

  /** Does something, in a new file when the old one turns out to be damaged. A connection that failed is not used again. */
  #mended<T>(act: (database: DatabaseSync) => T): T {
    try {
      return act(this.#connect());
    } catch (error) {
      this.close();
      if (!isDamage(error)) throw error;
    }
    const damaged = `${this.#path}.damaged`;
    renameSync(this.#path, damaged);
    // its log belongs to the damaged file alone
    for (const suffix of ['-wal', '-shm']) rmSync(this.#path + suffix, { force: true });
    this.#damaged = damaged;
    try {
      return act(this.#connect());
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #toTell(): { damaged?: string } {
    const damaged = this.#damaged;
    this.#damaged = undefined;
    return damaged === undefined ? {} : { damaged };
  }

  #last(database: DatabaseSync): number {
    const { last } = database.prepare('SELECT coalesce(max(id), 0) AS last FROM event').get() as {
      last: number;
    };
    return last;
  }

  /**
   * Appends rows of WIDTH cells; those that are there already stay. Answers how many are no rows that the table
   * could hold, whatever storage does, and the new name of a journal that was found to be damaged.
   * @throws the library's error
   */
  append(cells: Cell[]): Appended {
    const wrong = this.#mended((database) => {
      let wrong = 0;
      database.exec('BEGIN IMMEDIATE');
      const insert = this.#insert as StatementSync;
      let number = -1;
      let [earliest, latest] = [0, 0];
      const widen = () => {
        if (number >= 0) this.#widen?.run(number, earliest, latest);
      };
      for (let at = 0; at < cells.length; at += WIDTH) {
        const row = cells.slice(at, at + WIDTH);
        try {
          insert.run(...row);
        } catch (error) {
          if (!isWrongRow(error)) throw error;
          wrong += 1;
          continue;
        }
        const time = row[1] as number;
        const block = Math.floor((row[0] as number) / BLOCK);
        if (block !== number) {
          widen();
          number = block;
          earliest = time;
          latest = time;
        } else if (time < earliest) earliest = time;
        else if (time > latest) latest = time;
      }
      widen();
      database.exec('COMMIT');
      return wrong;
    });
    return { wrong, ...this.#toTell() };
  }

  /** @throws the library's error */
  appendTranscripts(transcripts: KeptTranscript[]): void {
    this.#mended((database) => appendTranscripts(database, transcripts));
  }

  /** One step, as `retain`. */
  retainTranscripts(before: number | undefined, bytes: number): boolean {
    return this.#mended((database) => retainTranscripts(database, before, bytes));
  }

  /** Removes the oldest events that exceed a limit, one step. Answers whether there is more to remove. */
  retain({ age = NO_AGE, events, bytes, step }: Retention): boolean {
    return this.#mended((database) => {
      const { first, last } = database
        .prepare('SELECT (SELECT min(id) FROM event) AS first, (SELECT max(id) FROM event) AS last')
        .get() as { first: number | null; last: number | null };
      if (first === null || last === null) return false;
      const size = database
        .prepare(
          `SELECT (page_count - freelist_count) * page_size AS used
           FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
        )
        .get() as { used: number };
      const end = Math.min(first + step, last);
      let through = last - events;
      if (size.used > bytes) through = end;
      // identifiers rise without gaps, so that a stretch of them is a number of rows
      const { changes } = database
        .prepare(
          `DELETE FROM event WHERE id < ? AND (id <= ? OR at < ? OR at > ? AND id <
             (SELECT coalesce(max(number), 0) * ${BLOCK} FROM block WHERE latest < ?))`,
        )
        // a time to come is that of a clock that was wrong: such go with what came after them
        .run(end, through, age.before, age.now, age.before);
      if (changes === 0) return false;
      database.prepare('DELETE FROM block WHERE number < ?').run(Math.floor(first / BLOCK));
      return end < last;
    });
  }

  close(): void {
    this.#insert = undefined;
    this.#widen = undefined;
    this.#database?.close();
    this.#database = undefined;
  }

  #connect(): DatabaseSync {
    if (this.#database) return this.#database;
    const database = new DatabaseSync(this.#path, { timeout: 2000 });
    try {
      // NORMAL: a power cut may take the last events, never more; a kill takes none that were written
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -4096;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
      `);
      prepareSchema(database);
      this.#insert = database.prepare(
        `INSERT OR IGNORE INTO event (${COLUMNS}) VALUES (${'?, '.repeat(WIDTH - 1)}?)`,
      );
      this.#widen = database.prepare(
        `INSERT INTO block VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET
           earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)`,
      );
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
    return database;
  }
}

/** Nothing is before it, and nothing after. */
const NO_AGE = { now: Number.MAX_SAFE_INTEGER, before: Number.MIN_SAFE_INTEGER };

/** A value of the wrong type: SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG, or refused before SQLite saw it. */
function isWrongRow(error: unknown): boolean {
  const { errcode, code } = error as { errcode?: number; code?: string };
  return errcode === undefined ? code === 'ERR_INVALID_ARG_TYPE' : [19, 20, 18].includes(errcode & 255);
}

function prepareSchema(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  const { application_id: id } = database.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  if (version === VERSION && id === OURS) return;
  if ((version === 1 || version === 2) && id === OURS) {
    const missing = version === 1 ? TRANSCRIPT_TABLE + CLOCK_TABLE : CLOCK_TABLE;
    database.exec(`BEGIN IMMEDIATE; ${missing} PRAGMA user_version = ${VERSION}; COMMIT`);
    return;
  }
  if (version !== 0)
    throw new Error(`the journal is of version ${version}; this Postern knows version ${VERSION}`);
  database.exec(
    `BEGIN IMMEDIATE; ${TABLES} ${TRANSCRIPT_TABLE} ${CLOCK_TABLE} PRAGMA application_id = ${OURS}; PRAGMA user_version = ${VERSION}; COMMIT`,
  );
}
