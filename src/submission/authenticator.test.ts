import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import type { SaslStep, SessionView } from '../smtp/server/handler.ts';
import type { Credential, StoredSecret } from '../sources/source.ts';
import { Seal } from '../store/seal.ts';
import { Authenticator, type AuthenticatorOptions } from './authenticator.ts';
import {
  CERTIFICATE_SUBJECT,
  Events,
  FakeRegistry,
  fakeTls,
  outcome,
  play,
  session,
  TODAY,
} from './fixtures.ts';
import { generateApiKey, hashPassword, matchPassword } from './secret.ts';
import { LiveSessions } from './sessions.ts';

const seal = new Seal(randomBytes(32));
/** The password is `pencil`; hashed once, because it is slow by design. */
const secret = await hashPassword('pencil', { recoverable: seal });
const { recoverable: _, ...plain } = secret;
const FINGERPRINT =
  '91:09:11:0F:AC:37:E5:7A:B6:8D:26:2B:67:A1:0B:C5:02:13:57:11:A5:B7:FD:CF:DB:B6:A9:90:7E:B7:FF:99';

/** An authenticator whose argon2id is a comparison; `checks` are the hashes that were asked for. */
function setUp(options: Partial<AuthenticatorOptions> = {}) {
  const clock = new ManualClock(TODAY);
  const registry = new FakeRegistry();
  const events = new Events();
  const checks: string[] = [];
  const passwords = {
    match: (password: string, stored: readonly Pick<StoredSecret, 'argon2id'>[]) => {
      checks.push(stored[0]?.argon2id ?? '');
      return Promise.resolve(
        password === 'pencil' ? stored.findIndex(({ argon2id }) => argon2id === secret.argon2id) : -1,
      );
    },
    ...options.passwords,
  };
  const sessions = new LiveSessions(registry);
  const guard = { delayMs: 0, ...options.guard };
  const authenticator = new Authenticator({
    registry,
    seal,
    clock,
    random: systemRandom,
    events,
    hostname: 'relay.example',
    sessions,
    ...options,
    guard,
    passwords,
  });
  const login = (account: string, password: string, at: SessionView = session()) =>
    play(authenticator.exchange(at, 'PLAIN'), `\0${account}\0${password}`);
  return { clock, registry, events, checks, sessions, authenticator, login };
}

test('a right password is answered with the source behind it', async () => {
  const { registry, events, login, clock, sessions } = setUp();
  const credential = registry.put('scanner', { account: 'scanner', secret: plain });
  const at = session();
  const step = await login('scanner', 'pencil', at);
  assert.deepEqual(step, {
    kind: 'success',
    identity: { source: registry.byName('scanner'), credential, method: 'PLAIN' },
  });
  assert.deepEqual(registry.uses, [{ credential: 'crd_scanner', at: clock.now(), from: '192.0.2.1' }]);
  assert.equal(sessions.count('src_scanner'), 1);
  assert.deepEqual(events.written, [
    {
      type: 'authentication',
      source: 'src_scanner',
      session: at.id,
      network: '192.0.2.1',
      listener: 'submission',
      tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
      outcome: 'accepted',
      text: 'scanner came in by PLAIN',
      detail: { account: 'scanner', method: 'PLAIN', credential: 'crd_scanner', label: 'test' },
    },
  ]);
});

test('unknown account, wrong password and every missing factor: one reply, and the same work', async () => {
  const factors: [string, Partial<Credential> | undefined, string, RegExp][] = [
    ['unknown account', undefined, 'pencil', /no such account/],
    ['wrong password', {}, 'crayon', /password is wrong/],
    ['wrong network', { networks: ['198.51.100.0/24', '2001:db8::/32'] }, 'pencil', /this network/],
    ['expired', { expiresAt: TODAY }, 'pencil', /expired/],
    ['revoked', { state: 'revoked' }, 'pencil', /revoked/],
    ['no certificate', { certificate: { subject: CERTIFICATE_SUBJECT } }, 'pencil', /certificate/],
  ];
  const replies = new Set<string>();
  for (const [name, factor, password, reason] of factors) {
    const { registry, events, checks, login } = setUp();
    if (factor) registry.put('scanner', { account: 'scanner', secret: plain, ...factor });
    const step = await login('scanner', password);
    assert.ok(step.kind === 'failure', name);
    const { explanation, ...sent } = step.reply;
    replies.add(JSON.stringify(sent));
    assert.match(explanation ?? '', reason);
    assert.equal(checks.length, 1, `${name}: one check of a hash`);
    assert.match(checks[0] ?? '', /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$/);
    const event = events.last();
    assert.equal(event.type, 'authentication-failure');
    assert.match(event.text ?? '', reason);
    assert.equal(event.code, 'A301');
    assert.ok(!JSON.stringify(events.written).includes(password), 'the journal has no secret');
    assert.deepEqual(registry.uses, []);
  }
  assert.equal(replies.size, 1);
});

