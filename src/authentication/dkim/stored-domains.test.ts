import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ManualClock } from '../../platform/clock.ts';
import { RegistryError } from '../../sources/registry.ts';
import { openControlStore } from '../../store/control.ts';
import { Seal } from '../../store/seal.ts';
import { StoredDomainRegistry } from './stored-domains.ts';

const SEAL = new Seal(Buffer.alloc(32, 1));

async function open(t: TestContext, file = ':memory:', seal = SEAL) {
  const db = await openControlStore(file);
  t.after(() => db.destroy());
  const registry = new StoredDomainRegistry(db, seal, new ManualClock());
  await registry.open();
  return { db, registry };
}

/** Without fields that are there but undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function kind(expected: RegistryError['kind']) {
  return (error: unknown) => error instanceof RegistryError && error.kind === expected;
}

describe('stored domain registry', () => {
  it('keeps domains and keys over a restart, private keys sealed', async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'postern-domains-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'control.db');
    const first = await open(t, file);
    await first.registry.add('Corp.Example.', { ed25519: true });
    await first.registry.addKey('corp.example', { algorithm: 'rsa-sha256' });
    await first.registry.markPublished('corp.example', 'p2023a', 5);
    const rows = await first.db.selectFrom('keys').select('private_key').execute();
    assert.equal(rows.length, 3);
    assert.ok(rows.every(({ private_key: sealed }) => !sealed.includes('PRIVATE')));
    const second = await open(t, file);
    assert.deepEqual(plain(second.registry.list()), plain(first.registry.list()));
    assert.equal(
      second.registry.byName('corp.example')?.keys.find(({ publishedAt }) => publishedAt === 5)?.selector,
      'p2023a',
    );
    await assert.rejects(open(t, file, new Seal(Buffer.alloc(32, 2))), /sealing key is another one/);
  });

  it('stages keys: next, active, retiring, gone; in the store as in memory', async (t) => {
    const { db, registry } = await open(t);
    await registry.add('corp.example', { selector: 'A' });
    await registry.addKey('corp.example', { selector: 'b', algorithm: 'rsa-sha256' });
    await assert.rejects(registry.removeKey('corp.example', 'a'), kind('conflict'));
    await registry.activateKey('corp.example', 'b');
    const stages = async () =>
      (await db.selectFrom('keys').select(['selector', 'stage']).orderBy('selector').execute()).map(
        ({ selector, stage }) => `${selector} ${stage}`,
      );
    assert.deepEqual(await stages(), ['a retiring', 'b active']);
    await registry.removeKey('corp.example', 'a');
    assert.deepEqual(await stages(), ['b active']);
    await registry.remove('corp.example');
    assert.deepEqual(await stages(), []);
    assert.equal(registry.byName('corp.example'), undefined);
  });

  it('counts subdomains of internal domains as internal, and no other ones', async (t) => {
    const { registry } = await open(t);
    await registry.add('corp.example', {});
    await registry.add('news.example', { internal: false });
    const expected: [string, boolean][] = [
      ['corp.example', true],
      ['a.b.corp.example', true],
      ['notcorp.example', false],
      ['example', false],
      ['news.example', false],
      ['', false],
    ];
    for (const [domain, internal] of expected) assert.equal(registry.isInternal(domain), internal, domain);
  });

  it('refuses what is no domain or selector, what is there already, and what is not', async (t) => {
    const { registry } = await open(t);
    for (const name of [
      '',
      'localhost',
      'a b.example',
      'corp..example',
      `${'x'.repeat(300)}.example`,
      'co\u200brp.example',
    ]) {
      await assert.rejects(registry.add(name, {}), kind('invalid'), name);
    }
    await assert.rejects(registry.add('corp.example', { selector: 'a b' }), kind('invalid'));
    const both = await Promise.allSettled([
      registry.add('corp.example', {}),
      registry.add('CORP.example', {}),
    ]);
    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
    await assert.rejects(registry.activateKey('corp.example', 'none'), kind('not-found'));
    await assert.rejects(registry.markPublished('corp.example', 'none', 1), kind('not-found'));
    await assert.rejects(registry.remove('other.example'), kind('not-found'));
  });
});
