// The wall clock is set while mail waits. Time is an input here: a running process can not be given another clock.
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { EVEN, EventLog, FakeTransport, FixedRoutes, newMessage, route } from '../../src/deliver/fixtures.ts';
import { Notifier } from '../../src/deliver/notifier.ts';
import { Scheduler } from '../../src/deliver/scheduler.ts';
import { ManualClock } from '../../src/platform/clock.ts';
import { watchClock } from '../../src/platform/clock-watch.ts';
import { RateLimiter } from '../../src/policy/limits.ts';
import { MessageIds } from '../../src/spool/message-id.ts';
import { Guard } from '../../src/submission/guard.ts';
import { MemorySpool } from '../support/memory-spool.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Time passes evenly; what the wall shows can be set. */
class SettableClock extends ManualClock {
  #set = 0;

  override now(): number {
    return super.now() + this.#set;
  }

  set(by: number): void {
    this.#set += by;
  }
}

function relayOf(clock: SettableClock, spool = new MemorySpool()) {
  const events = new EventLog();
  const transport = new FakeTransport();
  let id = 0;
  const notifier = new Notifier({
    clock,
    random: EVEN,
    events,
    hostname: 'relay.test',
    from: 'postmaster@relay.test',
    returnLimit: 65_536,
    newId: () => `N${String(++id).padStart(10, '0')}`,
  });
  const scheduler = new Scheduler({
    spool,
    clock,
    events,
    notifier,
    random: EVEN,
    routes: new FixedRoutes(route('out')),
    transports: { mx: transport, smarthost: transport, sandbox: transport },
    isStopped: () => false,
  });
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(Math.min(left, 500));
      for (let i = 0; i < 20; i++) await turn();
    }
  };
  return { spool, events, transport, scheduler, pass };
}

suite('the clock is set', () => {
  for (const [direction, by] of [
    ['back', -DAY],
    ['forward', DAY],
  ] as const) {
    test(`${direction} by a day: what was put off is tried in time, nothing is bounced`, async () => {
      const clock = new SettableClock();
      const { spool, events, transport, scheduler, pass } = relayOf(clock);
      await spool.store(newMessage({ receivedAt: clock.now() }));
      transport.result = () => ({ kind: 'deferred', status: '4.2.1', reply: '451 4.2.1 busy' });
      await scheduler.start();
      await pass(5000);
      assert.equal([...spool.deliveries.values()][0]?.attempts, 1);
      clock.set(by);
      transport.result = () => ({ kind: 'delivered', reply: '250 ok' });
      await pass(3 * MINUTE);
      assert.equal(spool.deliveries.size, 0);
      assert.deepEqual(
        events.events.filter(({ type }) => type === 'bounce'),
        [],
      );
    });

    test(`${direction} by a day: a destination that slept is tried in time`, async () => {
      const clock = new SettableClock();
      const { spool, transport, scheduler, pass } = relayOf(clock);
      for (let i = 0; i < 3; i++) await spool.store(newMessage({ receivedAt: clock.now() }));
      transport.failure = () => ({});
      await scheduler.start();
      await pass(5000);
      clock.set(by);
      transport.failure = () => undefined;
      await pass(3 * MINUTE);
      assert.equal(spool.deliveries.size, 0);
    });
  }

  test('back between two processes: what the first one put off is tried', async () => {
    const clock = new SettableClock();
    const spool = new MemorySpool();
    clock.set(400 * DAY);
    const first = relayOf(clock, spool);
    await spool.store(newMessage({ receivedAt: clock.now() }));
    first.transport.result = () => ({ kind: 'deferred', status: '4.2.1', reply: '451 4.2.1 busy' });
    await first.scheduler.start();
    await first.pass(5000);
    const closed = first.scheduler.close(0);
    await first.pass(5000);
    await closed;
    clock.set(-400 * DAY);
    const second = relayOf(clock, spool);
    await second.scheduler.start();
    await second.pass(MINUTE);
    assert.equal(spool.deliveries.size, 0);
  });

  test('limits, locks and names of messages do not follow it', () => {
    const clock = new SettableClock();
    const limiter = new RateLimiter(clock);
    const policy = { limits: [{ unit: 'messages', per: 'hour', most: 1 }], overLimit: 'defer' } as const;
    const once = { limits: [...policy.limits], overLimit: policy.overLimit };
    assert.equal(limiter.take('src', once, 1).decision, 'ok');
    const guard = new Guard(clock, { accountFailures: 2, lockMs: 10 * MINUTE });
    const attempt = { address: '192.0.2.1', account: 'printer' };
    guard.failed(attempt);
    guard.failed(attempt);
    const ids = new MessageIds(clock);
    const names = [ids.next()];
    for (const by of [DAY, -2 * DAY, 30 * DAY]) {
      clock.set(by);
      assert.notEqual(limiter.take('src', once, 1).decision, 'ok');
      assert.equal(guard.locked(attempt), 'account');
      names.push(ids.next());
    }
    assert.equal(new Set(names).size, names.length);
    clock.advance(11 * MINUTE);
    assert.equal(guard.locked(attempt), undefined);
    clock.advance(60 * MINUTE);
    assert.equal(limiter.take('src', once, 1).decision, 'ok');
  });

  test('it is noticed', () => {
    const clock = new SettableClock();
    const seen: number[] = [];
    const end = watchClock(clock, (ms) => seen.push(ms));
    clock.advance(MINUTE);
    clock.set(-DAY);
    clock.advance(MINUTE);
    end();
    assert.deepEqual(seen, [-DAY]);
  });
});
