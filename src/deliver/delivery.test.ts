/** Scheduler, transport and client session together, against next hops that misbehave. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { MemorySpool } from '../../test/support/memory-spool.ts';
import {
  type FaultAction,
  type ProtocolPoint,
  type ScriptedOptions,
  ScriptedServer,
  USUAL_EXTENSIONS,
} from '../../test/support/scripted-server.ts';
import { SINK_CERTIFICATE, SINK_KEY } from '../../test/support/sink-certificate.ts';
import { until } from '../../test/support/until.ts';
import { systemClock } from '../platform/clock.ts';
import { systemDialer } from '../platform/dialer.ts';
import { systemDisk } from '../platform/disk.ts';
import { systemRandom } from '../platform/random.ts';
import { ResolveError, type Resolver } from '../platform/resolver.ts';
import type { NewMessage } from '../spool/spool.ts';
import { EventLog, FakeTransport, FixedRoutes, newMessage, route } from './fixtures.ts';
import { Notifier } from './notifier.ts';
import type { Route } from './route.ts';
import { Scheduler } from './scheduler.ts';
import { SmtpTransport, type SmtpTransportOptions } from './smtp-transport.ts';

const SHORT = Object.fromEntries(
  [
    'connect',
    'tls',
    'greeting',
    'hello',
    'mail',
    'recipient',
    'dataStart',
    'dataBlock',
    'dataEnd',
    'quit',
  ].map((name) => [name, 300]),
);

const NO_DNS: Resolver = { mx: none, addresses: none, a: none, aaaa: none, ptr: none, txt: none };

interface Relay {
  spool: MemorySpool;
  events: EventLog;
  scheduler: Scheduler;
  send(message: NewMessage): Promise<void>;
  /** Until the spool holds only what `left` counts; fails after 8 seconds. */
  drained(left?: number): Promise<void>;
}

const relays: Scheduler[] = [];
after(() => Promise.all(relays.map((scheduler) => scheduler.close(0))));

async function relay(routes: Route[], options: Partial<SmtpTransportOptions> = {}): Promise<Relay> {
  const spool = new MemorySpool();
  const events = new EventLog();
  let id = 0;
  const smtp = new SmtpTransport({
    dialer: systemDialer,
    resolver: NO_DNS,
    clock: systemClock,
    random: systemRandom,
    disk: systemDisk,
    hostname: 'relay.example',
    self: { names: new Set(), addresses: () => new Set() },
    timeouts: SHORT,
    ...options,
  });
  const scheduler = new Scheduler({
    spool,
    events,
    clock: systemClock,
    random: systemRandom,
    routes: new FixedRoutes(...routes),
    transports: { mx: smtp, smarthost: smtp, sandbox: new FakeTransport() },
    notifier: new Notifier({
      clock: systemClock,
      random: systemRandom,
      events,
      hostname: 'relay.example',
      from: 'postmaster@relay.example',
      returnLimit: 65_536,
      newId: () => `N${String(++id).padStart(10, '0')}`,
    }),
    isStopped: () => false,
    retry: { schedule: [20], jitter: 0 },
    limits: { sleep: [20], refreshMs: 200, idleMs: 100 },
  });
  relays.push(scheduler);
  await scheduler.start();
  return {
    spool,
    events,
    scheduler,
    async send(message) {
      await spool.store(message);
      scheduler.offerMessage(message);
    },
    async drained(left = 0) {
      await until(`${left} are left`, () => spool.deliveries.size <= left);
      assert.equal(spool.deliveries.size, left, JSON.stringify(events.events.at(-1)));
    },
  };
}

function none(): Promise<never> {
  return Promise.reject(new ResolveError('nxdomain', 'no such name'));
}

function smart(server: ScriptedServer, changes: Partial<Route> = {}, target: object = {}): Route {
  return route('smart', {
    target: {
      kind: 'smarthost',
      hosts: [{ host: 'localhost', port: server.port }],
      implicitTls: false,
      ...target,
    },
    connections: 2,
    ...changes,
  });
}

const now = (): number => Date.now();
const identified = (): NewMessage => {
  const message = newMessage({ receivedAt: now() });
  return { ...message, head: Buffer.from(`X-Id: ${message.id}\r\n\r\n`) };
};
const idsOf = (server: ScriptedServer): string[] =>
  server.messages.map(({ content }) => /X-Id: (\S+)/.exec(content)?.[1] ?? '');

