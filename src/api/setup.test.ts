import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ApiFixture, apiFixture } from './fixtures.ts';
import { OWN_REQUEST } from './site.ts';

const OWN = { [OWN_REQUEST]: '1', host: 'localhost' };
const PASSWORD = 'a sentence nobody guesses';

describe('the link that makes an owner account', () => {
  let fixture: ApiFixture;
  before(async () => {
    fixture = await apiFixture();
  });
  after(() => fixture.api.close());

  const post = (url: string, payload: object, headers: Record<string, string> = OWN) =>
    fixture.api.inject({ method: 'POST', url: `/api/v1${url}`, payload, headers });
  const link = async () => {
    const answer = await post('/session/setup-link', {}, fixture.authorization);
    return answer.json<{ token: string }>().token;
  };
  const account = { email: 'Ann@corp.example', name: 'Ann', password: PASSWORD };

  it('is made with the administrator token alone', async () => {
    assert.equal((await post('/session/setup-link', {})).statusCode, 401);
    const made = await post('/session/setup', { ...account, token: await link() });
    const cookie = String(made.headers['set-cookie']).split(';')[0] ?? '';
    const bySession = await post('/session/setup-link', {}, { ...OWN, cookie, origin: 'http://localhost' });
    assert.equal(bySession.statusCode, 403, 'an owner who signed in invites people instead');
  });

  it('signs in, as somebody whom the session names', async () => {
    const made = await post('/session/setup', { ...account, email: 'bea@corp.example', token: await link() });
    assert.equal(made.statusCode, 200, made.body);
    const cookie = String(made.headers['set-cookie']).split(';')[0] ?? '';
    const state = await fixture.api.inject({
      url: '/api/v1/session/state',
      headers: { host: 'localhost', cookie },
    });
    assert.deepEqual(state.json<{ who: object }>().who, {
      kind: 'person',
      id: made.json<{ person: { id: string } }>().person.id,
      name: 'Ann',
      role: 'owner',
      email: 'bea@corp.example',
      secondFactor: false,
    });
    const nobody = await fixture.api.inject({ url: '/api/v1/session/state', headers: { host: 'localhost' } });
    assert.deepEqual(nobody.json(), { mustEnrol: false, providers: [] });
  });

  it('is not used up by an address that is taken, or a password that is too weak', async () => {
    const token = await link();
    assert.equal((await post('/session/setup', { ...account, token })).statusCode, 409);
    const weak = await post('/session/setup', {
      ...account,
      email: 'cy@corp.example',
      password: 'short',
      token,
    });
    assert.equal(weak.statusCode, 400);
    assert.equal(weak.json<{ field: string }>().field, 'password');
    assert.equal((await fixture.context.people.people.list()).length, 2, 'nobody was added');
    const right = await post('/session/setup', { ...account, email: 'cy@corp.example', token });
    assert.equal(right.statusCode, 200);
    const again = await post('/session/setup', { ...account, email: 'mallory@evil.example', token });
    assert.equal(again.statusCode, 403);
  });

  it('can not be guessed at, nor sent by a page of another site', async () => {
    const token = await link();
    assert.equal(
      (await post('/session/setup', { ...account, token }, { host: 'localhost' })).statusCode,
      403,
    );
    const statuses = new Set<number>();
    for (let attempt = 0; attempt < 14; attempt++) {
      const body = { ...account, email: 'mallory@evil.example', token: `pst_setup_${attempt}` };
      statuses.add((await post('/session/setup', body)).statusCode);
    }
    assert.deepEqual(statuses, new Set([403, 429]));
  });

  it('stands in the audit log', async () => {
    const entries = await fixture.context.people.audit.list({}, 100);
    assert.ok(entries.some(({ action }) => action === 'link for an owner account made'));
    assert.ok(entries.some(({ action }) => action === 'owner account made with a one-time link'));
    assert.ok(entries.every((entry) => !JSON.stringify(entry).includes('pst_setup_')));
  });
});
