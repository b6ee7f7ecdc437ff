import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { OpenIdProvider } from '../../test/support/openid-provider.ts';
import type { ProviderOptions } from '../people/organisation-sign-in.ts';
import { apiFixture } from './fixtures.ts';

const PUBLIC = new URL('https://relay.corp.example');
const ANN = { sub: 's-1', email: 'ann@corp.example', email_verified: true, name: 'Ann' };

async function scene(t: TestContext, options: Partial<ProviderOptions> = {}) {
  const provider = await OpenIdProvider.start();
  const { api, context, journal } = await apiFixture(
    {},
    {
      publicUrl: PUBLIC,
      providers: [
        {
          name: 'corp',
          label: 'Corp account',
          issuer: provider.issuer,
          clientId: provider.clientId,
          clientSecret: provider.clientSecret,
          scopes: 'openid profile email',
          roleClaim: 'roles',
          roles: {},
          trustEmail: false,
          ...options,
        },
      ],
    },
  );
  t.after(() => Promise.all([api.close(), provider.close()]));

  /** As a browser goes: to the relay, to the provider, and back. */
  const goThere = async () => {
    const begun = await api.inject('/api/v1/session/oidc/corp');
    assert.equal(begun.statusCode, 302, begun.body);
    const ticket = String(begun.headers['set-cookie']).split(';')[0] ?? '';
    const agreed = await fetch(String(begun.headers['location']), { redirect: 'manual' });
    const back = new URL(agreed.headers.get('location') ?? '');
    assert.equal(back.origin, PUBLIC.origin);
    return { ticket, back };
  };
  const comeBack = (back: URL, ticket: string) =>
    api.inject({ url: back.pathname + back.search, headers: { cookie: ticket } });
  const signIn = async () => {
    const { ticket, back } = await goThere();
    return comeBack(back, ticket);
  };
  const whoIs = async (response: { headers: Record<string, unknown> }) => {
    const cookies = [response.headers['set-cookie']].flat().map(String);
    const cookie = cookies.find((one) => one.startsWith('__Host-postern='))?.split(';')[0] ?? '';
    return (await api.inject({ url: '/api/v1/session', headers: { cookie } })).json<{
      email: string;
      role: string;
      secondFactor: boolean;
    }>();
  };
  const { people } = context.people;
  const actions = async () => (await context.people.audit.list({}, 20)).map(({ action }) => action).reverse();
  return { api, provider, people, journal, goThere, comeBack, signIn, whoIs, actions };
}

describe('sign-in with the account of the organisation', () => {
  it('lets in who was added here, and knows them by their subject from then on', async (t) => {
    const { provider, people, signIn, whoIs, actions } = await scene(t);
    await people.add({ email: 'ann@corp.example', name: 'Ann', role: 'auditor', sources: [] });
    provider.claims = ANN;
    const response = await signIn();
    assert.equal(response.statusCode, 303, response.body);
    assert.match(String(response.headers['set-cookie']), /__Host-postern=[\w-]{43};[^,]*HttpOnly[^,]*Secure/);
    const who = await whoIs(response);
    assert.deepEqual([who.email, who.role, who.secondFactor], ['ann@corp.example', 'auditor', true]);
    assert.deepEqual(await actions(), ['tied to the account of corp', 'signed in (oidc)']);
    // the address may change there
    provider.claims = { ...ANN, email: 'ann.new@corp.example' };
    assert.equal((await whoIs(await signIn())).email, 'ann@corp.example');
    // and the old one may be given to somebody else
    provider.claims = { ...ANN, sub: 's-2' };
    assert.equal((await signIn()).statusCode, 403);
  });

  const refused: [string, Record<string, unknown>, RegExp][] = [
    ['nobody added them', { ...ANN, email: 'bob@corp.example' }, /nobody has added bob@corp\.example/],
    ['the address is not confirmed', { ...ANN, email_verified: false }, /no confirmed e-mail address/],
    ['the address is no address', { ...ANN, email: 'ann@corp.example\r\nx' }, /no confirmed e-mail address/],
  ];
  for (const [when, claims, reason] of refused) {
    it(`refuses when ${when}`, async (t) => {
      const { provider, people, journal, signIn } = await scene(t);
      await people.add({ email: 'ann@corp.example', name: 'Ann', role: 'owner', sources: [] });
      provider.claims = claims;
      const response = await signIn();
      assert.equal(response.statusCode, 403);
      assert.match(response.json<{ detail: string }>().detail, reason);
      assert.ok(!String(response.headers['set-cookie']).includes('postern='));
      assert.ok(journal.events.some(({ type }) => type === 'authentication-failure'));
    });
  }

  it('takes an address without email_verified only from a provider that is trusted with it', async (t) => {
    const { provider, people, signIn } = await scene(t, { trustEmail: true });
    await people.add({ email: 'ann@corp.example', name: 'Ann', role: 'owner', sources: [] });
    provider.claims = { sub: 's-1', email: 'Ann@corp.example' };
    assert.equal((await signIn()).statusCode, 303);
  });

  it('refuses a disabled account', async (t) => {
    const { provider, people, signIn } = await scene(t);
    const { id } = await people.add({ email: 'ann@corp.example', name: 'Ann', role: 'owner', sources: [] });
    await people.edit(id, { state: 'disabled' });
    provider.claims = ANN;
    assert.equal((await signIn()).statusCode, 403);
  });

  it('gives the highest role that the claim has, at every sign-in, and none without it', async (t) => {
    const roles = {
      owner: ['Postern.Owner'],
      operator: ['Postern.Operator', 'mail-team'],
      auditor: ['audit'],
    };
    const { provider, people, signIn, whoIs, actions } = await scene(t, { roles });
    provider.claims = { ...ANN, roles: ['audit', 'mail-team', 'else'] };
    assert.equal((await whoIs(await signIn())).role, 'operator');
    provider.claims = { ...ANN, roles: ['audit'] };
    assert.equal((await whoIs(await signIn())).role, 'auditor');
    provider.claims = { ...ANN, roles: 'Postern.Owner' };
    assert.equal((await whoIs(await signIn())).role, 'owner');
    assert.deepEqual(
      (await actions()).filter((action) => !action.startsWith('signed in')),
      [
        'added as operator by corp',
        'role changed from operator to auditor by corp',
        'role changed from auditor to owner by corp',
      ],
    );
    for (const none of [[], ['postern.owner'], undefined, { owner: true }]) {
      provider.claims = { ...ANN, roles: none };
      assert.equal((await signIn()).statusCode, 403, JSON.stringify(none));
    }
    assert.equal((await people.list()).length, 1);
  });
});