describe('conservation', { concurrency: 6 }, () => {
  const points: ProtocolPoint[] = [
    'connect',
    'EHLO',
    'STARTTLS',
    'TLS',
    'AUTH',
    'MAIL',
    'RCPT',
    'DATA',
    'content',
    'dot',
    'after-dot',
    'QUIT',
  ];
  const actions: FaultAction[] = ['close', '421', 'rst', 'stall'];
  for (const point of points) {
    for (const action of actions) {
      test(`${action} at ${point}, twice: every message arrives, none is bounced`, async () => {
        await using server = await new ScriptedServer({
          fault: { point, action, times: 2 },
          extensions: USUAL_EXTENSIONS,
          tls: { key: SINK_KEY, cert: SINK_CERTIFICATE },
          login: { username: 'u', password: 'p' },
        }).listen();
        const { spool, events, send, drained } = await relay(
          [
            smart(
              server,
              { tls: 'verified', messagesPerConnection: 4 },
              { authentication: { username: 'u', password: 'p' } },
            ),
          ],
          { trustedRoots: [SINK_CERTIFICATE] },
        );
        const all = Array.from({ length: 6 }, identified);
        for (const message of all) await send(message);
        await drained();
        const arrived = idsOf(server);
        assert.deepEqual([...new Set(arrived)].sort(), all.map(({ id }) => id).sort());
        // a second copy only where the reply to the content was lost
        if (point !== 'after-dot') assert.equal(arrived.length, all.length);
        assert.equal(spool.notices.length, 0);
        assert.ok(server.messages.every(({ encrypted }) => encrypted));
        assert.ok(events.of('attempt').filter(({ outcome }) => outcome === 'delivered').length >= 6);
      });
    }
  }

  test('each message is delivered, bounced or still queued, whatever the replies', async () => {
    const replies = ['250 2.0.0 ok', '451 4.7.1 later', '550 5.7.1 no'];
    let turn = 0;
    await using server = await new ScriptedServer({
      reply: (line) => (/^(MAIL|RCPT|DATA|\.$)/.test(line) && turn++ % 7 < 3 ? replies[turn % 3] : undefined),
    }).listen();
    const { spool, send, drained } = await relay([
      smart(server, { match: { recipientDomain: 'example.net' } }),
      route('back', { match: { recipientDomain: 'example.com' }, target: { kind: 'sandbox' } }),
    ]);
    const all = Array.from({ length: 60 }, identified);
    for (const message of all) await send(message);
    await drained();
    const arrived = idsOf(server);
    const bounced = spool.notices.map(({ body }) =>
      body.kind === 'memory' ? (/about your message (\w+)/.exec(String(body.bytes))?.[1] ?? '') : '',
    );
    assert.deepEqual([...arrived, ...bounced].sort(), all.map(({ id }) => id).sort());
    assert.ok(arrived.length > 0 && bounced.length > 0);
  });
});

