import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Role } from '../people/role.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { apiFixture } from './fixtures.ts';
import { OWN_REQUEST } from './site.ts';

const DAY = 86_400_000;

async function scene(t: TestContext) {
  const { api, context, clock, journal, authorization } = await apiFixture();
  t.after(() => api.close());
  const { people, sessions } = context.people;
  for (const [name, owner] of [
    ['printer', 'Bob@corp.example'],
    ['scanner', 'carol@corp.example'],
    ['erp', ''],
  ] as const) {
    await context.sources.add({ name, description: '', owner, policy: DEFAULT_POLICY });
  }
  const add = async (email: string, role: Role, sources: string[] = []) => {
    const ids = sources.map((name) => context.sources.byName(name)?.id ?? '');
    const { id } = await people.add({ email, name: email, role, sources: ids });
    const value = await sessions.start(id, 'passkey', { network: '127.0.0.1', agent: 'test' });
    const headers = {
      cookie: `postern=${value}`,
      origin: 'http://localhost',
      host: 'localhost',
      [OWN_REQUEST]: '1',
    };
    return { id, headers };
  };
  type Headers = Record<string, string>;
  const call = (
    headers: Headers,
    method: 'GET' | 'POST' | 'DELETE' | 'PATCH',
    url: string,
    payload?: object,
  ) => api.inject({ method, url: `/api/v1${url}`, headers, ...(payload ? { payload } : {}) });
  const make = async (headers: Headers, body: object) => {
    const response = await call(headers, 'POST', '/tokens', { name: 'robot', ...body });
    const { secret = '', token } = response.json<{ secret?: string; token?: { id: string } }>();
    return {
      status: response.statusCode,
      id: token?.id ?? '',
      secret,
      headers: { authorization: `Bearer ${secret}` },
      detail: response.json<{ detail?: string }>().detail,
    };
  };
  const names = async (headers: Headers, url = '/sources') =>
    (await call(headers, 'GET', url)).json<{ items: { name: string }[] }>().items.map(({ name }) => name);
  return { api, context, clock, journal, authorization, people, add, call, make, names };
}

