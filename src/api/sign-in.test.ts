import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import type { PeopleOptions } from '../people/rooms.ts';
import type { Role } from '../people/role.ts';
import { verifyPassword } from '../submission/secret.ts';
import { apiFixture } from './fixtures.ts';
import { OWN_REQUEST } from './site.ts';

const PASSWORD = 'a long enough sentence';
const OWN = { [OWN_REQUEST]: '1', host: 'localhost:80' };
const ORIGIN = 'http://localhost:80';

async function scene(t: TestContext, options: Partial<PeopleOptions> = {}) {
  const fixture = await apiFixture({}, options);
  t.after(() => fixture.api.close());
  const { api, context } = fixture;
  const { people } = context.people;

  const add = async (email: string, role: Role = 'operator') => {
    const person = await people.add({ email, name: email, role, sources: [] });
    const { invitation } = await people.invite(person.id);
    await people.acceptInvitation(invitation, PASSWORD);
    return person.id;
  };
  const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
    api.inject({ method: 'POST', url: `/api/v1${url}`, headers: { ...OWN, ...headers }, payload });
  const signIn = (email: string, password = PASSWORD, more: object = {}, headers = {}) =>
    post('/session', { email, password, ...more }, headers);
  const cookieOf = (response: { headers: Record<string, unknown> }) =>
    String([response.headers['set-cookie']].flat()[0]).split(';')[0] ?? '';
  const get = (url: string, cookie: string) =>
    api.inject({ url: `/api/v1${url}`, headers: { ...OWN, cookie } });
  const act = (method: 'POST' | 'PUT' | 'DELETE', url: string, cookie: string, payload?: object) =>
    api.inject({
      method,
      url: `/api/v1${url}`,
      headers: { ...OWN, origin: ORIGIN, cookie },
      ...(payload ? { payload } : {}),
    });
  return { ...fixture, people, add, post, signIn, cookieOf, get, act };
}

describe('signing in', () => {
  it('gives a session that lasts while it is used, and ends when it is not, and in any case', async (t) => {
    const { clock, add, signIn, cookieOf, get } = await scene(t);
    await add('ann@corp.example');
    const response = await signIn('ANN@corp.example');
    assert.equal(response.statusCode, 200);
    assert.match(
      String(response.headers['set-cookie']),
      /^postern=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const cookie = cookieOf(response);
    for (let minutes = 0; minutes < 700; minutes += 20) {
      assert.equal((await get('/session', cookie)).statusCode, 200, `after ${minutes} minutes`);
      clock.advance(20 * 60_000);
    }
    clock.advance(21 * 60_000);
    assert.equal((await get('/session', cookie)).statusCode, 401, 'after twelve hours');

    const idle = cookieOf(await signIn('ann@corp.example'));
    clock.advance(31 * 60_000);
    assert.equal((await get('/session', idle)).statusCode, 401, 'after half an hour without a request');
  });

  it('ends sessions that a clock set back would keep alive', async (t) => {
    const { clock, db, add, signIn, cookieOf, get } = await scene(t);
    await add('ann@corp.example');
    const cookie = cookieOf(await signIn('ann@corp.example'));
    clock.advance(-24 * 3_600_000);
    assert.equal((await get('/session', cookie)).statusCode, 401);
    assert.deepEqual(await db.selectFrom('sessions').selectAll().execute(), []);
  });

  it('signs out', async (t) => {
    const { add, signIn, cookieOf, get, act } = await scene(t);
    await add('ann@corp.example');
    const cookie = cookieOf(await signIn('ann@corp.example'));
    const out = await act('DELETE', '/session', cookie);
    assert.equal(out.statusCode, 204);
    assert.match(String(out.headers['set-cookie']), /^postern=;.*Max-Age=0/);
    assert.equal((await get('/session', cookie)).statusCode, 401);
  });

  it('marks the cookie for TLS and this host alone, where people come over TLS', async (t) => {
    const { add, signIn, api, cookieOf } = await scene(t, {
      publicUrl: new URL('https://relay.corp.example'),
    });
    await add('ann@corp.example');
    const response = await signIn('ann@corp.example');
    assert.match(
      String(response.headers['set-cookie']),
      /^__Host-postern=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    // one without the prefix, which another host of the domain may have set, is no session
    const bare = cookieOf(response).replace('__Host-', '');
    assert.equal((await api.inject({ url: '/api/v1/session', headers: { cookie: bare } })).statusCode, 401);
  });

  it('is refused in clear from another machine', async (t) => {
    const { add, api } = await scene(t);
    await add('ann@corp.example');
    const response = await api.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: OWN,
      remoteAddress: '192.0.2.7',
      payload: { email: 'ann@corp.example', password: PASSWORD },
    });
    assert.equal(response.statusCode, 403);
    assert.match(response.json<{ detail: string }>().detail, /over HTTPS/);
    assert.equal(response.headers['set-cookie'], undefined);
  });
});

