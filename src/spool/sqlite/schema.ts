import { DatabaseSync } from 'node:sqlite';

/**
 * message   one row a message; `content` is the header section (`head` octets), and the body unless it is a file
 * delivery  one row for the recipients that share a domain; `received` and `size` are copies, so that the
 *           scheduler's questions are answered without touching the pages of the content
 * total     one row, changed in the same transaction as what it counts: opening needs no count of its own.
 *           `highest` is the highest identifier ever held. `skew` bounds, in milliseconds, how far an identifier
 *           ran ahead of the wall time of its message (the clock was set back): see `receivedBefore`.
 */
const TABLES = `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    received INTEGER NOT NULL,
    size INTEGER NOT NULL,
    traits INTEGER NOT NULL,
    longest_line INTEGER NOT NULL,
    head INTEGER NOT NULL,
    body_file TEXT,
    envelope TEXT NOT NULL,
    content BLOB NOT NULL
  ) STRICT;
  CREATE INDEX message_with_file ON message (id) WHERE body_file IS NOT NULL;
  CREATE TABLE delivery (
    message INTEGER NOT NULL,
    part INTEGER NOT NULL,
    domain TEXT NOT NULL,
    state INTEGER NOT NULL,
    next INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    received INTEGER NOT NULL,
    size INTEGER NOT NULL,
    delay_notified INTEGER NOT NULL,
    source TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    hold TEXT,
    reply TEXT,
    route TEXT,
    PRIMARY KEY (message, part)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX delivery_due ON delivery (domain, next) WHERE state = 0;
  CREATE INDEX delivery_rerouted ON delivery (domain) WHERE route IS NOT NULL;
  CREATE TABLE total (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    messages INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    held INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    highest INTEGER NOT NULL,
    skew INTEGER NOT NULL
  ) STRICT;
  INSERT INTO total VALUES (1, 0, 0, 0, 0, 0, 0);
  PRAGMA user_version = 2;
`;

/** Each step from the version before; a column that is added changes no row that is there. */
const UPGRADES: Record<number, string> = {
  1: `
    ALTER TABLE delivery ADD COLUMN route TEXT;
    CREATE INDEX delivery_rerouted ON delivery (domain) WHERE route IS NOT NULL;
    PRAGMA user_version = 2;
  `,
};

export const VERSION = 2;

/** `delivery.state` */
export const QUEUED = 0;
export const HELD = 1;

/** The columns of a Delivery, in the order that `deliveryOf` reads. */
export const DELIVERY_COLUMNS =
  'message, part, domain, state, next, attempts, received, size, delay_notified, source, sender, recipients, hold, reply, route';

const OURS = 0x504f5354; // "POST", so that no other program's database is taken for a spool

/**
 * Opens the spool's database for reading and writing, made ready at first use.
 * @param maxPages limits its size, so that a test can fill it
 * @throws the library's error, or Error for a database that is not a spool of this or an older version
 */
export function openDatabase(path: string, maxPages?: number): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 2000 });
  try {
    // A statement is durable when COMMIT returns: FULL syncs the write-ahead log at each commit. The fullfsync
    // pragmas matter on macOS alone, where fsync does not reach the platter.
    database.exec(`
      PRAGMA page_size = 4096;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA fullfsync = ON;
      PRAGMA checkpoint_fullfsync = ON;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA cache_size = -8192;
      PRAGMA temp_store = MEMORY;
      PRAGMA trusted_schema = OFF;
      PRAGMA cell_size_check = ON;
    `);
    database.enableDefensive(true);
    prepareSchema(database);
    if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepareSchema(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  const { application_id: id } = database.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  if (version === VERSION && id === OURS) return;
  const upgrade = UPGRADES[version];
  if (id === OURS && upgrade !== undefined) {
    database.exec(`BEGIN IMMEDIATE; ${upgrade} COMMIT`);
    return;
  }
  if (id === OURS)
    throw new Error(`the spool is of version ${version}; this Postern knows version ${VERSION}`);
  if (version !== 0) throw new Error('the database in place of the spool belongs to another program');
  database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA application_id = ${OURS}; COMMIT`);
}

/** Opens it for reading alone; the writer must have made it. */
export function openForReading(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 2000 });
  database.exec('PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF');
  return database;
}

/**
 * What SQLite reports when storage is at fault (https://www.sqlite.org/rescode.html): FULL, IOERR, READONLY,
 * CANTOPEN, PERM, NOMEM, BUSY, LOCKED, PROTOCOL, CORRUPT, NOTADB. The rest is a fault of the statement.
 */
const STORAGE_FAULTS = new Set([13, 10, 8, 14, 3, 7, 5, 6, 15, 11, 26]);
const FULL = 13;

/** How an error is to be taken: the disk is full, storage failed in another way, or the statement is wrong. */
export function faultOf(error: unknown): 'full' | 'storage' | 'statement' {
  const { errcode } = error as { errcode?: number };
  if (errcode === undefined) return 'statement';
  const primary = errcode & 255;
  if (primary === FULL) return 'full';
  return STORAGE_FAULTS.has(primary) ? 'storage' : 'statement';
}
