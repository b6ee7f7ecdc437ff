/** All rooms of one relay, put together and started in order; `close` ends them in the opposite one. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { ApiContext, ApiOptions, RelayStatus } from './api/context.ts';
import type { ConsoleBuilds } from './api/console.ts';
import { buildApi } from './api/server.ts';
import { verifySignatures } from './api/signature-check.ts';
import { ownKeysFirst } from './authentication/dkim/own-keys.ts';
import { Configuration } from './config/configuration.ts';
import type { Config } from './config/schema.ts';
import type { SystemMail } from './deliver/system-mail.ts';
import { type Certificate, trialOf } from './first-run.ts';
import type { EventLog } from './journal/log.ts';
import type { Lab } from './lab/lab.ts';
import type { SetupLink } from './people/setup-links.ts';
import type { PeopleRooms } from './people/rooms.ts';
import { watchClock } from './platform/clock-watch.ts';
import { systemDisk } from './platform/disk.ts';
import type { Dialer } from './platform/dialer.ts';
import type { SessionView } from './smtp/server/handler.ts';
import { type ServerTlsOptions, SmtpServer } from './smtp/server/server.ts';
import { IdempotencyStore } from './store/idempotency.ts';
import type { Seal } from './store/seal.ts';
import { HttpSubmitter } from './submission/http-submitter.ts';
import type { SubmissionLimits, SubmissionRooms } from './submission/rooms.ts';
import { SubmissionHandler } from './submission/smtp-handler.ts';
import { wireAlerts } from './wiring/alerts.ts';
import { wireAudit } from './wiring/audit.ts';
import { Closers } from './wiring/closers.ts';
import { wireContainment } from './wiring/containment.ts';
import { wireDeclarations } from './wiring/declarations.ts';
import { wireCredentials } from './wiring/credentials.ts';
import { type DeliveryRooms, wireDelivery } from './wiring/delivery.ts';
import { wireDiscovery } from './wiring/discovery.ts';
import { wireEdge } from './wiring/edge.ts';
import { wireExceptions } from './wiring/exceptions.ts';
import { type Ground, openGround } from './wiring/ground.ts';
import { wireLifecycle } from './wiring/lifecycle.ts';
import { wireOverview } from './wiring/overview.ts';
import { wireMessages } from './wiring/messages.ts';
import { wirePeople } from './wiring/people.ts';
import { type Signing, wireSigning } from './wiring/signing.ts';
import { wireSubmission } from './wiring/submission.ts';
import { wireRefusals } from './wiring/refusals.ts';
import { wireSystemMail } from './wiring/system-mail.ts';

export interface RelayOptions {
  config: Config;
  /** Absolute path of the data folder; it exists. */
  data: string;
  seal: Seal;
  certificate: Certificate;
  /** Shown to clients that an exception lets have old TLS; absent: the same. */
  weakCertificate?: Certificate;
  /** PEM of the authorities that sign client certificates. */
  clientCa?: string;
  /** PEM of the authorities that are trusted for next hops, besides the well-known ones. */
  trustedCa?: string;
  /** The same for directory servers. */
  directoryCa?: string;
  log: EventLog;
  /** The file that `config` is from; absent: there is none, and none is written. */
  configuration?: Configuration;
  /** Served at `/` of the API; absent: there is no console. */
  console?: ConsoleBuilds;
  /** Opens connections to next hops; absent: as the system does. */
  dialer?: Dialer;
  /** Opens a lab beside the relay. */
  lab?: (ground: Ground, rooms: Pick<SubmissionRooms, 'budget'>, closers: Closers) => Promise<Lab>;
}

export interface Listening {
  name: string;
  address: string;
  tls: string;
}

/** Milliseconds that messages in progress get to finish when the relay stops. */
const GRACE = 10_000;

export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

type Registries = Pick<Ground, 'sources' | 'domains' | 'administrator'>;

export interface Relay extends Registries {
  listening: Listening[];
  /** `http://127.0.0.1:8025` */
  apiAddress: string;
  /** No route is set: all mail goes to the sandbox. */
  sandboxOnly: boolean;
  /** Makes the first owner account; absent when there is one. */
  setupLink?: SetupLink;
  /** The way out for mail that the relay itself writes. */
  systemMail: SystemMail;
  /** Takes another certificate into use for new connections. @throws when it can't be used; then nothing changes. */
  setCertificate(
    certificate: Certificate,
    weakCertificate: Certificate | undefined,
    clientCa: string | undefined,
  ): void;
  /** Accepts nothing more, finishes what is in progress, writes everything down. */
  close(): Promise<void>;
}

