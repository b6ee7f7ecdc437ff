import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askFixture } from './ask-fixture.ts';

const DAY_MS = 86_400_000;

interface Body {
  items: { name: string; credentialKinds: string[]; nextExpiryAt?: number; contained?: string }[];
  next?: string;
  total: number;
  states: Record<string, number>;
  contained: number;
  expiring: number;
  requests: number;
  tags: { tag: string; count: number }[];
  connections: number;
  queued: number;
  heldByStop: number;
  totals: { accepted: number };
  rows: { label: string; value: string }[];
}

async function setUp(t: Parameters<typeof askFixture>[0]) {
  const fixture = await askFixture<Body>(t);
  const { ask, clock } = fixture;
  for (const [name, owner, tags] of [
    ['a', 'zoe@corp.example', ['print']],
    ['b', 'adam@corp.example', ['print', 'lyon']],
    ['c', 'mia@corp.example', []],
  ] as const) {
    await ask('POST', '/sources', { name, owner, tags });
    clock.advance(1000);
  }
  const names = async (query: string) =>
    (await ask('GET', `/sources?${query}`)).body.items.map(({ name }) => name).join('');
  return { ...fixture, names };
}

describe('lists of sources', () => {
  it('are sorted, page by page, either way', async (t) => {
    const { ask, names } = await setUp(t);
    assert.equal(await names('sort=name'), 'abc');
    assert.equal(await names('sort=-name'), 'cba');
    assert.equal(await names('sort=owner'), 'bca');
    assert.equal(await names('sort=-created'), 'cba');
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const { body } = await ask('GET', `/sources?sort=-owner&limit=1${next ? `&cursor=${next}` : ''}`);
      seen.push(...body.items.map(({ name }) => name));
      next = body.next;
    } while (next);
    assert.equal(seen.join(''), 'acb');
    assert.equal((await ask('GET', '/sources?sort=colour')).status, 400);
  });

  it('by last use begin with the one that was used last, and end with those that never were', async (t) => {
    const { context, clock, names } = await setUp(t);
    const use = async (name: string, account: string) => {
      const source = context.sources.byName(name)?.id ?? '';
      const { id } = await context.sources.addCredential({
        source,
        label: account,
        state: 'active',
        networks: [`192.0.2.${account}/32`],
      });
      context.sources.touched(id, clock.now(), '192.0.2.1');
      clock.advance(1000);
    };
    await use('c', '1');
    await use('b', '2');
    assert.equal(await names('sort=-lastUsed'), 'bca');
    assert.equal(await names('sort=lastUsed'), 'acb');
  });

  it('by the kind and the end of credentials', async (t) => {
    const { ask, names, clock } = await setUp(t);
    const expiresAt = clock.now() + 10 * DAY_MS;
    await ask('POST', '/sources/b/credentials', { kind: 'network', networks: ['192.0.2.7'], expiresAt });
    await ask('POST', '/sources/c/credentials', { kind: 'api-key' });
    assert.equal(await names('credential=network'), 'b');
    assert.equal(await names('credential=api-key'), 'c');
    assert.equal(await names('expiresWithinDays=9'), '');
    assert.equal(await names('expiresWithinDays=10'), 'b');
    const { items } = (await ask('GET', '/sources?search=adam')).body;
    assert.deepEqual(items[0]?.credentialKinds, ['network']);
    assert.equal(items[0]?.nextExpiryAt, expiresAt);
  });

  it('by containment', async (t) => {
    const { context, names, ask } = await setUp(t);
    assert.equal(await names('contained=true'), '');
    assert.equal(await names('contained=false'), 'abc');
    const { id = '' } = context.sources.byName('b') ?? {};
    (await context.containment.watched(id)).level = 'slow';
    assert.equal(await names('contained=true'), 'b');
    assert.equal((await ask('GET', '/sources?search=adam')).body.items[0]?.contained, 'slow');
    assert.equal((await ask('GET', '/source-counts')).body.contained, 1);
  });

  it('are counted by state and tag', async (t) => {
    const { ask, clock } = await setUp(t);
    await ask('POST', '/sources/a/disable');
    await ask('POST', '/sources/b/credentials', {
      kind: 'network',
      networks: ['192.0.2.7'],
      expiresAt: clock.now() + DAY_MS,
    });
    const { body } = await ask('GET', '/source-counts');
    assert.equal(body.total, 3);
    assert.equal(body.states['active'], 2);
    assert.equal(body.states['suspended'], 1);
    assert.equal(body.expiring, 1);
    assert.deepEqual(body.tags, [
      { tag: 'lyon', count: 1 },
      { tag: 'print', count: 2 },
    ]);
  });
});

describe('one source', () => {
  it('says what a stop would reach', async (t) => {
    const { ask, context, journal } = await setUp(t);
    const { id } = context.sources.byName('a') ?? {};
    journal.write({ type: 'acceptance', source: id, message: '00000000001', size: 10 });
    context.connectionsOf = (source) => (source === id ? 3 : 0);
    const { body } = await ask('GET', '/sources/a/activity');
    assert.equal(body.connections, 3);
    assert.equal(body.totals.accepted, 1);
    assert.equal(body.queued, 0);
    assert.equal((await ask('GET', '/sources/b/activity')).body.totals.accepted, 0);
    assert.equal((await ask('GET', '/sources/nobody/activity')).status, 404);
  });

  it('has its sheet as values, too', async (t) => {
    const { ask } = await setUp(t);
    const { body } = await ask('GET', '/sources/a/sheet?format=json&language=fr');
    assert.ok(body.rows.length > 2);
    assert.ok(body.rows.every(({ label, value }) => label !== '' && value !== ''));
  });
});