describe('an answer that is not the one that was asked for', () => {
  const wrong: [string, OpenIdProvider['spoil']][] = [
    ['another nonce', { nonce: 'planted' }],
    ['another audience', { audience: 'other-client' }],
    ['another issuer', { issuer: 'https://evil.example' }],
    ['another key', { otherKey: true }],
  ];
  for (const [what, spoil] of wrong) {
    it(`is refused: ${what}`, async (t) => {
      const { provider, people, signIn } = await scene(t);
      await people.add({ email: 'ann@corp.example', name: 'Ann', role: 'owner', sources: [] });
      provider.claims = ANN;
      provider.spoil = spoil;
      assert.equal((await signIn()).statusCode, 403);
    });
  }

  it('is refused: another state, another browser, a second time, another provider, none at all', async (t) => {
    const { api, provider, people, goThere, comeBack } = await scene(t);
    await people.add({ email: 'ann@corp.example', name: 'Ann', role: 'owner', sources: [] });
    provider.claims = ANN;
    const one = await goThere();
    const two = await goThere();
    const mixed = new URL(one.back);
    mixed.searchParams.set('state', two.back.searchParams.get('state') ?? '');
    assert.equal((await comeBack(mixed, one.ticket)).statusCode, 403, 'the state of another sign-in');
    assert.equal((await comeBack(two.back, '')).statusCode, 400, 'no ticket');
    assert.equal((await comeBack(two.back, altered(two.ticket))).statusCode, 400, 'an altered ticket');
    const three = await goThere();
    assert.equal((await comeBack(three.back, two.ticket)).statusCode, 403, 'the ticket of another browser');
    const four = await goThere();
    assert.equal((await comeBack(four.back, four.ticket)).statusCode, 303);
    assert.equal((await comeBack(four.back, four.ticket)).statusCode, 400, 'a second time');
    const elsewhere = await api.inject({
      url: '/api/v1/session/oidc/other/callback?code=1&state=2',
      headers: { cookie: (await goThere()).ticket },
    });
    assert.equal(elsewhere.statusCode, 400);
  });

  it('a provider that does not answer is told as such, with its cause in the journal, and asked again', async (t) => {
    const { api, provider, journal } = await scene(t);
    await provider.close();
    for (const response of await Promise.all([1, 2, 3].map(() => api.inject('/api/v1/session/oidc/corp')))) {
      assert.equal(response.statusCode, 403);
      assert.match(response.json<{ detail: string }>().detail, /Corp account does not answer now/);
    }
    const told = journal.events.filter(({ type }) => type === 'authentication-failure');
    assert.equal(told.length, 3);
    assert.match(String(told[0]?.detail?.['cause']), /ECONNREFUSED/);
    assert.equal((await api.inject('/api/v1/session/oidc/corp')).statusCode, 403);
  });
});

/** Another character in the middle of what is sealed. */
function altered(ticket: string): string {
  const place = ticket.length - 40;
  return `${ticket.slice(0, place)}${ticket[place] === 'A' ? 'B' : 'A'}${ticket.slice(place + 1)}`;
}
