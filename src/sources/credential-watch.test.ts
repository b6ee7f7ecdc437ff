import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { OwnMail } from '../deliver/system-mail.ts';
import type { JournalEvent } from '../journal/event.ts';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { openControlStore } from '../store/control.ts';
import { CredentialUses } from './credential-uses.ts';
import { CredentialWatch } from './credential-watch.ts';
import { DEFAULT_POLICY, type StoredSecret } from './source.ts';
import { StoredSourceRegistry } from './stored-registry.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const secret = (hash: string): StoredSecret => ({
  argon2id: `$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$${hash}`,
  scram: { iterations: 4096, salt: 'c2FsdA==', storedKey: 'a2V5', serverKey: 'a2V5' },
});

/** A wall clock that can be set apart from the time that passes. */
class SetClock extends ManualClock {
  offset = 0;
  override now(): number {
    return super.now() + this.offset;
  }
}

async function setUp(t: TestContext) {
  const db = await openControlStore(':memory:');
  t.after(() => db.destroy());
  const clock = new SetClock();
  const events: JournalEvent[] = [];
  const sink = { write: (event: JournalEvent) => void events.push(event) };
  const registry = new StoredSourceRegistry(db, clock, systemRandom, sink);
  await registry.open();
  const mails: OwnMail[] = [];
  let failing = false;
  const mail = {
    send: async (one: OwnMail) => {
      if (failing) throw new Error('the spool is full');
      mails.push(one);
      return '1';
    },
  };
  const newWatch = () =>
    new CredentialWatch({
      registry,
      db,
      clock,
      events: sink,
      mail,
      warnDays: [30, 1, 7],
      overdueMs: 10 * DAY,
    });
  const source = await registry.add({
    name: 'scanner',
    description: '',
    owner: 'paul@corp.example',
    policy: DEFAULT_POLICY,
  });
  const add = (expiresAt?: number) =>
    registry.addCredential({
      source: source.id,
      label: 'desk',
      state: 'active',
      networks: [],
      account: 'scanner',
      secret: secret('b2xk'),
      expiresAt,
    });
  const codes = () => events.filter(({ type }) => type === 'alarm').map(({ code }) => code);
  const fail = (now: boolean) => (failing = now);
  return { db, clock, registry, events, sink, mails, newWatch, add, codes, fail, source };
}

test('warns once at each threshold, and at the end, by alarm and by mail', async (t) => {
  const { clock, newWatch, add, codes, mails, events } = await setUp(t);
  await add(clock.now() + 60 * DAY);
  const seen: [number, string[]][] = [];
  let watch = newWatch();
  for (let day = 0; day <= 62; day++) {
    const before = codes().length;
    await watch.check();
    await watch.check();
    watch = newWatch(); // a restart does not tell it again
    await watch.check();
    if (codes().length > before) seen.push([day, codes().slice(before) as string[]]);
    clock.advance(DAY);
  }
  assert.deepEqual(seen, [
    [30, ['credential-expiring']],
    [53, ['credential-expiring']],
    [59, ['credential-expiring']],
    [60, ['credential-expired']],
  ]);
  assert.equal(mails.length, 4);
  assert.deepEqual(mails[0]?.to, ['paul@corp.example']);
  assert.match(mails[0]?.text ?? '', /desk .* ends 20\d\d-.*never used/);
  assert.match(mails[3]?.subject ?? '', /can no longer log in/);
  assert.ok(!JSON.stringify(events).includes('argon2id'));
});

test('a short life is no reason to warn at once, a new end starts anew, and old news are none', async (t) => {
  const { clock, registry, newWatch, add, codes } = await setUp(t);
  const credential = await add(clock.now() + 3 * DAY);
  const watch = newWatch();
  await watch.check();
  assert.deepEqual(codes(), []);
  clock.advance(2.5 * DAY);
  await watch.check();
  assert.equal(codes().length, 1);
  await registry.editCredential(credential.id, { expiresAt: clock.now() + 90 * DAY });
  await watch.check();
  assert.equal(codes().length, 1);
  clock.advance(60 * DAY);
  await watch.check();
  assert.equal(codes().length, 2);
  clock.advance(60 * DAY);
  await watch.check();
  assert.equal(codes().length, 2, 'it expired a month ago, while the relay was off');
});

test('a mail that could not be sent is sent at the next round, without a second alarm', async (t) => {
  const { clock, newWatch, add, codes, mails, fail } = await setUp(t);
  await add(clock.now() + 40 * DAY);
  clock.advance(20 * DAY);
  const watch = newWatch();
  fail(true);
  await watch.check();
  fail(false);
  assert.equal(mails.length, 0);
  await watch.check();
  await watch.check();
  assert.equal(mails.length, 1);
  assert.deepEqual(codes(), ['credential-expiring']);
});

test('what a clock that was ahead has told is told again in its time', async (t) => {
  const { clock, newWatch, add, codes } = await setUp(t);
  await add(clock.now() + 100 * DAY);
  const watch = newWatch();
  clock.offset = 99 * DAY;
  await watch.check();
  assert.equal(codes().length, 1);
  clock.offset = 0;
  await watch.check();
  clock.advance(99.5 * DAY);
  await watch.check();
  assert.equal(codes().length, 2);
});

