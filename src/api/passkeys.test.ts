import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SoftwarePasskey } from '../../test/support/software-passkey.ts';
import { apiFixture } from './fixtures.ts';
import { OWN_REQUEST } from './site.ts';

const ORIGIN = 'https://relay.corp.example';

async function scene(t: TestContext, requireSecondFactor = false) {
  const { api, context } = await apiFixture({}, { publicUrl: new URL(ORIGIN), requireSecondFactor });
  t.after(() => api.close());
  const { people, sessions } = context.people;
  const person = await people.add({ email: 'ann@corp.example', name: 'Ann', role: 'owner', sources: [] });
  const own = { [OWN_REQUEST]: '1', origin: ORIGIN };
  const newSession = async () => {
    const value = await sessions.start(person.id, 'password', { network: '127.0.0.1', agent: 'test' });
    return `__Host-postern=${value}`;
  };
  const cookie = await newSession();
  const ticketOf = (response: { headers: Record<string, unknown> }) =>
    String([response.headers['set-cookie']].flat()[0]).split(';')[0] ?? '';

  const beginAdding = async () => {
    const begun = await api.inject({
      method: 'POST',
      url: '/api/v1/me/passkeys/challenge',
      headers: { ...own, cookie },
    });
    assert.equal(begun.statusCode, 200, begun.body);
    return { ...begun.json<{ challenge: string }>(), ticket: ticketOf(begun) };
  };
  const add = async (passkey: SoftwarePasskey) => {
    const { challenge, ticket } = await beginAdding();
    return api.inject({
      method: 'POST',
      url: '/api/v1/me/passkeys',
      headers: { ...own, cookie: `${cookie}; ${ticket}` },
      payload: { name: 'laptop', response: passkey.create(challenge) },
    });
  };
  const beginSignIn = async () => {
    const begun = await api.inject({
      method: 'POST',
      url: '/api/v1/session/passkey/challenge',
      headers: own,
    });
    return { ...begun.json<{ challenge: string }>(), ticket: ticketOf(begun) };
  };
  const answer = (response: object, ticket: string) =>
    api.inject({
      method: 'POST',
      url: '/api/v1/session/passkey',
      headers: { ...own, cookie: ticket },
      payload: { response },
    });
  const signIn = async (passkey: SoftwarePasskey) => {
    const { challenge, ticket } = await beginSignIn();
    return answer(passkey.get(challenge), ticket);
  };
  return { api, context, people, person, cookie, own, add, beginAdding, beginSignIn, answer, signIn };
}