describe('tokens', () => {
  it('are shown once, end at their time, and at once when they are revoked', async (t) => {
    const { clock, add, make, call } = await scene(t);
    const { headers } = await add('ann@corp.example', 'operator');
    const token = await make(headers, { role: 'operator', expiresAt: clock.now() + DAY });
    assert.equal(token.status, 201);
    assert.match(token.secret, /^pst_token_[\w-]{43}$/);
    assert.equal((await call(token.headers, 'GET', '/sources')).statusCode, 200);
    const listed = await call(headers, 'GET', '/tokens');
    assert.ok(!listed.body.includes(token.secret));
    clock.advance(DAY - 1);
    assert.equal((await call(token.headers, 'GET', '/sources')).statusCode, 200);
    clock.advance(1);
    assert.equal((await call(token.headers, 'GET', '/sources')).statusCode, 401);

    const again = await add('bea@corp.example', 'operator');
    const other = await make(again.headers, { role: 'operator' });
    assert.equal((await call(again.headers, 'DELETE', `/tokens/${other.id}`)).statusCode, 204);
    assert.equal((await call(other.headers, 'GET', '/sources')).statusCode, 401);
  });

  it('never may do more than whose they are, now or later', async (t) => {
    const { people, add, make, call } = await scene(t);
    const { id, headers } = await add('ann@corp.example', 'operator');
    assert.equal((await make(headers, { role: 'owner' })).status, 403);
    assert.equal((await make(headers, { role: 'operator', shared: true })).status, 403);
    const token = await make(headers, { role: 'operator' });
    assert.equal((await call(token.headers, 'POST', '/sources', { name: 'new' })).statusCode, 201);
    assert.equal((await make(token.headers, { role: 'auditor' })).status, 403, 'a token makes no tokens');
    await people.edit(id, { role: 'auditor' });
    assert.equal((await call(token.headers, 'POST', '/sources', { name: 'newer' })).statusCode, 403);
    assert.equal((await call(token.headers, 'GET', '/sources')).statusCode, 200);
    await people.edit(id, { state: 'disabled' });
    assert.equal((await call(token.headers, 'GET', '/sources')).statusCode, 401);
  });

  it('may be for some sources and some groups of routes only', async (t) => {
    const { authorization, make, call, names } = await scene(t);
    const one = await make(authorization, { role: 'operator', sources: ['printer'] });
    assert.deepEqual(await names(one.headers), ['printer']);
    assert.equal((await call(one.headers, 'GET', '/sources/printer')).statusCode, 200);
    assert.equal((await call(one.headers, 'GET', '/sources/erp')).statusCode, 404);
    assert.equal((await call(one.headers, 'POST', '/sources/printer/disable')).statusCode, 200);
    assert.equal((await call(one.headers, 'POST', '/sources/erp/disable')).statusCode, 404);
    assert.equal((await call(one.headers, 'POST', '/sources', { name: 'x' })).statusCode, 403);
    assert.equal((await call(one.headers, 'GET', '/domains')).statusCode, 403);
    const reader = await make(authorization, { role: 'auditor', sources: ['printer'] });
    assert.equal((await call(reader.headers, 'POST', '/sources/printer/disable')).statusCode, 403);

    const queue = await make(authorization, { role: 'operator', groups: ['Queue'] });
    assert.equal((await call(queue.headers, 'GET', '/queue')).statusCode, 200);
    assert.equal((await call(queue.headers, 'GET', '/sources')).statusCode, 403);
    assert.equal((await call(queue.headers, 'GET', '/tokens')).statusCode, 403);
    assert.equal((await call(queue.headers, 'GET', '/session')).statusCode, 200);

    const misspelt = await make(authorization, { role: 'operator', groups: ['Queue', 'Source'] });
    assert.equal(misspelt.status, 400);
    assert.equal(misspelt.detail, 'groups: there is no part "Source" of this API; did you mean Sources?');
    const unknown = await make(authorization, { role: 'operator', groups: ['Printers'] });
    assert.match(unknown.detail ?? '', /no part "Printers" of this API; there are .*\bMessages\b/);
  });

  it('of an owner can not outlive their end: they make nothing that opens, and may still keep somebody out', async (t) => {
    const { add, make, call, people } = await scene(t);
    const { headers } = await add('ann@corp.example', 'owner');
    const bob = await add('bob@corp.example', 'auditor');
    const token = await make(headers, { role: 'owner' });
    const at = `/people/${bob.id}`;
    for (const [method, url, body] of [
      ['POST', '/tokens', { name: 'x', role: 'owner' }],
      ['POST', '/token/rotate', undefined],
      ['POST', '/people', { email: 'eve@corp.example', name: 'Eve', role: 'owner' }],
      ['POST', `${at}/invitation`, {}],
      ['PATCH', at, { role: 'owner' }],
      ['PATCH', at, { email: 'eve@corp.example' }],
      ['PATCH', at, { sources: [] }],
      ['PATCH', at, { state: 'active' }],
    ] as const) {
      const response = await call(token.headers, method, url, body);
      assert.equal(response.statusCode, 403, `${method} ${url}`);
      assert.match(response.json<{ detail: string }>().detail, /^a token can not /);
    }
    assert.deepEqual(
      (await people.list()).map(({ role }) => role),
      ['owner', 'auditor'],
    );
    assert.equal((await call(token.headers, 'PATCH', at, { state: 'disabled' })).statusCode, 200);
    assert.equal((await call(headers, 'PATCH', at, { state: 'active', role: 'operator' })).statusCode, 200);
    assert.equal((await call(token.headers, 'DELETE', at)).statusCode, 204);
  });

  it('are refused with times and sources that make no sense', async (t) => {
    const { clock, authorization, make } = await scene(t);
    assert.match(
      (await make(authorization, { role: 'auditor', expiresAt: clock.now() })).detail ?? '',
      /past/,
    );
    assert.equal(
      (await make(authorization, { role: 'auditor', expiresAt: clock.now() + 800 * DAY })).status,
      400,
    );
    assert.equal((await make(authorization, { role: 'auditor', sources: ['none'] })).status, 404);
    assert.equal((await make(authorization, { role: 'source-owner' })).status, 400);
    assert.equal((await make(authorization, { role: 'auditor', name: 'a\u202eb' })).status, 400);
  });
});

