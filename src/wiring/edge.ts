import type { EdgeServices } from '../api/context.ts';
import { authenticateMessage } from '../authentication/authenticate.ts';
import { KeyRecords } from '../authentication/dkim/key-records.ts';
import { Lookups } from '../authentication/lookups.ts';
import { deliveriesOf } from '../deliver/deliveries.ts';
import type { Scheduler } from '../deliver/scheduler.ts';
import { ArcSeal } from '../edge/arc-seal.ts';
import { EdgeAcceptance } from '../edge/acceptance.ts';
import { EdgeHandler } from '../edge/handler.ts';
import { Imitations } from '../edge/imitations.ts';
import type { EdgeRooms } from '../edge/rooms.ts';
import { ServerCertificates } from '../edge/server-certificate.ts';
import { StoredDirectory } from '../edge/stored-directory.ts';
import { acceptedDomain } from '../edge/tenant.ts';
import { bodyChunks } from '../message/body-chunks.ts';
import { shownFieldsReader } from '../message/shown-fields.ts';
import { DnsCache } from '../platform/dns-cache.ts';
import type { SubmissionRooms } from '../submission/rooms.ts';
import type { Closers } from './closers.ts';
import { type EdgeChecksOptions, wireEdgeChecks } from './edge-checks.ts';
import type { Ground } from './ground.ts';

/** Octets of a large body that are verified at a time. */
const BLOCK = 262_144;

export interface Edge {
  handler: EdgeHandler;
  /** Whose certificates of clients are believed from now on, PEM. */
  trust(authorities: readonly string[]): void;
  services: EdgeServices;
}

/** The way in from the internet. */
export async function wireEdge(
  ground: Ground,
  { budget, signer }: Pick<SubmissionRooms, 'budget' | 'signer'>,
  scheduler: Pick<Scheduler, 'offer'>,
  authorities: Pick<EdgeChecksOptions, 'trustedCa' | 'directoryCa'>,
  closers: Closers,
): Promise<Edge> {
  const { config, clock, control, disk, domains, events, ids, journal, random, resolver, spool } = ground;
  const { hostname, limits } = config;
  const cache = new DnsCache(resolver, { clock });
  const records = new KeyRecords();
  const directory = new StoredDirectory(control, clock, random);
  await directory.open();
  const { checks, recipients } = await wireEdgeChecks(
    ground,
    {
      list: {
        has: (_, address) => directory.recipients.has(address),
        isEmpty: (tenant, domain) =>
          [domain, acceptedDomain(tenant, domain)?.name ?? domain].every(
            (name) => directory.recipients.countOf(name) === 0,
          ),
      },
      tenants: () => directory.tenants(),
      resolver: cache,
      ...authorities,
    },
    closers,
  );
  const arcSeal =
    config.edge.seal === ''
      ? undefined
      : new ArcSeal(config.edge.seal.toLowerCase(), { domains, signer, disk, clock, hostname });
  const acceptance = new EdgeAcceptance({
    authenticate: ({ body, ...message }) =>
      authenticateMessage(
        { ...message, body: body.kind === 'memory' ? body.bytes : bodyChunks(body, disk, BLOCK) },
        new Lookups({ resolver: cache, clock }),
        { receiver: hostname, records },
      ),
    checks,
    clock,
    events,
    hostname,
    imitations: new Imitations(),
    ...(arcSeal && { seal: (...sealed) => arcSeal.seal(...sealed) }),
    shown: shownFieldsReader(config.journal.subjects),
    spool,
    stored: (message) => {
      const payload = message.body.kind === 'memory' ? message : undefined;
      for (const delivery of deliveriesOf(message)) scheduler.offer(delivery, payload);
    },
    limits,
  });
  const serverCertificates = new ServerCertificates(clock);
  const rooms: EdgeRooms = {
    spool,
    // DKIM is verified over the whole message, by the hash that its signature asks for: none is made on the way in
    signer: { hash: () => NO_HASH, hasher: () => ({ update: () => {}, digest: () => NO_HASH }) },
    budget,
    directory,
    recipients,
    checks,
    serverCertificates,
    events,
    ids,
    transcripts: journal,
    accept: (session, transaction, envelope, message) =>
      acceptance.accept(session, transaction, envelope, message),
  };
  const { messageBytes, headerBytes, inlineBytes } = limits;
  const { refuseAt } = config.edge;
  const handler = new EdgeHandler(rooms, { messageBytes, headerBytes, inlineBytes, refuseAt });
  const services: EdgeServices = {
    directory,
    listeners: config.listener.filter(({ role }) => role === 'edge').map(({ name }) => name),
    refuseAt,
    recipientHealth: () => recipients.health(),
    checksHealth: () => checks.health(),
  };
  return { handler, services, trust: (authorities) => serverCertificates.trust(authorities) };
}

const NO_HASH = { relaxed: '' };