test('a disabled source is told so only by the right password and all factors', async () => {
  const { registry, login } = setUp();
  registry.put('scanner', { account: 'scanner', secret: plain, networks: ['192.0.2.0/24'] }, 'suspended');
  assert.equal(outcome(await login('scanner', 'pencil')), 'K802');
  assert.equal(outcome(await login('scanner', 'crayon')), 'A301');
  assert.equal(outcome(await login('scanner', 'pencil', session({ address: '198.51.100.1' }))), 'A301');
});

test('every condition of a credential must hold', async () => {
  const trusted = session({ tls: fakeTls({ verified: true }) });
  const selfSigned = session({ tls: fakeTls({ verified: false }) });
  const bare = session();
  const other = FINGERPRINT.replace('91', '92');
  const table: [string, Partial<Credential>, SessionView, string][] = [
    ['network', { networks: ['192.0.2.0/24'] }, bare, 'success'],
    ['one address', { networks: ['192.0.2.1/32'] }, bare, 'success'],
    ['pinned certificate, no chain', { certificate: { fingerprint256: FINGERPRINT } }, selfSigned, 'success'],
    ['another pinned certificate', { certificate: { fingerprint256: other } }, trusted, 'A301'],
    ['subject, trusted chain', { certificate: { subject: CERTIFICATE_SUBJECT } }, trusted, 'success'],
    ['subject, no chain', { certificate: { subject: CERTIFICATE_SUBJECT } }, selfSigned, 'A301'],
    ['another subject', { certificate: { subject: 'CN=scanner-1' } }, trusted, 'A301'],
    ['not yet expired', { expiresAt: TODAY + 1 }, bare, 'success'],
    [
      'certificate, but not the network',
      { certificate: { fingerprint256: FINGERPRINT }, networks: ['10.0.0.0/8'] },
      trusted,
      'A301',
    ],
  ];
  for (const [name, factors, at, expected] of table) {
    const { registry, login } = setUp();
    registry.put('scanner', { account: 'scanner', secret: plain, ...factors });
    assert.equal(outcome(await login('scanner', 'pencil', at)), expected, name);
  }
  const { registry, login, clock } = setUp();
  registry.put('scanner', {
    account: 'scanner',
    secret: plain,
    certificate: { fingerprint256: FINGERPRINT },
  });
  clock.advance(101 * 365 * 86_400_000);
  assert.equal(
    outcome(await login('scanner', 'pencil', trusted)),
    'A301',
    'the certificate itself has expired',
  );
});

test('nobody acts for another account', async () => {
  const { registry, authenticator } = setUp();
  registry.put('scanner', { account: 'scanner', secret: plain });
  const as = (who: string) => play(authenticator.exchange(session(), 'PLAIN'), `${who}\0scanner\0pencil`);
  assert.equal(outcome(await as('scanner')), 'success');
  assert.equal(outcome(await as('printer')), 'A301');
});