describe('source owners', () => {
  it('see and stop their own sources, by address or because they were assigned, and nothing else', async (t) => {
    const { context, add, call, names } = await scene(t);
    const bob = await add('bob@corp.example', 'source-owner');
    const dave = await add('dave@corp.example', 'source-owner', ['erp', 'scanner']);
    assert.deepEqual(await names(bob.headers), ['printer']);
    assert.deepEqual(await names(dave.headers), ['erp', 'scanner']);
    const foreign = await call(bob.headers, 'GET', '/sources/erp');
    const none = await call(bob.headers, 'GET', '/sources/nothing');
    assert.equal(foreign.body, none.body.replace('nothing', 'erp'), 'another one looks like none');
    const byId = context.sources.byName('erp')?.id ?? '';
    assert.equal((await call(bob.headers, 'GET', `/sources/${byId}`)).statusCode, 404);
    assert.equal((await call(bob.headers, 'POST', '/sources/erp/disable')).statusCode, 404);
    assert.equal((await call(bob.headers, 'POST', '/sources/printer/disable')).statusCode, 200);
    assert.equal((await call(bob.headers, 'POST', '/sources/printer/enable')).statusCode, 403);
    assert.equal((await call(bob.headers, 'PATCH', '/sources/printer', { owner: '' })).statusCode, 403);
    assert.equal((await call(bob.headers, 'GET', '/people')).statusCode, 403);
    assert.equal((await call(bob.headers, 'GET', '/audit-log')).statusCode, 403);
  });

  it('find events and waiting mail of their own sources only', async (t) => {
    const { context, journal, add, call } = await scene(t);
    const bob = await add('bob@corp.example', 'source-owner');
    const [mine, theirs] = ['printer', 'erp'].map((name) => context.sources.byName(name)?.id);
    journal.write({ type: 'refusal', source: mine, text: 'mine' });
    journal.write({ type: 'refusal', source: theirs, text: 'theirs', message: '01234567890' });
    for (const url of [
      '/events',
      '/events?source=erp',
      '/events?source=none',
      '/queue',
      '/queue?source=erp',
    ]) {
      assert.equal((await call(bob.headers, 'GET', url)).statusCode, 403, url);
    }
    const own = await call(bob.headers, 'GET', '/events?source=printer');
    assert.deepEqual(
      own.json<{ items: { text: string }[] }>().items.map(({ text }) => text),
      ['mine'],
    );
    assert.equal((await call(bob.headers, 'GET', '/queue?source=printer')).statusCode, 200);
    assert.equal((await call(bob.headers, 'GET', '/messages/01234567890/why')).statusCode, 404);
  });

  it('lose a source with its owner address', async (t) => {
    const { context, add, names } = await scene(t);
    const bob = await add('bob@corp.example', 'source-owner');
    await context.sources.edit(context.sources.byName('printer')?.id ?? '', { owner: 'eve@corp.example' });
    assert.deepEqual(await names(bob.headers), []);
  });
});

