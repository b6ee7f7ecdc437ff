import type { DatabaseSync } from 'node:sqlite';
import type { KeptTranscript } from './transcript.ts';

/** One row a session. `octets` stands before the text, so that adding them up reads no text. */
export const TRANSCRIPT_TABLE = `
  CREATE TABLE transcript (
    id INTEGER PRIMARY KEY,
    session TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    octets INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
`;

/** Rows that one step removes at most. */
const STEP = 500;

/** @throws the library's error; then nothing was stored */
export function appendTranscripts(database: DatabaseSync, transcripts: KeptTranscript[]): void {
  const insert = database.prepare(
    'INSERT OR REPLACE INTO transcript (session, at, octets, body) VALUES (?, ?, ?, ?)',
  );
  database.exec('BEGIN IMMEDIATE');
  for (const transcript of transcripts) {
    const body = JSON.stringify(transcript);
    insert.run(transcript.session, transcript.at, Buffer.byteLength(body), body);
  }
  database.exec('COMMIT');
}

/**
 * Removes the oldest that exceed a limit, one step. Answers whether there is more to remove.
 * @param before wall time, milliseconds; absent: none goes for its age
 */
export function retainTranscripts(
  database: DatabaseSync,
  before: number | undefined,
  bytes: number,
): boolean {
  const aged = database
    .prepare(
      'DELETE FROM transcript WHERE id IN (SELECT id FROM transcript WHERE at < ? ORDER BY id LIMIT ?)',
    )
    .run(before ?? Number.MIN_SAFE_INTEGER, STEP);
  if (aged.changes === STEP) return true;
  const { total } = database.prepare('SELECT coalesce(sum(octets), 0) AS total FROM transcript').get() as {
    total: number;
  };
  let excess = total - bytes;
  if (excess <= 0) return false;
  const oldest = database.prepare('SELECT id, octets FROM transcript ORDER BY id LIMIT ?').all(STEP) as {
    id: number;
    octets: number;
  }[];
  let last = 0;
  for (const { id, octets } of oldest) {
    if (excess <= 0) break;
    excess -= octets;
    last = id;
  }
  database.prepare('DELETE FROM transcript WHERE id <= ?').run(last);
  return excess > 0;
}

/** @param database opened for reading */
export function readTranscript(database: DatabaseSync, session: string): KeptTranscript | undefined {
  const row = database.prepare('SELECT body FROM transcript WHERE session = ?').get(session) as
    | { body: string }
    | undefined;
  return row && (JSON.parse(row.body) as KeptTranscript);
}