test('what is offered depends on TLS, the listener, and what is configured', () => {
  const { registry, authenticator, clock } = setUp({
    issuers: [{ issuer: 'https://a.example', audience: 'relay' }],
  });
  const password = ['SCRAM-SHA-256', 'PLAIN', 'LOGIN'];
  const offer = (facts: Parameters<typeof session>[0]) => authenticator.mechanisms(session(facts));
  assert.deepEqual(offer({}), ['SCRAM-SHA-256-PLUS', ...password, 'OAUTHBEARER', 'XOAUTH2']);
  assert.deepEqual(offer({ tls: undefined }), []);
  assert.deepEqual(offer({ tls: undefined, plainAuthentication: true }), password, 'no token without TLS');
  assert.deepEqual(offer({ credentials: ['oauth'] }), ['OAUTHBEARER', 'XOAUTH2']);
  assert.deepEqual(offer({ credentials: ['password'] }), ['SCRAM-SHA-256-PLUS', ...password]);
  assert.deepEqual(offer({ credentials: ['network', 'certificate'] }), []);
  assert.deepEqual(setUp().authenticator.mechanisms(session()), ['SCRAM-SHA-256-PLUS', ...password]);

  const hasCram = (address = '192.0.2.1') => offer({ address }).includes('CRAM-MD5');
  const old = registry.put('old', {
    account: 'old',
    secret,
    networks: ['192.0.2.0/24'],
    expiresAt: TODAY + 1000,
  });
  assert.equal(hasCram(), true);
  assert.equal(hasCram('198.51.100.1'), false, 'only where it can be used');
  clock.advance(1000);
  assert.equal(hasCram(), false, 'it has expired');
  registry.change({ ...old, networks: [], expiresAt: undefined });
  assert.equal(hasCram('2001:db8::1'), true);
  registry.change({ ...old, state: 'revoked' });
  assert.equal(hasCram(), false);
  registry.put('other', { account: 'other', secret });
  assert.equal(hasCram(), true);
  registry.sources.delete('src_old');
  void registry.remove('src_other');
  assert.equal(hasCram(), false);
});

test('a mechanism that is not offered is refused', async () => {
  const { authenticator } = setUp();
  const at = (facts: Parameters<typeof session>[0], mechanism: string) =>
    play(authenticator.exchange(session(facts), mechanism), '\0a\0b');
  assert.equal(outcome(await at({ tls: undefined }, 'PLAIN')), 'T203');
  assert.equal(outcome(await at({}, 'CRAM-MD5')), 'A307');
  assert.equal(outcome(await at({}, 'XOAUTH2')), 'A307');
  assert.equal(outcome(await at({ credentials: ['network'] }, 'PLAIN')), 'A307');
});

const scramFirst = async (authenticator: Authenticator, account: string): Promise<string> => {
  const step = await play(authenticator.exchange(session(), 'SCRAM-SHA-256'), `n,,n=${account},r=abcdefgh`);
  return outcome(step).replace(/r=[^,]*/, '');
};

test('SCRAM does not tell an unknown account from a known one', async () => {
  const { registry, authenticator } = setUp();
  registry.put('scanner', { account: 'scanner', secret: plain });
  const known = await scramFirst(authenticator, 'scanner');
  const unknown = await scramFirst(authenticator, 'nobody');
  const form = /^challenge ,s=[A-Za-z0-9+/]{22}==,i=4096$/;
  assert.match(known, form);
  assert.match(unknown, form);
  assert.equal(await scramFirst(authenticator, 'nobody'), unknown, 'the same salt each time');
  assert.equal(await scramFirst(setUp().authenticator, 'nobody'), unknown, 'and after a restart');
  assert.notEqual(await scramFirst(authenticator, 'nobody2'), unknown);
  const replies: SaslStep[] = [];
  for (const account of ['scanner', 'nobody']) {
    const exchange = authenticator.exchange(session(), 'SCRAM-SHA-256');
    const first = await play(exchange, `n,,n=${account},r=abcdefgh`);
    const nonce = /r=([^,]*)/.exec(outcome(first))?.[1];
    replies.push(await play(exchange, `c=biws,r=${nonce},p=${Buffer.alloc(32, 1).toString('base64')}`));
  }
  assert.deepEqual(replies.map(outcome), ['A301', 'A301']);
});

