import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { JournalEvent } from '../journal/event.ts';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { type ControlStore, openControlStore } from '../store/control.ts';
import { type NewSource, RegistryError, type SourceBatch, type SourceChange } from './registry.ts';
import { type Credential, DEFAULT_POLICY, type StoredSecret } from './source.ts';
import { StoredSourceRegistry } from './stored-registry.ts';

const SECRET: StoredSecret = {
  argon2id: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
  scram: { iterations: 4096, salt: 'c2FsdA==', storedKey: 'a2V5', serverKey: 'a2V5' },
};

function fields(name: string): NewSource {
  return {
    name,
    description: 'front desk',
    owner: 'owner@corp.example',
    policy: { ...DEFAULT_POLICY, pairs: [{ envelope: 'corp.example', header: 'corp.example' }] },
  };
}

function factors(source: string, more: Partial<Credential>): Omit<Credential, 'id' | 'createdAt'> {
  return { source, label: '', state: 'active', networks: [], ...more };
}

async function setUp(t: TestContext, file = ':memory:') {
  const db: ControlStore = await openControlStore(file);
  const clock = new ManualClock();
  const events: JournalEvent[] = [];
  const registry = new StoredSourceRegistry(db, clock, systemRandom, {
    write: (event) => events.push(event),
  });
  await registry.open();
  t.after(() => db.destroy());
  return { db, clock, registry, events };
}

function refusal(kind: RegistryError['kind'], field?: string) {
  return (error: unknown) => {
    assert.ok(error instanceof RegistryError, String(error));
    assert.equal(error.kind, kind, error.message);
    if (field !== undefined) assert.equal(error.field, field, error.message);
    return true;
  };
}

