import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { z } from 'zod';
import { DAY_MS } from '../sources/exceptions/exception.ts';
import { askFixture } from './ask-fixture.ts';
import type { compatibilityShape } from './routes/compatibility.ts';

type Compatibility = z.infer<typeof compatibilityShape>;

/** What the answers below may hold. */
interface Body {
  id: string;
  owner: string;
  sourceName: string;
  networks: string[];
  text: string;
  reason: string;
  state: string;
  field: string;
  detail: string;
  items: Body[];
  next?: string;
}

async function setUp(t: TestContext) {
  const fixture = await askFixture<Body>(t);
  const { ask } = fixture;
  await ask('POST', '/sources', { name: 'copier', owner: 'ann@corp.example' });
  const body = {
    kind: 'tls-1.0',
    networks: ['10.1.2.3'],
    source: 'copier',
    reason: 'old firmware',
    endsAt: fixture.clock.now() + 90 * DAY_MS,
  };
  return { ...fixture, body };
}

describe('exceptions over the API', () => {
  it('are made, listed, extended and closed, and each step is in the journal', async (t) => {
    const { ask, body, clock, journal } = await setUp(t);
    const made = await ask('POST', '/exceptions', body);
    assert.equal(made.status, 201);
    const { id } = made.body;
    assert.deepEqual(
      [made.body.owner, made.body.sourceName, made.body.networks, made.body.text],
      ['ann@corp.example', 'copier', ['10.1.2.3/32'], 'TLS 1.0 for 10.1.2.3/32 (source copier)'],
    );
    assert.equal(made.headers['location'], `/api/v1/exceptions/${id}`);
    assert.equal((await ask('GET', `/exceptions/${id}`)).headers['etag'], '"1"');
    const change = { endsAt: clock.now() + 10 * DAY_MS, reason: 'replaced soon' };
    assert.equal((await ask('PATCH', `/exceptions/${id}`, change, { 'if-match': '"7"' })).status, 412);
    const changed = await ask('PATCH', `/exceptions/${id}`, change, { 'if-match': '"1"' });
    assert.deepEqual([changed.status, changed.body.reason], [200, 'replaced soon']);
    assert.equal((await ask('DELETE', `/exceptions/${id}`)).body.state, 'closed');
    assert.equal((await ask('DELETE', `/exceptions/${id}`)).status, 404);
    assert.deepEqual((await ask('GET', '/exceptions')).body.items, []);
    assert.equal((await ask('GET', '/exceptions?state=closed')).body.items[0]?.id, id);
    const texts = journal.events.filter(({ type }) => type === 'change').map(({ text }) => text ?? '');
    for (const pattern of [/exc_\w+ made: TLS 1\.0/, /exc_\w+ lasts until/, /exc_\w+ closed/])
      assert.ok(
        texts.some((text) => pattern.test(text)),
        `${String(pattern)} in ${texts.join('; ')}`,
      );
  });

  it('are refused without what they need', async (t) => {
    const { ask, body, clock } = await setUp(t);
    const table: [object, number, string][] = [
      [{ reason: undefined }, 400, 'reason'],
      [{ endsAt: undefined }, 400, 'endsAt'],
      [{ endsAt: clock.now() + 400 * DAY_MS }, 400, 'endsAt'],
      [{ networks: [] }, 400, 'networks'],
      [{ networks: ['0.0.0.0/0'] }, 400, 'networks.0'],
      [{ source: undefined }, 400, 'owner'],
      [{ source: 'nobody' }, 404, ''],
      [{ kind: '3des' }, 409, 'kind'],
      [{ kind: 'cram-md5' }, 400, 'networks'],
    ];
    for (const [more, status, field] of table) {
      const answer = await ask('POST', '/exceptions', { ...body, ...more });
      assert.deepEqual([answer.status, answer.body.field ?? ''], [status, field], answer.text);
    }
  });

  it('do not stay for a credential that could not be made', async (t) => {
    const { ask, body } = await setUp(t);
    await ask('POST', '/sources', { name: 'other' });
    await ask('POST', '/sources/other/credentials', { kind: 'password', account: 'taken' });
    const exception = { reason: body.reason, endsAt: body.endsAt };
    const wanted = { kind: 'password', account: 'taken', cramMd5: true, exception };
    assert.equal((await ask('POST', '/sources/copier/credentials', wanted)).status, 409);
    const weak = { ...wanted, account: 'free', generator: { length: 6 } };
    assert.equal((await ask('POST', '/sources/copier/credentials', weak)).status, 400);
    assert.deepEqual((await ask('GET', '/exceptions')).body.items, []);
    assert.equal((await ask('GET', '/exceptions?state=closed')).body.items.length, 1);
    assert.equal((await ask('POST', '/sources/copier/credentials', { ...wanted, account: 'x' })).status, 201);
    assert.equal((await ask('GET', '/exceptions')).body.items.length, 1);
  });

  it('tell a source owner nothing of the sources of others', async (t) => {
    const { ask, body, context, clock } = await setUp(t);
    await ask('POST', '/exceptions', body);
    await ask('POST', '/sources', { name: 'own', owner: 'bob@corp.example' });
    const bob = await context.people.people.add({
      email: 'bob@corp.example',
      name: 'Bob',
      role: 'source-owner',
      sources: [],
    });
    const { secret } = await context.people.tokens.add({
      name: 'list',
      role: 'source-owner',
      person: bob.id,
      expiresAt: clock.now() + DAY_MS,
    });
    const asBob = (source: string) =>
      ask('GET', `/exceptions?source=${source}`, undefined, { authorization: `Bearer ${secret}` });
    assert.equal((await asBob('own')).status, 200);
    const [foreign, missing] = [await asBob('copier'), await asBob('nothing')];
    assert.deepEqual([foreign.status, missing.status], [404, 404]);
    assert.equal(foreign.body.detail, missing.body.detail.replace('nothing', 'copier'));
  });

  it('are listed in pages, by kind, source and disuse', async (t) => {
    const { ask, body, clock } = await setUp(t);
    const made: string[] = [];
    for (let n = 0; n < 7; n++) {
      const answer = await ask('POST', '/exceptions', { ...body, networks: [`10.1.2.${n}`] });
      made.push(answer.body.id);
    }
    await ask('POST', '/exceptions', {
      ...body,
      kind: 'no-tls',
      owner: 'bob@corp.example',
      source: undefined,
    });
    const ids: string[] = [];
    let next = '';
    do {
      const { body: found } = await ask('GET', `/exceptions?kind=tls-1.0&limit=3${next}`);
      assert.ok(found.items.length <= 3);
      ids.push(...found.items.map(({ id }: { id: string }) => id));
      next = found.next === undefined ? '' : `&cursor=${found.next}`;
    } while (next !== '');
    assert.deepEqual(ids, made.toSorted());
    assert.equal((await ask('GET', '/exceptions?source=copier')).body.items.length, 7);
    assert.equal((await ask('GET', '/exceptions?unusedDays=30')).body.items.length, 0);
    clock.advance(30 * DAY_MS);
    assert.equal((await ask('GET', '/exceptions?unusedDays=30')).body.items.length, 8);
    // by the network of a credential as well, though nobody named the source
    await ask('POST', '/sources/copier/credentials', { kind: 'network', networks: ['10.1.2.3'] });
    assert.equal((await ask('GET', '/exceptions?source=copier')).body.items.length, 8);
  });
});

