import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ManualClock } from '../platform/clock.ts';
import { RegistryError } from '../sources/registry.ts';
import { openControlStore } from '../store/control.ts';
import { Seal } from '../store/seal.ts';
import type { Route } from './route.ts';
import { StoredRouteTable } from './stored-routes.ts';

const SEAL = new Seal(Buffer.alloc(32, 1));

async function open(t: TestContext, file = ':memory:', seal = SEAL) {
  const db = await openControlStore(file);
  t.after(() => db.destroy());
  const table = new StoredRouteTable(db, seal, new ManualClock());
  await table.open();
  return { db, table };
}

/** Without fields that are there but undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function smarthost(name: string, match: Route['match'] = {}): Route {
  return {
    name,
    match,
    target: {
      kind: 'smarthost',
      hosts: [{ host: 'Mail.Example.NET', port: 587 }],
      implicitTls: false,
      authentication: { username: 'relay', password: 'a secret word' },
    },
    tls: 'verified',
    connections: 5,
    messagesPerConnection: 50,
  };
}

describe('stored route table', () => {
  it('keeps routes over a restart, passwords sealed and bound to their route', async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'postern-routes-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'control.db');
    const first = await open(t, file);
    await first.table.set(smarthost('out'));
    const row = await first.db.selectFrom('routes').selectAll().executeTakeFirstOrThrow();
    assert.ok(!row.definition.includes('a secret word'));
    const second = await open(t, file);
    assert.deepEqual(plain(second.table.list()), plain(first.table.list()));
    const { target } = second.table.byName('out') ?? {};
    assert.equal(target?.kind === 'smarthost' && target.authentication?.password, 'a secret word');
    assert.equal(target?.kind === 'smarthost' && target.hosts[0]?.host, 'mail.example.net');
    await assert.rejects(open(t, file, new Seal(Buffer.alloc(32, 2))), /sealing key is another one/);
    // somebody who can write the database must not point a password at a server of theirs under another name
    await first.db.updateTable('routes').set({ name: 'theirs' }).execute();
    await assert.rejects(open(t, file), /route theirs can not be read/);
  });

  it('answers the sandbox until a route matches, and follows changes at once', async (t) => {
    const { table } = await open(t);
    const key = { source: 'src_a', domain: 'example.org', from: 'app@corp.example' };
    let heard = 0;
    const stop = table.onChange(() => {
      heard++;
      assert.equal(table.list().length, heard === 1 ? 1 : 0);
    });
    assert.equal(table.resolve(key).name, 'sandbox');
    await table.set(smarthost('out', { recipientDomain: 'Example.ORG' }));
    assert.equal(table.resolve(key).name, 'out');
    assert.equal(table.resolve({ ...key, domain: 'example.com' }).name, 'sandbox');
    await table.remove('out');
    assert.equal(table.resolve(key).name, 'sandbox');
    assert.equal(heard, 2);
    stop();
    await assert.rejects(
      table.remove('out'),
      (error) => error instanceof RegistryError && error.kind === 'not-found',
    );
  });

  it('refuses two routes of one condition, but takes the same route again', async (t) => {
    const { table } = await open(t);
    await table.set(smarthost('one', { recipientDomain: 'example.org' }));
    await table.set(smarthost('one', { recipientDomain: 'example.org' }));
    await assert.rejects(table.set(smarthost('two', { recipientDomain: 'EXAMPLE.org' })), /same condition/);
  });
});
