/** The thread that owns inbox.db: gathers what arrives while a commit runs, and commits it together. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { readFields, shownText } from '../message/mime/fields.ts';
import { type InboxEntry, type InboxFilter, inboxTest } from './inbox.ts';
import type { InboxAnswer, InboxRequest, InboxSettings } from './sqlite-inbox.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message TEXT NOT NULL,
    recipients TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    sender TEXT NOT NULL,
    size INTEGER NOT NULL,
    header_from TEXT NOT NULL,
    subject TEXT NOT NULL,
    UNIQUE (message, recipients)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS content (id INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT;
`;

type Row = Record<'message' | 'recipients' | 'source' | 'sender' | 'header_from' | 'subject', string> &
  Record<'id' | 'received_at' | 'size', number>;

class InboxDatabase {
  readonly #database: DatabaseSync;
  readonly #settings: InboxSettings;
  readonly #insert: StatementSync;
  readonly #insertContent: StatementSync;
  #messages: number;
  #bytes: number;

  constructor(settings: InboxSettings) {
    this.#settings = settings;
    this.#database = new DatabaseSync(settings.path);
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    this.#database.exec(SCHEMA);
    this.#insert = this.#database.prepare(
      `INSERT INTO entry (message, recipients, received_at, source, sender, size, header_from, subject)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
    );
    this.#insertContent = this.#database.prepare('INSERT INTO content (id, octets) VALUES (?, ?)');
    const totals = this.#database
      .prepare('SELECT COUNT(*) AS messages, COALESCE(SUM(size), 0) AS bytes FROM entry')
      .get() as { messages: number; bytes: number };
    this.#messages = totals.messages;
    this.#bytes = totals.bytes;
  }

  /** All or nothing: a deposit that fails must not be told as done with the others. */
  deposit(requests: Extract<InboxRequest, { kind: 'deposit' }>[]): InboxEntry[] {
    const added: InboxEntry[] = [];
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const { entry, content } of requests) {
        const octets = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
        const { headerFrom, subject } = shown(octets);
        const row = this.#insert.get(
          entry.message,
          JSON.stringify(entry.recipients),
          entry.receivedAt,
          entry.source,
          entry.from,
          entry.size,
          headerFrom,
          subject,
        ) as { id: number } | undefined;
        if (!row) continue;
        this.#insertContent.run(row.id, octets);
        this.#messages++;
        this.#bytes += entry.size;
        added.push({ ...entry, id: row.id, headerFrom, subject });
      }
      this.#trim();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
    return added;
  }

  list(limit: number, filter: InboxFilter): InboxEntry[] {
    const { before = Number.MAX_SAFE_INTEGER } = filter;
    const rows = this.#database.prepare('SELECT * FROM entry WHERE id < ? ORDER BY id DESC');
    const isWanted = inboxTest(filter);
    const found: InboxEntry[] = [];
    for (const row of rows.iterate(before)) {
      if (found.length === limit) break;
      const entry = entryOf(row as Row);
      if (isWanted(entry)) found.push(entry);
    }
    return found;
  }

  content(id: number): { entry: InboxEntry; content: Uint8Array } | undefined {
    const row = this.#database.prepare('SELECT * FROM entry WHERE id = ?').get(id) as Row | undefined;
    const stored = this.#database.prepare('SELECT octets FROM content WHERE id = ?').get(id) as
      | { octets: Uint8Array }
      | undefined;
    return row && stored && { entry: entryOf(row), content: stored.octets };
  }

  clear(): number {
    const { changes } = this.#database.prepare('DELETE FROM entry').run();
    this.#database.exec('DELETE FROM content');
    this.#messages = 0;
    this.#bytes = 0;
    return Number(changes);
  }

  close(): void {
    this.#database.close();
  }

  /** Keeps the newest, within number and size; the last one stays whatever its size. */
  #trim(): void {
    const { messages, bytes } = this.#settings;
    while (this.#messages > 1 && (this.#messages > messages || this.#bytes > bytes)) {
      const oldest = this.#database.prepare('SELECT id, size FROM entry ORDER BY id LIMIT 1').get() as {
        id: number;
        size: number;
      };
      this.#database.prepare('DELETE FROM entry WHERE id = ?').run(oldest.id);
      this.#database.prepare('DELETE FROM content WHERE id = ?').run(oldest.id);
      this.#messages--;
      this.#bytes -= oldest.size;
    }
  }
}

function entryOf(row: Row): InboxEntry {
  return {
    id: row.id,
    message: row.message,
    receivedAt: row.received_at,
    source: row.source,
    from: row.sender,
    recipients: JSON.parse(row.recipients),
    size: row.size,
    headerFrom: row.header_from,
    subject: row.subject,
  };
}

/** What a list shows of a message; the header section alone is looked at. */
function shown(octets: Buffer): { headerFrom: string; subject: string } {
  const end = octets.indexOf('\r\n\r\n');
  const { fields } = readFields(octets.subarray(0, end < 0 ? octets.length : end + 4), 1000);
  const value = (name: string): string => {
    const field = fields.find(({ key }) => key === name);
    return field ? shownText(field).trim().slice(0, 1000) : '';
  };
  return { headerFrom: value('from'), subject: value('subject') };
}

const port = parentPort;
if (port) {
  const database = new InboxDatabase(workerData as InboxSettings);
  let deposits: Extract<InboxRequest, { kind: 'deposit' }>[] = [];
  const answer = (value: InboxAnswer): void => port.postMessage(value);

  const commit = (): void => {
    const batch = deposits;
    deposits = [];
    if (batch.length === 0) return;
    try {
      const added = database.deposit(batch);
      for (const { id } of batch) answer({ id, value: undefined });
      for (const entry of added) answer({ id: 0, value: entry });
    } catch (error) {
      for (const { id } of batch) answer({ id, error: String(error) });
    }
  };

  port.on('message', (request: InboxRequest) => {
    if (request.kind === 'deposit') {
      deposits.push(request);
      if (deposits.length === 1) setImmediate(commit);
      return;
    }
    commit();
    try {
      switch (request.kind) {
        case 'list':
          answer({ id: request.id, value: database.list(request.limit, request.filter) });
          break;
        case 'content':
          answer({ id: request.id, value: database.content(request.entry) });
          break;
        case 'clear':
          answer({ id: request.id, value: database.clear() });
          break;
        case 'close':
          database.close();
          answer({ id: request.id, value: undefined });
          port.close();
          break;
      }
    } catch (error) {
      answer({ id: request.id, error: String(error) });
    }
  });
}
