import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { MemorySpool } from '../../test/support/memory-spool.ts';
import type { JournalEvent } from '../journal/event.ts';
import { ManualClock } from '../platform/clock.ts';
import { EVEN, EventLog, FakeTransport, FixedRoutes, newMessage, route } from './fixtures.ts';
import { Notifier } from './notifier.ts';
import type { Route } from './route.ts';
import { Queue } from './queue.ts';
import { Scheduler } from './scheduler.ts';
import type { SchedulerOptions } from './scheduler-options.ts';

interface World {
  clock: ManualClock;
  spool: MemorySpool;
  events: EventLog;
  transport: FakeTransport;
  routes: FixedRoutes;
  stopped: Set<string>;
  notices: { fail: boolean };
  scheduler: Scheduler;
  /** Lets everything happen that needs no time, and what takes a few milliseconds. */
  settle(): Promise<void>;
  pass(ms: number): Promise<void>;
}

function world(routes: Route[] = [route('out')], limits: SchedulerOptions['limits'] = {}): World {
  const clock = new ManualClock();
  const spool = new MemorySpool();
  const events = new EventLog();
  const transport = new FakeTransport();
  const stopped = new Set<string>();
  const table = new FixedRoutes(...routes);
  const notices = { fail: false };
  let id = 0;
  const notifier = new Notifier({
    clock,
    random: EVEN,
    events,
    hostname: 'relay.example',
    from: 'postmaster@relay.example',
    returnLimit: 65_536,
    newId: () => {
      if (notices.fail) throw new Error('no identifier to be had');
      return `N${String(++id).padStart(10, '0')}`;
    },
  });
  const scheduler = new Scheduler({
    spool,
    clock,
    events,
    notifier,
    random: EVEN,
    routes: table,
    transports: { mx: transport, smarthost: transport, sandbox: transport },
    isStopped: (source) => stopped.has(source),
    limits,
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 6; j++) await turn();
      clock.advance(5);
    }
  };
  return {
    clock,
    spool,
    events,
    transport,
    routes: table,
    stopped,
    notices,
    scheduler,
    settle,
    async pass(ms) {
      clock.advance(ms);
      await settle();
    },
  };
}

const MINUTE = 60_000;

