import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sql } from 'kysely';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { apiFixture } from './fixtures.ts';

it('while the audit log can not be written nothing is changed, but what stops something is', async (t) => {
  const { api, context, db, journal, authorization } = await apiFixture();
  t.after(() => api.close());
  const { audit, tokens } = context.people;
  for (const name of ['printer', 'scanner']) {
    await context.sources.add({ name, description: '', owner: '', policy: DEFAULT_POLICY });
  }
  const ask = async (method: 'POST' | 'DELETE' | 'GET', path: string) => {
    const response = await api.inject({ method, url: `/api/v1${path}`, headers: authorization });
    return { status: response.statusCode, detail: response.json<{ detail?: string }>().detail ?? '' };
  };
  const states = () => context.sources.list().map(({ name, state }) => `${name} ${state}`);

  await db.schema.alterTable('audit_log').renameTo('away').execute();
  for (const name of ['printer', 'scanner']) {
    const { status, detail } = await ask('POST', `/sources/${name}/disable`);
    assert.equal(status, 503);
    assert.match(detail, /^it was done, but the audit log could not be written/);
  }
  assert.deepEqual(states(), ['printer suspended', 'scanner suspended']);

  const refused = await ask('POST', '/sources/printer/enable');
  assert.equal(refused.status, 503);
  assert.match(refused.detail, /nothing is changed; the journal has the cause/);
  assert.deepEqual(states(), ['printer suspended', 'scanner suspended']);
  assert.equal((await ask('GET', '/sources')).status, 200);

  const { token } = await tokens.add({
    name: 'robot',
    role: 'auditor',
    expiresAt: context.clock.now() + 1000,
  });
  assert.match((await ask('DELETE', `/tokens/${token.id}`)).detail, /^it was done/);
  assert.equal(await tokens.byId(token.id), undefined);
  const alarms = journal.events.filter(({ code }) => code === 'audit-log-unwritable');
  assert.equal(alarms.length, 1);

  await db.schema.alterTable('away').renameTo('audit_log').execute();
  assert.equal((await ask('POST', '/sources/printer/enable')).status, 200);
  assert.deepEqual(
    (await audit.list({}, 10)).map(({ action }) => action),
    [
      'POST /api/v1/sources/printer/enable',
      'token robot revoked',
      'POST /api/v1/sources/scanner/disable',
      'POST /api/v1/sources/printer/disable',
    ],
  );
  assert.equal((await audit.verify()).intact, true);
});

it('while nothing can be written, what could not be revoked is not said to be; a source is stopped all the same', async (t) => {
  const { api, context, db, authorization } = await apiFixture();
  t.after(() => api.close());
  const { tokens } = context.people;
  await context.sources.add({ name: 'printer', description: '', owner: '', policy: DEFAULT_POLICY });
  const { token } = await tokens.add({
    name: 'robot',
    role: 'auditor',
    expiresAt: context.clock.now() + 1000,
  });
  await sql`pragma query_only = on`.execute(db);
  const ask = (method: 'POST' | 'DELETE', path: string) =>
    api.inject({ method, url: `/api/v1${path}`, headers: authorization });

  const kept = await ask('DELETE', `/tokens/${token.id}`);
  assert.equal(kept.statusCode, 503);
  assert.match(kept.json<{ detail: string }>().detail, /^it was not done: .* A source can be stopped/);
  assert.equal(kept.json<{ done?: true }>().done, undefined);
  assert.equal(kept.headers['retry-after'], '60');
  const stopped = await ask('POST', '/sources/printer/disable');
  assert.equal(stopped.statusCode, 503);
  assert.equal(stopped.json<{ done?: true }>().done, true);
  assert.equal(context.sources.byName('printer')?.state, 'suspended');

  await sql`pragma query_only = off`.execute(db);
  assert.equal((await ask('DELETE', `/tokens/${token.id}`)).statusCode, 204);
});

it('the first change after the log has broken is not begun: a secret that is shown once is not lost', async (t) => {
  const { api, context, db, journal, authorization } = await apiFixture();
  t.after(() => api.close());
  await db.schema.alterTable('audit_log').renameTo('away').execute();
  const make = () =>
    api.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers: authorization,
      payload: { name: 'robot', role: 'auditor' },
    });
  const response = await make();
  assert.equal(response.statusCode, 503);
  assert.match(response.json<{ detail: string }>().detail, /nothing is changed/);
  assert.deepEqual(await context.people.tokens.list(), []);
  assert.equal(journal.events.filter(({ code }) => code === 'audit-log-unwritable').length, 1);
  await db.schema.alterTable('away').renameTo('audit_log').execute();
  const made = await make();
  assert.equal(made.statusCode, 201);
  assert.match(made.json<{ secret: string }>().secret, /^pst_token_/);
  const entries = await context.people.audit.list({}, 10);
  assert.deepEqual(
    entries.map(({ sequence, action }) => [sequence, action]),
    [[1, 'token robot made']],
    'looking whether it can be written leaves nothing behind',
  );
});

