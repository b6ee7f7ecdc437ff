/** An edge on loopback with its organisation, a zone in place of DNS, and a spool in memory. */
import { authenticateMessage } from '../../src/authentication/authenticate.ts';
import { Lookups } from '../../src/authentication/lookups.ts';
import { Zone, type ZoneEntry } from '../../src/authentication/zone.fixture.ts';
import { EventLog } from '../../src/deliver/fixtures.ts';
import { EdgeAcceptance } from '../../src/edge/acceptance.ts';
import { EdgeHandler } from '../../src/edge/handler.ts';
import { Imitations } from '../../src/edge/imitations.ts';
import type { EdgeLimits } from '../../src/edge/rooms.ts';
import { ServerCertificates } from '../../src/edge/server-certificate.ts';
import type { Tenant } from '../../src/edge/tenant.ts';
import { readShownFields } from '../../src/message/shown-fields.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { SmtpServer } from '../../src/smtp/server/server.ts';
import { MessageIds } from '../../src/spool/message-id.ts';
import type { NewMessage } from '../../src/spool/spool.ts';
import { MemoryBudget } from '../../src/submission/memory-budget.ts';
import { MemorySpool } from './memory-spool.ts';
import { SmtpDialogue } from './smtp-dialogue.ts';

const HASH = { relaxed: '' };
const NO_CHECKS = { client: () => undefined, unknown: () => {}, stranger: () => undefined, taken: () => {} };

export interface EdgeDoorOptions {
  tenant: Tenant;
  zone?: Record<string, ZoneEntry>;
  refuseAt?: EdgeLimits['refuseAt'];
  lineEndings?: 'refuse' | 'repair';
  /** STARTTLS with this certificate; clients are asked for one of `authority`. PEM. */
  tls?: { cert: string; key: string; authority: string };
}

export class EdgeDoor {
  readonly spool = new MemorySpool();
  readonly events = new EventLog();
  readonly zone: Zone;
  readonly #options: EdgeDoorOptions;
  readonly #server: SmtpServer;
  #port = 0;

  constructor(options: EdgeDoorOptions) {
    this.#options = options;
    this.zone = new Zone(options.zone);
    const { events, spool } = this;
    const acceptance = new EdgeAcceptance({
      authenticate: ({ body, ...message }) =>
        authenticateMessage(
          { ...message, body: (body as { bytes: Buffer }).bytes },
          new Lookups({ resolver: this.zone, clock: systemClock }),
          { receiver: 'edge.test' },
        ),
      checks: NO_CHECKS,
      clock: systemClock,
      events,
      hostname: 'edge.test',
      imitations: new Imitations(),
      shown: readShownFields,
      spool,
      stored: () => {},
      limits: { headerBytes: 262_144, headerFields: 1000, hops: 100 },
    });
    const serverCertificates = new ServerCertificates(systemClock);
    if (options.tls) serverCertificates.trust([options.tls.authority]);
    const handler = new EdgeHandler(
      {
        spool,
        signer: { hash: () => HASH, hasher: () => ({ update: () => {}, digest: () => HASH }) },
        budget: new MemoryBudget(64 * 1024 * 1024),
        directory: { tenants: () => [this.#options.tenant] },
        recipients: { find: (_, address) => (address.startsWith('nobody@') ? 'unknown' : 'known') },
        checks: NO_CHECKS,
        serverCertificates,
        events,
        ids: new MessageIds(systemClock),
        accept: (...all) => acceptance.accept(...all),
      },
      {
        messageBytes: 20_000_000,
        headerBytes: 262_144,
        inlineBytes: 20_000_000,
        refuseAt: options.refuseAt ?? 'data',
      },
    );
    this.#server = new SmtpServer({
      hostname: 'edge.test',
      listeners: [
        {
          name: 'edge',
          host: '127.0.0.1',
          port: 0,
          tls: options.tls ? 'starttls' : 'none',
          credentials: ['network'],
          plainAuthentication: false,
          lineEndings: options.lineEndings ?? 'refuse',
        },
      ],
      limits: {
        connections: 100,
        connectionsPerNetwork: 100,
        commandLine: 2048,
        commands: 1000,
        errors: 100,
        recipients: 100,
        messageBytes: 20_000_000,
        idleSeconds: 20,
        dataIdleSeconds: 20,
        sessionSeconds: 60,
        minimumBytesPerSecond: 0,
      },
      ...(options.tls && {
        tls: { cert: options.tls.cert, key: options.tls.key, ca: options.tls.authority, requestCert: true },
      }),
      proxyFrom: ['127.0.0.0/8'],
      handler,
    });
  }

  async open(): Promise<this> {
    this.#port = (await this.#server.listen())[0]?.port ?? 0;
    return this;
  }

  close(): Promise<void> {
    return this.#server.close(0);
  }

  connect(clientAddress = '203.0.113.66'): Promise<SmtpDialogue> {
    return SmtpDialogue.connect(this.#port, { clientAddress });
  }

  /** One message; answers the last reply, and what was taken. */
  async send(mail: {
    content: string | Buffer;
    from?: string;
    to?: string[];
    address?: string;
  }): Promise<{ reply: string; taken: NewMessage | undefined }> {
    const before = this.spool.messages.size;
    const client = await this.connect(mail.address);
    try {
      await client.hello();
      const reply = await client.send({
        from: mail.from ?? 'attacker@attacker.test',
        to: mail.to ?? ['boss@contoso.test'],
        content: mail.content,
      });
      const taken = this.spool.messages.size > before ? [...this.spool.messages.values()].at(-1) : undefined;
      return { reply, taken };
    } finally {
      client.destroy();
    }
  }
}
