import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type Clock, ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import type { SessionView } from '../smtp/server/handler.ts';
import type { StoredSecret } from '../sources/source.ts';
import { Seal } from '../store/seal.ts';
import { Authenticator } from './authenticator.ts';
import { Events, FakeRegistry, outcome, play, session, TODAY } from './fixtures.ts';
import { generateApiKey, hashPassword, matchPassword, saltOf } from './secret.ts';

const seal = new Seal(randomBytes(32));
const first = await hashPassword('old-pencil', { recoverable: seal });
const second = await hashPassword('new-pencil', { recoverable: seal, beside: first });

/** With argon2id itself; `runs` counts how often it was asked for. */
function setUp(clock: Clock = new ManualClock(TODAY)) {
  const registry = new FakeRegistry();
  const events = new Events();
  const runs: number[] = [];
  const match = (password: string, stored: readonly Pick<StoredSecret, 'argon2id'>[]) => {
    runs.push(new Set(stored.map(saltOf)).size);
    return matchPassword(password, stored);
  };
  const authenticator = new Authenticator({
    registry,
    seal,
    clock,
    random: systemRandom,
    events,
    hostname: 'relay.example',
    guard: { delayMs: 0, accountFailures: 99, networkFailures: 99 },
    passwords: { match },
  });
  const login = async (password: string, at: SessionView = session(), account = 'scanner') =>
    outcome(await play(authenticator.exchange(at, 'PLAIN'), `\0${account}\0${password}`));
  const rotate = () => {
    const times = { startedAt: TODAY, unusedMs: 1000 };
    registry.put('scanner', {
      account: 'scanner',
      secret: first,
      rotation: { role: 'old', other: 'crd_fresh', ...times },
    });
    registry.change({
      ...(registry.all.get('crd_scanner') as NonNullable<ReturnType<FakeRegistry['credential']>>),
      id: 'crd_fresh',
      secret: second,
      rotation: { role: 'new', other: 'crd_scanner', ...times },
    });
  };
  return { registry, events, runs, authenticator, login, rotate };
}

test('a secret that takes the place of another shares its salts, and nothing else', () => {
  assert.equal(saltOf(first), saltOf(second));
  assert.equal(first.scram.salt, second.scram.salt);
  assert.notEqual(first.argon2id, second.argon2id);
  assert.notEqual(first.scram.storedKey, second.scram.storedKey);
});

test('while it is rotated both passwords let in, each by one run, and the journal tells which it was', async () => {
  const { login, rotate, events, runs } = setUp();
  rotate();
  for (const [password, credential, role] of [
    ['old-pencil', 'crd_scanner', 'old'],
    ['new-pencil', 'crd_fresh', 'new'],
  ]) {
    assert.equal(await login(password ?? ''), 'success');
    const { detail } = events.last();
    assert.deepEqual([detail?.credential, detail?.secret], [credential, role]);
  }
  assert.equal(await login('no-pencil'), 'A301');
  assert.deepEqual(runs, [1, 1, 1], 'as much work as for an account that is not rotated');
});

/** RFC 5802 §3, apart from the code that is tested. */
async function scram(authenticator: Authenticator, password: string): Promise<string> {
  const exchange = authenticator.exchange(session(), 'SCRAM-SHA-256');
  const bare = 'n=scanner,r=abcdefgh';
  const challenge = outcome(await play(exchange, `n,,${bare}`)).slice('challenge '.length);
  const [, nonce = '', salt = '', count] = /^r=([^,]*),s=([^,]*),i=(\d+)$/.exec(challenge) ?? [];
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(count), 32, 'sha256');
  const key = createHmac('sha256', salted).update('Client Key').digest();
  const text = `c=biws,r=${nonce}`;
  const signature = createHmac('sha256', createHash('sha256').update(key).digest())
    .update(`${bare},${challenge},${text}`)
    .digest();
  const proof = Buffer.from(key.map((octet, i) => octet ^ (signature[i] ?? 0))).toString('base64');
  return outcome(await play(exchange, `${text},p=${proof}`));
}