test('CRAM-MD5 works for the accounts that were marked for it', async () => {
  const { registry, authenticator, events } = setUp();
  registry.put('old', { account: 'old', secret });
  registry.put('new', { account: 'new', secret: plain });
  const answer = async (account: string, password: string) => {
    const exchange = authenticator.exchange(session(), 'CRAM-MD5');
    const challenge = outcome(await play(exchange, undefined)).slice('challenge '.length);
    assert.match(challenge, /^<[0-9a-f]{24}\.\d+@relay\.example>$/);
    return outcome(
      await play(exchange, `${account} ${createHmac('md5', password).update(challenge).digest('hex')}`),
    );
  };
  assert.equal(await answer('old', 'pencil'), 'success');
  assert.equal(await answer('old', 'crayon'), 'A301');
  assert.equal(await answer('new', 'pencil'), 'A301');
  assert.match(events.last().text ?? '', /no recoverable password/);
  assert.equal(await answer('nobody', 'pencil'), 'A301');
});

test('malformed exchanges are journaled with what was wrong', async () => {
  const { authenticator, events } = setUp();
  assert.equal(outcome(await play(authenticator.exchange(session(), 'PLAIN'), 'no NUL')), 'A304');
  assert.equal(events.last().type, 'authentication-failure');
  assert.match(events.last().text ?? '', /PLAIN without two NUL/);
});

test('too many wrong passwords lock, the right one included, and the lock is journaled', async () => {
  const { registry, login, clock, events } = setUp({ guard: { accountFailures: 3, lockMs: 60_000 } });
  registry.put('scanner', { account: 'scanner', secret: plain });
  for (let i = 0; i < 3; i++) assert.equal(outcome(await login('scanner', `guess ${i}`)), 'A301');
  assert.equal(events.written.filter(({ outcome: what }) => what === 'locked').length, 1);
  assert.equal(outcome(await login('scanner', 'pencil')), 'A303');
  clock.advance(59_999);
  assert.equal(outcome(await login('scanner', 'pencil')), 'A303');
  clock.advance(1);
  assert.equal(outcome(await login('scanner', 'pencil')), 'success');
});

test('SCRAM is refused at once where the account is locked', async () => {
  const { authenticator, login } = setUp({ guard: { accountFailures: 1 } });
  await login('nobody', 'guess');
  assert.equal(await scramFirst(authenticator, 'nobody'), 'A303');
});

test('guesses on many connections at once learn nothing after the lock', async () => {
  const { registry, login } = setUp({ guard: { accountFailures: 2 } });
  registry.put('scanner', { account: 'scanner', secret: plain });
  const guesses = ['a', 'b', 'c', 'pencil'].map((password) => login('scanner', password));
  assert.deepEqual((await Promise.all(guesses)).map(outcome), ['A301', 'A301', 'A303', 'A303']);
});

test('the answer waits, right or wrong, and the identity is that of the end of the wait', async () => {
  const { registry, login, clock } = setUp({ guard: { delayMs: 1000, networkFailures: 99 } });
  registry.put('scanner', { account: 'scanner', secret: plain });
  await login('nobody', 'x');
  await login('nobody', 'x');
  let answered: string | undefined;
  const done = login('scanner', 'pencil').then((step) => {
    answered = outcome(step);
  });
  await new Promise(setImmediate);
  assert.equal(answered, undefined);
  registry.changeSource('scanner', { state: 'suspended' });
  clock.advance(1000);
  await done;
  assert.equal(answered, 'K802');
});

test('a remembered password costs no check, until anything changes', async () => {
  const { registry, login, checks, clock } = setUp();
  const credential = registry.put('scanner', { account: 'scanner', secret: plain });
  const checksOf = async (password: string, expected: string) => {
    const before = checks.length;
    assert.equal(outcome(await login('scanner', password)), expected);
    return checks.length - before;
  };
  assert.equal(await checksOf('pencil', 'success'), 1);
  assert.equal(await checksOf('pencil', 'success'), 0);
  assert.equal(await checksOf('crayon', 'A301'), 1, 'a wrong one is checked');
  assert.equal(await checksOf('pencil', 'success'), 0);
  clock.advance(300_000);
  assert.equal(await checksOf('pencil', 'success'), 1, 'it is forgotten in time');
  registry.changeSource('scanner', { description: 'moved' });
  assert.equal(await checksOf('pencil', 'success'), 1);
  registry.change({ ...credential, secret: { ...plain, argon2id: 'another hash' } });
  assert.equal(await checksOf('pencil', 'A301'), 1, 'rotated');
});

