/** All rooms of one relay, put together and started in order; `close` ends them in the opposite one. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Acceptance } from './acceptance.ts';
import { buildApi } from './api/server.ts';
import { Alignment } from './authentication/alignment.ts';
import { DkimSigner } from './authentication/dkim/sign.ts';
import { ownKeysFirst } from './authentication/dkim/own-keys.ts';
import { StoredDomainRegistry } from './authentication/dkim/stored-domains.ts';
import type { Config } from './config/schema.ts';
import { deliveriesOf } from './deliver/deliveries.ts';
import { Notifier } from './deliver/notifier.ts';
import { Queue } from './deliver/queue.ts';
import { SandboxTransport } from './deliver/sandbox.ts';
import { Scheduler } from './deliver/scheduler.ts';
import { SmtpTransport } from './deliver/smtp-transport.ts';
import { SqliteInbox } from './deliver/sqlite-inbox.ts';
import { StoredRouteTable } from './deliver/stored-routes.ts';
import type { Certificate } from './first-run.ts';
import type { EventSink } from './journal/event.ts';
import { fanOut } from './journal/fan-out.ts';
import type { EventLog } from './journal/log.ts';
import { Metrics } from './journal/metrics.ts';
import { SqliteJournal } from './journal/sqlite-journal.ts';
import { systemClock } from './platform/clock.ts';
import { watchClock } from './platform/clock-watch.ts';
import { systemDialer } from './platform/dialer.ts';
import { systemDisk } from './platform/disk.ts';
import { systemRandom } from './platform/random.ts';
import { systemResolver } from './platform/resolver.ts';
import { CompiledPolicies } from './policy/compiled.ts';
import { RateLimiter, type LimiterSnapshot } from './policy/limits.ts';
import { Judge } from './policy/policy.ts';
import { type ServerTlsOptions, SmtpServer } from './smtp/server/server.ts';
import { StoredSourceRegistry } from './sources/stored-registry.ts';
import { MessageIds } from './spool/message-id.ts';
import { SqliteSpool } from './spool/sqlite/sqlite-spool.ts';
import { AdministratorToken } from './store/administrator-token.ts';
import { openControlStore } from './store/control.ts';
import { IdempotencyStore } from './store/idempotency.ts';
import type { Seal } from './store/seal.ts';
import { Settings } from './store/settings.ts';
import { Authenticator } from './submission/authenticator.ts';
import { HttpSubmitter } from './submission/http-submitter.ts';
import { MemoryBudget } from './submission/memory-budget.ts';
import { LiveSessions } from './submission/sessions.ts';
import type { SubmissionRooms } from './submission/rooms.ts';
import { SubmissionHandler } from './submission/smtp-handler.ts';
import { domainOf } from './message/envelope.ts';
import { verifySignatures } from './api/signature-check.ts';

export interface RelayOptions {
  config: Config;
  /** Absolute path of the data folder; it exists. */
  data: string;
  seal: Seal;
  certificate: Certificate;
  /** PEM of the authorities that sign client certificates. */
  clientCa?: string;
  log: EventLog;
}

export interface Listening {
  name: string;
  address: string;
  tls: string;
}

/** Milliseconds that messages in progress get to finish when the relay stops. */
const GRACE = 10_000;
const LIMITER_STATE = 'rate-limits';
const SAVE_LIMITER_EVERY = 30_000;

export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

export interface Relay {
  sources: StoredSourceRegistry;
  domains: StoredDomainRegistry;
  administrator: AdministratorToken;
  listening: Listening[];
  /** `http://127.0.0.1:8025` */
  apiAddress: string;
  /** No route is set: all mail goes to the sandbox. */
  sandboxOnly: boolean;
  /** Takes another certificate into use for new connections. @throws when it can't be used; then nothing changes. */
  setCertificate(certificate: Certificate, clientCa: string | undefined): void;
  /** Accepts nothing more, finishes what is in progress, writes everything down. */
  close(): Promise<void>;
}