/** What a start may look at and fill before anything listens. */
export type Prepare = (registries: Registries) => Promise<void>;

/**
 * Opens everything, what is stored before what is served.
 * @throws the first error; what was opened before it is closed again.
 */
export async function startRelay(options: RelayOptions, prepare: Prepare): Promise<Relay> {
  const closers = new Closers();
  try {
    return await open(options, prepare, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function open(options: RelayOptions, prepare: Prepare, closers: Closers): Promise<Relay> {
  const { config, data, seal, certificate, weakCertificate, clientCa, trustedCa, directoryCa, log } = options;
  const servers: SmtpServer[] = [];
  const sessions = (): SessionView[] => servers.flatMap((server) => [...server.sessions]);
  const ground = await openGround({ config, data, seal, log, sessions: () => sessions().length }, closers);
  const { clock, events, sources, domains, routes, administrator } = ground;
  await prepare({ sources, domains, administrator });

  const postmaster = config.delivery.postmaster || `postmaster@${config.hostname}`;
  const signing = wireSigning(ground, postmaster, closers);
  const delivery = wireDelivery(
    ground,
    signing,
    { data, postmaster, trustedCa, dialer: options.dialer },
    closers,
  );
  const systemMail = wireSystemMail(ground, signing, delivery, postmaster);
  let served = certificate;
  const told = await wireAlerts(
    ground,
    { systemMail, version: VERSION, certificate: () => served.cert },
    closers,
  );
  const overview = await wireOverview(
    ground,
    { data, certificate: () => served.cert },
    signing,
    delivery,
    closers,
  );
  const lifecycle = wireLifecycle(ground, delivery, systemMail, closers);
  const credentials = wireCredentials(ground, systemMail, closers);
  const containment = await wireContainment(ground, closers);
  const refusals = wireRefusals(ground, systemMail, postmaster, sessions, closers);
  const weak = await wireExceptions(ground, systemMail, sessions, closers);
  const submission = await wireSubmission(ground, signing, delivery, containment, weak, closers);
  const discovery = await wireDiscovery(ground, submission, delivery, closers);

  const edge = await wireEdge(
    ground,
    submission.rooms,
    delivery.scheduler,
    { trustedCa, directoryCa },
    closers,
  );
  const audit = wireAudit(ground, data, edge.services, closers);
  const lab = await options.lab?.(ground, submission.rooms, closers);
  const tls = (current: Certificate, weakOne: Certificate | undefined, ca: string | undefined) => ({
    submission: submissionTls(current, weakOne, ca, config.tls.minimumVersion),
    edge: edgeTls(current, ca, config.tls.minimumVersion),
  });
  const first = tls(certificate, weakCertificate, clientCa);
  edge.trust(edgeAuthorities(clientCa));
  const common = {
    hostname: config.hostname,
    limits: config.limits,
    proxyFrom: config.proxy.from,
    clock,
    random: ground.random,
  };
  const of = (role: 'submission' | 'edge') => config.listener.filter((listener) => listener.role === role);
  const submissionServer = new SmtpServer({
    ...common,
    listeners: of('submission'),
    tls: first.submission,
    weakPeers: weak.weakPeers,
    handler: new SubmissionHandler(submission.rooms, submission.limits),
  });
  const edgeServer = new SmtpServer({
    ...common,
    listeners: of('edge'),
    tls: first.edge,
    handler: edge.handler,
  });
  servers.push(submissionServer, edgeServer);
  const listening: Listening[] = [];
  const status = {
    version: VERSION,
    hostname: config.hostname,
    startedAt: clock.now(),
    data,
    listeners: listening,
  };
  const useTls = config.api.tls ?? !isLoopback(config.api.host);
  const people = await wirePeople(ground);
  let apiAddress = '';
  const api = await wireApi(
    ground,
    { ...delivery, ...signing },
    {
      ...told,
      ...overview,
      configuration: options.configuration ?? withoutFile(config, data),
      audit,
      containment,
      credentials,
      discovery,
      edge: edge.services,
      lab,
      messages: wireMessages(ground),
      trial: trialOf(data, sources, () => ({ listening, apiAddress })),
      lifecycle,
      ...refusals,
      ...weak,
    },
    submission,
    status,
    { tls: useTls ? certificate : undefined, console: options.console },
    people,
  );
  closers.add(
    watchClock(clock, (ms) => {
      const direction = ms > 0 ? 'forward' : 'back';
      const text = `the clock was set ${direction} by ${Math.round(Math.abs(ms) / 1000)} s`;
      events.write({ type: 'system', text });
    }),
  );
  closers.add(() => api.close());
  closers.add(async () => {
    await Promise.all(servers.map((server) => server.close(GRACE)));
  });

  await delivery.scheduler.start();
  for (const server of servers) {
    for (const { name, host, port, tls: mode } of await server.listen()) {
      listening.push({ name, address: hostPort(host, port), tls: mode });
    }
  }
  await api.listen({ host: config.api.host, port: config.api.port });
  const bound = api.server.address() as AddressInfo;
  apiAddress = `${useTls ? 'https' : 'http'}://${hostPort(config.api.host, bound.port)}`;
  events.write({ type: 'system', text: `started, version ${VERSION}` });
  return {
    sources,
    domains,
    administrator,
    listening,
    apiAddress,
    sandboxOnly: routes.list().length === 0,
    setupLink: (await people.people.hasOwner()) ? undefined : people.setupLinks.make(),
    systemMail,
    setCertificate(next, weakNext, authorities) {
      const renewed = tls(next, weakNext, authorities);
      submissionServer.setTls(renewed.submission);
      edgeServer.setTls(renewed.edge);
      edge.trust(edgeAuthorities(authorities));
      served = next;
    },
    close: () => closers.closeAll(),
  };
}

/** What the API acts on beside the way of a message. */
type Services = Pick<
  ApiContext,
  | 'alerts'
  | 'audit'
  | 'traffic'
  | 'health'
  | 'digests'
  | 'credentials'
  | 'configuration'
  | 'containment'
  | 'discovery'
  | 'edge'
  | 'refusalReport'
  | 'ownerNotices'
  | 'lifecycle'
  | 'exceptions'
  | 'fingerprints'
  | 'listenerSettings'
  | 'messageBytes'
  | 'lab'
  | 'messages'
  | 'trial'
>;

async function wireApi(
  ground: Ground,
  { alignment, inbox, queue, waiting }: Pick<Signing, 'alignment'> & DeliveryRooms,
  services: Services,
  submission: { rooms: SubmissionRooms; limits: SubmissionLimits },
  status: RelayStatus,
  served: Pick<ApiOptions, 'tls' | 'console'>,
  people: PeopleRooms,
): ReturnType<typeof buildApi> {
  const { config, clock, control, domains, journal, metrics, resolver, spool } = ground;
  const { messageBytes, memoryBytes, recipients } = config.limits;
  return buildApi(
    {
      ...ground,
      ...services,
      people,
      declarations: wireDeclarations(ground),
      checkDomain: (domain) => alignment.check(domain),
      spool: queue,
      waiting,
      inbox,
      journal,
      idempotency: new IdempotencyStore(control, clock),
      messageContent: config.api.messageContent,
      connectionsOf: (source) => submission.rooms.sessions.count(source),
      gate: new HttpSubmitter(submission.rooms, submission.limits),
      metricsText: async () => `${(await metrics.metricsText()).text}${await services.alerts.metricsText()}`,
      status: () => status,
      obstacles: () => {
        const obstacle = spool.obstacle();
        return obstacle === undefined ? [] : [obstacle];
      },
      verifySignatures: (message) => verifySignatures(message, ownKeysFirst(domains, resolver), clock.now()),
    },
    {
      messageBytes,
      memoryBytes,
      recipients,
      hostname: config.hostname,
      metricsOpen: config.api.metricsOpen,
      proxies: config.api,
      ...served,
    },
  );
}

function withoutFile(config: Config, data: string): Configuration {
  return new Configuration({
    loaded: { config, data },
    locked: 'this relay was started with a configuration of its own, and reads no file',
    environment: {},
    disk: systemDisk,
    verify: async () => {},
  });
}

function submissionTls(
  { cert, key }: Certificate,
  weak: Certificate | undefined,
  clientCa: string | undefined,
  minVersion: Config['tls']['minimumVersion'],
): ServerTlsOptions {
  return { cert, key, minVersion, ca: clientCa, requestCert: clientCa !== undefined, weak };
}

/** Partners show certificates of public authorities, own servers perhaps of one of our own. */
function edgeTls(
  { cert, key }: Certificate,
  clientCa: string | undefined,
  minVersion: Config['tls']['minimumVersion'],
): ServerTlsOptions {
  return { cert, key, minVersion, ca: edgeAuthorities(clientCa), requestCert: true };
}

function edgeAuthorities(clientCa = ''): string[] {
  return [
    ...rootCertificates,
    ...(clientCa.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []),
  ];
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
