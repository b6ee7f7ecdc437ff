import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { AdministratorToken } from './administrator-token.ts';
import { openControlStore } from './control.ts';
import { Database } from './database.ts';
import { IdempotencyStore } from './idempotency.ts';
import { Settings } from './settings.ts';

test('the control database keeps settings over a reopen and syncs every commit', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-store-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'control.db');
  const first = await openControlStore(file);
  await new Settings(first).set('greeting', 'one', 1);
  await new Settings(first).set('greeting', 'two', 2);
  await first.destroy();
  const second = await openControlStore(file);
  assert.equal(await new Settings(second).get('greeting'), 'two');
  assert.equal(await new Settings(second).get('other'), undefined);
  await second.destroy();
  const raw = new Database(file);
  assert.equal(raw.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
  assert.ok(Number(raw.prepare('select count(*) as n from schema_version').get()?.['n']) >= 1);
  raw.close();
});

test('a database of a newer version is refused in words', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-store-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'control.db');
  await (await openControlStore(file)).destroy();
  const raw = new Database(file);
  raw.exec("insert into schema_version values ('9999-from-the-future', '2099-01-01')");
  raw.close();
  await assert.rejects(openControlStore(file), /newer version of Postern/);
});

test('foreign keys are enforced and a failed transaction leaves nothing', async () => {
  const db = await openControlStore(':memory:');
  const orphan = {
    id: 'crd_1',
    source: 'src_none',
    label: '',
    state: 'active',
    account: null,
    factors: '{}',
    created_at: 1,
    expires_at: null,
    last_used_at: null,
    last_used_from: null,
    canary: 0,
    rotation: null,
  };
  await assert.rejects(db.insertInto('credentials').values(orphan).execute(), /FOREIGN KEY/);
  await assert.rejects(
    db.transaction().execute(async (transaction) => {
      await transaction.insertInto('settings').values({ name: 'a', value: 'b', updated_at: 1 }).execute();
      throw new Error('half-way');
    }),
    /half-way/,
  );
  assert.equal(await new Settings(db).get('a'), undefined);
  await db.destroy();
});

test('an error after which SQLite has rolled back by itself is told as it was', async () => {
  const db = await openControlStore(':memory:');
  const row = { name: 'a', value: 'b', updated_at: 1 };
  await assert.rejects(
    db.transaction().execute(async (transaction) => {
      await transaction.insertInto('settings').values(row).execute();
      await transaction.insertInto('settings').orRollback().values(row).execute();
    }),
    /UNIQUE constraint/,
  );
  await new Settings(db).set('a', 'c', 1);
  assert.equal(await new Settings(db).get('a'), 'c');
  await db.destroy();
});

test('what comes during a transaction is no part of it, and two of them come one after the other', async () => {
  const db = await openControlStore(':memory:');
  const settings = new Settings(db);
  const failing = db.transaction().execute(async (transaction) => {
    await transaction.insertInto('settings').values({ name: 'a', value: 'b', updated_at: 1 }).execute();
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error('half-way');
  });
  const other = db.transaction().execute(async (transaction) => {
    await transaction.insertInto('settings').values({ name: 'c', value: 'd', updated_at: 1 }).execute();
  });
  await Promise.all([assert.rejects(failing, /half-way/), other, settings.set('e', 'f', 1)]);
  assert.equal(await settings.get('a'), undefined);
  assert.equal(await settings.get('c'), 'd');
  assert.equal(await settings.get('e'), 'f');
  await db.destroy();
  await assert.rejects(settings.get('a'), /not open|destroyed/);
});

test('the administrator token is kept as a hash and the old one ends at rotation', async () => {
  const db = await openControlStore(':memory:');
  const settings = new Settings(db);
  const token = new AdministratorToken(settings, new ManualClock(), systemRandom);
  assert.equal(await token.load(), false);
  assert.equal(token.verify(''), false);
  const first = await token.rotate();
  assert.ok(token.verify(first));
  assert.ok(!(await settings.get('administrator-token'))?.includes(first));
  const second = await token.rotate();
  assert.ok(!token.verify(first));
  const reloaded = new AdministratorToken(settings, new ManualClock(), systemRandom);
  assert.equal(await reloaded.load(), true);
  assert.ok(reloaded.verify(second));
  await db.destroy();
});

test('idempotency keys: first, in progress, answered, mismatch, expired', async () => {
  const db = await openControlStore(':memory:');
  const clock = new ManualClock();
  const store = new IdempotencyStore(db, clock);
  const [a, b] = await Promise.all([store.claim('s', 'k', 'f1'), store.claim('s', 'k', 'f1')]);
  assert.deepEqual([a.kind, b.kind], ['new', 'in-progress']);
  assert.equal((await store.claim('s', 'k', 'f2')).kind, 'mismatch');
  assert.equal((await store.claim('other', 'k', 'f2')).kind, 'new');
  await Promise.all([
    store.complete('s', 'k', 'f1', { status: 202, answer: '{"id":"1"}' }),
    store.complete('other', 'k', 'f2', { status: 202, answer: '{"id":"2"}' }),
  ]);
  assert.deepEqual(await store.claim('s', 'k', 'f1'), {
    kind: 'answered',
    remembered: { status: 202, answer: '{"id":"1"}' },
  });
  assert.equal((await store.claim('s', 'k', 'f2')).kind, 'mismatch');
  const reopened = new IdempotencyStore(db, clock);
  assert.equal((await reopened.claim('s', 'k', 'f1')).kind, 'answered');
  assert.equal((await store.claim('s', 'k2', 'f')).kind, 'new');
  store.release('s', 'k2');
  assert.equal((await store.claim('s', 'k2', 'f')).kind, 'new');
  clock.advance(25 * 3600 * 1000);
  assert.equal((await store.claim('s', 'k', 'f9')).kind, 'new');
  await db.destroy();
});