test('SCRAM and CRAM-MD5 take either password of a rotation', async () => {
  const { authenticator, rotate, events } = setUp();
  rotate();
  const cram = async (password: string) => {
    const exchange = authenticator.exchange(session(), 'CRAM-MD5');
    const challenge = outcome(await play(exchange, undefined)).slice('challenge '.length);
    return outcome(
      await play(exchange, `scanner ${createHmac('md5', password).update(challenge).digest('hex')}`),
    );
  };
  for (const [password, role] of [
    ['old-pencil', 'old'],
    ['new-pencil', 'new'],
  ] as const) {
    assert.equal(await scram(authenticator, password), 'success');
    assert.equal(events.last().detail?.secret, role);
    assert.equal(await cram(password), 'success');
    assert.equal(events.last().detail?.secret, role);
  }
  assert.equal(await scram(authenticator, 'no-pencil'), 'A301');
  assert.equal(await cram('no-pencil'), 'A301');
});

test('after the rotation the old password is refused, and the journal knows what it was', async () => {
  const { registry, login, rotate, events, authenticator } = setUp();
  rotate();
  assert.equal(await login('old-pencil'), 'success', 'and it is remembered');
  const old = registry.all.get('crd_scanner');
  assert.ok(old);
  registry.change({ ...old, state: 'revoked', rotation: undefined });
  assert.equal(await login('old-pencil'), 'A301');
  assert.match(events.last().text ?? '', /revoked/);
  assert.equal(await scram(authenticator, 'old-pencil'), 'A301');
  assert.equal(await login('no-pencil'), 'A301');
  assert.match(events.last().text ?? '', /wrong/);
  assert.equal(await login('new-pencil'), 'success');
});

/** A wall clock that can be set apart from the time that passes. */
class SetClock extends ManualClock {
  offset = 0;
  override now(): number {
    return super.now() + this.offset;
  }
}

test('a remembered password ends with its credential, whichever way the clock is set', async () => {
  const clock = new SetClock(TODAY);
  const { registry, login, runs, authenticator } = setUp(clock);
  registry.put('scanner', { account: 'scanner', secret: first, expiresAt: TODAY + 10_000 });
  const at = session();
  assert.equal(await login('old-pencil', at), 'success');
  assert.equal(await login('old-pencil'), 'success');
  assert.equal(runs.length, 1, 'the second was remembered');
  const identity = (await (async () => {
    const step = await play(authenticator.exchange(session(), 'PLAIN'), '\0scanner\0old-pencil');
    return step.kind === 'success' ? step.identity : undefined;
  })()) as Parameters<Authenticator['holds']>[0];
  assert.equal(authenticator.holds(identity), true);

  clock.offset = 10_000;
  assert.equal(await login('old-pencil'), 'A301', 'set forward, to the very end');
  assert.equal(runs.length, 2, 'and no sooner than a wrong one: it is not told that it was right');
  assert.equal(authenticator.holds(identity), false, 'the session that is open has ended too');
  clock.offset = 9999;
  assert.equal(await login('old-pencil'), 'success', 'set back: it has not expired');
  clock.offset = -3_600_000;
  clock.advance(300_000);
  const before = runs.length;
  assert.equal(await login('old-pencil'), 'success');
  assert.equal(runs.length, before + 1, 'what is remembered ends in time, though the clock went back');
});

test('a right password that is refused for another reason is never remembered', async () => {
  for (const [name, factors, at] of [
    ['another network', { networks: ['198.51.100.0/24'] }, session()],
    ['a canary', { canary: true as const }, session()],
    ['expired', { expiresAt: TODAY }, session()],
  ] as const) {
    const { registry, login, runs } = setUp();
    registry.put('scanner', { account: 'scanner', secret: first, networks: [], ...(factors as object) });
    for (let i = 0; i < 3; i++) assert.equal(await login('old-pencil', at), 'A301', name);
    assert.equal(runs.length, 3, `${name}: an answer that comes sooner tells that the password is right`);
  }
  const { registry, login, runs } = setUp();
  registry.put('scanner', { account: 'scanner', secret: first, networks: ['192.0.2.0/24'] });
  assert.equal(await login('old-pencil'), 'success');
  assert.equal(await login('old-pencil', session({ address: '203.0.113.5' })), 'A301');
  assert.equal(runs.length, 2, 'what its own network made remembered is of no use to a stranger');
});