describe('session fixation', () => {
  it('is not possible: a sign-in always has a new identifier, and ends the one before', async (t) => {
    const { add, signIn, cookieOf, get } = await scene(t);
    await add('ann@corp.example');
    await add('mallory@corp.example');
    const planted = `postern=${'A'.repeat(43)}`;
    const first = cookieOf(await signIn('ann@corp.example', PASSWORD, {}, { cookie: planted }));
    assert.notEqual(first, planted);
    assert.equal((await get('/session', planted)).statusCode, 401);

    const malloryCookie = cookieOf(await signIn('mallory@corp.example'));
    const second = cookieOf(await signIn('ann@corp.example', PASSWORD, {}, { cookie: malloryCookie }));
    assert.notEqual(second, malloryCookie);
    assert.equal((await get('/session', malloryCookie)).statusCode, 401);
    assert.equal((await get('/session', second)).json<{ email: string }>().email, 'ann@corp.example');
  });

  for (const [what, change] of [
    ['role', { role: 'auditor' as const }],
    ['state', { state: 'disabled' as const }],
    ['sources', { sources: ['src_1'] }],
  ] as const) {
    it(`a change of ${what} ends all sessions of the person`, async (t) => {
      const { people, add, signIn, cookieOf, get } = await scene(t);
      const id = await add('ann@corp.example');
      const cookie = cookieOf(await signIn('ann@corp.example'));
      await people.edit(id, { name: 'Ann' });
      assert.equal((await get('/session', cookie)).statusCode, 200, 'a name changes nothing');
      await people.edit(id, change as Parameters<typeof people.edit>[1]);
      assert.equal((await get('/session', cookie)).statusCode, 401);
    });
  }
});

describe('requests forged by another site', () => {
  it('are refused: the cookie alone changes nothing', async (t) => {
    const { api, add, signIn, cookieOf } = await scene(t);
    await add('ann@corp.example');
    const cookie = cookieOf(await signIn('ann@corp.example'));
    const attempts: [Record<string, string>, number][] = [
      [{ origin: ORIGIN, [OWN_REQUEST]: '1' }, 201],
      [{ [OWN_REQUEST]: '1' }, 403],
      [{ origin: ORIGIN }, 403],
      [{ origin: 'https://evil.example', [OWN_REQUEST]: '1' }, 403],
      [{ origin: 'null', [OWN_REQUEST]: '1' }, 403],
      [{ origin: 'http://localhost:81', [OWN_REQUEST]: '1' }, 403],
      [{ origin: 'https://localhost:80', [OWN_REQUEST]: '1' }, 403],
      [{ origin: 'http://localhost:80.evil.example', [OWN_REQUEST]: '1' }, 403],
    ];
    for (const [headers, expected] of attempts) {
      const response = await api.inject({
        method: 'POST',
        url: '/api/v1/sources',
        headers: { host: 'localhost:80', cookie, ...headers },
        payload: { name: `app${attempts.findIndex(([one]) => one === headers)}` },
      });
      assert.equal(response.statusCode, expected, JSON.stringify(headers));
    }
  });

  it('can not sign anybody in', async (t) => {
    const { api, add } = await scene(t);
    await add('mallory@corp.example');
    for (const headers of [{}, { [OWN_REQUEST]: '1', origin: 'https://evil.example' }]) {
      const response = await api.inject({
        method: 'POST',
        url: '/api/v1/session',
        headers: { host: 'localhost:80', ...headers },
        payload: { email: 'mallory@corp.example', password: PASSWORD },
      });
      assert.equal(response.statusCode, 403);
      assert.equal(response.headers['set-cookie'], undefined);
    }
  });
});

