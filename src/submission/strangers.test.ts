import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySpool } from '../../test/support/memory-spool.ts';
import { discoveryOf } from '../api/discovery-fixture.ts';
import { DkimSigner } from '../authentication/dkim/sign.ts';
import { StoredDomainRegistry } from '../authentication/dkim/stored-domains.ts';
import type { Envelope } from '../message/envelope.ts';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type { MailCommand, MessageReceiver, SessionView } from '../smtp/server/handler.ts';
import { StoredSourceRegistry } from '../sources/stored-registry.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { MessageIds } from '../spool/message-id.ts';
import { openControlStore } from '../store/control.ts';
import { Seal } from '../store/seal.ts';
import { Events, session as fakeSession } from './fixtures.ts';
import { MemoryBudget } from './memory-budget.ts';
import { Strangers } from './strangers.ts';

const UNKNOWN = refuse('A302');
const CONTENT = 'From: scan@corp.example\r\nSubject: Secret subject\r\n\r\nText.\r\n';
const LIMITS = {
  messageBytes: 100_000,
  headerBytes: 65_536,
  inlineBytes: 65_536,
  headerFields: 100,
  receptions: 2,
};

async function fixture(learn: 'hold' | 'refuse' = 'hold') {
  const db = await openControlStore(':memory:');
  const clock = new ManualClock();
  const events = new Events();
  const spool = new MemorySpool();
  const sources = new StoredSourceRegistry(db, clock, systemRandom, events);
  const domains = new StoredDomainRegistry(db, new Seal(Buffer.alloc(32, 7)), clock);
  const discovery = discoveryOf({ db, clock, events, sources, domains, spool });
  const strangers = new Strangers(
    {
      ...discovery,
      budget: new MemoryBudget(1_000_000),
      clock,
      domains,
      events,
      ids: new MessageIds(clock),
      registry: sources,
      signer: new DkimSigner(domains),
      spool,
    },
    LIMITS,
    [{ name: 'submission', learn, learnFrom: ['192.0.2.0/24', '2001:db8::/32'] }],
  );
  return { ...discovery, clock, events, spool, sources, strangers };
}

const mail = (from = 'scan@corp.example', size = 0): MailCommand => ({
  from,
  size,
  envelope: { smtpUtf8: false, body: '7bit', requireTls: false },
});

const envelope = (from = 'scan@corp.example', to = ['anna@corp.example']): Envelope => ({
  ...mail().envelope,
  from,
  recipients: to.map((address) => ({ address })),
});

async function send(
  strangers: Strangers,
  session: SessionView,
  content = CONTENT,
  of = envelope(),
): Promise<Reply> {
  const refusal = strangers.mail(session, mail(of.from), UNKNOWN);
  if (refusal) return refusal;
  const receiver = strangers.message(session, of);
  if (!receiver || 'code' in receiver) return receiver ?? UNKNOWN;
  await receiver.write(Buffer.from(content));
  return receiver.end();
}

test('who is not to be learned from gets the answer that he always got, and leaves no trace', async () => {
  const { strangers, sources, devices } = await fixture();
  const source = await sources.add({
    name: 'printer',
    description: '',
    owner: '',
    policy: DEFAULT_POLICY,
  });
  const common = { source: source.id, label: '', state: 'active' as const };
  await sources.addCredential({ ...common, networks: ['192.0.2.5/32'] });
  await devices.block('192.0.2.6/32');
  const table: [string, SessionView, Reply][] = [
    ['another network', fakeSession({ address: '198.51.100.1' }), UNKNOWN],
    ['IPv6 elsewhere', fakeSession({ address: '2001:db9::1' }), UNKNOWN],
    [
      'another listener',
      { ...fakeSession(), listener: { ...fakeSession().listener, name: 'smtp' } },
      UNKNOWN,
    ],
    ['known by its network', fakeSession({ address: '192.0.2.5' }), UNKNOWN],
    ['blocked', fakeSession({ address: '192.0.2.6' }), UNKNOWN],
    ['a suspended source', fakeSession(), refuse('K802')],
    ['too many connections of a source', fakeSession(), refuse('L705')],
  ];
  for (const [what, session, refusal] of table) {
    strangers.tried(session, 'PLAIN', 'somebody');
    assert.equal(strangers.mail(session, mail(), refusal), refusal, what);
    assert.equal(strangers.message(session, envelope()), undefined, what);
  }
  for (const [what, session] of table.slice(0, 5)) {
    strangers.closed(session);
    assert.deepEqual(devices.list(), [], what);
  }
});