describe('stored source registry', () => {
  it('keeps everything over a restart', async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'postern-registry-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'control.db');
    const first = await setUp(t, file);
    const source = await first.registry.add(fields('printer-1'));
    const credential = await first.registry.addCredential(
      factors(source.id, { account: 'printer-1', secret: SECRET, networks: ['10.0.0.0/8'], expiresAt: 9e12 }),
    );
    await first.registry.edit(source.id, { state: 'suspended' });
    first.registry.touched(credential.id, 42, '10.0.0.9');
    await first.registry.close();
    const second = await setUp(t, file);
    assert.deepEqual(second.registry.byName('printer-1'), first.registry.byName('printer-1'));
    assert.equal(second.registry.byId(source.id)?.version, 2);
    assert.deepEqual(second.registry.byAccount('printer-1'), [
      { ...credential, lastUsedAt: 42, lastUsedFrom: '10.0.0.9' },
    ]);
  });

  it('refuses a second source of a name, also at the same moment, and frees the name of a removed one', async (t) => {
    const { registry } = await setUp(t);
    const results = await Promise.allSettled([registry.add(fields('app')), registry.add(fields('app'))]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    await registry.remove(registry.byName('app')?.id ?? '');
    assert.equal(registry.byName('app'), undefined);
    await registry.add(fields('app'));
    const other = await registry.add(fields('other'));
    await assert.rejects(registry.edit(other.id, { name: 'app' }), refusal('conflict', 'name'));
    await registry.edit(other.id, { name: 'renamed' });
    assert.equal(registry.byName('other'), undefined);
    assert.equal(registry.byName('renamed')?.id, other.id);
    assert.deepEqual(
      registry.list().map(({ name }) => name),
      ['app', 'renamed'],
    );
  });

  it('lets only one of two edits of the same version through', async (t) => {
    const { registry } = await setUp(t);
    const { id } = await registry.add(fields('app'));
    const results = await Promise.allSettled([
      registry.edit(id, { description: 'a' }, 1),
      registry.edit(id, { description: 'b' }, 1),
    ]);
    assert.equal(results[0]?.status, 'fulfilled');
    assert.throws(
      () => {
        if (results[1]?.status === 'rejected') throw results[1].reason;
      },
      refusal('conflict', 'version'),
    );
    assert.equal(registry.byId(id)?.description, 'a');
  });

  const wrong: [string, Partial<NewSource>, string][] = [
    ['upper case in a name', { name: 'App' }, 'name'],
    ['a line end in a name', { name: 'app\n' }, 'name'],
    ['an identifier as name', { name: 'src_0123456789abcdef' }, 'name'],
    ['an empty name', { name: '' }, 'name'],
    ['the name of a route', { name: 'export' }, 'name'],
    ['a very long name', { name: 'a'.repeat(10_000_000) }, 'name'],
    ['a control character in a description', { description: 'a\u0007b' }, 'description'],
    ['a right-to-left override', { description: 'a\u202eb' }, 'description'],
    ['10 MB of description', { description: 'x'.repeat(10_000_000) }, 'description'],
    ['an owner that is no address', { owner: 'somebody' }, 'owner'],
    [
      'a pattern with a space',
      { policy: { ...DEFAULT_POLICY, pairs: [{ envelope: 'a b@corp.example', header: 'corp.example' }] } },
      'policy.pairs.0.envelope',
    ],
    ['a limit below nothing', { policy: { ...DEFAULT_POLICY, maxSize: -1 } }, 'policy.maxSize'],
    [
      'two limits of one unit',
      {
        policy: {
          ...DEFAULT_POLICY,
          limits: [
            { unit: 'messages', per: 'hour', most: 1 },
            { unit: 'messages', per: 'hour', most: 2 },
          ],
        },
      },
      'policy.limits',
    ],
  ];
  for (const [what, change, field] of wrong) {
    it(`refuses ${what}`, async (t) => {
      const { registry } = await setUp(t);
      await assert.rejects(registry.add({ ...fields('app'), ...change }), refusal('invalid', field));
      assert.equal(registry.list().length, 0);
    });
  }

  it('finds credentials by everything that a client can show, and only while they are live', async (t) => {
    const { registry, clock } = await setUp(t);
    const { id } = await registry.add(fields('app'));
    const fingerprint256 = Array.from({ length: 32 }, () => 'AB').join(':');
    const expiresAt = clock.now() + 1000;
    const all = [
      factors(id, { account: 'app', secret: SECRET, expiresAt }),
      factors(id, { networks: ['10.1.0.0/16'], expiresAt }),
      factors(id, { networks: ['10.1.2.3'], expiresAt }),
      factors(id, { certificate: { fingerprint256: fingerprint256.toLowerCase() }, expiresAt }),
      factors(id, { certificate: { subject: 'CN=app' }, expiresAt }),
      factors(id, { oauth: { issuer: 'https://login.example', clientId: 'c1' }, expiresAt }),
      factors(id, { apiKeyHash: 'ab'.repeat(32), expiresAt }),
    ];
    const [account, wide, narrow, print, subject, oauth, key] = await Promise.all(
      all.map((one) => registry.addCredential(one)),
    );
    const found = () => ({
      account: registry.byAccount('app').map((one) => one.id),
      network: registry.byNetwork('10.1.2.3').map((one) => one.id),
      certificate: registry.byCertificate({ fingerprint256, subject: 'CN=app' }).map((one) => one.id),
      oauth: registry.byOAuthClient('https://login.example', 'c1').map((one) => one.id),
      key: registry.byApiKeyHash('ab'.repeat(32))?.id,
    });
    assert.deepEqual(found(), {
      account: [account?.id],
      network: [narrow?.id, wide?.id],
      certificate: [print?.id, subject?.id],
      oauth: [oauth?.id],
      key: key?.id,
    });
    await registry.revokeCredential(narrow?.id ?? '');
    assert.deepEqual(
      registry.byNetwork('10.1.2.3').map((one) => one.id),
      [wide?.id],
    );
    clock.advance(1000);
    assert.deepEqual(found(), {
      account: [account?.id],
      network: [],
      certificate: [],
      oauth: [],
      key: undefined,
    });
    await registry.remove(id);
    assert.deepEqual(registry.byAccount('app'), []);
  });

  it('does not take a password with a network for a network alone', async (t) => {
    const { registry } = await setUp(t);
    const { id } = await registry.add(fields('app'));
    await registry.addCredential(factors(id, { account: 'app', secret: SECRET, networks: ['10.0.0.0/8'] }));
    assert.deepEqual(registry.byNetwork('10.0.0.1'), []);
  });

  it('refuses credentials that would leave open whose message it is', async (t) => {
    const { registry } = await setUp(t);
    const one = await registry.add(fields('one'));
    const two = await registry.add(fields('two'));
    const twice: [string, Partial<Credential>][] = [
      ['account', { account: 'shared', secret: SECRET }],
      ['networks', { networks: ['10.0.0.0/8'] }],
      ['certificate', { certificate: { subject: 'CN=x' } }],
      ['oauth', { oauth: { issuer: 'https://login.example', clientId: 'c' } }],
      ['apiKeyHash', { apiKeyHash: '00'.repeat(32) }],
    ];
    for (const [field, more] of twice) {
      await registry.addCredential(factors(one.id, more));
      await assert.rejects(registry.addCredential(factors(two.id, more)), refusal('conflict', field));
    }
    await assert.rejects(registry.addCredential(factors(one.id, {})), refusal('invalid', 'networks'));
    await assert.rejects(
      registry.addCredential(factors(one.id, { account: 'bare' })),
      refusal('invalid', 'account'),
    );
    await assert.rejects(
      registry.addCredential(factors(one.id, { networks: ['10.0.0.1/8'] })),
      refusal('invalid', 'networks.0'),
    );
    await assert.rejects(
      registry.addCredential(factors('src_none', { networks: ['::1'] })),
      refusal('not-found'),
    );
  });

  it('rotates with both secrets valid until the old one expires', async (t) => {
    const { registry, clock } = await setUp(t);
    const { id } = await registry.add(fields('app'));
    const old = await registry.addCredential(factors(id, { account: 'app', secret: SECRET, label: 'one' }));
    const { credential, replaced } = await registry.rotateCredential(
      old.id,
      { secret: { ...SECRET, argon2id: 'another' } },
      { graceMs: 3_600_000 },
    );
    assert.equal(replaced.expiresAt, clock.now() + 3_600_000);
    assert.equal(credential.expiresAt, undefined);
    assert.equal(credential.account, 'app');
    assert.equal(credential.label, 'one');
    assert.deepEqual(
      registry
        .byAccount('app')
        .map((one) => one.id)
        .sort(),
      [credential.id, old.id].sort(),
    );
    await registry.revokeCredential(credential.id);
    await assert.rejects(
      registry.rotateCredential(credential.id, { secret: SECRET }, { graceMs: 0 }),
      refusal('conflict'),
    );
  });

  it('lets nothing that had expired count again where somebody else has taken its place', async (t) => {
    const { registry, clock } = await setUp(t);
    const { id } = await registry.add(fields('app'));
    const { id: otherId } = await registry.add(fields('other'));
    const expiresAt = clock.now() + 1000;
    const account = await registry.addCredential(factors(id, { account: 'app', secret: SECRET, expiresAt }));
    const network = await registry.addCredential(factors(id, { networks: ['10.1.2.3'], expiresAt }));
    clock.advance(1000);
    const taken = await registry.addCredential(factors(otherId, { account: 'app', secret: SECRET }));
    await registry.addCredential(factors(otherId, { networks: ['10.1.2.3'] }));
    const another = { secret: { ...SECRET, argon2id: 'another' } };
    for (const attempt of [
      () => registry.editCredential(account.id, { expiresAt: null }),
      () => registry.rotateCredential(account.id, another, { graceMs: 1000 }),
    ])
      await assert.rejects(attempt(), refusal('conflict', 'account'));
    await assert.rejects(
      registry.editCredential(network.id, { expiresAt: clock.now() + 1 }),
      refusal('conflict', 'networks'),
    );
    await registry.editCredential(account.id, { label: 'still over' });
    await registry.revokeCredential(taken.id);
    assert.equal((await registry.editCredential(account.id, { expiresAt: null })).expiresAt, undefined);
    await registry.rotateCredential(account.id, another, { graceMs: 0 });
    await registry.editCredential(account.id, { expiresAt: clock.now() + 1000 });
  });

  describe('a batch over credentials in rotation', () => {
    async function rotating(t: TestContext) {
      const { db, registry } = await setUp(t);
      const { id: source } = await registry.add(fields('app'));
      const old = await registry.addCredential(factors(source, { account: 'app', secret: SECRET }));
      const secret = { ...SECRET, argon2id: 'another' };
      const { credential } = await registry.rotateCredential(old.id, { secret }, { unusedMs: 1000 });
      const apply = (credentials: Partial<SourceBatch['credentials']>) =>
        registry.exclusively(async () => {
          const nothing = { added: [], changed: [], revoked: [] };
          const staged = registry.stage(
            { added: [], edited: [], removed: [], credentials: { ...nothing, ...credentials } },
            { by: 'kim', reason: '' },
          );
          await db.transaction().execute((transaction) => staged.write(transaction));
          staged.commit();
        });
      return { registry, old: old.id, fresh: credential.id, apply };
    }

    it('changes the new one beside the old one', async (t) => {
      const { registry, fresh, apply } = await rotating(t);
      await apply({ changed: [{ id: fresh, changes: { label: 'changed' } }] });
      assert.equal(registry.credential(fresh)?.label, 'changed');
      assert.equal(registry.credential(fresh)?.rotation?.role, 'new');
    });

    it('ends the rotation with either, or both', async (t) => {
      const one = await rotating(t);
      await one.apply({ revoked: [one.fresh] });
      assert.equal(one.registry.credential(one.fresh)?.state, 'revoked');
      assert.deepEqual(
        [one.registry.credential(one.old)?.state, one.registry.credential(one.old)?.rotation],
        ['active', undefined],
      );
      const both = await rotating(t);
      await both.apply({ revoked: [both.fresh, both.old] });
      for (const id of [both.fresh, both.old]) {
        const { state, rotation } = both.registry.credential(id) ?? {};
        assert.deepEqual([state, rotation], ['revoked', undefined]);
      }
    });
  });

  it('tells of a change in the turn in which it takes effect', async (t) => {
    const { registry } = await setUp(t);
    const seen: SourceChange[] = [];
    const stop = registry.onChange((change) => {
      seen.push(change);
      if (change.kind === 'source' && !change.removed) {
        assert.equal(registry.byId(change.source.id)?.state, change.source.state);
      }
    });
    const { id } = await registry.add(fields('app'));
    await registry.edit(id, { state: 'suspended' });
    await registry.remove(id);
    stop();
    await registry.add(fields('app'));
    assert.deepEqual(
      seen.map((change) => (change.kind === 'source' ? [change.source.state, change.removed] : [])),
      [
        ['active', undefined],
        ['suspended', undefined],
        ['suspended', true],
      ],
    );
  });

  it('writes last uses in batches, and again when the disk had not taken them', async (t) => {
    const { db, registry, clock, events } = await setUp(t);
    const { id } = await registry.add(fields('app'));
    const { id: credential } = await registry.addCredential(factors(id, { networks: ['::1'] }));
    const stored = async () =>
      (await db.selectFrom('credentials').select('last_used_at').executeTakeFirst())?.last_used_at;
    registry.touched(credential, 5, '::1');
    registry.touched('crd_unknown', 5, '::1');
    assert.equal(registry.credentials(id)[0]?.lastUsedAt, 5);
    assert.equal(await stored(), null);
    await db.schema.alterTable('credentials').renameTo('away').execute();
    clock.advance(5000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(events[0]?.type, 'system');
    await db.schema.alterTable('away').renameTo('credentials').execute();
    clock.advance(5000);
    await registry.close();
    assert.equal(await stored(), 5);
  });

  it('does not start with a policy that can not be read', async (t) => {
    const { db, registry, clock } = await setUp(t);
    await registry.add(fields('app'));
    await db.updateTable('sources').set({ policy: '{' }).execute();
    const again = new StoredSourceRegistry(db, clock, systemRandom, { write: () => {} });
    await assert.rejects(again.open(), /damaged: policy of source app/);
  });
});
