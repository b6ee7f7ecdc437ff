import { authenticateMessage } from '../authentication/authenticate.ts';
import { Lookups } from '../authentication/lookups.ts';
import { EdgeHandler } from '../edge/handler.ts';
import { Imitations } from '../edge/imitations.ts';
import type { EdgeRooms } from '../edge/rooms.ts';
import { LabAcceptance } from '../lab/acceptance.ts';
import type { Arrival } from '../lab/arrival.ts';
import { LabHandler } from '../lab/handler.ts';
import type { Lab, LabCertificate } from '../lab/lab.ts';
import type { RunningLab } from '../lab/running-lab.ts';
import { FRONT_END_HOST, replySuffix, SERVICE_VOICE } from '../lab/service.ts';
import { endpointOf, NAMES, PRINTER } from '../lab/world.ts';
import { bodyChunks } from '../message/body-chunks.ts';
import { type ListenerOptions, SmtpServer } from '../smtp/server/server.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import type { MemoryBudget } from '../submission/memory-budget.ts';
import { hashPassword } from '../submission/secret.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

/** Milliseconds that messages in progress get to finish when the lab stops. */
const GRACE = 2000;
/** Octets of a large body that are verified at a time. */
const BLOCK = 262_144;
const LOOPBACK = '127.0.0.1';
/** What Exchange Online takes unless its administrator says otherwise: 36 MB. */
const MESSAGE_BYTES = 37_748_736;
const DOMAIN = PRINTER.slice(PRINTER.indexOf('@') + 1);
const SOURCE = 'printer';

export interface LabWiring {
  lab: RunningLab;
  /** Certificate of the front door. */
  server: LabCertificate;
  /** Of the source `printer`. */
  password: string;
  /** 0 takes any that is free. */
  ports: { people: number; proxied: number };
}

/** Opens the front door of a lab beside a relay, and shows the relay the way to it. */
export async function wireLab(
  ground: Ground,
  { budget }: { budget: MemoryBudget },
  wiring: LabWiring,
  closers: Closers,
): Promise<Lab> {
  const { lab, server, ports } = wiring;
  const handler = labHandler(ground, budget, lab);
  const front = (proxyFrom: string[], options: Pick<ListenerOptions, 'name' | 'port'>): SmtpServer =>
    new SmtpServer({
      hostname: FRONT_END_HOST,
      listeners: [
        {
          ...options,
          host: LOOPBACK,
          tls: 'starttls',
          credentials: [],
          plainAuthentication: false,
          lineEndings: 'refuse',
        },
      ],
      limits: { ...ground.config.limits, messageBytes: MESSAGE_BYTES },
      tls: {
        cert: server.certificate,
        key: server.privateKey,
        minVersion: 'TLSv1.2',
        ca: [lab.authority],
        requestCert: true,
      },
      proxyFrom,
      voice: SERVICE_VOICE,
      handler,
      clock: ground.clock,
      random: ground.random,
    });
  const servers = [
    front([], { name: 'lab', port: ports.people }),
    front([`${LOOPBACK}/8`], { name: 'lab-proxied', port: ports.proxied }),
  ];
  closers.add(async () => {
    await Promise.all(servers.map((one) => one.close(GRACE)));
  });
  const [people, proxied] = (await Promise.all(servers.map((one) => one.listen()))).flat();
  lab.opened({
    frontDoor: {
      host: LOOPBACK,
      name: endpointOf(DOMAIN),
      port: people?.port ?? 0,
      proxiedPort: proxied?.port ?? 0,
    },
    signing: () => ground.domains.list(),
  });
  await showTheWay(ground, wiring);
  return lab;
}