test('a slip of a known source is not recorded', async () => {
  const { strangers, devices } = await fixture();
  const session = fakeSession();
  strangers.tried(session, 'PLAIN', 'printer');
  strangers.refused(session, 'A301');
  session.identity = 'somebody';
  strangers.closed(session);
  assert.deepEqual(devices.list(), []);
});

test('held mail: bounded for one device and for all, under a pending source, and nothing of it told', async () => {
  const { strangers, devices, held, spool, sources, events } = await fixture();
  const session = fakeSession();
  for (let i = 0; i < 2; i++)
    assert.match(String((await send(strangers, session)).text), /held until the device/);
  assert.equal((await send(strangers, session)).refusal, 'A312');
  assert.equal((await send(strangers, fakeSession({ address: '192.0.2.2' }))).code, 250);
  assert.equal((await send(strangers, fakeSession({ address: '192.0.2.3' }))).refusal, 'A312');
  const device = devices.find('192.0.2.1');
  assert.ok(device?.source);
  assert.equal(held.of(device).messages, 2);
  assert.equal(sources.byId(device.source)?.state, 'pending');
  assert.deepEqual(sources.credentials(device.source), []);
  const deliveries = await spool.list({}, 10);
  assert.deepEqual(
    deliveries.map(({ state, hold }) => `${state} ${hold}`),
    ['held approval', 'held approval', 'held approval'],
  );
  assert.doesNotMatch(JSON.stringify([devices.list(), events.written]), /Secret subject/);
});

test('messages at the same time: no more than there may be, and none for good', async () => {
  const { strangers } = await fixture('refuse');
  const begin = (): MessageReceiver | Reply | undefined => {
    const session = fakeSession();
    strangers.mail(session, mail(), UNKNOWN);
    return strangers.message(session, envelope());
  };
  const first = begin();
  const second = begin();
  assert.equal((begin() as Reply).refusal, 'A312');
  (first as MessageReceiver).abort();
  (first as MessageReceiver).abort();
  assert.ok('write' in (begin() as MessageReceiver));
  assert.equal((begin() as Reply).refusal, 'A312');
  await (second as MessageReceiver).end();
  assert.ok('write' in (begin() as MessageReceiver));
});

test('what could be taken from nobody is refused with its own reason, and not held', async () => {
  const { strangers, spool, devices } = await fixture();
  const table: [string, string, Envelope?][] = [
    ['no header\r\n\r\n', 'M603'],
    ['From: a@corp.example\r\nFrom: b@corp.example\r\n\r\n', 'S403'],
    ['From: nobody\r\n\r\n', 'S404'],
    ['Subject: x\r\n\r\n', 'M605', envelope('')],
    [`From: scan@corp.example\r\n\r\n${'x'.repeat(100_000)}`, 'M601'],
  ];
  for (const [content, code, of] of table) {
    assert.equal((await send(strangers, fakeSession(), content, of)).refusal, code, content.slice(0, 40));
  }
  assert.equal(strangers.recipient({ address: 'a%b@corp.example' })?.refusal, 'R504');
  assert.equal(strangers.mail(fakeSession(), mail('', 200_000), UNKNOWN)?.refusal, 'M601');
  assert.deepEqual(await spool.list({}, 10), []);
  assert.equal(devices.list()[0]?.messages, 0);
});

test('a session that was approved since MAIL is not taken for the source', async () => {
  const { strangers, sources, devices, approval } = await fixture();
  const session = fakeSession();
  assert.equal((await send(strangers, session)).code, 250);
  assert.equal(strangers.mail(session, mail(), UNKNOWN), undefined);
  const device = devices.find('192.0.2.1');
  assert.ok(device);
  const { source, released } = await approval.approve(device, {}, 'release');
  assert.equal(source.state, 'active');
  assert.equal(released.length, 1);
  assert.equal(sources.byNetwork('192.0.2.1').length, 1);
  assert.equal(strangers.message(session, envelope('ceo@corp.example')), undefined);
});

