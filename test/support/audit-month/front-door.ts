/** Brings messages to the lab's front door without a socket: its own rooms decide, judge, stamp and trace. */
import type { TLSSocket } from 'node:tls';
import { authenticateMessage } from '../../../src/authentication/authenticate.ts';
import { type SigningKeyParts, signingKeys } from './keys.ts';
import { Lookups } from '../../../src/authentication/lookups.ts';
import { decide, type FrontDoorDecision } from '../../../src/edge/front-door.ts';
import { EdgeHandler } from '../../../src/edge/handler.ts';
import { Imitations } from '../../../src/edge/imitations.ts';
import type { Tenant } from '../../../src/edge/tenant.ts';
import { LabAcceptance } from '../../../src/lab/acceptance.ts';
import { signed } from '../../../src/lab/actors/signed.ts';
import type { Arrival } from '../../../src/lab/arrival.ts';
import { LabHandler } from '../../../src/lab/handler.ts';
import { FRONT_END_HOST, replySuffix } from '../../../src/lab/service.ts';
import { domainOf } from '../../../src/message/envelope.ts';
import { ManualClock } from '../../../src/platform/clock.ts';
import type { Disk } from '../../../src/platform/disk.ts';
import { bothFamilies, ResolveError, type Resolver } from '../../../src/platform/resolver.ts';
import type { Random } from '../../../src/platform/random.ts';
import type { SessionView } from '../../../src/smtp/server/handler.ts';
import { MessageIds } from '../../../src/spool/message-id.ts';
import { MemoryBudget } from '../../../src/submission/memory-budget.ts';
import { MemorySpool } from '../memory-spool.ts';
import type { Company } from './company.ts';
import type { Sending } from './sending.ts';

/** What became of a message, and what the front door decided on it. */
export interface Received {
  arrival: Arrival;
  /** As it lies in the mailbox; absent when it was refused. */
  content?: Buffer;
  directSend: boolean;
}

const LIMITS = { headerBytes: 262_144, headerFields: 1000, hops: 50 };
const NO_HASH = { relaxed: '' };

export class MonthDoor {
  readonly #tenant: Tenant;
  readonly #clock: ManualClock;
  readonly #handler: LabHandler;
  readonly #keys: ReadonlyMap<string, SigningKeyParts>;
  #kept: { arrival: Arrival; content?: Buffer } | undefined;

  static async open(company: Company): Promise<MonthDoor> {
    return new MonthDoor(company, await signingKeys(company.keys));
  }