test('a password that is rotated while it is checked is neither accepted nor remembered', async () => {
  let finish: (right: number) => void = () => {};
  const match = () => new Promise<number>((resolve) => (finish = resolve));
  const { registry, login } = setUp({ passwords: { match } });
  const credential = registry.put('scanner', { account: 'scanner', secret: plain });
  for (const right of [0, -1]) {
    const step = login('scanner', 'pencil');
    await new Promise(setImmediate);
    registry.change({ ...credential, secret: { ...plain, argon2id: 'another hash' } });
    finish(right);
    assert.equal(outcome(await step), 'A301');
  }
});

test('more checks than can be made are refused for now, and locks nobody', async () => {
  const finish: (() => void)[] = [];
  const match = () => new Promise<number>((resolve) => finish.push(() => resolve(0)));
  const { registry, login } = setUp({
    passwords: { match, concurrent: 1, waiting: 2, perNetwork: 2 },
    guard: { accountFailures: 1 },
  });
  registry.put('scanner', { account: 'scanner', secret: plain });
  const from = (address: string) => login('scanner', 'pencil', session({ address }));
  const served = [from('192.0.2.1'), from('192.0.2.1')];
  assert.equal(outcome(await from('192.0.2.1')), 'A306', 'one network has its part');
  served.push(from('192.0.2.2'));
  assert.equal(outcome(await from('192.0.2.3')), 'A306', 'all places are taken');
  for (const step of served) {
    await new Promise(setImmediate);
    finish.shift()?.();
    assert.equal(outcome(await step), 'success');
  }
});

test('strangers can not lock a device out, also after a restart', async () => {
  const { registry, login } = setUp({ guard: { accountFailures: 2 } });
  registry.put('scanner', {
    account: 'scanner',
    secret: plain,
    lastUsedAt: TODAY - 1000,
    lastUsedFrom: '192.0.2.1',
  });
  const stranger = session({ address: '203.0.113.9' });
  for (const expected of ['A301', 'A301', 'A303']) {
    assert.equal(outcome(await login('scanner', 'x', stranger)), expected);
  }
  assert.equal(outcome(await login('scanner', 'pencil')), 'success');
});

test('a client that falls back from CRAM-MD5 to PLAIN is no guesser', async () => {
  const { registry, authenticator, login } = setUp({ guard: { networkFailures: 3, accountFailures: 3 } });
  registry.put('old', { account: 'old', secret });
  registry.put('app', { account: 'app', secret: plain });
  for (let i = 0; i < 10; i++) {
    const at = session();
    const cram = authenticator.exchange(at, 'CRAM-MD5');
    assert.equal(outcome(await play(cram, undefined, `app ${'0'.repeat(32)}`)), 'A301');
    assert.equal(outcome(await login('app', 'pencil', at)), 'success');
  }
});

test('network and certificate alone admit, the certificate first', () => {
  const { registry, authenticator, events } = setUp();
  registry.put('press', { certificate: { fingerprint256: FINGERPRINT } });
  registry.put('office', { networks: ['192.0.2.0/24'] });
  registry.put('ward', { networks: ['192.0.2.1/32'] });
  registry.put('boss', { networks: ['192.0.2.1/32'], account: 'boss', secret: plain });
  const who = (facts: Parameters<typeof session>[0]) => {
    const identity = authenticator.admit(session(facts));
    return identity && `${identity.source.name} by ${identity.method}`;
  };
  const tls = fakeTls({ verified: false });
  assert.equal(who({ tls }), 'press by certificate');
  assert.equal(who({}), 'ward by network', 'the narrowest');
  assert.equal(who({ tls: undefined }), 'ward by network', 'TLS is no matter here');
  assert.equal(who({ address: '192.0.2.2' }), 'office by network');
  assert.equal(who({ address: '198.51.100.1' }), undefined);
  assert.equal(who({ credentials: ['password', 'oauth'], tls }), undefined, 'the listener decides');
  assert.equal(who({ credentials: ['network'], tls }), 'ward by network');
  assert.equal(who({ credentials: ['certificate'] }), undefined);
  assert.equal(events.last().detail?.method, 'network');

  const reply = (facts: Parameters<typeof session>[0]) => {
    const admission = authenticator.admission(session(facts));
    return admission.kind === 'refused' ? admission.reply.refusal : 'accepted';
  };
  assert.equal(reply({ address: '198.51.100.1' }), 'A302');
  registry.changeSource('ward', { state: 'suspended' });
  assert.equal(reply({}), 'K802', 'and not in by the wider block');
  registry.change({ ...(registry.all.get('crd_ward') as Credential), state: 'revoked' });
  assert.equal(reply({}), 'accepted', 'office');
  registry.change({ ...(registry.all.get('crd_press') as Credential), expiresAt: TODAY });
  assert.equal(reply({ tls }), 'A302');
  assert.match(events.last().text ?? '', /expired/);
});