test('a canary is a wrong password to its user, and a critical alarm to everybody else', async () => {
  const { registry, login, events, authenticator, runs } = setUp();
  const { key, hash } = generateApiKey();
  registry.put('trap', { account: 'backup-admin', secret: first, canary: true, label: 'in the wiki' });
  registry.put('trap2', { source: 'src_trap', apiKeyHash: hash, canary: true });
  registry.put('scanner', { account: 'scanner', secret: first });
  const replies = new Set<string>();
  for (const [account, password] of [
    ['backup-admin', 'old-pencil'],
    ['backup-admin', 'no-pencil'],
    ['scanner', 'no-pencil'],
    ['nobody', 'old-pencil'],
  ] as const) {
    const step = await play(authenticator.exchange(session(), 'PLAIN'), `\0${account}\0${password}`);
    assert.ok(step.kind === 'failure');
    const { explanation: _, ...sent } = step.reply;
    replies.add(JSON.stringify(sent));
  }
  assert.equal(replies.size, 1);
  assert.deepEqual(runs, [1, 1, 1, 1], 'the same work');
  const alarms = () => events.written.filter(({ type }) => type === 'alarm');
  assert.deepEqual(
    alarms().map(({ code, outcome: level, source, network, detail }) => [
      code,
      level,
      source,
      network,
      detail?.account,
      detail?.method,
      detail?.secret,
    ]),
    ['was the planted one', 'was another one'].map((secret) => [
      'canary-used',
      'critical',
      'src_trap',
      '192.0.2.1',
      'backup-admin',
      'PLAIN',
      secret,
    ]),
  );
  assert.match(alarms()[0]?.text ?? '', /in the wiki .*192\.0\.2\.1/);
  const admission = await authenticator.apiKey(key, '203.0.113.7');
  assert.equal(admission.kind === 'refused' && admission.reply.refusal, 'A301');
  assert.equal(alarms().length, 3);
  assert.equal(alarms()[2]?.network, '203.0.113.7');
  assert.ok(!JSON.stringify(events.written).includes('pencil'), 'what was tried is told without the secret');
  const trap = registry.all.get('crd_trap');
  assert.ok(trap);
  registry.change({ ...trap, state: 'revoked' });
  assert.equal(await login('old-pencil', session(), 'backup-admin'), 'A301');
  assert.equal(alarms().length, 3, 'one that was taken away is no trap');
  assert.deepEqual(registry.uses, [], 'nobody was let in');
});

test('a canary is noticed where the client is locked out already', async () => {
  const { registry, events, authenticator } = setUp();
  registry.put('trap', { account: 'trap', secret: first, canary: true });
  for (let i = 0; i < 100; i++) await authenticator.apiKey('wrong', '192.0.2.1');
  const step = await play(authenticator.exchange(session(), 'PLAIN'), '\0trap\0old-pencil');
  assert.equal(outcome(step), 'A303');
  assert.equal(events.written.filter(({ code }) => code === 'canary-used').length, 1);
});

test('the event loop goes on while passwords are checked', async () => {
  const { registry, login } = setUp();
  registry.put('scanner', { account: 'scanner', secret: first });
  let turns = 0;
  let checking = true;
  const count = (): void => {
    turns++;
    if (checking) setImmediate(count);
  };
  count();
  await Promise.all(['a', 'b', 'c', 'd'].map((password) => login(password)));
  checking = false;
  // four checks that held the loop up would leave it no more than a turn for each
  assert.ok(turns > 20, `${turns} turns`);
});