describe('guessing', () => {
  it('learns nothing of who has an account: the same work, the same answer', async (t) => {
    const work: string[] = [];
    const { people, add, signIn } = await scene(t, {
      verify: (password, stored) => {
        work.push(stored.argon2id.split('$').slice(0, 4).join('$'));
        return verifyPassword(password, stored);
      },
    });
    await add('ann@corp.example');
    await people.edit(await add('gone@corp.example'), { state: 'disabled' });
    await people.add({ email: 'invited@corp.example', name: 'I', role: 'auditor', sources: [] });
    const answers = [];
    for (const email of ['ann', 'gone', 'invited', 'nobody']) {
      const response = await signIn(`${email}@corp.example`, 'wrong wrong wrong');
      answers.push(`${response.statusCode} ${response.body}`);
    }
    assert.equal(new Set(answers).size, 1, answers.join('\n'));
    assert.equal(work.length, 4);
    assert.equal(new Set(work).size, 1, 'argon2id at the same cost');
    assert.equal((await signIn('gone@corp.example')).statusCode, 401, 'a disabled account with its password');
  });

  it('locks an account for strangers, not for where the person has been, and not for ever', async (t) => {
    const { clock, api, add } = await scene(t, {
      publicUrl: new URL('https://relay.corp.example'),
      guard: { accountFailures: 5, networkFailures: 50, lockMs: 900_000 },
      verify: async (password) => password === PASSWORD,
    });
    await add('ann@corp.example');
    const from = async (remoteAddress: string, password: string, email = 'ann@corp.example') =>
      (
        await api.inject({
          method: 'POST',
          url: '/api/v1/session',
          headers: OWN,
          remoteAddress,
          payload: { email, password },
        })
      ).statusCode;
    assert.equal(await from('192.0.2.1', PASSWORD), 200);
    for (let i = 0; i < 5; i++) assert.equal(await from('198.51.100.9', 'guess guess guess'), 401);
    assert.equal(await from('198.51.100.9', PASSWORD), 429, 'the stranger is locked out');
    assert.equal(await from('203.0.113.5', PASSWORD), 429, 'from elsewhere too');
    assert.equal(await from('192.0.2.1', PASSWORD), 200, 'the person is not');
    clock.advance(901_000);
    assert.equal(await from('203.0.113.5', PASSWORD), 200, 'no lock lasts');
    for (let i = 0; i < 5; i++) assert.equal(await from('198.51.100.9', 'guess', 'nobody@corp.example'), 401);
    assert.equal(await from('198.51.100.9', 'guess', 'nobody@corp.example'), 429, 'an unknown address alike');
  });
});