describe('TLS', () => {
  const certificate = { key: SINK_KEY, cert: SINK_CERTIFICATE };
  async function deliver(
    server: ScriptedServer,
    changes: Partial<Route>,
    roots: string[],
    target: object = {},
    message: Partial<NewMessage> = {},
  ): Promise<Relay> {
    const built = await relay([smart(server, changes, target)], { trustedRoots: roots });
    const sent = newMessage({ receivedAt: now(), ...message });
    await built.send(sent);
    await until('the attempt has ended, however it did, and is written down', () => {
      const left = [...built.spool.deliveries.values()].filter((one) => one.message === sent.id);
      return built.events.of('attempt').length > 0 && left.every(({ lastReply }) => lastReply !== undefined);
    });
    return built;
  }
  const serve = (options: ScriptedOptions): Promise<ScriptedServer> => new ScriptedServer(options).listen();

  test('opportunistic: any certificate, and version and cipher are told', async () => {
    await using server = await serve({ tls: certificate });
    const { events } = await deliver(server, { tls: 'opportunistic' }, []);
    assert.equal(server.messages[0]?.encrypted, true);
    const [attempt] = events.of('attempt');
    assert.match(attempt?.tls ?? '', /^TLSv1\.3 TLS_/);
    assert.equal(attempt?.destination, 'smart/localhost');
    assert.ok(['127.0.0.1', '::1'].includes(attempt?.network ?? ''));
  });

  test('opportunistic: plain where TLS is not offered, or breaks', async () => {
    await using server = await serve({});
    await deliver(server, { tls: 'opportunistic' }, []);
    assert.equal(server.messages[0]?.encrypted, false);
    for (const point of ['STARTTLS', 'TLS'] as const) {
      await using broken = await serve({ tls: certificate, fault: { point, action: 'close' } });
      await deliver(broken, { tls: 'opportunistic' }, []);
      assert.equal(broken.messages[0]?.encrypted, false);
    }
  });

  test('none: does not even ask', async () => {
    await using server = await serve({ tls: certificate });
    await deliver(server, { tls: 'none' }, []);
    assert.equal(server.messages[0]?.encrypted, false);
    assert.ok(!server.lines.some((line) => line.includes('STARTTLS')));
  });

  const unverified: [string, ScriptedOptions, string[], object][] = [
    ['unknown issuer', { tls: certificate }, [], {}],
    ['not offered', {}, [SINK_CERTIFICATE], {}],
    [
      'handshake broken',
      { tls: certificate, fault: { point: 'TLS', action: 'close' } },
      [SINK_CERTIFICATE],
      {},
    ],
    ['implicit, unknown issuer', { tls: certificate, implicitTls: true }, [], { implicitTls: true }],
  ];
  for (const [name, options, roots, target] of unverified) {
    test(`verified: ${name}: nothing is sent, the message waits, and in the end it is D954`, async () => {
      await using server = await serve(options);
      const built = await deliver(server, { tls: 'verified' }, roots, target);
      assert.equal(server.messages.length, 0);
      const [delivery] = built.spool.deliveries.values();
      assert.match(delivery?.lastReply ?? '', /^D954 /);
      assert.equal(built.events.of('attempt')[0]?.outcome, 'deferred');
      await built.scheduler.close(0);

      const old = await relay([smart(server, { tls: 'verified', match: { source: 'src_a' } }, target)], {
        trustedRoots: roots,
      });
      await old.send(newMessage({ receivedAt: now() - 6 * 24 * 3_600_000 }));
      await until('it is bounced', () => old.spool.notices.length > 0);
      assert.equal(old.events.of('bounce')[0]?.code, 'D954');
      assert.equal(server.messages.length, 0);
    });
  }

  test('verified: the certificate fits', async () => {
    await using server = await serve({ tls: certificate });
    await deliver(server, { tls: 'verified' }, [SINK_CERTIFICATE]);
    assert.equal(server.messages[0]?.encrypted, true);
    await using implicit = await serve({ tls: certificate, implicitTls: true });
    await deliver(implicit, { tls: 'verified' }, [SINK_CERTIFICATE], { implicitTls: true });
    assert.equal(implicit.messages[0]?.encrypted, true);
  });

  test('octets behind the 220 of STARTTLS break it off', async () => {
    for (const injected of ['220 go\r\n250 injected', '220 go\r\n25']) {
      await using server = await serve({
        tls: certificate,
        reply: (line) => (line === 'STARTTLS' ? injected : undefined),
      });
      await deliver(server, { tls: 'verified' }, [SINK_CERTIFICATE]);
      assert.equal(server.messages.length, 0);
    }
  });

  test('credentials stay at home without TLS', async () => {
    await using server = await serve({ login: { username: 'u', password: 'p' } });
    const target = { authentication: { username: 'u', password: 'p' } };
    await deliver(server, { tls: 'opportunistic' }, [], target);
    assert.ok(!server.lines.some((line) => line.includes('AUTH')));
    await deliver(server, { tls: 'none' }, [], target);
    assert.equal(server.messages.length, 1);
  });

  test('REQUIRETLS goes over verified TLS to a server that offers it, or not at all', async () => {
    const envelope = { ...newMessage().envelope, requireTls: true };
    await using server = await serve({ tls: certificate, extensions: [...USUAL_EXTENSIONS, 'REQUIRETLS'] });
    await deliver(server, { tls: 'none' }, [SINK_CERTIFICATE], {}, { envelope });
    assert.equal(server.messages[0]?.encrypted, true);
    assert.match(server.messages[0]?.mail ?? '', / REQUIRETLS$/);

    await using without = await serve({ tls: certificate });
    const { events } = await deliver(without, { tls: 'none' }, [SINK_CERTIFICATE], {}, { envelope });
    assert.equal(events.of('bounce')[0]?.code, 'D955');

    // found in the spool, where only the payload tells
    const found = await relay([smart(server, { tls: 'none' })], { trustedRoots: [SINK_CERTIFICATE] });
    await found.spool.store(newMessage({ receivedAt: now(), envelope }));
    await found.scheduler.refresh();
    await found.drained();
    assert.ok(server.messages.every(({ encrypted }) => encrypted));
    assert.equal(server.messages.length, 2);
  });
});

describe('MX', () => {
  test('the next host and address are tried until one takes us', async () => {
    await using busy = await new ScriptedServer({
      reply: (line) => (line === '' ? '421 4.3.2 busy' : undefined),
    }).listen();
    await using good = await new ScriptedServer().listen();
    const resolver: Resolver = {
      ...NO_DNS,
      mx: () =>
        Promise.resolve([
          { exchange: 'busy.example', priority: 1 },
          { exchange: 'good.example', priority: 2 },
        ]),
      addresses: (host) =>
        Promise.resolve(host === 'good.example' ? ['127.0.0.1'] : ['127.0.0.2', '127.0.0.3']),
    };
    const dialed: string[] = [];
    const { send, drained, events } = await relay([route('mx')], {
      resolver,
      dialer: {
        connect: (options) => {
          dialed.push(options.host);
          if (options.host === '127.0.0.2') return Promise.reject(new Error('connect ECONNREFUSED'));
          const port = options.host === '127.0.0.1' ? good.port : busy.port;
          return systemDialer.connect({ ...options, host: '127.0.0.1', port });
        },
      },
    });
    await send(newMessage({ receivedAt: now() }));
    await drained();
    assert.deepEqual(dialed, ['127.0.0.2', '127.0.0.3', '127.0.0.1']);
    assert.equal(events.of('attempt')[0]?.destination, 'mx/good.example');
    assert.equal(events.of('attempt').length, 1);
  });

  test('a domain that does not exist is bounced with D952', async () => {
    const { events, send, spool } = await relay([route('mx', { match: { source: 'src_a' } })]);
    await send(newMessage({ receivedAt: now() }));
    await until('it is bounced', () => spool.notices.length > 0);
    assert.equal(events.of('bounce')[0]?.code, 'D952');
  });
});
