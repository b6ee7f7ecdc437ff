import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { askFixture, changesIn } from './ask-fixture.ts';

/** What the answers below may hold. */
interface Body {
  id: string;
  name: string;
  description: string;
  state: string;
  policy: { pairs: object[] };
  items: { id: number; name: string; sourceName: string }[];
  next: string;
  field: string;
  match: { source: string };
  headers: object[];
  text: string;
}

const setUp = (t: TestContext) => askFixture<Body>(t);

const PAIRS = [{ envelope: 'corp.example', header: 'corp.example' }];

describe('sources over the API', () => {
  it('live from addition to removal, with an event for each change', async (t) => {
    const { ask, journal } = await setUp(t);
    const added = await ask('POST', '/sources', {
      name: 'app',
      owner: 'me@corp.example',
      policy: { pairs: PAIRS },
    });
    assert.equal(added.status, 201);
    assert.equal(added.headers['etag'], '"1"');
    const edited = await ask('PATCH', '/sources/app', { policy: { maxSize: 1000 } });
    assert.equal(edited.status, 200);
    assert.deepEqual(edited.body.policy.pairs, PAIRS, 'what an edit does not name stays');
    assert.equal((await ask('POST', '/sources/app/disable')).body.state, 'suspended');
    assert.equal((await ask('POST', '/sources/app/disable')).status, 200, 'disabling twice is no error');
    assert.equal((await ask('POST', '/sources/app/enable')).body.state, 'active');
    assert.equal((await ask('GET', `/sources/${added.body.id}`)).body.name, 'app');
    assert.equal((await ask('DELETE', '/sources/app')).status, 204);
    assert.equal((await ask('GET', '/sources/app')).status, 404);
    assert.deepEqual(changesIn(journal), [
      'source app added',
      'source app edited',
      'source app: active to suspended',
      'source app: suspended to active',
      'source app removed',
    ]);
    const [, edit] = journal.events;
    const { before, after } = (edit?.detail ?? {}) as Record<
      string,
      { policy: { maxSize: number } } | undefined
    >;
    assert.equal(before?.policy.maxSize, 0);
    assert.equal(after?.policy.maxSize, 1000);
  });

  it('are edited only at the version that was read', async (t) => {
    const { ask } = await setUp(t);
    await ask('POST', '/sources', { name: 'app' });
    const first = await ask('PATCH', '/sources/app', { description: 'a' }, { 'if-match': '"1"' });
    assert.equal(first.headers['etag'], '"2"');
    const second = await ask('PATCH', '/sources/app', { description: 'b' }, { 'if-match': '"1"' });
    assert.equal(second.status, 412);
    assert.equal((await ask('DELETE', '/sources/app', undefined, { 'if-match': '"1"' })).status, 412);
    assert.equal((await ask('GET', '/sources/app')).body.description, 'a');
    assert.equal(
      (await ask('PATCH', '/sources/app', { description: 'c' }, { 'if-match': '"9", "2"' })).status,
      200,
    );
    const both = await Promise.all([
      ask('PATCH', '/sources/app', { description: 'd' }, { 'if-match': '"3"' }),
      ask('PATCH', '/sources/app', { description: 'e' }, { 'if-match': '"3"' }),
    ]);
    assert.deepEqual(new Set(both.map(({ status }) => status)), new Set([200, 412]));
  });

  const wrong: [string, object, string][] = [
    ['a name with a control character', { name: 'a\u0000b' }, 'name'],
    ['a name with a right-to-left mark', { name: 'a\u200fb' }, 'name'],
    ['a description that turns its line', { name: 'app', description: '\u202eevil' }, 'description'],
    ['an unknown field', { name: 'app', admin: true }, ''],
    [
      'a pattern that is none',
      { name: 'app', policy: { pairs: [{ envelope: '*', header: '*' }] } },
      'policy.pairs.0.envelope',
    ],
    ['a number as text', { name: 'app', policy: { maxSize: '1' } }, 'policy.maxSize'],
    ['a missing name', {}, 'name'],
  ];
  for (const [what, payload, field] of wrong) {
    it(`refuse ${what}, naming the field`, async (t) => {
      const { ask, journal } = await setUp(t);
      const { status, body, headers } = await ask('POST', '/sources', payload);
      assert.equal(status, 400);
      assert.equal(body.field, field);
      assert.match(String(headers['content-type']), /problem\+json/);
      assert.deepEqual(changesIn(journal), []);
    });
  }

  it('are listed by pages in the order of names, and searched', async (t) => {
    const { ask } = await setUp(t);
    for (const name of ['delta', 'alpha', 'charlie', 'bravo']) {
      await ask('POST', '/sources', { name, description: name === 'bravo' ? 'The Printer' : '' });
    }
    const first = await ask('GET', '/sources?limit=3');
    const names = (page: Body) => page.items.map(({ name }) => name);
    assert.deepEqual(names(first.body), ['alpha', 'bravo', 'charlie']);
    const second = await ask('GET', `/sources?limit=3&cursor=${first.body.next}`);
    assert.deepEqual(names(second.body), ['delta']);
    assert.equal(second.body.next, undefined);
    assert.deepEqual(names((await ask('GET', '/sources?search=printer')).body), ['bravo']);
    for (const query of ['cursor=nonsense', 'limit=0', 'limit=501', 'limit=x', 'state=odd']) {
      assert.equal((await ask('GET', `/sources?${query}`)).status, 400, query);
    }
  });
});
