import assert from 'node:assert/strict';
import { describe, it, test, type TestContext } from 'node:test';
import { apiFixture } from './fixtures.ts';
import { Proxies, type ProxyHeader } from './proxies.ts';
import { OWN_REQUEST } from './site.ts';

const PROXY = '10.20.0.7';
const TRUSTED = [`${PROXY}/32`, '10.30.0.0/24'];

describe('what is left of what was said about the client', () => {
  type Headers = Record<string, string>;
  const cases: [string, ProxyHeader, string, Headers, Headers][] = [
    [
      'nobody but a proxy is believed',
      'x-forwarded',
      '203.0.113.5',
      { for: '192.0.2.1', proto: 'https' },
      {},
    ],
    [
      'a proxy is',
      'x-forwarded',
      PROXY,
      { for: '192.0.2.1', proto: 'https' },
      { for: '192.0.2.1', proto: 'https' },
    ],
    [
      'as an IPv4-mapped peer too',
      'x-forwarded',
      `::ffff:${PROXY}`,
      { for: '192.0.2.1' },
      { for: '192.0.2.1' },
    ],
    [
      'ports go',
      'x-forwarded',
      PROXY,
      { for: '192.0.2.1:4711, [2001:DB8::1]:80' },
      { for: '192.0.2.1, 2001:db8::1' },
    ],
    [
      'what is no address, and all before it',
      'x-forwarded',
      PROXY,
      { for: '192.0.2.1, x\u0007, 198.51.100.2' },
      { for: '198.51.100.2' },
    ],
    ['no address at all', 'x-forwarded', PROXY, { for: 'unknown' }, {}],
    [
      'the last scheme',
      'x-forwarded',
      PROXY,
      { for: '192.0.2.1', proto: 'https,http' },
      { for: '192.0.2.1', proto: 'http' },
    ],
    [
      'a scheme that is none',
      'x-forwarded',
      PROXY,
      { for: '192.0.2.1', proto: 'javascript' },
      { for: '192.0.2.1' },
    ],
    ['a host that is none', 'x-forwarded', PROXY, { for: '192.0.2.1', host: 'a/b' }, { for: '192.0.2.1' }],
    [
      'a host with port',
      'x-forwarded',
      PROXY,
      { for: '192.0.2.1', host: 'relay.example:443' },
      { for: '192.0.2.1', host: 'relay.example:443' },
    ],
    [
      'Forwarded is not read where it is not set',
      'x-forwarded',
      PROXY,
      { forwarded: 'for=192.0.2.1;proto=https' },
      {},
    ],
    [
      'Forwarded',
      'forwarded',
      PROXY,
      { forwarded: 'For="[2001:db8::1]:80";Proto=HTTPS;host="relay.example"' },
      { for: '2001:db8::1', proto: 'https', host: 'relay.example' },
    ],
    ['X-Forwarded is not read then', 'forwarded', PROXY, { for: '192.0.2.1', proto: 'https', host: 'x' }, {}],
    [
      'what the client wrote itself stands to the left',
      'forwarded',
      PROXY,
      { forwarded: 'for=1.1.1.1;proto=https, for=192.0.2.1;proto=http' },
      { for: '192.0.2.1', proto: 'http' },
    ],
    [
      'two proxies in a row',
      'forwarded',
      PROXY,
      { forwarded: 'for=9.9.9.9, for=192.0.2.1;proto=https, for=10.30.0.4;proto=http' },
      { for: '192.0.2.1, 10.30.0.4', proto: 'https' },
    ],
    [
      'an open quote before does not hide it',
      'forwarded',
      PROXY,
      { forwarded: 'for="1.1.1.1, for=192.0.2.1' },
      { for: '192.0.2.1' },
    ],
    ['a name that is hidden', 'forwarded', PROXY, { forwarded: 'for=_secret;proto=https' }, {}],
    ['a parameter twice', 'forwarded', PROXY, { forwarded: 'for=192.0.2.1;for=192.0.2.2' }, {}],
    ['nothing', 'forwarded', PROXY, {}, {}],
  ];
  const written = (headers: Headers): Headers =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name === 'forwarded' ? name : `x-forwarded-${name}`,
        value,
      ]),
    );
  for (const [name, proxyHeader, remoteAddress, sent, wanted] of cases) {
    test(`${proxyHeader}: ${name}`, () => {
      const headers = written(sent);
      const raw = { headers, socket: { remoteAddress } };
      new Proxies({ trustedProxies: TRUSTED, proxyHeader }).settle({ raw } as never);
      delete headers['forwarded'];
      assert.deepEqual(headers, written(wanted));
    });
  }

  test('a list without end is read from its end only', () => {
    const headers: Headers = { 'x-forwarded-for': `${'10.30.0.1,'.repeat(5000)}192.0.2.1` };
    const raw = { headers, socket: { remoteAddress: PROXY } };
    new Proxies({ trustedProxies: TRUSTED, proxyHeader: 'x-forwarded' }).settle({ raw } as never);
    assert.equal(headers['x-forwarded-for']?.split(', ').length, 20);
  });
});