test('a source has its number of connections, by whichever way they come', async () => {
  const { registry, authenticator, login, sessions } = setUp();
  registry.put('scanner', { account: 'scanner', secret: plain });
  registry.put('scanner2', { source: 'src_scanner', networks: ['192.0.2.0/24'] });
  const policy = { ...registry.sources.get('src_scanner')?.policy, connections: 2 };
  registry.changeSource('scanner', { policy: policy as never });
  const first = session();
  assert.equal(outcome(await login('scanner', 'pencil', first)), 'success');
  assert.ok(authenticator.admit(session()));
  assert.equal(outcome(await login('scanner', 'pencil')), 'L705');
  assert.equal(authenticator.admit(session()), undefined);
  sessions.remove(first);
  assert.ok(authenticator.admit(session()));
});

test('an API key is all that HTTP needs, and is guarded alike', async () => {
  const { registry, authenticator, events } = setUp({ guard: { networkFailures: 3 } });
  const { key, hash } = generateApiKey();
  registry.put('app', { apiKeyHash: hash, networks: ['192.0.2.0/24'] });
  const by = async (text: string, address = '192.0.2.1') => {
    const admission = await authenticator.apiKey(text, address);
    return admission.kind === 'accepted' ? admission.identity.source.name : admission.reply.refusal;
  };
  assert.equal(await by(key), 'app');
  assert.equal(events.last().detail?.method, 'api-key');
  assert.equal(await by(key, '198.51.100.1'), 'A301');
  assert.equal(await by(`${key}x`), 'A301');
  assert.ok(!JSON.stringify(events.written).includes(key.slice(4, 20)));
  assert.equal(await by(hash), 'A301', 'the hash is no key');
  assert.equal(await by(''), 'A301');
  assert.equal(await by(key), 'A303');
  registry.changeSource('app', { state: 'suspended' });
  assert.equal(await by(key, '192.0.2.2'), 'K802');
});

test('account names can not write into the journal', async () => {
  const { login, events } = setUp();
  await login(`evil\r\n\u202e\\${'x'.repeat(100)}`, 'pencil');
  assert.equal(events.last().detail?.account, `evil\\u{d}\\u{a}\\u{202e}\\u{5c}${'x'.repeat(56)}`);
});

test('with argon2id itself: the right password, a wrong one, and no account', async () => {
  const { registry, login } = setUp({ passwords: { match: matchPassword } });
  registry.put('scanner', { account: 'scanner', secret: plain });
  assert.equal(outcome(await login('scanner', 'pencil')), 'success');
  assert.equal(outcome(await login('scanner', 'crayon')), 'A301');
  assert.equal(outcome(await login('nobody', 'pencil')), 'A301');
});

test('a lock does not tell whether the password was right where another factor is missing', async () => {
  for (const [password, factors] of [
    ['pencil', { networks: ['198.51.100.0/24'] }],
    ['crayon', { networks: ['198.51.100.0/24'] }],
    ['pencil', { expiresAt: TODAY }],
    ['pencil', undefined],
  ] as const) {
    const { registry, login } = setUp({ guard: { accountFailures: 2 } });
    if (factors)
      registry.put('scanner', { account: 'scanner', secret: plain, networks: [], ...(factors as object) });
    const replies: string[] = [];
    for (let i = 0; i < 3; i++) replies.push(outcome(await login('scanner', password)));
    assert.deepEqual(replies, ['A301', 'A301', 'A303']);
  }
});
