import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { apiFixture } from './fixtures.ts';

async function setUp(t: TestContext) {
  const fixture = await apiFixture();
  t.after(() => fixture.api.close());
  const ask = async (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    payload?: object | string,
    type?: string,
  ) => {
    const response = await fixture.api.inject({
      method,
      url: `/api/v1${path}`,
      headers: { ...fixture.authorization, ...(type ? { 'content-type': type } : {}) },
      payload,
    });
    const json = /json/.test(String(response.headers['content-type'])) && response.body !== '';
    return {
      status: response.statusCode,
      headers: response.headers,
      body: json ? response.json() : response.body,
    };
  };
  const add = (name: string, more: object = {}) => ask('POST', '/sources', { name, ...more });
  return { ...fixture, ask, add };
}

describe('the list of sources', () => {
  it('is searched, page by page', async (t) => {
    const { ask, add } = await setUp(t);
    await add('a', { tags: ['print'], site: 'Lyon', notes: 'behind the door' });
    await add('b', { tags: ['print'], state: 'pending' });
    await add('c');
    const names = async (query: string) =>
      (await ask('GET', `/sources?${query}`)).body.items.map(({ name }: { name: string }) => name);
    assert.deepEqual(await names('tag=print'), ['a', 'b']);
    assert.deepEqual(await names('tag=print&state=pending'), ['b']);
    assert.deepEqual(await names('search=DOOR'), ['a']);
    assert.deepEqual(await names('site=lyon'), ['a']);
    const first = await ask('GET', '/sources?limit=2');
    assert.equal(first.body.items.length, 2);
    assert.deepEqual(await names(`limit=2&cursor=${first.body.next}`), ['c']);
  });

  it('answers with fifty thousand sources', async (t) => {
    const { ask, context, clock } = await setUp(t);
    const steps = Array.from({ length: 50_000 }, (_, index) => ({
      add: {
        name: `device-${index}`,
        description: `printer number ${index}`,
        owner: `owner-${index % 500}@corp.example`,
        policy: DEFAULT_POLICY,
      },
    }));
    await context.sources.applyAll(steps, { by: 'test', reason: '' }, assert.fail, () => true);
    clock.advance(1000);
    for (const query of [
      '',
      'search=number+49999',
      `unusedSince=${clock.now()}&owner=owner-7@corp.example`,
    ]) {
      const started = performance.now();
      const { body } = await ask('GET', `/sources?${query}`);
      t.diagnostic(`${query || 'no filter'}: ${Math.round(performance.now() - started)} ms`);
      assert.equal(body.items.length, query.startsWith('search') ? 1 : 100);
    }
  });
});

describe('states', () => {
  it('change with a reason, alone and in bulk, and as the table allows', async (t) => {
    const { ask, add, journal } = await setUp(t);
    for (const name of ['a', 'b', 'c']) await add(name, { tags: ['lab'] });
    const moved = await ask('POST', '/sources/a/state', { state: 'suspended', reason: 'stolen' });
    assert.deepEqual([moved.status, moved.body.stateChange.reason], [200, 'stolen']);
    assert.match(journal.events.at(-1)?.text ?? '', /a: active to suspended: stolen/);
    assert.equal((await ask('POST', '/sources/a/state', { state: 'pending' })).status, 409);
    assert.equal((await ask('PATCH', '/sources/a', { state: 'active' })).status, 400);
    const bulk = (body: object) => ask('POST', '/sources/states', body);
    const filter = { tag: 'lab' };
    const dry = await bulk({ filter, state: 'pending', dryRun: true });
    assert.deepEqual([dry.body.changed, dry.body.errors.length], [0, 3]);
    assert.deepEqual((await bulk({ filter, state: 'sandboxed', dryRun: true })).body.changed, 3);
    assert.equal((await ask('GET', '/sources/b')).body.state, 'active');
    assert.equal((await bulk({ names: ['b', 'none'], state: 'retired', allOrNothing: true })).status, 409);
    const done = await bulk({ names: ['b', 'c', 'none'], state: 'retired', reason: 'sold' });
    assert.deepEqual(
      [done.body.changed, done.body.errors],
      [2, [{ name: 'none', detail: 'there is no such source' }]],
    );
    const told = journal.events.filter(({ text }) => /sources moved to/.test(text ?? ''));
    assert.deepEqual(
      told.map(({ text }) => text),
      ['2 sources moved to retired'],
      'once, and not of what was only tried',
    );
    assert.match(JSON.stringify(told[0]?.detail), /"names":\["b","c","none"\]/);
    assert.equal((await bulk({ filter: {}, state: 'retired' })).status, 400);
    assert.equal((await bulk({ state: 'retired' })).status, 400);
  });

  it('end with a brown-out that can be called off', async (t) => {
    const { ask, add, clock } = await setUp(t);
    await add('a');
    const going = await ask('POST', '/sources/a/retire', { reason: 'old', days: 2, share: 0.5 });
    assert.deepEqual(going.body.brownOut, {
      share: 0.5,
      hours: [],
      startedAt: clock.now(),
      until: clock.now() + 2 * 86_400_000,
      reason: 'old',
    });
    assert.equal((await ask('GET', '/sources?brownOut=true')).body.items.length, 1);
    assert.equal((await ask('POST', '/sources/a/keep')).body.brownOut, undefined);
    assert.equal((await ask('POST', '/sources/a/retire', { days: 0 })).body.state, 'retired');
  });
});

