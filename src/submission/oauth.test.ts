import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { Seal } from '../store/seal.ts';
import { Authenticator } from './authenticator.ts';
import { Events, FakeRegistry, outcome, play, session, TODAY } from './fixtures.ts';
import { TokenVerifier } from './oauth.ts';

/** An issuer of tokens on the loopback: discovery, keys, and tokens signed as asked for. */
async function issuerAt(t: TestContext) {
  const state = {
    keys: [] as object[],
    requests: [] as string[],
    answer: undefined as ((to: ServerResponse) => void) | undefined,
  };
  const server = createServer((request, response) => {
    state.requests.push(request.url ?? '');
    if (state.answer) return state.answer(response);
    const body =
      request.url === '/tenant/.well-known/openid-configuration'
        ? { issuer: url, jwks_uri: `${url}/keys` }
        : { keys: state.keys };
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tenant`;

  const addKey = async (kid: string, alg = 'ES256') => {
    const pair = await generateKeyPair(alg, { extractable: true });
    state.keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' });
    return pair.privateKey;
  };
  const claims: JWTPayload = {
    iss: url,
    aud: 'api://relay',
    azp: 'client-1',
    iat: TODAY / 1000,
    nbf: TODAY / 1000,
    exp: TODAY / 1000 + 3600,
  };
  const key = await addKey('one');
  const token = (
    changes: JWTPayload = {},
    header: { kid?: string; alg?: string } = {},
    by: Parameters<SignJWT['sign']>[0] = key,
  ) =>
    new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: 'ES256', kid: 'one', ...header })
      .sign(by);
  const clock = new ManualClock(TODAY);
  return { url, state, addKey, token, claims, clock };
}

const unsigned = (header: object, payload: object): string =>
  [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

test('a token of the issuer names its client; anything else about it is refused', async (t) => {
  const { url, token, claims, clock, addKey, state } = await issuerAt(t);
  const verifier = new TokenVerifier([{ issuer: url, audience: 'api://relay' }], clock);
  assert.deepEqual(await verifier.verify(await token()), {
    kind: 'valid',
    issuer: url,
    clientId: 'client-1',
  });
  for (const claim of ['appid', 'client_id']) {
    const finding = await verifier.verify(await token({ azp: undefined, [claim]: 'client-2' }));
    assert.equal(finding.kind === 'valid' && finding.clientId, 'client-2', claim);
  }
  const stranger = await addKey('stranger');
  state.keys.pop();
  const now = TODAY / 1000;
  const hmacKey = new TextEncoder().encode(JSON.stringify(state.keys[0]));
  const good = await token();
  const [head, body, signature] = good.split('.');
  const table: [string, string][] = [
    ['another audience', await token({ aud: 'api://other' })],
    ['no audience', await token({ aud: undefined })],
    ['another tenant', await token({ iss: `${url}2` })],
    ['the cloud, not the tenant', await token({ iss: url.replace('/tenant', '') })],
    ['no issuer', await token({ iss: undefined })],
    ['expired', await token({ exp: now - 31 })],
    ['no expiry', await token({ exp: undefined })],
    ['not yet valid', await token({ nbf: now + 31 })],
    ['no client', await token({ azp: undefined })],
    ['two clients', await token({ appid: 'client-2' })],
    ['a client that is no text', await token({ azp: 7 })],
    ['a key of somebody else', await token({}, {}, stranger)],
    ['an unknown key', await token({}, { kid: 'stranger' }, stranger)],
    ['an HMAC', await token({}, { alg: 'HS256' }, hmacKey)],
    ['no signature', `${unsigned({ alg: 'none' }, claims)}.`],
    ['no signature, a key named', `${unsigned({ alg: 'none', kid: 'one' }, claims)}.`],
    [
      'altered',
      `${head}.${Buffer.from(JSON.stringify({ ...claims, azp: 'admin' })).toString('base64url')}.${signature}`,
    ],
    ['cut', `${head}.${body}`],
    ['no token', 'x'],
    ['empty', ''],
    ['too long', `${good}${'x'.repeat(9300)}`],
  ];
  for (const [name, text] of table) assert.equal((await verifier.verify(text)).kind, 'invalid', name);
  assert.equal(
    (await verifier.verify(await token({ exp: now - 29 }))).kind,
    'valid',
    'clocks differ a little',
  );
});

test('every signature algorithm that is meant to work does', async (t) => {
  const { url, token, clock, addKey } = await issuerAt(t);
  const verifier = new TokenVerifier([{ issuer: url, audience: ['api://a', 'api://relay'] }], clock);
  for (const alg of ['RS256', 'PS256', 'ES384', 'EdDSA']) {
    const key = await addKey(alg, alg);
    clock.advance(30_000);
    assert.equal((await verifier.verify(await token({}, { alg, kid: alg }, key))).kind, 'valid', alg);
  }
});

test('keys are asked for once, and again with restraint', async (t) => {
  const { url, token, clock, addKey, state } = await issuerAt(t);
  const verifier = new TokenVerifier([{ issuer: url, audience: 'api://relay' }], clock);
  const good = await token();
  await Promise.all(Array.from({ length: 10 }, () => verifier.verify(good)));
  assert.deepEqual(state.requests, ['/tenant/.well-known/openid-configuration', '/tenant/keys']);
  const second = await addKey('two');
  const rotated = await token({}, { kid: 'two' }, second);
  assert.equal(
    (await verifier.verify(rotated)).kind,
    'invalid',
    'made-up key identifiers do not make us ask',
  );
  assert.equal(state.requests.length, 2);
  clock.advance(30_000);
  assert.equal((await verifier.verify(rotated)).kind, 'valid');
  assert.equal(state.requests.length, 4);
  clock.advance(600_001);
  assert.equal((await verifier.verify(good)).kind, 'valid');
  assert.equal(state.requests.length, 6, 'now and then they are asked for again');
});

test('an issuer that is down: known keys serve for a day, unknown ones are no verdict', async (t) => {
  const { url, token, clock, state, claims } = await issuerAt(t);
  const trusted = { issuer: url, audience: 'api://relay', jwksUri: `${url}/keys` };
  const verifier = new TokenVerifier([trusted], clock);
  const long = await token({ exp: (claims.exp ?? 0) + 200_000 });
  assert.equal((await verifier.verify(long)).kind, 'valid');
  assert.deepEqual(state.requests, ['/tenant/keys'], 'no discovery where the configuration says it');
  state.answer = (response) => response.writeHead(503).end();
  clock.advance(86_400_000);
  assert.equal((await verifier.verify(long)).kind, 'valid');
  clock.advance(1);
  const finding = await verifier.verify(long);
  assert.ok(finding.kind === 'unavailable');
  assert.match(finding.reason, /answered 503/);
  const asked = state.requests.length;
  assert.equal((await verifier.verify(long)).kind, 'unavailable');
  assert.equal(state.requests.length, asked, 'an issuer in trouble is not asked at each login');
  state.answer = undefined;
  clock.advance(30_000);
  assert.equal((await verifier.verify(long)).kind, 'valid');
});

test('what is no key set is no verdict', async (t) => {
  const answers: [string, (response: ServerResponse) => void, RegExp][] = [
    ['no JSON', (response) => response.end('<html>'), /JSON/],
    ['no object', (response) => response.end('7'), /object/],
    ['endless', (response) => response.end('x'.repeat(262_145)), /more than 262144/],
    [
      'redirect',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
      /redirect/,
    ],
    [
      'another issuer',
      (response) => response.end('{"issuer":"https://evil.example","jwks_uri":"https://evil.example/k"}'),
      /another issuer/,
    ],
    ['connection cut', (response) => void response.destroy(), /fetch failed: /],
  ];
  for (const [name, answer, reason] of answers) {
    const { url, token, clock, state } = await issuerAt(t);
    state.answer = answer;
    const finding = await new TokenVerifier([{ issuer: url, audience: 'api://relay' }], clock).verify(
      await token(),
    );
    assert.ok(finding.kind === 'unavailable', name);
    assert.match(finding.reason, reason, name);
  }
});

test('keys come over TLS, but for the loopback', async (t) => {
  const { token, clock } = await issuerAt(t);
  const issuer = 'http://login.example/tenant';
  const get = () => Promise.reject(new Error('nobody should ask'));
  const finding = await new TokenVerifier([{ issuer, audience: 'api://relay' }], clock, get).verify(
    await token({ iss: issuer }),
  );
  assert.ok(finding.kind === 'unavailable');
  assert.match(finding.reason, /is not https/);
});

test('a token over SMTP is answered with the source of its client', async (t) => {
  const { url, token, clock, state } = await issuerAt(t);
  const registry = new FakeRegistry();
  const events = new Events();
  const authenticator = new Authenticator({
    registry,
    seal: new Seal(randomBytes(32)),
    clock,
    random: systemRandom,
    events,
    hostname: 'relay.example',
    issuers: [{ issuer: url, audience: 'api://relay' }],
    guard: { networkFailures: 4, delayMs: 0 },
  });
  registry.put('crm', { oauth: { issuer: url, clientId: 'client-1' }, networks: ['192.0.2.0/24'] });
  const login = (text: string, address = '192.0.2.1') =>
    play(
      authenticator.exchange(session({ address }), 'XOAUTH2'),
      `user=crm@corp.example\x01auth=Bearer ${text}\x01\x01`,
    );
  state.answer = (response) => response.writeHead(500).end();
  const good = await token();
  for (let i = 0; i < 5; i++) assert.equal(outcome(await login(good)), 'A306', 'locks nobody');
  state.answer = undefined;
  clock.advance(30_000);
  assert.equal(outcome(await login(good)), 'success');
  assert.equal(events.last().source, 'src_crm');
  assert.equal(events.last().detail?.account, 'crm@corp.example');
  assert.ok(!JSON.stringify(events.written).includes(good.slice(-40)));
  assert.match(outcome(await login(good, '198.51.100.1')), /^challenge/, 'the network is a factor');
  assert.match(outcome(await login(await token({ azp: 'client-2' }))), /^challenge/);
  assert.match(events.last().text ?? '', /no credential of any source/);
  registry.changeSource('crm', { state: 'suspended' });
  assert.equal(outcome(await login(good)), 'K802');
  registry.changeSource('crm', { state: 'active' });
  const admission = await authenticator.accessToken(good, '192.0.2.1');
  assert.equal(admission.kind === 'accepted' && admission.identity.method, 'access-token');
  for (let i = 0; i < 3; i++) assert.match(outcome(await login('bad')), /^challenge/);
  assert.equal(outcome(await login(good)), 'A303');
});