describe('compatibility over the API', () => {
  it('says what was seen, and writes sheets without passwords', async (t) => {
    const { ask, clock, context } = await setUp(t);
    await ask('POST', '/sources/copier/credentials', { kind: 'password', password: 'correct horse' });
    const unseen = await ask<Compatibility>('GET', '/sources/copier/compatibility');
    assert.deepEqual([unseen.body.profile.name, unseen.body.advice[0]?.code], ['unknown', 'never-seen']);
    const source = context.sources.byName('copier')?.id;
    const event = { id: 1, at: clock.now(), source, network: '10.1.2.3', listener: 'smtp' } as const;
    const tls = 'TLSv1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
    context.fingerprints.seen({ ...event, type: 'connection', tls, detail: { hello: 'bizhub' } });
    const seen = await ask<Compatibility>('GET', '/sources/copier/compatibility');
    assert.deepEqual([seen.body.profile.tls, seen.body.seen.hello?.[0]?.value], ['TLSv1.2', 'bizhub']);
    for (const [format, type] of [
      ['text', 'text/plain'],
      ['markdown', 'text/markdown'],
      ['html', 'text/html'],
    ]) {
      const sheet = await ask('GET', `/sources/copier/sheet?format=${format}`);
      assert.match(String(sheet.headers['content-type']), new RegExp(`^${type}`));
      assert.match(String(sheet.headers['content-security-policy']), /default-src 'none'/);
      assert.match(sheet.text, /relay\.corp\.example/);
      assert.match(sheet.text, /Konica Minolta/);
      assert.doesNotMatch(sheet.text, /correct horse|argon2/);
    }
    assert.equal((await ask('GET', '/sources/copier/sheet?format=pdf')).status, 400);
    assert.equal((await ask('GET', '/sources/nobody/sheet')).status, 404);
  });
});