test('a rotation is complete when the old secret was unused long enough, and the new one was used', async (t) => {
  const { clock, registry, newWatch, add, codes, events } = await setUp(t);
  const old = await add();
  const { credential } = await registry.rotateCredential(
    old.id,
    { secret: secret('bmV3') },
    { unusedMs: 3 * DAY },
  );
  const watch = newWatch();
  const isOver = () => registry.credential(old.id)?.state === 'revoked';
  clock.advance(4 * DAY);
  await watch.check();
  assert.equal(isOver(), false, 'nobody has the new one yet: the device may be switched off');
  registry.touched(credential.id, clock.now(), '192.0.2.1');
  registry.touched(old.id, clock.now(), '192.0.2.2');
  clock.advance(3 * DAY - 1);
  await watch.check();
  assert.equal(isOver(), false);
  clock.advance(1);
  await watch.check();
  assert.equal(isOver(), true);
  assert.equal(registry.credential(old.id)?.rotation, undefined);
  assert.equal(registry.credential(credential.id)?.rotation, undefined);
  assert.match(events.at(-1)?.text ?? '', /is complete: the old secret was not used for 72 hours/);
  assert.deepEqual(codes(), []);
});

test('a clock that is set forward completes no rotation', async (t) => {
  const { clock, registry, newWatch, add } = await setUp(t);
  const old = await add();
  const { credential } = await registry.rotateCredential(
    old.id,
    { secret: secret('bmV3') },
    { unusedMs: 3 * DAY },
  );
  const watch = newWatch();
  for (const { id } of [old, credential]) registry.touched(id, clock.now(), '192.0.2.1');
  clock.offset = 365 * DAY;
  await watch.check();
  clock.advance(2 * DAY);
  await watch.check();
  assert.equal(registry.credential(old.id)?.state, 'active');
  clock.advance(DAY);
  await watch.check();
  assert.equal(registry.credential(old.id)?.state, 'revoked', 'the time has really passed');
});

test('a rotation that does not end is an alarm, with what keeps it', async (t) => {
  const { clock, registry, newWatch, add, events, codes } = await setUp(t);
  const old = await add();
  const { credential } = await registry.rotateCredential(
    old.id,
    { secret: secret('bmV3') },
    { unusedMs: 3 * DAY },
  );
  const watch = newWatch();
  clock.advance(10 * DAY);
  await watch.check();
  await watch.check();
  assert.match(events.at(-1)?.text ?? '', /nobody has used the new secret yet/);
  for (let day = 0; day < 10; day++) {
    clock.advance(DAY);
    registry.touched(credential.id, clock.now(), '192.0.2.1');
    registry.touched(old.id, clock.now(), '192.0.2.2');
    await watch.check();
  }
  assert.match(events.at(-1)?.text ?? '', /still used; last used .* from 192\.0\.2\.2/);
  assert.deepEqual(codes(), ['rotation-overdue', 'rotation-overdue']);
  await registry.endRotation(old.id, 'complete');
  assert.equal(registry.credential(old.id)?.state, 'revoked', 'by force');
});

test('a fixed end that nobody was ready for is an alarm, and revokes nothing for good', async (t) => {
  const { clock, registry, newWatch, add, codes } = await setUp(t);
  const old = await add();
  await registry.rotateCredential(old.id, { secret: secret('bmV3') }, { graceMs: DAY });
  const watch = newWatch();
  clock.advance(HOUR);
  registry.touched(old.id, clock.now(), '192.0.2.2');
  clock.advance(DAY);
  await watch.check();
  assert.deepEqual(codes(), ['rotation-cut-off']);
  const now = registry.credential(old.id);
  assert.deepEqual([now?.state, now?.rotation, now?.expiresAt], ['active', undefined, clock.now() - HOUR]);
  await watch.check();
  assert.equal(codes().length, 2, 'and now it has expired like any other');
});

test('a rotation is cancelled, and outlives a restart', async (t) => {
  const { db, clock, registry, sink, add } = await setUp(t);
  const old = await add();
  const { credential } = await registry.rotateCredential(
    old.id,
    { secret: secret('bmV3') },
    { unusedMs: DAY },
  );
  const again = new StoredSourceRegistry(db, clock, systemRandom, sink);
  await again.open();
  assert.deepEqual(again.credential(old.id)?.rotation, registry.credential(old.id)?.rotation);
  assert.equal(again.credential(credential.id)?.rotation?.role, 'new');
  await assert.rejects(
    again.rotateCredential(credential.id, { secret: secret('eA') }, { unusedMs: DAY }),
    /being rotated already/,
  );
  await again.endRotation(credential.id, 'cancel');
  assert.equal(again.credential(credential.id)?.state, 'revoked');
  assert.equal(again.credential(old.id)?.state, 'active');
  assert.equal(again.credential(old.id)?.rotation, undefined);
  await assert.rejects(again.endRotation(old.id, 'cancel'), /is not being rotated/);
});

test('uses are counted by network, over restarts, and forgotten in time', async (t) => {
  const { db, clock, sink, add } = await setUp(t);
  const { id } = await add();
  const use = (network: string) => ({ credential: id, network, hello: 'desk', method: 'PLAIN' });
  const uses = new CredentialUses(db, clock, sink);
  uses.record({ ...use('192.0.2.1'), at: 10 });
  uses.record({ ...use('192.0.2.1'), at: 20 });
  uses.record({ ...use('192.0.2.2'), at: 15 });
  uses.record({ ...use('192.0.2.3'), at: 5, credential: 'crd_gone' });
  await uses.flush();
  uses.record({ ...use('192.0.2.1'), at: 30 });
  const shown = (await new CredentialUses(db, clock, sink).of(id)).length;
  assert.equal(shown, 2);
  assert.deepEqual(
    (await uses.of(id)).map((one) => [one.network, one.firstAt, one.lastAt, one.uses]),
    [
      ['192.0.2.1', 10, 30, 3],
      ['192.0.2.2', 15, 15, 1],
    ],
  );
  await uses.forgetBefore(20);
  assert.deepEqual(
    (await uses.of(id)).map(({ network }) => network),
    ['192.0.2.1'],
  );
});