test('a flood of devices: one alarm, and then one for all the others', async () => {
  const { strangers, clock, events, devices } = await fixture('refuse');
  const alarms = () => events.written.filter(({ type }) => type === 'alarm');
  for (let i = 0; i < 100; i++) {
    const session = fakeSession({ address: `2001:db8:${i.toString(16)}::1`, hello: `h${i}` });
    assert.equal((await send(strangers, session)).refusal, 'A311');
    strangers.closed(session);
  }
  assert.equal(devices.list().length, 10);
  assert.equal(alarms().length, 1);
  strangers.announceFolded();
  assert.equal(alarms().length, 1);
  clock.advance(600_000);
  strangers.announceFolded();
  strangers.announceFolded();
  assert.deepEqual(
    alarms().map(({ code, outcome, detail }) => [code, outcome, detail?.['count']]),
    [
      ['unknown-device', 'info', undefined],
      ['unknown-device', 'info', 99],
    ],
  );
});

test('a device that leaves after a failed login or handshake is recorded when it goes', async () => {
  const { strangers, devices } = await fixture();
  const login = fakeSession({ hello: 'nas' });
  strangers.tried(login, 'LOGIN', 'CORP\\nas');
  strangers.refused(login, 'A301');
  strangers.closed(login);
  const handshake = fakeSession({ address: '192.0.2.2', hello: '', tls: undefined });
  strangers.tlsFailed(handshake, {
    code: 'ERR_SSL_UNSUPPORTED_PROTOCOL',
    text: '',
    offeredVersions: ['TLSv1.0'],
  });
  strangers.closed(handshake);
  strangers.closed(fakeSession({ address: '192.0.2.3', hello: '' }));
  const values = (network: string, topic: 'mechanisms' | 'accounts' | 'refusals' | 'tlsFailures') =>
    devices.find(network)?.seen[topic].seen.map(({ value }) => value);
  assert.deepEqual(values('192.0.2.1', 'mechanisms'), ['LOGIN']);
  assert.deepEqual(values('192.0.2.1', 'accounts'), ['CORP\\u{5c}nas']);
  assert.deepEqual(values('192.0.2.1', 'refusals'), ['A301']);
  assert.deepEqual(values('192.0.2.2', 'tlsFailures'), ['ERR_SSL_UNSUPPORTED_PROTOCOL, offered TLSv1.0']);
  assert.equal(devices.find('192.0.2.3'), undefined);
});

test('approval: a password where it tried to authenticate, once, and only as it was shown', async () => {
  const { strangers, devices, approval, sources } = await fixture();
  const session = fakeSession({ hello: 'nas' });
  strangers.tried(session, 'PLAIN', 'nas-account');
  assert.equal((await send(strangers, session)).code, 250);
  const device = devices.find('192.0.2.1');
  assert.ok(device);
  const { tag, credential, policy } = approval.plan(device);
  assert.deepEqual(credential, { kind: 'password', account: 'nas-account', networks: ['192.0.2.1/32'] });
  const other = 'From: other@corp.example\r\n\r\n';
  assert.equal((await send(strangers, session, other, envelope('other@corp.example'))).code, 250);
  await assert.rejects(approval.approve(device, {}, 'release', tag), /did something new/);
  assert.equal(sources.byId(device.source ?? '')?.state, 'pending');

  // narrowed: what the policy does not allow stays held, and can be dropped
  const both = await Promise.allSettled([
    approval.approve(device, { policy: { pairs: policy.pairs } }, 'release'),
    approval.approve(device, { policy: { pairs: policy.pairs } }, 'release'),
  ]);
  const outcomes = both.map((one) => (one.status === 'fulfilled' ? one.value : undefined));
  const first = outcomes.find((one) => one?.password !== undefined);
  const second = outcomes.find((one) => one !== first);
  assert.match(first?.password ?? '', /^[a-z2-9]{20}$/);
  assert.equal(first?.released.length, 1);
  assert.deepEqual(
    first?.refused.map(({ code }) => code),
    ['S401'],
  );
  assert.equal(second?.password, undefined);
  assert.deepEqual(second?.released, []);
  assert.equal(sources.credentials(first?.source.id ?? '').length, 1);
  assert.equal(devices.list().length, 1);
  assert.deepEqual(await approval.dismiss(device, false), { dropped: 1 });
  assert.equal(sources.byId(first?.source.id ?? '')?.state, 'active');
  assert.deepEqual(devices.list(), []);
});