it('when no more entries can wait, not even that is done', async (t) => {
  const { api, context, db, authorization } = await apiFixture();
  t.after(() => api.close());
  const { audit } = context.people;
  await context.sources.add({ name: 'printer', description: '', owner: '', policy: DEFAULT_POLICY });
  await db.schema.alterTable('audit_log').renameTo('away').execute();
  const actor = { kind: 'root', id: 'root', name: 'root' };
  while (audit.hasRoom) audit.append({ actor, network: '::1', action: 'something' });
  const response = await api.inject({
    method: 'POST',
    url: '/api/v1/sources/printer/disable',
    headers: authorization,
  });
  assert.equal(response.statusCode, 503);
  assert.match(response.json<{ detail: string }>().detail, /nothing is changed/);
  assert.equal(context.sources.byName('printer')?.state, 'active');
});

it('what waits is written when the server ends', async () => {
  const { api, context, authorization, db } = await apiFixture();
  const { audit } = context.people;
  await context.sources.add({ name: 'printer', description: '', owner: '', policy: DEFAULT_POLICY });
  await db.schema.alterTable('audit_log').renameTo('away').execute();
  const url = '/api/v1/sources/printer/disable';
  assert.equal((await api.inject({ method: 'POST', url, headers: authorization })).statusCode, 503);
  await db.schema.alterTable('away').renameTo('audit_log').execute();
  await api.close();
  assert.deepEqual(
    (await audit.list({}, 10)).map(({ action }) => action),
    ['POST /api/v1/sources/printer/disable'],
  );
});

it('the kill switch works while the control data take no writes: in force at once, and stored later', async (t) => {
  const { api, context, clock, db, journal, authorization } = await apiFixture();
  t.after(() => api.close());
  for (const name of ['printer', 'scanner', 'erp']) {
    await context.sources.add({ name, description: '', owner: '', policy: DEFAULT_POLICY });
  }
  const ask = async (path: string, payload?: object) => {
    const response = await api.inject({
      method: 'POST',
      url: `/api/v1/sources${path}`,
      headers: authorization,
      ...(payload && { payload }),
    });
    const { detail = '', done } = response.json<{ detail?: string; done?: boolean }>();
    return { status: response.statusCode, detail, done };
  };
  const stored = async () =>
    (await db.selectFrom('sources').select(['name', 'state']).orderBy('name').execute())
      .map(({ name, state }) => `${name} ${state}`)
      .join(', ');
  // as a full disk: what is there can be read, nothing is taken
  const full = (isFull: boolean) => sql`PRAGMA query_only = ${sql.raw(isFull ? '1' : '0')}`.execute(db);

  await full(true);
  const one = await ask('/printer/disable', { reason: 'sends spam' });
  assert.deepEqual([one.status, one.done], [503, true]);
  assert.match(one.detail, /^source printer is stopped: .* holds until the relay restarts only/);
  assert.equal((await ask('/printer/disable')).status, 503, 'and not better the second time');
  const many = await ask('/states', { names: ['scanner', 'printer'], state: 'suspended' });
  assert.deepEqual([many.status, many.done], [503, true]);
  assert.match(many.detail, /^1 sources are stopped/);
  assert.equal((await ask('/erp/state', { state: 'retired' })).status, 503);
  assert.deepEqual(
    context.sources.list().map(({ name, state }) => `${name} ${state}`),
    ['erp active', 'printer suspended', 'scanner suspended'],
  );
  assert.equal(await stored(), 'erp active, printer active, scanner active');
  assert.equal(journal.events.filter(({ code }) => code === 'stop-not-stored').length, 1);
  clock.advance(10_000);
  await turn();
  assert.equal(await stored(), 'erp active, printer active, scanner active');

  await full(false);
  clock.advance(10_000);
  await turn();
  assert.equal(await stored(), 'erp active, printer suspended, scanner suspended');
  assert.equal(journal.events.filter(({ outcome }) => outcome === 'stored').length, 2);
  assert.equal((await ask('/printer/disable')).status, 200);
  const actions = (await context.people.audit.list({}, 20)).map(({ action }) => action);
  assert.ok(actions.includes('POST /api/v1/sources/printer/disable'));
  assert.ok(actions.includes('1 sources moved to suspended'));
});

const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