describe('files of sources', () => {
  it('go out and come in as CSV and JSON', async (t) => {
    const { ask, add } = await setUp(t);
    await add('a', { description: '=HYPERLINK("http://x")', site: 'Lyon' });
    const csv = await ask('GET', '/sources/export?format=csv');
    assert.match(String(csv.headers['content-type']), /text\/csv/);
    assert.match(csv.body, /"'=HYPERLINK\(""http:\/\/x""\)"/);
    const json = await ask('GET', '/sources/export?format=json&site=lyon');
    assert.equal(json.body[0].description, '=HYPERLINK("http://x")');
    await ask('DELETE', '/sources/a');
    assert.equal((await ask('POST', '/sources/import', csv.body, 'text/csv')).body.added, 1);
    assert.equal((await ask('GET', '/sources/a')).body.description, '=HYPERLINK("http://x")');
    const again = await ask('POST', '/sources/import', json.body);
    assert.match(again.body.errors[0].detail, /a source a already/);
    const rows = [{ name: 'b' }, { name: 'B' }];
    assert.equal((await ask('POST', '/sources/import?allOrNothing=true', rows)).status, 422);
    assert.equal((await ask('GET', '/sources/b')).status, 404);
    assert.equal(
      (await ask('POST', '/sources/import?existing=update&dryRun=true', json.body)).body.written,
      false,
    );
    assert.equal((await ask('POST', '/sources/import', 'x'.repeat(9 * 1024 * 1024), 'text/csv')).status, 413);
  });
});

describe('requests and recertification', () => {
  it('a request gives a sandbox credential at once', async (t) => {
    const { ask, context, journal } = await setUp(t);
    const body = {
      name: 'app',
      purpose: 'invoices',
      from: [{ envelope: 'a@corp.example', header: 'a@corp.example' }],
    };
    const made = await ask('POST', '/source-requests', body);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.deepEqual([made.body.source.state, made.body.credential.account], ['sandboxed', 'app']);
    assert.ok(made.body.password.length > 10);
    const [told] = journal.events.filter(({ text }) => text === 'source app requested');
    assert.equal(told?.detail?.['by'], 'administrator token');
    assert.ok(!JSON.stringify(told).includes(made.body.password));
    assert.equal((await ask('POST', '/source-requests/app/approve')).status, 409);
    await context.lifecycle.requests.arrived(made.body.source.id);
    assert.equal((await ask('GET', '/source-requests')).body.items.length, 1);
    assert.equal(
      (await ask('POST', '/source-requests/app/approve', { reason: 'fine' })).body.state,
      'active',
    );
    assert.equal((await ask('POST', '/source-requests/app/reject')).status, 409);
  });

  it('a request whose account is taken leaves nothing behind', async (t) => {
    const { ask, add } = await setUp(t);
    await add('old');
    await ask('POST', '/sources/old/credentials', { kind: 'password', account: 'app' });
    assert.equal((await ask('POST', '/source-requests', { name: 'app', from: [] })).status, 409);
    assert.equal((await ask('GET', '/sources/app')).status, 404);
  });

  it('a round is started, answered and cancelled', async (t) => {
    const { ask, add, mailed } = await setUp(t);
    for (const name of ['a', 'b']) await add(name, { owner: 'ann@corp.example' });
    const filter = { owner: 'ann@corp.example' };
    const dry = await ask('POST', '/recertifications', { title: 'x', filter, dryRun: true });
    assert.deepEqual(dry.body, { sources: 2, owners: 1, withoutOwner: 0 });
    const round = await ask('POST', '/recertifications', { title: 'autumn', filter, days: 10 });
    assert.equal(round.status, 201, JSON.stringify(round.body));
    assert.equal(mailed.length, 1);
    assert.equal((await ask('POST', '/sources/a/recertification', { answer: 'perhaps' })).status, 400);
    assert.equal((await ask('POST', '/sources/a/recertification', { answer: 'keep' })).status, 200);
    const answers = await ask('GET', `/recertifications/${round.body.id}/answers?limit=1`);
    assert.equal(answers.body.items.length, 1);
    assert.ok(answers.body.next);
    assert.deepEqual((await ask('GET', `/recertifications/${round.body.id}`)).body.counts, {
      waiting: 1,
      keep: 1,
      'not-mine': 0,
      retire: 0,
    });
    assert.notEqual((await ask('DELETE', `/recertifications/${round.body.id}`)).body.closedAt, undefined);
    assert.equal((await ask('GET', '/recertifications/rcf_none')).status, 404);
  });
});