describe('passkeys', () => {
  it('are added by who has signed in, and sign in alone, as both factors', async (t) => {
    const { api, add, signIn, cookie } = await scene(t);
    const passkey = new SoftwarePasskey(ORIGIN);
    assert.equal((await add(passkey)).statusCode, 201);
    passkey.counter = 1;
    const response = await signIn(passkey);
    assert.equal(response.statusCode, 200, response.body);
    const { person } = response.json<{ person: { email: string; secondFactor: boolean } }>();
    assert.deepEqual([person.email, person.secondFactor], ['ann@corp.example', true]);
    const list = await api.inject({ url: '/api/v1/me/passkeys', headers: { cookie } });
    assert.equal(list.json<{ items: { name: string }[] }>().items[0]?.name, 'laptop');
    assert.equal((await add(passkey)).statusCode, 409, 'the same one again');
  });

  it('that are kept in a cloud count no signatures, and still sign in again and again', async (t) => {
    const { add, signIn } = await scene(t);
    const passkey = new SoftwarePasskey(ORIGIN);
    await add(passkey);
    assert.equal((await signIn(passkey)).statusCode, 200);
    assert.equal((await signIn(passkey)).statusCode, 200);
  });

  it('do not sign in when anything is wrong', async (t) => {
    const { add, signIn, beginSignIn, answer, people, person } = await scene(t);
    const passkey = new SoftwarePasskey(ORIGIN);
    await add(passkey);
    passkey.counter = 5;
    const first = await beginSignIn();
    const right = passkey.get(first.challenge);
    assert.equal((await answer(right, first.ticket)).statusCode, 200);
    assert.equal((await answer(right, first.ticket)).statusCode, 400, 'the same answer again');
    assert.equal((await answer(right, (await beginSignIn()).ticket)).statusCode, 401, 'to another challenge');
    assert.equal((await signIn(passkey)).statusCode, 401, 'a counter that does not go up: a copy');
    passkey.counter = 6;
    passkey.verified = false;
    assert.equal((await signIn(passkey)).statusCode, 401, 'nobody has shown a finger or a PIN');
    assert.equal((await signIn(new SoftwarePasskey(ORIGIN))).statusCode, 401, 'one that is not known');
    passkey.verified = true;
    passkey.counter = 7;
    await people.edit(person.id, { state: 'disabled' });
    assert.equal((await signIn(passkey)).statusCode, 401, 'of a disabled account');
    for (const junk of [{ id: 'x' }, { id: passkey.id.toString('base64url') }, { id: '' }]) {
      assert.equal((await answer(junk, (await beginSignIn()).ticket)).statusCode, 401);
    }
  });

  it('where a second factor is required, keep who has a password alone from adding another', async (t) => {
    const { api, own, cookie, add, signIn } = await scene(t, true);
    const passkey = new SoftwarePasskey(ORIGIN);
    assert.equal((await add(passkey)).statusCode, 201);
    const ask = (method: 'POST' | 'PUT', url: string, session: string, payload?: object) =>
      api.inject({ method, url: `/api/v1${url}`, headers: { ...own, cookie: session }, payload });
    const password = { password: 'another long sentence' };
    for (const [method, url, body] of [
      ['POST', '/me/passkeys/challenge', undefined],
      ['POST', '/me/totp', undefined],
      ['POST', '/me/totp/confirm', { code: '123456' }],
      ['PUT', '/me/password', password],
    ] as const) {
      const response = await ask(method, url, cookie, body);
      assert.equal(response.statusCode, 403, url);
      assert.match(response.json<{ detail: string }>().detail, /sign in with your passkey/);
    }
    const cookies = [(await signIn(passkey)).headers['set-cookie']].flat().map(String);
    const strong = cookies.find((one) => one.startsWith('__Host-postern='))?.split(';')[0] ?? '';
    assert.equal((await ask('POST', '/me/passkeys/challenge', strong)).statusCode, 200);
  });

  it('of another site or with the challenge of another page are not added', async (t) => {
    const { add, api, own, cookie, beginAdding, beginSignIn } = await scene(t);
    assert.equal((await add(new SoftwarePasskey('https://evil.example'))).statusCode, 400);
    assert.equal((await add(new SoftwarePasskey(ORIGIN, 'evil.example'))).statusCode, 400);
    const unverified = new SoftwarePasskey(ORIGIN);
    unverified.verified = false;
    assert.equal((await add(unverified)).statusCode, 400);
    const other = await beginSignIn();
    await beginAdding();
    const mixed = await api.inject({
      method: 'POST',
      url: '/api/v1/me/passkeys',
      headers: { ...own, cookie: `${cookie}; ${other.ticket}` },
      payload: { name: 'x', response: new SoftwarePasskey(ORIGIN).create(other.challenge) },
    });
    assert.equal(mixed.statusCode, 400);
  });

  it('need an address that people open', async (t) => {
    const { api } = await apiFixture();
    t.after(() => api.close());
    const response = await api.inject({
      method: 'POST',
      url: '/api/v1/session/passkey/challenge',
      headers: { [OWN_REQUEST]: '1' },
    });
    assert.equal(response.statusCode, 409);
    assert.match(response.json<{ detail: string }>().detail, /people\.publicUrl/);
  });
});
