import assert from 'node:assert/strict';
import { it } from 'node:test';
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
