/** The tables of `traffic.db`. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** What a row is about: `source` and `key` tell more. */
export const TOTAL = 0;
export const SOURCE = 1;
/** `key` is the direction. */
export const DIRECTION = 2;
/** Of all together; `key` is the code, and `refused` alone is counted. */
export const CODE = 3;
export const SOURCE_CODE = 4;
/** By day alone; `key` is the sender's address. */
export const SENDER = 5;
/** By day alone; `key` is the recipients' domain. */
export const RECIPIENT_DOMAIN = 6;
/** The same of all sources together, because those of each are too many to be added up for an answer. */
export const ALL_RECIPIENT_DOMAIN = 7;

/**
 * traffic    the primary key is the order of reading: one grain and kind, over a stretch of time
 * progress   one row: the last event that was counted, and how many rows there are
 */
const TABLES = `
  CREATE TABLE traffic (
    grain INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    octets INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    held INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    deferred INTEGER NOT NULL,
    bounced INTEGER NOT NULL,
    PRIMARY KEY (grain, kind, at, source, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    counted INTEGER NOT NULL,
    rows INTEGER NOT NULL
  ) STRICT;
  INSERT INTO progress VALUES (1, 0, 0);
`;
const VERSION = 1;
const OURS = 0x54524146; // "TRAF"
export interface Statements {
  change: StatementSync;
  insert: StatementSync;
  progress: StatementSync;
  counted: StatementSync;
  ofPeriod: StatementSync;
  ofSource: StatementSync;
}

export function prepare(database: DatabaseSync): Statements {
  return {
    change: database.prepare(
      `UPDATE traffic SET accepted = accepted + ?, octets = octets + ?, refused = refused + ?, held = held + ?,
         delivered = delivered + ?, deferred = deferred + ?, bounced = bounced + ?
       WHERE grain = ? AND kind = ? AND at = ? AND source = ? AND key = ?`,
    ),
    insert: database.prepare('INSERT INTO traffic VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    progress: database.prepare('UPDATE progress SET counted = ?, rows = rows + ?'),
    counted: database.prepare('SELECT counted FROM progress'),
    ofPeriod: database.prepare(
      'SELECT count(*) AS rows FROM traffic WHERE grain = ? AND kind = ? AND at = ?',
    ),
    ofSource: database.prepare(
      'SELECT count(*) AS rows FROM traffic WHERE grain = ? AND kind = ? AND at = ? AND source = ?',
    ),
  };
}

/** @throws the library's error, or Error for a database of a later version */
export function prepareSchema(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  const { application_id: id } = database.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  if (version === VERSION && id === OURS) return;
  if (version !== 0)
    throw new Error(`traffic.db is of version ${version}; this Postern knows version ${VERSION}`);
  database.exec(
    `BEGIN IMMEDIATE; ${TABLES} PRAGMA application_id = ${OURS}; PRAGMA user_version = ${VERSION}; COMMIT`,
  );
}