async function scene(t: TestContext, trustedProxies = TRUSTED) {
  const fixture = await apiFixture({ proxies: { trustedProxies, proxyHeader: 'x-forwarded' } });
  t.after(() => fixture.api.close());
  const person = await fixture.context.people.people.add({
    email: 'ann@corp.example',
    name: 'Ann',
    role: 'owner',
    sources: [],
  });
  const { invitation } = await fixture.context.people.people.invite(person.id);
  await fixture.context.people.people.acceptInvitation(invitation, 'a long enough sentence');
  const from = (remoteAddress: string, client: string, proto?: string) => ({
    remoteAddress,
    headers: {
      host: 'relay.example',
      [OWN_REQUEST]: '1',
      'x-forwarded-for': client,
      ...(proto !== undefined && { 'x-forwarded-proto': proto }),
    },
  });
  const signIn = (way: ReturnType<typeof from>) =>
    fixture.api.inject({
      method: 'POST',
      url: '/api/v1/session',
      ...way,
      payload: { email: 'ann@corp.example', password: 'a long enough sentence' },
    });
  return { ...fixture, from, signIn };
}

describe('an API behind a reverse proxy', () => {
  it('knows the client and its HTTPS, keeps cookies on TLS only, and its own origin', async (t) => {
    const { api, journal, from, signIn } = await scene(t);
    const way = from(PROXY, '192.0.2.1', 'https');
    const response = await signIn(way);
    assert.equal(response.statusCode, 200);
    const cookie = String(response.headers['set-cookie']);
    assert.match(cookie, /^__Host-postern=.*; Secure$/);
    assert.ok(journal.events.some(({ network }) => network === '192.0.2.1'));
    const out = (origin: string) =>
      api.inject({
        method: 'DELETE',
        url: '/api/v1/session',
        remoteAddress: PROXY,
        headers: { ...way.headers, origin, cookie: cookie.split(';')[0] },
      });
    assert.equal((await out('http://relay.example')).statusCode, 403);
    assert.equal((await out('https://other.example')).statusCode, 403);
    assert.ok((await out('https://relay.example')).statusCode < 300);
  });

  it('lets nobody sign in who came to the proxy without TLS', async (t) => {
    const { from, signIn } = await scene(t);
    assert.equal((await signIn(from(PROXY, '192.0.2.1', 'http'))).statusCode, 403);
    assert.equal((await signIn(from(PROXY, '192.0.2.1'))).statusCode, 403);
  });

  it('believes nobody else', async (t) => {
    const { journal, from, signIn } = await scene(t);
    assert.equal((await signIn(from('198.51.100.9', '127.0.0.1', 'https'))).statusCode, 403);
    assert.equal((await signIn(from('198.51.100.9', PROXY, 'https'))).statusCode, 403);
    assert.ok(!journal.events.some(({ network }) => network === '127.0.0.1' || network === PROXY));
  });

  it('counts guesses by client, and not by proxy', async (t) => {
    const { api, from } = await scene(t);
    const guess = async (client: string): Promise<number> => {
      const { headers } = from(PROXY, client, 'https');
      const asked = { remoteAddress: PROXY, headers: { ...headers, authorization: 'Bearer wrong' } };
      return (await api.inject({ url: '/api/v1/sources', ...asked })).statusCode;
    };
    for (let count = 0; count < 10; count++) assert.equal(await guess('192.0.2.1'), 401);
    assert.equal(await guess('192.0.2.1'), 429);
    assert.equal(await guess('192.0.2.99, 192.0.2.1'), 429, 'what the client itself wrote does not help it');
    assert.equal(await guess('192.0.2.2'), 401);
  });

  it('listens to no header where no proxy is named', async (t) => {
    const { journal, from, signIn } = await scene(t, []);
    assert.equal((await signIn(from(PROXY, '127.0.0.1', 'https'))).statusCode, 403);
    assert.ok(!journal.events.some(({ network }) => network === '127.0.0.1'));
  });
});
