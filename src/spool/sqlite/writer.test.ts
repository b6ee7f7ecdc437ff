import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { sample } from '../fixture-contract.ts';
import { formatMessageId } from '../message-id.ts';
import { decodeBatch, encodeBatch, type WriteRequest } from './batch.ts';
import { openDatabase, openForReading } from './schema.ts';
import { SpoolWriter } from './writer.ts';

/** What node:sqlite throws; see https://www.sqlite.org/rescode.html for the numbers. */
function sqliteError(errcode: number): Error {
  return Object.assign(new Error(`made to fail: ${errcode}`), { code: 'ERR_SQLITE_ERROR', errcode });
}

const IOERR_FSYNC = 1034;
const IOERR_WRITE = 778;
const READONLY = 8;
const CANTOPEN = 14;
const FULL = 13;

interface Faults {
  /** Before the commit, or after it: its frames stand in the log, though it is answered as failed. */
  commit?: { when: 'before' | 'after'; errcode: number };
  open?: number;
  insert?: number;
}

/** A writer whose connection fails as `faults` says; `messages` is what another connection sees. */
function fixture(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-writer-'));
  const path = join(folder, 'spool.db');
  const faults: Faults = {};
  let opened = 0;
  const writer = new SpoolWriter(() => {
    if (faults.open !== undefined) throw sqliteError(faults.open);
    opened += 1;
    return faulty(openDatabase(path), faults);
  });
  context.after(() => {
    writer.close();
    rmSync(folder, { recursive: true });
  });
  const messages = () => {
    const database = openForReading(path);
    const rows = database.prepare('SELECT id FROM message ORDER BY id').all() as { id: number }[];
    database.close();
    return rows.map(({ id }) => id);
  };
  const apply = (...requests: WriteRequest[]) =>
    writer.apply(decodeBatch(encodeBatch(requests))).failures.map(({ index, fault }) => `${index} ${fault}`);
  return { writer, faults, messages, apply, opened: () => opened };
}

function faulty(database: DatabaseSync, faults: Faults): DatabaseSync {
  const prepare = database.prepare.bind(database);
  database.prepare = (sql, options) => {
    const statement = prepare(sql, options);
    const run = statement.run.bind(statement);
    statement.run = (...parameters: unknown[]) => {
      if (sql.startsWith('INSERT INTO message') && faults.insert !== undefined)
        throw sqliteError(faults.insert);
      const { commit } = faults;
      if (sql !== 'COMMIT' || !commit) return run(...(parameters as SQLInputValue[]));
      if (commit.when === 'after') run(...(parameters as SQLInputValue[]));
      throw sqliteError(commit.errcode);
    };
    return statement;
  };
  return database;
}

const store = (id: number): WriteRequest => ({ kind: 'store', message: sample(formatMessageId(id), 1000) });

for (const when of ['before', 'after'] as const) {
  for (const errcode of [IOERR_FSYNC, IOERR_WRITE, READONLY]) {
    test(`error ${errcode} ${when} the commit: refused, forgotten, and the connection is new`, (context) => {
      const { writer, faults, messages, apply, opened } = fixture(context);
      assert.deepEqual(apply(store(1)), []);
      faults.commit = { when, errcode };
      assert.deepEqual(apply(store(2), store(3)), ['0 storage', '1 storage']);
      faults.commit = undefined;
      assert.deepEqual(apply(store(3)), [], 'a message that was refused can be stored again');
      assert.deepEqual(messages(), [1, 3]);
      assert.equal(opened(), 2);
      assert.equal(writer.totals().messages, 2);
      assert.equal(writer.totals().queued, 2);
    });
  }
}

test('while the database can not be opened everything is refused, and then it goes on', (context) => {
  const { faults, messages, apply } = fixture(context);
  assert.deepEqual(apply(store(1)), []);
  faults.commit = { when: 'after', errcode: IOERR_FSYNC };
  assert.deepEqual(apply(store(2)), ['0 storage']);
  faults.open = CANTOPEN;
  for (const id of [3, 4]) assert.deepEqual(apply(store(id)), ['0 storage']);
  faults.open = undefined;
  // reopening fails too, as it takes a commit to forget message 2
  assert.deepEqual(apply(store(5)), ['0 storage']);
  faults.commit = undefined;
  assert.deepEqual(apply(store(6)), []);
  assert.deepEqual(messages(), [1, 6]);
});

test('a full disk refuses the batch whole and keeps the connection', (context) => {
  const { faults, messages, apply, opened } = fixture(context);
  assert.deepEqual(apply(store(1)), []);
  faults.insert = FULL;
  const finish: WriteRequest = {
    kind: 'settle',
    settlements: [{ message: formatMessageId(1), part: 0, outcome: { kind: 'finished' } }],
  };
  assert.deepEqual(apply(finish, store(2)), ['0 full', '1 full']);
  assert.deepEqual(messages(), [1]);
  assert.deepEqual(apply(finish), []);
  assert.deepEqual(messages(), []);
  assert.equal(opened(), 1);
});

test('a name that is taken costs nobody else, and a failing commit does not forget its owner', (context) => {
  const { faults, messages, apply } = fixture(context);
  assert.deepEqual(apply(store(1)), []);
  assert.deepEqual(apply(store(2), store(1), store(3)), ['1 statement']);
  faults.commit = { when: 'after', errcode: IOERR_FSYNC };
  assert.deepEqual(apply(store(4), store(1)), ['0 storage', '1 storage']);
  faults.commit = undefined;
  assert.deepEqual(apply(store(5)), []);
  assert.deepEqual(messages(), [1, 2, 3, 5]);
});