describe('who did it', () => {
  it('stands in every change event and in the audit log, which fails closed', async (t) => {
    const { context, journal, add, make, call } = await scene(t);
    const { id, headers } = await add('ann@corp.example', 'operator');
    await call(headers, 'POST', '/sources', { name: 'new' });
    const token = await make(headers, { role: 'operator' });
    await call(token.headers, 'POST', '/sources/new/disable');
    await call(headers, 'POST', '/domains/none.example/check');
    const changes = journal.events
      .filter(({ type }) => type === 'change')
      .map(({ detail }) => detail?.['by']);
    const ann = 'ann@corp.example <ann@corp.example>';
    assert.deepEqual(changes, [ann, ann, `token robot of ${ann}`]);
    const entries = (await context.people.audit.list({}, 10)).reverse();
    assert.deepEqual(
      entries.map(({ actor, action }) => [actor.id, action]),
      [
        [id, 'source new added'],
        [id, 'token robot made'],
        [token.id, 'POST /api/v1/sources/new/disable'],
      ],
    );
    const { audit } = context.people;
    const flush = audit.flush.bind(audit);
    audit.flush = async () => {
      throw new Error('the disk is full');
    };
    const refused = await call(headers, 'POST', '/sources', { name: 'unseen' });
    assert.equal(refused.statusCode, 503);
    assert.equal(context.sources.byName('unseen'), undefined, 'nothing was changed');
    assert.equal((await call(headers, 'GET', '/sources')).statusCode, 200);
    audit.flush = flush;
    assert.equal((await call(headers, 'POST', '/sources', { name: 'seen' })).statusCode, 201);
  });

  it('is noted even where a route says nothing of it', async (t) => {
    const { context, authorization, call } = await scene(t);
    await call(authorization, 'POST', '/domains', { name: 'corp.example' });
    await call(authorization, 'POST', '/domains/corp.example/check');
    const [last] = await context.people.audit.list({ actor: 'root' }, 1);
    assert.equal(last?.action, 'POST /api/v1/domains/corp.example/check');
  });
});

describe('people', () => {
  it('two who edit at once do not undo each other', async (t) => {
    const { add, call, authorization, api } = await scene(t);
    const { id } = await add('ann@corp.example', 'operator');
    const shown = await call(authorization, 'GET', `/people/${id}`);
    const etag = String(shown.headers['etag']);
    const edit = (name: string) =>
      api.inject({
        method: 'PATCH',
        url: `/api/v1/people/${id}`,
        headers: { ...authorization, 'if-match': etag },
        payload: { name },
      });
    const answers = await Promise.all([edit('Anna'), edit('Anne')]);
    assert.deepEqual(
      answers.map(({ statusCode }) => statusCode).sort((a, b) => a - b),
      [200, 412],
    );
  });

  it('have names and addresses that can be shown', async (t) => {
    const { authorization, call } = await scene(t);
    for (const [body, status] of [
      [{ email: 'x@corp.example', name: 'X' }, 201],
      [{ email: 'X@CORP.example', name: 'X' }, 409],
      [{ email: 'y@corp.example', name: 'Y\u0007' }, 400],
      [{ email: 'y@corp.example', name: '\u202egnp.exe' }, 400],
      [{ email: 'y@corp.example', name: 'y'.repeat(10_000) }, 400],
      [{ email: 'y@corp.example\n', name: 'Y' }, 400],
      [{ email: 'not an address', name: 'Y' }, 400],
      [{ email: 'y@corp.example', name: '' }, 400],
    ] as const) {
      const response = await call(authorization, 'POST', '/people', { role: 'auditor', ...body });
      assert.equal(response.statusCode, status, JSON.stringify(body).slice(0, 80));
    }
  });

  it('choose passwords that are long, and not their own name', async (t) => {
    const { people, add } = await scene(t);
    const { id } = await add('benjamin@corp.example', 'operator');
    for (const password of ['short', 'aaaaaaaaaaaaaaaa', 'benjamin@corp.example1', 'abababababababab']) {
      await assert.rejects(people.setPassword(id, password), /password/, password);
    }
    await people.setPassword(id, 'four words are enough');
  });

  it('take up an invitation once, and in time', async (t) => {
    const { clock, people, add } = await scene(t);
    const { id } = await add('ann@corp.example', 'operator');
    const old = await people.invite(id);
    const { invitation, expiresAt } = await people.invite(id);
    assert.equal(await people.acceptInvitation(old.invitation, 'four words are enough'), undefined);
    const both = await Promise.all([
      people.acceptInvitation(invitation, 'four words are enough'),
      people.acceptInvitation(invitation, 'another four words here'),
    ]);
    assert.equal(both.filter((person) => person !== undefined).length, 1);
    const late = await people.invite(id);
    clock.advance(expiresAt - clock.now() + 1);
    assert.equal(await people.acceptInvitation(late.invitation, 'four words are enough'), undefined);
  });
});
