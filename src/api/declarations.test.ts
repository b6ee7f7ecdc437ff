import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiFixture } from './fixtures.ts';

test('policy as files over the API: mistakes have their place, dates pass, a stale base is refused', async (t) => {
  const { api, authorization } = await apiFixture();
  t.after(() => api.close());
  const post = async (url: string, payload: object) => {
    const answer = await api.inject({
      method: 'POST',
      url: `/api/v1${url}`,
      headers: authorization,
      payload,
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  const declaration = { source: { app: { credential: [{ kind: 'api-key', expires: '2030-01-01' }] } } };
  const wrong: [string, object, number, string][] = [
    ['/plan', { declaration: { source: { a: { ownr: '' } } } }, 400, 'source.a.ownr'],
    ['/plan', { declaration, days: 91 }, 400, 'days'],
    ['/plan', {}, 400, ''],
    ['/apply', { declaration }, 400, 'base'],
    ['/apply', { declaration, base: 'stale' }, 412, 'version'],
    [
      '/policy-tests',
      { tests: { test: [{ name: 'x', to: 'a@b.example', expect: 'no' }] } },
      400,
      'test.0.expect',
    ],
    ['/policy-tests', { tests: { test: [] }, odd: 1 }, 400, ''],
    ['/history/9/rollback', {}, 404, ''],
  ];
  for (const [url, payload, status, field] of wrong) {
    const answer = await post(url, payload);
    assert.deepEqual([answer.status, answer.body.field ?? ''], [status, field], JSON.stringify(answer.body));
  }
  const { body } = await post('/plan', { declaration: { source: { 'a.b': { policy: { maxSize: -1 } } } } });
  assert.equal(body.errors[0].pointer, '/source/a.b/policy/maxSize');

  const plan = await post('/plan', { declaration });
  assert.equal(plan.status, 200);
  assert.equal(plan.body.changes.length, 2);
  const applied = await post('/apply', { declaration, base: plan.body.base, comment: 'why' });
  assert.equal(applied.status, 200, JSON.stringify(applied.body));
  assert.match(applied.body.issued[0].apiKey, /^pst_/);
  assert.deepEqual((await post('/plan', { declaration })).body.changes, []);
  const history = await api.inject({ url: '/api/v1/history', headers: authorization });
  assert.deepEqual(history.json().items[0].counts, { source: { create: 1 }, credential: { create: 1 } });
  assert.ok(!history.body.includes(applied.body.issued[0].apiKey));
});
