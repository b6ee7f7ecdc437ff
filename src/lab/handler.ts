import type { EdgeHandler } from '../edge/handler.ts';
import { readAuthor } from './author-text.ts';
import { HeaderIndex, type HeaderLimits } from '../message/headers.ts';
import type { Envelope } from '../message/envelope.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { isPositive, type RefusalFacts, type Reply } from '../smtp/reply.ts';
import type { MessageReceiver, SessionView, SmtpHandler } from '../smtp/server/handler.ts';
import type { Arrival } from './arrival.ts';
import { readHead } from './head-facts.ts';
import { newGuid } from './service.ts';
import { tlsOf } from './tls-names.ts';

export interface LabHandlerRooms {
  edge: EdgeHandler;
  clock: Clock;
  random: Random;
  limits: HeaderLimits;
  /** Keeps the trace of a message that was refused at its end. */
  keep(arrival: Arrival): Promise<void>;
  /** Identifier of a tenant by its name. */
  tenantId(name: string): string;
}

/**
 * The edge's handler, with a trace of what is refused at the end of a message: who wrote it is known only then. What is
 * refused at RCPT leaves none, as in the service.
 */
export class LabHandler implements SmtpHandler {
  readonly connected: SmtpHandler['connected'];
  readonly mechanisms: SmtpHandler['mechanisms'];
  readonly authenticate: SmtpHandler['authenticate'];
  readonly mail: SmtpHandler['mail'];
  readonly recipient: SmtpHandler['recipient'];
  readonly postmaster: NonNullable<SmtpHandler['postmaster']>;
  readonly refused: SmtpHandler['refused'];
  readonly tlsFailed: SmtpHandler['tlsFailed'];
  readonly closed: SmtpHandler['closed'];
  readonly #rooms: LabHandlerRooms;

  constructor(rooms: LabHandlerRooms) {
    const { edge } = rooms;
    this.#rooms = rooms;
    this.connected = () => edge.connected();
    this.mechanisms = () => edge.mechanisms();
    this.authenticate = () => edge.authenticate();
    this.mail = (session, command) => edge.mail(session, command);
    this.recipient = (session, envelope, recipient) => edge.recipient(session, envelope, recipient);
    this.postmaster = () => edge.postmaster();
    this.refused = (session, reply, command) => edge.refused(session, reply, command);
    this.tlsFailed = (session, failure) => edge.tlsFailed(session, failure);
    this.closed = (session, summary) => edge.closed(session, summary);
  }

  message(session: SessionView, envelope: Readonly<Envelope>): MessageReceiver | Reply {
    const receiver = this.#rooms.edge.message(session, envelope);
    if (!('write' in receiver)) return receiver;
    const head = new HeadKeeper(this.#rooms.limits.headerBytes);
    return {
      write: (chunk) => {
        head.write(chunk);
        return receiver.write(chunk);
      },
      end: async () => {
        const reply = await receiver.end();
        if (!isPositive(reply)) await this.#refused(session, envelope, head, reply);
        return reply;
      },
      abort: () => receiver.abort(),
    };
  }

  async #refused(
    session: SessionView,
    envelope: Readonly<Envelope>,
    head: HeadKeeper,
    reply: Reply,
  ): Promise<void> {
    const { clock, keep, limits, random, tenantId } = this.#rooms;
    const index = new HeaderIndex(head.octets, limits);
    const { facts = {} } = reply;
    await keep({
      networkMessageId: newGuid(random),
      internalId: 0,
      ...readHead(index),
      at: clock.now(),
      clientAddress: session.address,
      hello: session.hello,
      ...tlsOf(session.tls),
      returnPath: envelope.from,
      sender: readAuthor(index),
      size: head.total,
      tenant: tenantId(String(facts['tenant'] ?? '')),
      directionality: facts['attribution'] === 'originating' ? 'Originating' : 'Incoming',
      directSend: facts['directSend'] === 'yes',
      ...connectorOf(facts),
      accepted: false,
      reply: [reply.code, reply.enhanced, ...[reply.text].flat()].join(' '),
      recipients: envelope.recipients.map(({ address }) => ({ address })),
    });
  }
}

/** The connector that had matched before the message was refused for what it says. */
function connectorOf({ connector, connectorType }: RefusalFacts): Pick<Arrival, 'connector'> {
  if (typeof connector !== 'string') return {};
  return { connector: { name: connector, type: connectorType === 'OnPremises' ? 'OnPremises' : 'Partner' } };
}

/** Keeps the header section of a message on its way, and counts the rest. */
class HeadKeeper {
  total = 0;
  readonly #most: number;
  #kept: Buffer = Buffer.alloc(0);
  #whole = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** With its closing empty line; empty when it was too long. */
  get octets(): Buffer {
    return this.#whole ? this.#kept : Buffer.from('\r\n');
  }

  write(chunk: Buffer): void {
    this.total += chunk.length;
    if (this.#whole || this.#kept.length > this.#most) return;
    // the last octets of before may begin the empty line that these end
    const from = Math.max(0, this.#kept.length - 3);
    this.#kept = Buffer.concat([this.#kept, chunk]);
    const end = this.#kept.indexOf('\r\n\r\n', from);
    if (end < 0) return;
    this.#kept = this.#kept.subarray(0, end + 4);
    this.#whole = true;
  }
}