test('a name that is taken, or a wish that is wrong, changes nothing', async () => {
  const { strangers, devices, approval, sources } = await fixture();
  await sources.add({ name: 'taken', description: '', owner: '', policy: DEFAULT_POLICY });
  assert.equal((await send(strangers, fakeSession())).code, 250);
  const device = devices.find('192.0.2.1');
  assert.ok(device);
  await assert.rejects(
    approval.approve(device, { name: 'taken' }, 'release'),
    /there is a source taken already/,
  );
  await assert.rejects(approval.approve(device, { policy: { pairs: [] } }, 'release'), /name the addresses/);
  assert.equal(sources.byId(device.source ?? '')?.state, 'pending');
  assert.equal(device.approved, undefined);
  assert.deepEqual(sources.credentials(device.source ?? ''), []);
});

test('approval that was cut short before the source was active goes on from there', async () => {
  const { strangers, devices, approval, sources } = await fixture();
  assert.equal((await send(strangers, fakeSession())).code, 250);
  const device = devices.find('192.0.2.1');
  assert.ok(device);
  const { edit } = sources;
  sources.edit = (id, changes, ...rest) =>
    changes.state === 'active'
      ? Promise.reject(new Error('the disk is full'))
      : edit.call(sources, id, changes, ...rest);
  await assert.rejects(approval.approve(device, {}, 'release'), /the disk is full/);
  assert.equal(sources.byId(device.source ?? '')?.state, 'pending');
  sources.edit = edit;
  const { source, released } = await approval.approve(device, {}, 'release', undefined, 'kim');
  assert.equal(source.state, 'active');
  assert.deepEqual([source.stateChange?.by, source.stateChange?.from], ['kim', 'pending']);
  assert.equal(released.length, 1);
});

test('held mail that can not be read stays held, and takes no password with it', async () => {
  const { strangers, devices, approval, spool } = await fixture();
  const session = fakeSession();
  strangers.tried(session, 'PLAIN', 'nas-account');
  assert.equal((await send(strangers, session)).code, 250);
  const device = devices.find('192.0.2.1');
  assert.ok(device);
  const { payload } = spool;
  spool.payload = () => Promise.reject(new Error('EIO'));
  const { password, refused, released } = await approval.approve(device, {}, 'release');
  assert.match(password ?? '', /^[a-z2-9]{20}$/);
  assert.deepEqual(
    refused.map(({ code, text }) => [code, text]),
    [['X901', 'EIO']],
  );
  assert.deepEqual(released, []);
  spool.payload = payload;
  assert.equal((await approval.approve(device, {}, 'release')).released.length, 1);
  assert.deepEqual(devices.list(), []);
});

test('a pending source that was enabled by hand keeps its mail when the device is dismissed', async () => {
  const { strangers, devices, approval, sources, spool } = await fixture();
  assert.equal((await send(strangers, fakeSession())).code, 250);
  const device = devices.find('192.0.2.1');
  const [held] = await spool.list({}, 10);
  assert.ok(device?.source && held);
  await sources.edit(device.source, { state: 'active' });
  await approval.decidedByHand(device.source);
  const own = spool.messages.get(held.message);
  assert.ok(own);
  await spool.store({ ...own, id: '00000000001', hold: undefined });
  assert.deepEqual(await approval.dismiss(device, false), { dropped: 1 });
  assert.deepEqual(
    (await spool.list({}, 10)).map(({ message }) => message),
    ['00000000001'],
  );
  assert.equal(sources.byId(device.source)?.state, 'active');
});
