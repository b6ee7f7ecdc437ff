import { rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { DamagedFile } from '../followers/damage.ts';
import {
  type Cell,
  cellsOf,
  COLUMNS,
  endedRecipients,
  namedRecipients,
  PLACES,
  rowOf,
} from './index-rows.ts';
import type { IndexedMessage, Waiting } from './message-row.ts';
import { searchedText, Words } from './terms.ts';

/** Rows whose identifiers share the same quotient are a block. */
export const BLOCK = 8192;

/**
 * message  one row a message; its identifier is that of the event it began with, so that newest first is its order
 * word     exact words of a message (see terms.ts); neither table keeps what it was made of
 * part     any three characters in a row of what is searched by a part of it
 * block    earliest and latest time of each block of identifiers, whatever the clock did
 * progress the event up to which everything is here, with its time, by which another journal is told from this one
 *
 * States that most messages end in have no index: who asks for them finds them at every step.
 */
const TABLES = `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    message TEXT,
    session TEXT,
    source TEXT,
    listener TEXT,
    direction TEXT NOT NULL,
    network TEXT,
    sender TEXT,
    header_from TEXT,
    recipients TEXT NOT NULL,
    recipient_count INTEGER NOT NULL,
    subject TEXT,
    message_id TEXT,
    size INTEGER,
    state TEXT NOT NULL,
    hold TEXT,
    code TEXT,
    reply TEXT,
    attempts INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    waiting TEXT NOT NULL,
    delivered INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    ended TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX message_spool ON message (message) WHERE message IS NOT NULL;
  CREATE INDEX message_state ON message (state) WHERE state <> 'delivered';
  CREATE INDEX message_code ON message (code) WHERE code IS NOT NULL;
  CREATE VIRTUAL TABLE word USING fts5(words, tokenize = 'ascii', content = '', contentless_delete = 1, detail = none);
  CREATE VIRTUAL TABLE part USING fts5(text, tokenize = 'trigram', content = '', contentless_delete = 1, detail = none);
  CREATE TABLE block (number INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, latest INTEGER NOT NULL) STRICT;
  CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    event INTEGER NOT NULL,
    at INTEGER NOT NULL,
    rows INTEGER NOT NULL
  ) STRICT;
  INSERT INTO progress VALUES (1, 0, 0, 0);
`;

const VERSION = 3;
const OURS = 0x4d534749; // "MSGI"
export interface Progress {
  /** Identifier of the last event that was read, and its time. */
  event: number;
  at: number;
  rows: number;
}

/** The index as the thread that builds it sees it. */
export class IndexDatabase {
  readonly path: string;
  readonly #database: DatabaseSync;
  #progress: Progress;
  /** Of the messages of a transaction. */
  #words = new Words();
  readonly #statements: Record<
    | 'find'
    | 'insert'
    | 'update'
    | 'addWords'
    | 'addParts'
    | 'widen'
    | 'progress'
    | 'read'
    | 'oldest'
    | 'remove'
    | 'removeWords'
    | 'removeParts'
    | 'removeBlocks',
    StatementSync
  >;

  /** @throws the library's error; `isDamage` tells whether `destroyIndex` helps */
  constructor(path: string) {
    this.path = path;
    const database = new DatabaseSync(path, { timeout: 2000 });
    this.#database = database;
    try {
      // what a power cut takes is read from the journal again: the position is in the same transaction
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA wal_autocheckpoint = 2000;
        PRAGMA journal_size_limit = 16777216;
        PRAGMA cache_size = -1024;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
      `);
      prepareSchema(database);
      const prepare = (sql: string) => writing(database, sql);
      const reading = (sql: string) => database.prepare(sql);
      this.#statements = {
        find: reading(`SELECT ${COLUMNS} FROM message WHERE message = ?`),
        insert: prepare(`INSERT OR IGNORE INTO message (${COLUMNS}) VALUES (${PLACES})`),
        update: prepare(
          `UPDATE message SET recipients = ?, recipient_count = ?, state = ?, hold = ?, code = ?, reply = ?, attempts = ?,
             last_at = ?, waiting = ?, delivered = ?, failed = ?, ended = ? WHERE id = ?`,
        ),
        addWords: prepare('INSERT INTO word (rowid, words) VALUES (?, ?)'),
        addParts: prepare('INSERT INTO part (rowid, text) VALUES (?, ?)'),
        widen: prepare(
          `INSERT INTO block VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET
             earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)`,
        ),
        progress: prepare('UPDATE progress SET event = ?, at = ?, rows = ?'),
        read: reading('SELECT event, at, rows FROM progress'),
        oldest: reading('SELECT id FROM message WHERE id < ? ORDER BY id LIMIT ?'),
        remove: prepare('DELETE FROM message WHERE id = ?'),
        removeWords: prepare('DELETE FROM word WHERE rowid = ?'),
        removeParts: prepare('DELETE FROM part WHERE rowid = ?'),
        removeBlocks: prepare('DELETE FROM block WHERE number < ?'),
      };
      this.#statements.find.setReturnArrays(true);
      this.#progress = this.#statements.read.get() as unknown as Progress;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** With what is not stored yet. */
  get progress(): Progress {
    return { ...this.#progress };
  }

  /** @param message spool identifier */
  find(message: string): IndexedMessage | undefined {
    const cells = this.#statements.find.get(message) as unknown as Cell[] | undefined;
    return cells && rowOf(cells);
  }

  /** From here to `commit` all is stored, or nothing; does nothing when it was called before. @throws the library's error */
  begin(): void {
    if (this.#database.isTransaction) return;
    this.#database.exec('BEGIN IMMEDIATE');
    this.#words = new Words();
  }

  /** @throws the library's error */
  commit(): void {
    if (!this.#database.isTransaction) return;
    const { event, at, rows } = this.#progress;
    this.#statements.progress.run(event, at, rows);
    this.#database.exec('COMMIT');
  }

  /** Adds what is not there yet. Answers how many were not. */
  add(rows: Iterable<IndexedMessage>): number {
    const { insert, addWords, addParts, widen } = this.#statements;
    const blocks = new Map<number, [earliest: number, latest: number]>();
    let added = 0;
    for (const row of rows) {
      if (insert.run(...cellsOf(row)).changes === 0n) continue;
      added++;
      addWords.run(row.id, this.#words.of(row));
      addParts.run(row.id, searchedText(row));
      const number = Math.floor(row.id / BLOCK);
      const block = blocks.get(number);
      if (!block) blocks.set(number, [row.at, row.at]);
      else if (row.at < block[0]) block[0] = row.at;
      else if (row.at > block[1]) block[1] = row.at;
    }
    for (const [number, [earliest, latest]] of blocks) widen.run(number, earliest, latest);
    return added;
  }

  /** What can change of a row. */
  change(row: IndexedMessage): void {
    this.#statements.update.run(
      namedRecipients(row),
      row.recipientCount,
      row.state,
      row.hold ?? null,
      row.code ?? null,
      row.reply ?? null,
      row.attempts,
      row.lastAt,
      row.waiting,
      row.delivered,
      row.failed,
      endedRecipients(row),
      row.id,
    );
  }

  /** @param rows that are new */
  advanced({ event, at }: Pick<Progress, 'event' | 'at'>, rows: number): void {
    this.#progress = { event, at, rows: this.#progress.rows + rows };
  }

  /** What waits and is chosen by conditions that the rows can answer. */
  setWaiting(
    choice: { source?: string; from?: string; domain?: string; waiting?: 'queued' | 'held'; hold?: string },
    waiting: Waiting,
    hold: string | undefined,
    at: number,
  ): void {
    // the second says what the index is about
    const terms = [
      "state IN ('queued', 'deferred', 'held', 'partly')",
      "state <> 'delivered'",
      "waiting <> 'deleted'",
    ];
    const parameters: string[] = [];
    const add = (term: string, value: string | undefined) => {
      if (value === undefined) return;
      terms.push(term);
      parameters.push(value);
    };
    if (choice.source?.startsWith('edge')) terms.push("direction = 'edge'");
    else add('source = ?', choice.source);
    add('sender = ?', choice.from);
    add('hold = ?', choice.hold);
    add("instr(lower(recipients), '@' || ? || '\"') > 0", choice.domain?.toLowerCase());
    if (choice.waiting === 'held') terms.push("waiting = 'held'");
    if (choice.waiting === 'queued') terms.push("waiting <> 'held'");
    writing(
      this.#database,
      `UPDATE message INDEXED BY message_state
         SET waiting = ?, hold = ?, last_at = max(last_at, ?),
           state = CASE WHEN delivered + failed > 0 THEN state ELSE ? END
         WHERE ${terms.join(' AND ')}`,
    ).run(waiting, hold ?? null, at, waiting, ...parameters);
  }

  /** Removes the oldest rows that began before an event, at most `most`. Answers how many. */
  forget(before: number, most: number): number {
    const { oldest, remove, removeWords, removeParts, removeBlocks } = this.#statements;
    const rows = oldest.all(before, most) as { id: number }[];
    const [first] = rows;
    if (!first) return 0;
    this.begin();
    for (const { id } of rows) {
      remove.run(id);
      removeWords.run(id);
      removeParts.run(id);
    }
    removeBlocks.run(Math.floor(first.id / BLOCK));
    this.#progress.rows -= rows.length;
    return rows.length;
  }

  /** Gives the memory of its cache back. */
  shrink(): void {
    this.#database.exec('PRAGMA shrink_memory');
  }

  close(): void {
    this.#database.close();
  }
}

/**
 * A statement that changes something: each tells the identifier of the row that was inserted last, and those of a
 * full-text index's own tables are beyond 2^53.
 */
function writing(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}

/** A file that is no use: the index is made again from the journal. */
export function destroyIndex(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

function prepareSchema(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  const { application_id: id } = database.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  if (version === VERSION && id === OURS) return;
  const { count } = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as {
    count: number;
  };
  if (version !== 0 || count > 0)
    throw new DamagedFile('the message index is of another version, or of another program');
  database.exec(
    `BEGIN IMMEDIATE; ${TABLES} PRAGMA application_id = ${OURS}; PRAGMA user_version = ${VERSION}; COMMIT`,
  );
}