describe('the second factor', () => {
  async function enrolled(t: TestContext, options: Partial<PeopleOptions> = {}) {
    const all = await scene(t, options);
    const id = await all.add('ann@corp.example');
    const cookie = all.cookieOf(await all.signIn('ann@corp.example'));
    const begun = (await all.act('POST', '/me/totp', cookie)).json<{ secret: string; uri: string }>();
    const totp = new TOTP({ secret: Secret.fromBase32(begun.secret) });
    const code = () => totp.generate({ timestamp: all.clock.now() });
    const confirmed = await all.act('POST', '/me/totp/confirm', cookie, { code: code() });
    assert.equal(confirmed.statusCode, 200, confirmed.body);
    return { ...all, id, cookie, begun, code, ...confirmed.json<{ recoveryCodes: string[] }>() };
  }

  it('is asked of who knows the password; each code is taken once', async (t) => {
    const { clock, cookie, get, signIn, code, begun } = await enrolled(t);
    assert.match(begun.uri, /^otpauth:\/\/totp\/Postern:ann/);
    assert.equal((await get('/session', cookie)).statusCode, 401, 'the session without it has ended');
    const asked = await signIn('ann@corp.example');
    assert.equal(asked.statusCode, 401);
    assert.equal(asked.json<{ field: string }>().field, 'code');
    assert.equal(
      (await signIn('ann@corp.example', 'wrong wrong wrong')).json<{ field?: string }>().field,
      undefined,
    );
    assert.equal(
      (await signIn('ann@corp.example', PASSWORD, { code: code() })).statusCode,
      401,
      'used to confirm',
    );
    clock.advance(30_000);
    const [one, two] = await Promise.all([
      signIn('ann@corp.example', PASSWORD, { code: code() }),
      signIn('ann@corp.example', PASSWORD, { code: code() }),
    ]);
    assert.deepEqual(
      [one.statusCode, two.statusCode].sort((a, b) => a - b),
      [200, 401],
      'two at once: one is let in',
    );
    clock.advance(60_000);
    const old = code();
    clock.advance(90_000);
    assert.equal((await signIn('ann@corp.example', PASSWORD, { code: old })).statusCode, 401, 'too old');
    assert.equal((await signIn('ann@corp.example', PASSWORD, { code: '000000' })).statusCode, 401);
  });

  it('can be replaced by each recovery code once', async (t) => {
    const { recoveryCodes, signIn, people } = await enrolled(t);
    assert.equal(new Set(recoveryCodes).size, 10);
    const [first = ''] = recoveryCodes;
    assert.equal((await signIn('ann@corp.example', PASSWORD, { code: first.toUpperCase() })).statusCode, 200);
    assert.equal((await signIn('ann@corp.example', PASSWORD, { code: first })).statusCode, 401);
    assert.equal((await people.find('ann@corp.example')).recoveryCodes, 9);
  });

  it('where it is required, is all that one can set up without it', async (t) => {
    const all = await scene(t, { requireSecondFactor: true });
    await all.add('ann@corp.example', 'owner');
    const cookie = all.cookieOf(await all.signIn('ann@corp.example'));
    const refused = await all.get('/sources', cookie);
    assert.equal(refused.statusCode, 403);
    assert.match(refused.json<{ detail: string }>().detail, /second factor/);
    assert.equal((await all.act('POST', '/tokens', cookie, { name: 'x', role: 'owner' })).statusCode, 403);
    assert.equal((await all.act('POST', '/me/totp', cookie)).statusCode, 200);
  });

  it('and the password are changed by who has just signed in', async (t) => {
    const { clock, add, signIn, cookieOf, act } = await scene(t);
    await add('ann@corp.example');
    const cookie = cookieOf(await signIn('ann@corp.example'));
    clock.advance(16 * 60_000);
    for (const [method, url, body] of [
      ['PUT', '/me/password', { password: 'another long sentence' }],
      ['POST', '/me/totp', undefined],
      ['DELETE', '/me/totp', undefined],
      ['POST', '/me/passkeys/challenge', undefined],
    ] as const) {
      const response = await act(method, url, cookie, body);
      assert.equal(response.statusCode, 403, url);
      assert.match(response.json<{ detail: string }>().detail, /sign in again/);
    }
  });
});

describe('secrets', () => {
  it('stand in no event, no audit entry and, except as hashes, in no table', async (t) => {
    const { db, journal, context, add, post, signIn, cookieOf, act, token } = await scene(t);
    await add('ann@corp.example', 'owner');
    const cookie = cookieOf(await signIn('ann@corp.example'));
    const value = cookie.split('=')[1] ?? '';
    await signIn('ann@corp.example', 'not the right password');
    const { secret } = (await act('POST', '/tokens', cookie, { name: 'robot', role: 'auditor' })).json<{
      secret: string;
    }>();
    const { secret: totp } = (await act('POST', '/me/totp', cookie)).json<{ secret: string }>();
    const made = await act('POST', '/people', cookie, {
      email: 'b@corp.example',
      name: 'B',
      role: 'auditor',
    });
    const { invitation } = made.json<{ invitation: string }>();
    await post('/session/invitation', { invitation: `${invitation}x`, password: PASSWORD });
    const tables = ['people', 'sessions', 'api_tokens', 'passkeys', 'audit_log', 'settings'] as const;
    const stored = [];
    for (const table of tables) stored.push(await db.selectFrom(table).selectAll().execute());
    const everything = JSON.stringify([journal.events, await context.people.audit.list({}, 1000), stored]);
    for (const word of [PASSWORD, 'not the right password', value, secret, totp, invitation, token]) {
      assert.ok(word.length > 15);
      assert.ok(!everything.includes(word), `${word.slice(0, 12)}... stands somewhere`);
    }
  });
});
