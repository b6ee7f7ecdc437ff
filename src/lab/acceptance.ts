/**
 * The way of a message through the stand-in from "received whole" to a mailbox: what does it prove, where would the
 * service put it. What the service refuses is refused in its words.
 */
import type { Authentication } from '../authentication/authenticate.ts';
import { readDomainAuthor } from '../authentication/author.ts';
import type { FrontDoorDecision } from '../edge/front-door.ts';
import type { Imitations } from '../edge/imitations.ts';
import { type Judgement, judge } from '../edge/judgement.ts';
import { edgeReply } from '../edge/replies.ts';
import { type Authenticate, type EdgeTransaction, leading } from '../edge/rooms.ts';
import type { Tenant } from '../edge/tenant.ts';
import { trustedSealer } from '../edge/trusted-seal.ts';
import { bodyChunks } from '../message/body-chunks.ts';
import type { Body } from '../message/content.ts';
import type { Envelope } from '../message/envelope.ts';
import { HeaderIndex, type HeaderLimits } from '../message/headers.ts';
import type { Clock } from '../platform/clock.ts';
import type { Disk } from '../platform/disk.ts';
import type { Random } from '../platform/random.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type { SessionView } from '../smtp/server/handler.ts';
import type { Spool } from '../spool/spool.ts';
import type { ReceivedMessage } from '../submission/reception.ts';
import type { Arrival } from './arrival.ts';
import { readHead } from './head-facts.ts';
import { FOLDERS, verdictOf } from './verdict.ts';
import { newGuid, queuedText } from './service.ts';
import { stamp } from './stamp.ts';
import { tlsOf } from './tls-names.ts';

export interface LabAcceptanceRooms {
  authenticate: Authenticate;
  clock: Clock;
  disk: Pick<Disk, 'open'>;
  imitations: Imitations;
  /** Whether the address has a mailbox. */
  hasMailbox(address: string): boolean;
  /** Keeps a message and its trace; resolves when both are written. */
  keep(arrival: Arrival, content: Buffer): Promise<void>;
  limits: HeaderLimits & { hops: number };
  random: Random;
  spool: Pick<Spool, 'discardBody'>;
  suffix(): string;
}

/** Octets of a large body that are read at a time. */
const BLOCK = 262_144;

export class LabAcceptance {
  readonly #rooms: LabAcceptanceRooms;

  constructor(rooms: LabAcceptanceRooms) {
    this.#rooms = rooms;
  }

  /** Never throws: what can't be helped is answered 4xx, and told to the journal. */
  async accept(
    session: SessionView,
    transaction: EdgeTransaction,
    envelope: Readonly<Envelope>,
    received: ReceivedMessage,
  ): Promise<Reply> {
    try {
      return await this.#steps(session, transaction, envelope, received);
    } catch (error) {
      return refuse('X902', error instanceof Error ? (error.stack ?? error.message) : String(error));
    } finally {
      if (received.body.kind === 'file') await this.#rooms.spool.discardBody(received.body);
    }
  }