function labHandler(ground: Ground, budget: MemoryBudget, lab: RunningLab): LabHandler {
  const { clock, config, disk, events, ids, journal, random, resolver, spool } = ground;
  const { headerBytes, headerFields, hops, inlineBytes } = config.limits;
  const addresses = new Set(lab.mailboxes().map(({ address }) => address));
  const hasMailbox = (address: string): boolean => addresses.has(address.toLowerCase());
  const suffix = (): string => replySuffix(clock.now(), random);
  const keep = async (arrival: Arrival, content?: Buffer): Promise<void> => {
    await lab.keep(arrival, content);
    if (arrival.accepted) events.write(acceptanceOf(arrival));
  };
  const acceptance = new LabAcceptance({
    // without a cache: what is changed in the lab's DNS counts at once
    authenticate: ({ body, ...message }) =>
      authenticateMessage(
        { ...message, body: body.kind === 'memory' ? body.bytes : bodyChunks(body, disk, BLOCK) },
        new Lookups({ resolver, clock }),
        { receiver: FRONT_END_HOST },
      ),
    clock,
    disk,
    hasMailbox,
    imitations: new Imitations(),
    keep,
    limits: { headerBytes, headerFields, hops },
    random,
    spool,
    suffix,
  });
  const rooms: EdgeRooms = {
    spool,
    // signatures are verified over the whole message, by the hash that each asks for: none is made on the way in
    signer: { hash: () => NO_HASH, hasher: () => ({ update: () => {}, digest: () => NO_HASH }) },
    budget,
    directory: { tenants: () => lab.tenants() },
    recipients: { find: (_, address) => (hasMailbox(address) ? 'known' : 'unknown') },
    checks: { client: () => undefined, stranger: () => undefined, unknown: () => {}, taken: () => {} },
    events,
    ids,
    transcripts: journal,
    accept: (session, transaction, envelope, message) =>
      acceptance.accept(session, transaction, envelope, message),
    suffix,
  };
  return new LabHandler({
    edge: new EdgeHandler(rooms, {
      messageBytes: MESSAGE_BYTES,
      headerBytes,
      inlineBytes,
      get refuseAt() {
        return lab.refuseAt;
      },
    }),
    clock,
    random,
    limits: { headerBytes, headerFields },
    keep,
    tenantId: (name) => lab.tenants().find((one) => one.name === name)?.id ?? '',
  });
}

/** The relay signs for the first tenant, knows its printer, and hands mail over with a certificate of its own. */
async function showTheWay({ domains, routes, sources }: Ground, { lab, password }: LabWiring): Promise<void> {
  if (!domains.byName(DOMAIN)) await domains.add(DOMAIN, { internal: true });
  if (!sources.list().some(({ name }) => name === SOURCE)) {
    const { id } = await sources.add({
      name: SOURCE,
      description: 'The printer of the office, after its move to the relay',
      owner: `anna.keller@${DOMAIN}`,
      policy: { ...DEFAULT_POLICY, pairs: [{ envelope: PRINTER, header: PRINTER }] },
    });
    await sources.addCredential({
      source: id,
      label: 'SMTP',
      state: 'active',
      account: SOURCE,
      secret: await hashPassword(password),
      networks: ['127.0.0.0/8', '::1/128'],
    });
  }
  const clientCertificate = await lab.clientCertificate(NAMES.relay);
  for (const { name: tenant, domains: accepted } of lab.tenants()) {
    const [first] = accepted;
    if (!first) continue;
    await routes.set({
      name: `lab-${tenant}`,
      match: { recipientDomain: first.name },
      target: {
        kind: 'smarthost',
        hosts: [{ host: endpointOf(first.name), port: lab.frontDoor.proxiedPort }],
        implicitTls: false,
        clientCertificate,
      },
      tls: 'verified',
      connections: 4,
      messagesPerConnection: 100,
    });
  }
}

function acceptanceOf(arrival: Arrival): Parameters<Ground['events']['write']>[0] {
  const { at, clientAddress, returnPath, recipients, size, hello, sender, verdict } = arrival;
  return {
    type: 'acceptance',
    at,
    listener: 'lab',
    network: clientAddress,
    from: returnPath,
    to: recipients.map(({ address }) => address),
    size,
    outcome: 'stored',
    detail: {
      hello,
      ...(sender !== returnPath && { headerFrom: sender }),
      lab: { networkMessageId: arrival.networkMessageId, folder: recipients[0]?.folder, ...verdict },
    },
  };
}

const NO_HASH = { relaxed: '' };