describe('scheduler', () => {
  test('what is offered goes out without the spool being read', async () => {
    const { scheduler, spool, transport, settle } = world();
    await scheduler.start();
    const message = newMessage();
    await spool.store(message);
    scheduler.offerMessage(message);
    await settle();
    assert.equal(transport.carried.length, 1);
    assert.equal(spool.reads + spool.payloads, 0);
    assert.equal(spool.deliveries.size, 0);
    assert.equal(scheduler.loaded, 0);
  });

  test('what waited from before is found at the start, and only once', async () => {
    const { scheduler, spool, transport, settle, pass } = world();
    for (let i = 0; i < 300; i++) await spool.store(newMessage({ to: [`b@d${i % 3}.example`] }));
    await scheduler.start();
    await settle();
    await pass(31_000);
    assert.equal(transport.carried.length, 300);
    assert.equal(new Set(transport.carried.map(({ message }) => message)).size, 300);
    assert.equal(spool.deliveries.size, 0);
  });

  test('polling and offering at once deliver once', async () => {
    const { scheduler, spool, transport, settle } = world();
    await scheduler.start();
    const message = newMessage();
    await spool.store(message);
    const refreshed = scheduler.refresh();
    scheduler.offerMessage(message);
    await refreshed;
    await settle();
    assert.equal(transport.carried.length, 1);
  });

  test('several domains over one smart host share a transaction', async () => {
    const smart = route('smart', { target: { kind: 'smarthost', hosts: [], implicitTls: false } });
    const { scheduler, spool, transport, settle } = world([smart]);
    await scheduler.start();
    const message = newMessage({ to: ['a@one.example', 'b@two.example', 'c@one.example'] });
    await spool.store(message);
    scheduler.offerMessage(message);
    await settle();
    assert.deepEqual(
      transport.carried.map(({ to }) => to),
      [['a@one.example', 'c@one.example', 'b@two.example']],
    );
    assert.equal(spool.settled.length, 2);
  });

  test('connections to one destination stay within the route, and are used again, then left', async () => {
    const { scheduler, spool, transport, settle, pass } = world([route('out', { connections: 3 })]);
    await scheduler.start();
    for (let i = 0; i < 100; i++) await spool.store(newMessage());
    await scheduler.refresh();
    await settle();
    assert.equal(transport.carried.length, 100);
    assert.ok(transport.mostOpen <= 3);
    const opened = transport.opened.length;
    const message = newMessage();
    await spool.store(message);
    scheduler.offerMessage(message);
    await settle();
    assert.equal(transport.opened.length, opened);
    await pass(6000);
    assert.equal(transport.open_, 0);
    assert.equal(scheduler.connections, 0);
  });

  test('a connection carries no more messages than the route says', async () => {
    const { scheduler, spool, transport, settle, pass } = world([
      route('out', { connections: 1, messagesPerConnection: 10 }),
    ]);
    for (let i = 0; i < 35; i++) await spool.store(newMessage());
    await scheduler.start();
    await settle();
    await pass(200);
    assert.equal(transport.carried.length, 35);
    const perCarrier = Object.groupBy(transport.carried, ({ carrier }) => String(carrier));
    for (const carried of Object.values(perCarrier)) assert.ok((carried?.length ?? 0) <= 10);
  });

  test('10,000 for a dead destination cost nothing: one is tried at a time, few are ever read', async () => {
    const { scheduler, spool, transport, clock, settle, pass } = world();
    for (let i = 0; i < 10_000; i++) await spool.store(newMessage());
    transport.failure = () => ({});
    await scheduler.start();
    await settle();
    assert.equal(transport.opened.length, 1);
    assert.equal(scheduler.loaded, 0);
    const tried = (): number => [...spool.deliveries.values()].filter(({ attempts }) => attempts > 0).length;
    assert.equal(tried(), 1);
    const reads = spool.reads;
    await pass(700);
    assert.equal(spool.reads, reads, 'asleep: not read');
    await pass(600);
    assert.equal(transport.opened.length, 2);
    for (let i = 0; i < 60; i++) await pass(MINUTE);
    assert.ok(transport.opened.length < 15, String(transport.opened.length));
    assert.ok(spool.reads < 40, String(spool.reads));
    assert.ok(tried() < 15);
    assert.ok(scheduler.loaded < 100);

    transport.failure = () => undefined;
    for (let i = 0; i < 20 && spool.deliveries.size > 0; i++) {
      // those that were the test have times of their own to wait for
      clock.advance(10 * MINUTE);
      for (let j = 0; j < 30; j++) await settle();
    }
    assert.equal(spool.deliveries.size, 0);
    assert.equal(transport.carried.length, 10_000);
  });

  test('a destination that sleeps is tried at once when somebody asks for it', async () => {
    const { scheduler, spool, transport, clock, settle } = world();
    for (let i = 0; i < 3; i++) await spool.store(newMessage());
    transport.failure = () => ({});
    await scheduler.start();
    await settle();
    assert.equal(transport.opened.length, 1);
    transport.failure = () => undefined;
    assert.equal(await new Queue(spool, scheduler, clock, { write: () => {} }).retry({}), 3);
    await settle();
    assert.equal(transport.carried.length, 3);
  });

  test('memory holds no more than the look-ahead while a destination is slow', async () => {
    const { scheduler, spool, transport, settle } = world([route('out')], { lookAhead: 200 });
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    transport.result = async () => {
      await gate;
      return { kind: 'delivered', reply: '250 ok' };
    };
    for (let i = 0; i < 1000; i++) await spool.store(newMessage());
    await scheduler.start();
    await settle();
    for (let i = 0; i < 500; i++) {
      const message = newMessage();
      await spool.store(message);
      scheduler.offerMessage(message);
    }
    await settle();
    assert.ok(scheduler.loaded <= 200, String(scheduler.loaded));
    // the slow one does not keep others out
    transport.result = () => ({ kind: 'delivered', reply: '250 ok' });
    const other = newMessage({ to: ['b@fast.example'] });
    await spool.store(other);
    scheduler.offerMessage(other);
    await settle();
    assert.ok(transport.carried.some(({ message }) => message === other.id));
    release();
    for (let i = 0; i < 40; i++) await settle();
    assert.equal(spool.deliveries.size, 0);
    assert.equal(transport.carried.length, 1501);
  });

  test('sources take turns', async () => {
    const { scheduler, spool, transport, settle } = world([route('out', { connections: 1 })]);
    for (let i = 0; i < 40; i++) await spool.store(newMessage({ source: 'src_many' }));
    const single = newMessage({ source: 'src_one' });
    await spool.store(single);
    await scheduler.start();
    await settle();
    const place = transport.carried.findIndex(({ message }) => message === single.id);
    assert.ok(place < 12, String(place));
  });

  test('deferred messages come again by the schedule', async () => {
    const { scheduler, spool, transport, clock, settle, pass } = world();
    transport.result = () => ({ kind: 'deferred', reply: '451 4.7.1 later' });
    const message = newMessage({ receivedAt: clock.now() });
    await spool.store(message);
    await scheduler.start();
    scheduler.offerMessage(message);
    await settle();
    const [delivery] = spool.deliveries.values();
    assert.equal(delivery?.attempts, 1);
    assert.equal(delivery?.lastReply, '451 4.7.1 later');
    await pass(50_000);
    assert.equal(transport.carried.length, 1);
    await pass(12_000);
    assert.equal(transport.carried.length, 2);
    await pass(4 * MINUTE);
    assert.equal(transport.carried.length, 2);
    await pass(MINUTE + 2000);
    assert.equal(transport.carried.length, 3);
  });

  test('only the recipients that are left are tried again', async () => {
    const { scheduler, spool, transport, settle, pass } = world();
    transport.result = (_, address) =>
      address.startsWith('b')
        ? { kind: 'delivered', reply: '250 ok' }
        : { kind: 'deferred', reply: '450 busy' };
    const message = newMessage({ to: ['b@x.example', 'c@x.example'] });
    await spool.store(message);
    await scheduler.start();
    await settle();
    transport.result = () => ({ kind: 'delivered', reply: '250 ok' });
    await pass(62_000);
    assert.deepEqual(
      transport.carried.map(({ to }) => to),
      [['b@x.example', 'c@x.example'], ['c@x.example']],
    );
    assert.equal(spool.deliveries.size, 0);
  });

  test('a stopped source is held: what waits, and what the connection was about to take', async () => {
    const { scheduler, spool, transport, stopped, events, settle } = world([
      route('out', { connections: 1 }),
    ]);
    await scheduler.start();
    transport.result = (transaction) => {
      stopped.add('src_a');
      return transaction.withdrawn?.() ? { kind: 'withdrawn' } : { kind: 'delivered', reply: '250 ok' };
    };
    for (let i = 0; i < 5; i++) {
      const message = newMessage();
      await spool.store(message);
      scheduler.offerMessage(message);
    }
    await settle();
    assert.equal(transport.carried.length, 1);
    assert.deepEqual(
      [...spool.deliveries.values()].map(({ state, hold }) => `${state} ${hold}`),
      Array.from({ length: 5 }, () => 'held source'),
    );
    const told = events.events.filter(({ outcome }) => outcome === 'held').map(({ message }) => message);
    assert.deepEqual(new Set(told), new Set([...spool.deliveries.values()].map(({ message }) => message)));
    assert.equal(told.length, 5);
    assert.equal(scheduler.loaded, 0);
  });

  test('while outcomes can not be written, nothing new is sent; then everything goes on', async () => {
    const { scheduler, spool, transport, events, settle, pass } = world([route('out', { connections: 1 })]);
    spool.broken = true;
    await scheduler.start();
    const first = newMessage();
    await spool.store(first);
    scheduler.offerMessage(first);
    await settle();
    const second = newMessage();
    await spool.store(second);
    scheduler.offerMessage(second);
    await pass(5000);
    assert.equal(transport.carried.length, 1);
    assert.equal(events.of('system').length, 1);
    spool.broken = false;
    await pass(10_000);
    assert.deepEqual(
      transport.carried.map(({ message }) => message),
      [first.id, second.id],
    );
    assert.equal(spool.deliveries.size, 0);
    assert.equal(events.of('system').length, 2);
  });

  test('a destination that does not exist bounces what waits for it', async () => {
    const { scheduler, spool, transport, settle } = world();
    transport.failure = ({ domain }) =>
      domain === 'gone.example' ? { permanent: true, code: 'D952', reply: 'nxdomain' } : undefined;
    for (let i = 0; i < 3; i++) await spool.store(newMessage({ to: ['b@gone.example'] }));
    await scheduler.start();
    await settle();
    assert.equal(spool.notices.length, 3);
    assert.equal(spool.deliveries.size, 0);
    assert.deepEqual(
      transport.carried.map(({ to }) => to),
      [['a@example.com'], ['a@example.com'], ['a@example.com']],
    );
  });

  test('a refused notification is dropped with an event', async () => {
    const { scheduler, spool, transport, events, settle } = world();
    transport.result = () => ({ kind: 'failed', reply: '550 5.1.1 no' });
    await spool.store(newMessage());
    await scheduler.start();
    await settle();
    assert.equal(spool.notices.length, 1);
    assert.equal(spool.deliveries.size, 0);
    assert.deepEqual(
      events.of('bounce').map(({ outcome }) => outcome),
      ['notified', 'dropped'],
    );
  });

  test('too old: given up with D951, even when its destination sleeps; a delay is told once before', async () => {
    const { scheduler, spool, transport, clock, settle, pass } = world();
    transport.failure = ({ domain }) => (domain === 'dead.example' ? {} : undefined);
    for (let i = 0; i < 5; i++) {
      await spool.store(newMessage({ receivedAt: clock.now(), to: ['b@dead.example'] }));
    }
    await scheduler.start();
    await settle();
    for (let i = 0; i < 5; i++) await pass(60 * MINUTE);
    const delays = (): number => spool.notices.filter(({ head }) => head.includes('Mail delayed')).length;
    assert.equal(delays(), 5);
    for (let i = 0; i < 24 * 5; i++) await pass(60 * MINUTE);
    assert.equal(delays(), 5);
    assert.equal(spool.notices.length, 10);
    assert.match(
      spool.notices[9]?.body.kind === 'memory' ? String(spool.notices[9].body.bytes) : '',
      /Status: 5\.4\.7/,
    );
    assert.equal(spool.deliveries.size, 0);
  });

  test("a notice that can not be written keeps its message waiting, not in nobody's hands", async () => {
    const { scheduler, spool, transport, clock, events, notices, settle, pass } = world();
    transport.failure = ({ domain }) => (domain === 'dead.example' ? {} : undefined);
    await spool.store(newMessage({ receivedAt: clock.now(), to: ['b@dead.example'] }));
    await scheduler.start();
    await settle();
    notices.fail = true;
    for (let i = 0; i < 24 * 5 + 2; i++) await pass(60 * MINUTE);
    assert.equal(spool.deliveries.size, 1);
    assert.ok(events.of('system').some(({ text }) => /no identifier/.test(text ?? '')));
    notices.fail = false;
    for (let i = 0; i < 3; i++) await pass(60 * MINUTE);
    assert.equal(spool.deliveries.size, 0);
    assert.equal(spool.notices.length, 1);
  });

  test('a dead route of one source does not hide another source behind it', async () => {
    const { scheduler, spool, transport, settle, pass } = world([
      route('dead', {
        match: { source: 'src_dead' },
        target: { kind: 'smarthost', hosts: [], implicitTls: false },
      }),
      route('out'),
    ]);
    transport.failure = ({ route }) => (route.name === 'dead' ? {} : undefined);
    for (let i = 0; i < 300; i++) await spool.store(newMessage({ source: 'src_dead' }));
    const behind = newMessage({ source: 'src_live' });
    await spool.store(behind);
    await scheduler.start();
    for (let i = 0; i < 20; i++) await settle();
    await pass(100);
    assert.ok(transport.carried.some(({ message }) => message === behind.id));
    assert.equal([...spool.deliveries.values()].filter(({ attempts }) => attempts > 0).length, 1);
  });

  test('after a restart a sleeping destination does not hide the mail of a source in the sandbox', async () => {
    const { scheduler, spool, transport, routes, settle, pass } = world();
    routes.sandboxed.add('src_new');
    transport.failure = ({ route }) => (route.name === 'out' ? {} : undefined);
    for (let i = 0; i < 300; i++) await spool.store(newMessage({ source: 'src_old' }));
    const behind = newMessage({ source: 'src_new' });
    await spool.store(behind);
    await scheduler.start();
    for (let i = 0; i < 20; i++) await settle();
    await pass(1000);
    assert.ok(transport.carried.some(({ message }) => message === behind.id));
  });

  test('a corrected route takes what waits at once', async () => {
    const { scheduler, spool, transport, routes, settle } = world();
    transport.failure = ({ route }) => (route.name === 'out' ? {} : undefined);
    for (let i = 0; i < 20; i++) await spool.store(newMessage());
    await scheduler.start();
    await settle();
    assert.equal(transport.carried.length, 0);
    await routes.set(route('better', { match: { recipientDomain: 'example.net' } }));
    await settle();
    // one was tried, and waits for its own time
    assert.equal(transport.carried.length, 19);
  });

  test('a connection lost under a message is no attempt; four are', async () => {
    const { scheduler, spool, transport, settle } = world();
    let lost = 0;
    transport.result = () => {
      lost++;
      return { kind: 'untried', reply: 'connection lost' };
    };
    await spool.store(newMessage());
    await scheduler.start();
    await settle();
    assert.equal(lost, 4);
    const [delivery] = spool.deliveries.values();
    assert.equal(delivery?.attempts, 1);
  });

  test('what an administrator holds or removes does not go out from memory', async () => {
    const { scheduler, spool, transport, clock, settle, pass } = world([route('out', { connections: 1 })]);
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    transport.result = async () => {
      await gate;
      return { kind: 'delivered', reply: '250 ok' };
    };
    const all = Array.from({ length: 10 }, () => newMessage());
    for (const message of all) await spool.store(message);
    await scheduler.start();
    await settle();
    const queue = new Queue(spool, scheduler, clock, { write: () => {} });
    await queue.remove({ message: all[5]?.id ?? '' });
    await queue.hold({ message: all[6]?.id ?? '' }, 'operator');
    release();
    await settle();
    await pass(31_000);
    assert.equal(transport.carried.length, 8);
    assert.equal(spool.deliveries.size, 1);
    await queue.release({});
    await settle();
    assert.equal(spool.deliveries.size, 0);
  });

  test('what a person has given another route does not wait behind the others of its domain', async () => {
    const { scheduler, spool, transport, clock, settle } = world([
      route('out'),
      route('other', { match: { recipientDomain: 'elsewhere.example' } }),
    ]);
    transport.failure = ({ route: { name } }) => (name === 'out' ? {} : undefined);
    const all = Array.from({ length: 200 }, () => newMessage());
    for (const message of all) await spool.store(message);
    await scheduler.start();
    await settle();
    assert.equal(transport.carried.length, 0);
    const events: JournalEvent[] = [];
    const queue = new Queue(spool, scheduler, clock, { write: (event) => events.push(event) });
    const last = all.at(-1)?.id ?? '';
    assert.equal(await queue.reroute({ message: last }, 'other'), 1);
    await settle();
    assert.deepEqual(
      [...spool.deliveries.values()].filter(({ message }) => message === last),
      [],
    );
    assert.equal(spool.deliveries.size, 199, 'the others wait');
    assert.deepEqual(
      events.map(({ message, outcome, detail }) => [
        message,
        outcome,
        (detail as { queue: { route: string } }).queue.route,
      ]),
      [[last, 'rerouted', 'other']],
    );
  });

  test('closing finishes what is being sent and begins nothing', async () => {
    const { scheduler, spool, transport, settle } = world([route('out', { connections: 1 })]);
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    transport.result = async () => {
      await gate;
      return { kind: 'delivered', reply: '250 ok' };
    };
    for (let i = 0; i < 10; i++) await spool.store(newMessage());
    await scheduler.start();
    await settle();
    const closed = scheduler.close(10_000);
    release();
    await settle();
    await closed;
    assert.equal(transport.carried.length, 1);
    assert.equal(spool.deliveries.size, 9);
    assert.equal(transport.open_, 0);
  });
});