  private constructor(company: Company, keys: ReadonlyMap<string, SigningKeyParts>) {
    const tenant = company.tenant();
    const clock = new ManualClock(company.begin);
    const records = new Map(company.zone());
    for (const { record, text } of keys.values()) records.set(`TXT ${record}`, [text]);
    const resolver = new RecordResolver(records);
    const random: Random = {
      bytes: (count) => Buffer.from(company.chance.hex(2 * count), 'hex'),
      fraction: () => company.chance.fraction(),
    };
    const mailboxes = new Set(company.users);
    const keep = (arrival: Arrival, content?: Buffer): Promise<void> => {
      this.#kept = { arrival, ...(content && { content }) };
      return Promise.resolve();
    };
    const spool = new MemorySpool();
    const suffix = (): string => replySuffix(clock.now(), random);
    const acceptance = new LabAcceptance({
      authenticate: ({ body, ...message }) => {
        if (body.kind !== 'memory') throw new Error('a body that is no small one');
        return authenticateMessage({ ...message, body: body.bytes }, new Lookups({ resolver, clock }), {
          receiver: FRONT_END_HOST,
        });
      },
      clock,
      disk: NO_DISK,
      hasMailbox: (address) => mailboxes.has(address),
      imitations: new Imitations(),
      keep,
      limits: LIMITS,
      random,
      spool,
      suffix,
    });
    const edge = new EdgeHandler(
      {
        spool,
        signer: { hash: () => NO_HASH, hasher: () => ({ update: () => {}, digest: () => NO_HASH }) },
        budget: new MemoryBudget(64 * 1024 * 1024),
        directory: { tenants: () => [tenant] },
        recipients: { find: (_, address) => (mailboxes.has(address) ? 'known' : 'unknown') },
        checks: { client: () => undefined, stranger: () => undefined, unknown: () => {}, taken: () => {} },
        events: { write: () => {} },
        ids: new MessageIds(clock),
        accept: (session, transaction, envelope, message) =>
          acceptance.accept(session, transaction, envelope, message),
        suffix,
      },
      { messageBytes: 1_000_000, headerBytes: LIMITS.headerBytes, inlineBytes: 1_000_000, refuseAt: 'data' },
    );
    this.#tenant = tenant;
    this.#clock = clock;
    this.#keys = keys;
    this.#handler = new LabHandler({
      edge,
      clock,
      random,
      limits: LIMITS,
      keep,
      tenantId: () => tenant.id,
    });
  }

  /** The messages have to come in the order of their time. @throws for one that the front door lets no trace of */
  async take(sending: Sending): Promise<Received> {
    const { at, address, from, helo, tls, to } = sending;
    if (at > this.#clock.now()) this.#clock.advance(at - this.#clock.now());
    const session = sessionOf(address, helo, tls, at);
    const envelope = {
      from,
      recipients: [{ address: to }],
      smtpUtf8: false,
      body: '7bit',
      requireTls: false,
    } as const;
    const content = await this.#written(sending);
    this.#kept = undefined;
    const refused =
      (await this.#handler.mail(session, { from, size: content.length, envelope })) ??
      (await this.#handler.recipient(session, { ...envelope, recipients: [] }, { address: to }));
    const receiver =
      refused ?? this.#handler.message(session, { ...envelope, recipients: [{ address: to }] });
    if (!('write' in receiver))
      throw new Error(`no trace of ${from} to ${to}: ${[receiver.text].flat().join(' ')}`);
    await receiver.write(content);
    const reply = await receiver.end();
    const kept = this.#kept as { arrival: Arrival; content?: Buffer } | undefined;
    if (!kept) throw new Error(`${from} to ${to}: ${[reply.text].flat().join(' ')}`);
    return { ...kept, directSend: this.#decision(sending).directSend };
  }

  #decision({ address, from, tls, to }: Sending): FrontDoorDecision {
    return decide([this.#tenant], {
      client: { address, tls, certificateNames: [] },
      senderDomain: from === '' ? '' : domainOf(from),
      recipientDomain: domainOf(to),
      recipientExists: true,
    });
  }

  async #written(sending: Sending): Promise<Buffer> {
    const { at, attachment, author, changed, fields = [], keys = [], messageId, subject, to } = sending;
    const typed = fields.some(([name]) => name === 'Content-Type');
    const head = [
      `From: <${author}>`,
      `To: <${to}>`,
      `Subject: ${/^[\x20-\x7e]*$/.test(subject) ? subject : `=?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`}`,
      `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: ${messageId}`,
      'MIME-Version: 1.0',
      ...fields.map(([name, value]) => `${name}: ${value}`),
      ...(attachment ? ['Content-Type: multipart/mixed; boundary=part'] : []),
      ...(attachment || typed ? [] : ['Content-Type: text/plain; charset=utf-8']),
    ];
    const body = attachment
      ? [
          '--part',
          'Content-Type: text/plain',
          '',
          'See the attachment.',
          '--part',
          `Content-Type: ${attachment.type}; name="${attachment.name}"`,
          `Content-Disposition: attachment; filename="${attachment.name}"`,
          'Content-Transfer-Encoding: base64',
          '',
          Buffer.from(attachment.content).toString('base64'),
          '--part--',
        ]
      : ['Hello.'];
    const plain = Buffer.from([...head, '', ...body, ''].join('\r\n'));
    const whole = await signed(
      plain,
      keys.map((name) => this.#keys.get(name)!.key),
      at,
    );
    return changed ? Buffer.concat([whole, Buffer.from('-- \r\nadded on the way\r\n')]) : whole;
  }
}

/** DNS from a table; what is not in it does not exist. */
export class RecordResolver implements Resolver {
  readonly #records: ReadonlyMap<string, readonly string[]>;

  constructor(records: ReadonlyMap<string, readonly string[]>) {
    this.#records = records;
  }

  async txt(name: string): Promise<string[]> {
    return this.#answer('TXT', name);
  }

  addresses(host: string): Promise<string[]> {
    return bothFamilies(this, host);
  }

  async a(host: string): Promise<string[]> {
    return this.#answer('A', host);
  }

  async aaaa(host: string): Promise<string[]> {
    return this.#answer('AAAA', host);
  }

  async ptr(address: string): Promise<string[]> {
    return this.#answer('PTR', address);
  }

  async mx(domain: string): Promise<never> {
    throw new ResolveError('nxdomain', domain);
  }

  #answer(type: string, name: string): string[] {
    const values = this.#records.get(`${type} ${name}`);
    if (!values) throw new ResolveError('nxdomain', `${type} ${name}`);
    return [...values];
  }
}

const NO_DISK: Pick<Disk, 'open'> = {
  open: () => Promise.reject(new Error('bodies are in memory')),
};

function sessionOf(address: string, hello: string, secured: boolean, at: number): SessionView {
  const socket = {
    getCipher: () => ({ standardName: 'TLS_AES_256_GCM_SHA384' }),
  } as unknown as TLSSocket;
  return {
    id: `${at}`,
    listener: { name: 'month', credentials: new Set(), plainAuthentication: false },
    address,
    port: 50_000,
    hello,
    extended: true,
    tls: secured
      ? { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', certificateVerified: false, socket }
      : undefined,
    startedAt: at,
    identity: undefined,
    terminate: () => {},
  };
}