/** What a start may look at and fill before anything listens. */
export type Prepare = (registries: Pick<Relay, 'sources' | 'domains' | 'administrator'>) => Promise<void>;

/**
 * Opens everything, what is stored before what is served.
 * @throws the first error; what was opened before it is closed again.
 */
export async function startRelay(options: RelayOptions, prepare: Prepare): Promise<Relay> {
  const closers: Closer[] = [];
  try {
    return await open(options, prepare, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

/** Ends one room; the last that was opened goes first. */
type Closer = () => Promise<void> | void;

async function closeAll(closers: Closer[]): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

function tlsOptions(
  { cert, key }: Certificate,
  clientCa: string | undefined,
  minVersion: Config['tls']['minimumVersion'],
): ServerTlsOptions {
  return { cert, key, minVersion, ca: clientCa, requestCert: clientCa !== undefined };
}

async function open(
  { config, data, seal, certificate, clientCa, log }: RelayOptions,
  prepare: Prepare,
  closers: Closer[],
): Promise<Relay> {
  const clock = systemClock;
  const random = systemRandom;
  const disk = systemDisk;
  const resolver = systemResolver(config.dns.servers);
  const { hostname, limits } = config;
  const startedAt = clock.now();

  // events first: every room writes them
  const ids = new MessageIds(clock);
  const journal = new SqliteJournal({
    folder: data,
    clock,
    onTrouble: (text) => log.logger.error(text),
    keepMs: config.journal.retentionDays * 86_400_000,
    keepBytes: config.journal.maximumBytes,
  });
  const metrics = new Metrics({
    spool: () => spool.statistics(),
    sessions: () => [...smtp.sessions].length,
  });
  const events: EventSink = fanOut(journal, metrics, log);
  const spool = new SqliteSpool({
    folder: path.join(data, 'spool'),
    disk,
    clock,
    events,
    ids,
    inlineBytes: limits.inlineBytes,
    minimumFree: config.spool.minimumFreeBytes,
  });
  // the spool's lock is what refuses a second process on the same folder
  await spool.open();
  closers.push(() => spool.close());
  await journal.open();
  closers.push(() => journal.close());
  closers.push(() => metrics.close());

  const control = await openControlStore(path.join(data, 'control.db'));
  closers.push(() => control.destroy());
  const settings = new Settings(control);
  const sources = new StoredSourceRegistry(control, clock, random, events);
  await sources.open();
  closers.push(() => sources.close());
  const domains = new StoredDomainRegistry(control, seal, clock);
  await domains.open();
  const routes = new StoredRouteTable(control, seal, clock);
  await routes.open();
  const administrator = new AdministratorToken(settings, clock, random);
  await administrator.load();
  await prepare({ sources, domains, administrator });

  // may it, how is it signed
  const policies = new CompiledPolicies();
  const signer = new DkimSigner(domains);
  const limiter = new RateLimiter(clock);
  const kept = await settings.get(LIMITER_STATE);
  if (kept !== undefined) limiter.restore(JSON.parse(kept) as LimiterSnapshot);
  const saveLimiter = (): Promise<void> =>
    settings.set(LIMITER_STATE, JSON.stringify(limiter.snapshot()), clock.now());
  const saving = setInterval(() => {
    // counts that are lost with a failed write come back with the next one
    saveLimiter().catch((error: unknown) => log.logger.error({ error }, 'rate limits could not be saved'));
  }, SAVE_LIMITER_EVERY).unref();
  closers.push(async () => {
    clearInterval(saving);
    await saveLimiter();
  });
  const alignment = new Alignment({
    registry: domains,
    resolver,
    clock,
    random,
    requirePublished: config.dkim.requirePublished,
    onError: (domain, error) =>
      log.logger.error({ domain, error }, 'the published records could not be checked'),
  });
  alignment.start();
  closers.push(() => alignment.stop());

  // the way out
  const inbox = new SqliteInbox({ path: path.join(data, 'inbox.db'), ...config.inbox });
  closers.push(() => inbox.close());
  const smtpTransport = new SmtpTransport({
    dialer: systemDialer,
    resolver,
    clock,
    random,
    disk,
    hostname,
    self: {
      names: new Set([hostname]),
      // a listener on all interfaces can not be told from others by its address
      addresses: new Set(
        config.listener
          .map(({ host }) => host)
          .filter((host) => !['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host)),
      ),
    },
    localAddress: config.delivery.localAddress || undefined,
    timeouts: {
      connect: config.delivery.connectSeconds * 1000,
      greeting: config.delivery.replySeconds * 1000,
      hello: config.delivery.replySeconds * 1000,
      mail: config.delivery.replySeconds * 1000,
      recipient: config.delivery.replySeconds * 1000,
      dataEnd: config.delivery.dataEndSeconds * 1000,
    },
  });
  const postmaster = config.delivery.postmaster || `postmaster@${hostname}`;
  const schedule = retrySchedule(
    config.delivery.retryFirstSeconds * 1000,
    config.delivery.retryMostSeconds * 1000,
  );
  const notifier = new Notifier({
    clock,
    random,
    events,
    hostname,
    from: postmaster,
    returnLimit: 65_536,
    newId: () => ids.next(),
    sign: (head, body) => signNotice(head, body, postmaster),
  });
  const signNotice = async (head: Buffer, body: Buffer, from: string): Promise<Buffer> => {
    const decision = alignment.decide(domainOf(from), { action: 'send' });
    if (decision.kind !== 'sign') return head;
    return Buffer.concat([
      await signer.sign({ head }, signer.hash(body, true), decision.domain, clock.now()),
      head,
    ]);
  };
  const scheduler = new Scheduler({
    spool,
    routes,
    transports: {
      sandbox: new SandboxTransport({ inbox, disk, clock }),
      smarthost: smtpTransport,
      mx: smtpTransport,
    },
    clock,
    random,
    events,
    notifier,
    isStopped: (source) => sources.byId(source)?.state === 'disabled',
    retry: {
      schedule,
      giveUpAfter: config.delivery.giveUpSeconds * 1000,
      delayNoticeAfter: config.delivery.delayNoticeSeconds * 1000,
    },
    limits: {
      lookAhead: config.delivery.lookAhead,
      payloadBytes: 16 * 1024 * 1024,
      connections: config.delivery.connections,
      idleMs: config.delivery.idleSeconds * 1000,
      // a destination is tried again sooner than a message: its waits are half as long
      sleep: schedule.map((ms) => Math.min(ms / 2, 600_000)),
    },
  });
  const queue = new Queue(spool, scheduler, clock);
  closers.push(() => scheduler.close(GRACE));

  // the way in
  const sessions = new LiveSessions(sources);
  const authenticator = new Authenticator({
    registry: sources,
    seal,
    clock,
    random,
    events,
    hostname,
    sessions,
    issuers: config.oauth.issuer,
    guard: {
      accountFailures: config.guard.failures,
      networkFailures: config.guard.networkFailures,
      windowMs: config.guard.windowSeconds * 1000,
      lockMs: config.guard.lockSeconds * 1000,
    },
    passwords: { rememberMs: config.guard.cacheSeconds * 1000 },
  });
  closers.push(() => {
    authenticator.close();
    sessions.close();
  });
  const budget = new MemoryBudget(limits.memoryBytes);
  const acceptance = new Acceptance({
    alignment,
    clock,
    events,
    hostname,
    judge: new Judge(
      { policies, signer, spool, disk, newId: () => ids.next() },
      { headerBytes: limits.headerBytes, headerFields: limits.headerFields, hops: limits.hops },
      hostname,
    ),
    limiter,
    signer,
    spool,
    stored: (message) => {
      const payload = message.body.kind === 'memory' ? message : undefined;
      for (const delivery of deliveriesOf(message)) scheduler.offer(delivery, payload);
    },
  });
  const rooms: SubmissionRooms = {
    acceptance,
    authenticator,
    budget,
    domains,
    events,
    ids,
    limiter,
    policies,
    registry: sources,
    sessions,
    signer,
    spool,
  };
  const submissionLimits = {
    messageBytes: limits.messageBytes,
    headerBytes: limits.headerBytes,
    inlineBytes: limits.inlineBytes,
  };
  const smtp = new SmtpServer({
    hostname,
    listeners: config.listener,
    limits,
    tls: tlsOptions(certificate, clientCa, config.tls.minimumVersion),
    proxyFrom: config.proxy.from,
    handler: new SubmissionHandler(rooms, submissionLimits),
    clock,
    random,
  });

  closers.push(
    sources.onChange((change) => {
      if (change.kind !== 'source') return;
      if (change.removed) limiter.forget(change.source.id);
      if (change.source.state !== 'disabled' || change.before?.state === 'disabled') return;
      // sessions have ended in this very turn; what waits in the spool is held behind it
      queue.hold({ source: change.source.id, state: 'queued' }, 'source').then(
        (held) =>
          events.write({
            type: 'change',
            source: change.source.id,
            outcome: 'held',
            text: `${held} deliveries held: the source was disabled`,
          }),
        // the scheduler asks isStopped before each delivery all the same
        (error: unknown) => log.logger.error({ error }, 'deliveries of a disabled source could not be held'),
      );
    }),
  );

  const listening: Listening[] = [];
  const useTls = config.api.tls ?? !isLoopback(config.api.host);
  const submitter = new HttpSubmitter(rooms, submissionLimits);
  const api = await buildApi(
    {
      sources,
      domains,
      routes,
      spool: queue,
      journal,
      inbox,
      administrator,
      idempotency: new IdempotencyStore(control, clock),
      seal,
      resolver,
      clock,
      random,
      gate: submitter,
      metricsText: async () => (await metrics.metricsText()).text,
      status: () => ({ version: VERSION, hostname, startedAt, data, listeners: listening }),
      obstacles: () => {
        const obstacle = spool.obstacle();
        return obstacle === undefined ? [] : [obstacle];
      },
      verifySignatures: (message) => verifySignatures(message, ownKeysFirst(domains, resolver), clock.now()),
    },
    {
      messageBytes: limits.messageBytes,
      memoryBytes: limits.memoryBytes,
      recipients: limits.recipients,
      hostname,
      metricsOpen: config.api.metricsOpen,
      tls: useTls ? certificate : undefined,
    },
  );

  closers.push(
    watchClock(clock, (ms) => {
      events.write({
        type: 'system',
        text: `the clock was set ${ms > 0 ? 'forward' : 'back'} by ${Math.round(Math.abs(ms) / 1000)} s`,
      });
    }),
  );
  closers.push(() => api.close());
  closers.push(() => smtp.close(GRACE));
  await scheduler.start();
  for (const { name, host, port, tls } of await smtp.listen())
    listening.push({ name, address: hostPort(host, port), tls });
  await api.listen({ host: config.api.host, port: config.api.port });
  const bound = api.server.address() as AddressInfo;
  const apiAddress = `${useTls ? 'https' : 'http'}://${hostPort(config.api.host, bound.port)}`;
  events.write({ type: 'system', text: `started, version ${VERSION}` });
  return {
    sources,
    domains,
    administrator,
    listening,
    apiAddress,
    sandboxOnly: routes.list().length === 0,
    setCertificate: (next, authorities) =>
      smtp.setTls(tlsOptions(next, authorities, config.tls.minimumVersion)),
    close: () => closeAll(closers),
  };
}

/** Waits between attempts, each three times the one before. */
function retrySchedule(first: number, most: number): number[] {
  const waits = [first];
  for (let wait = first * 3; wait < most && waits.length < 20; wait *= 3) waits.push(wait);
  if (most > first) waits.push(most);
  return waits;
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