  async #steps(
    session: SessionView,
    transaction: EdgeTransaction,
    envelope: Readonly<Envelope>,
    received: ReceivedMessage,
  ): Promise<Reply> {
    const { authenticate, clock, imitations, keep, limits, random, suffix } = this.#rooms;
    const started = clock.monotonic();
    const { decision, tenant } = leading(transaction);
    const index = new HeaderIndex(received.head, limits);
    if (index.all('received').length > limits.hops) return refuse('M607');
    const author = readDomainAuthor(index);
    if (author.kind !== 'domain') return edgeReply('E205', {}, { suffix: suffix() });

    const authentication = await authenticate({
      address: session.address,
      helo: session.hello,
      sender: envelope.from,
      head: index,
      body: received.body,
    });
    const sealedBy = trustedSealer(tenant, authentication.arc, author.domain);
    const judgement = judge({
      decision: asFiltered(decision),
      tenant: asEnforced(tenant, decision),
      senderDomain: transaction.senderDomain,
      author: author.address,
      authorDomain: author.domain,
      dmarc: enforceable(authentication, tenant, decision),
      imitation: imitations.of(tenant, author, index),
      sealedBy,
    });
    const facts = { decision, tenant, authentication, authorDomain: author.domain, sealedBy, judgement };
    const verdict = verdictOf(facts);
    if (judgement.refusal) return refusalOf(judgement, decision, author.domain, suffix);

    const arrival: Arrival = {
      networkMessageId: newGuid(random),
      internalId: random.bytes(6).readUIntBE(0, 6),
      ...readHead(index),
      at: clock.now(),
      clientAddress: session.address,
      hello: session.hello,
      ...tlsOf(session.tls),
      returnPath: envelope.from,
      sender: author.address,
      size: 0,
      tenant: tenant.id,
      directionality: verdict.directionality,
      directSend: verdict.directSend,
      ...connectorOf(decision),
      accepted: true,
      reply: '',
      verdict,
      recipients: envelope.recipients.map(({ address }) => ({
        address,
        ...(this.#rooms.hasMailbox(address) && {
          id: random.bytes(6).toString('hex'),
          folder: FOLDERS[judgement.placement],
        }),
      })),
    };
    const head = stamp(index, { arrival, tenant, verdict, authentication, authorDomain: author.domain });
    const content = Buffer.concat([head, await this.#bodyOf(received.body)]);
    arrival.size = content.length;
    const reply = {
      code: 250,
      enhanced: '2.6.0',
      text: queuedText(
        arrival.messageId,
        arrival.internalId,
        content.length,
        Math.round(clock.monotonic() - started),
      ),
    };
    arrival.reply = `${reply.code} ${reply.enhanced} ${reply.text}`;
    await keep(arrival, content);
    return reply;
  }

  async #bodyOf(body: Body): Promise<Buffer> {
    if (body.kind === 'memory') return body.bytes;
    const pieces: Buffer[] = [];
    for await (const piece of bodyChunks(body, this.#rooms.disk, BLOCK)) pieces.push(piece);
    return Buffer.concat(pieces);
  }
}

/** A partner connector lets mail in; it stays incoming, and is filtered like any other. */
function asFiltered(decision: FrontDoorDecision): FrontDoorDecision {
  const { attribution } = decision;
  if (attribution.kind !== 'incoming' || !attribution.connector) return decision;
  const { kind, tenant, domain } = attribution;
  return { ...decision, attribution: { kind, tenant, domain } };
}

/** What a partner's connector vouches for is no pretence of the own domain, whatever it proves. */
function asEnforced(tenant: Tenant, { attribution }: FrontDoorDecision): Tenant {
  if (attribution.kind !== 'incoming' || !attribution.connector) return tenant;
  return { ...tenant, organization: { ...tenant.organization, ownDomainSpoof: 'off' } };
}

/** With its MX elsewhere a tenant's anonymous mail has another gateway's address: no policy is applied to it. */
function enforceable(
  { dmarc }: Authentication,
  { organization }: Tenant,
  { attribution }: FrontDoorDecision,
): Authentication['dmarc'] {
  const connected = attribution.kind !== 'none' && attribution.connector !== undefined;
  if (organization.mxPointsHere || connected || dmarc.policy === undefined) return dmarc;
  return { ...dmarc, policy: 'none' };
}

function connectorOf({ attribution }: FrontDoorDecision): Pick<Arrival, 'connector'> {
  if (attribution.kind === 'none' || !attribution.connector) return {};
  const { name, type } = attribution.connector;
  return { connector: { name, type: type === 'partner' ? 'Partner' : 'OnPremises' } };
}

function refusalOf(
  { refusal, reasons }: Judgement,
  decision: FrontDoorDecision,
  domain: string,
  suffix: () => string,
): Reply {
  // refused behind the front end: each server on the way has added itself to the text
  const servers = refusal === 'E206' ? [suffix(), suffix(), suffix()] : [suffix()];
  return edgeReply(
    refusal as NonNullable<typeof refusal>,
    { domain },
    { particulars: reasons.join('; '), suffix: servers.join(' '), facts: factsOf(decision) },
  );
}

/** What the front door had decided, for the trace of what is refused later. */
function factsOf(decision: FrontDoorDecision): Record<string, string> {
  const { attribution, directSend } = decision;
  const { connector } = connectorOf(decision);
  return {
    attribution: attribution.kind,
    ...(attribution.kind !== 'none' && { tenant: attribution.tenant.name }),
    ...(directSend && { directSend: 'yes' }),
    ...(connector && { connector: connector.name, connectorType: connector.type }),
  };
}
