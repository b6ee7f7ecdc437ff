/**
 * The way of a message at the edge from "received whole" to "250": whose is it, what does it prove, where does it go.
 * It answers 250 only when the spool says that message and envelope are on stable storage.
 */
import type { Authentication } from '../authentication/authenticate.ts';
import { claimedResults, formatResults } from '../authentication/authentication-results.ts';
import { methodResults } from '../authentication/message-results.ts';
import { type Author, readDomainAuthor } from '../authentication/author.ts';
import type { EventSink } from '../journal/event.ts';
import { type Body, sizeOf } from '../message/content.ts';
import type { Envelope } from '../message/envelope.ts';
import { HeadEditor, HeaderIndex, type HeaderLimits } from '../message/headers.ts';
import { TraceWriter } from '../message/received.ts';
import type { ShownFields } from '../message/shown-fields.ts';
import type { Clock } from '../platform/clock.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type { SessionView } from '../smtp/server/handler.ts';
import { type NewMessage, type Spool, SpoolUnavailable } from '../spool/spool.ts';
import type { ReceivedMessage } from '../submission/reception.ts';
import { tlsText } from '../submission/session-journal.ts';
import { isVouched } from './attribution.ts';
import type { FrontDoorDecision } from './front-door.ts';
import type { Imitations } from './imitations.ts';
import { type Judgement, judge } from './judgement.ts';
import { edgeReply } from './replies.ts';
import { type Authenticate, type ClientChecks, type EdgeTransaction, leading } from './rooms.ts';
import { serviceFields } from './service-fields.ts';
import { trustedSealer } from './trusted-seal.ts';

export interface EdgeAcceptanceRooms {
  authenticate: Authenticate;
  checks: Pick<ClientChecks, 'taken'>;
  clock: Clock;
  events: EventSink;
  /** The name under which results are written, and the host in Received. */
  hostname: string;
  imitations: Imitations;
  /** Puts an ARC set above the head; absent: none is added. */
  seal?(head: Buffer, body: Body, authentication: Authentication): Promise<Buffer | undefined>;
  /** What the journal says of a header section. */
  shown(head: Buffer): ShownFields;
  spool: Spool;
  /** Told of every message that was stored. */
  stored(message: NewMessage): void;
  limits: HeaderLimits & { hops: number };
}

/** Source of what came in from outside, in spool and journal; never that of a registered source. */
export const EDGE_SOURCE = 'edge';
/** The same, where nobody has proven the envelope sender and no connector vouches: a notice of failure would go to whoever was impersonated. */
export const UNPROVEN_EDGE_SOURCE = 'edge-unproven';

export class EdgeAcceptance {
  readonly #rooms: EdgeAcceptanceRooms;
  readonly #trace = new TraceWriter();

  constructor(rooms: EdgeAcceptanceRooms) {
    this.#rooms = rooms;
  }

  /** Never throws: what can't be helped is answered 4xx, and told to the journal. */
  async accept(
    session: SessionView,
    transaction: EdgeTransaction,
    envelope: Readonly<Envelope>,
    received: ReceivedMessage,
  ): Promise<Reply> {
    let kept = false;
    try {
      return await this.#steps(session, transaction, envelope, received, () => {
        kept = true;
      });
    } catch (error) {
      if (error instanceof SpoolUnavailable) return refuse('X901', error.message);
      return refuse('X902', error instanceof Error ? (error.stack ?? error.message) : String(error));
    } finally {
      if (!kept && received.body.kind === 'file') await this.#rooms.spool.discardBody(received.body);
    }
  }

  async #steps(
    session: SessionView,
    transaction: EdgeTransaction,
    envelope: Readonly<Envelope>,
    received: ReceivedMessage,
    keep: () => void,
  ): Promise<Reply> {
    const { authenticate, checks, spool, limits, stored } = this.#rooms;
    const started = this.#rooms.clock.monotonic();
    const { decision, tenant } = leading(transaction);
    const index = new HeaderIndex(received.head, limits);
    if (index.all('received').length > limits.hops) return refuse('M607');
    const author = readDomainAuthor(index);
    // RFC 9989 §5.3.1: policy is asked for exactly one author; programs that read another one would be deceived
    if (author.kind !== 'domain') {
      const facts = {
        from: envelope.from,
        recipient: envelope.recipients[0]?.address ?? '',
        reason: author.reason,
        mentioned: author.mentioned.join(' '),
      };
      const where = index.fault ? 'the header section can not be read without doubt' : 'From';
      return edgeReply('E205', {}, { particulars: `${where}: ${author.reason}`, facts });
    }

    const authentication = await authenticate({
      address: session.address,
      helo: session.hello,
      sender: envelope.from,
      head: index,
      body: received.body,
    });
    const judgement = judge({
      decision,
      tenant,
      senderDomain: transaction.senderDomain,
      author: author.address,
      authorDomain: author.domain,
      dmarc: authentication.dmarc,
      imitation: this.#rooms.imitations.of(tenant, author, index),
      unsignedFields: unsignedFields(authentication),
      sealedBy: trustedSealer(tenant, authentication.arc, author.domain),
      marks: transaction.marks,
    });
    if (judgement.refusal) {
      const reply = refusalOf(judgement, author.domain, envelope, session, authentication);
      const facts = { recipients: envelope.recipients.length, ...this.#rooms.shown(received.head) };
      return { ...reply, facts: { ...reply.facts, ...facts } };
    }

    const message = await this.#compose(
      session,
      envelope,
      received,
      index,
      decision,
      authentication,
      judgement,
    );
    await spool.store(message);
    keep();
    checks.taken(transaction.client);
    this.#record(session, message, author, decision, judgement, authentication, started);
    stored(message);
    return { code: 250, enhanced: '2.6.0', text: `${message.id} queued` };
  }

  async #compose(
    session: SessionView,
    envelope: Readonly<Envelope>,
    received: ReceivedMessage,
    index: HeaderIndex,
    decision: FrontDoorDecision,
    authentication: Authentication,
    judgement: Judgement,
  ): Promise<NewMessage> {
    const { clock, hostname } = this.#rooms;
    const receivedAt = clock.now();
    const editor = new HeadEditor(index);
    for (const field of [...serviceFields(index), ...claimedResults(index, [hostname])]) editor.remove(field);
    if (judgement.placement === 'junk') editor.addTop(junkMark(judgement));
    editor.addTop(formatResults(hostname, methodResults(authentication)));
    editor.addTop(
      Buffer.from(
        this.#trace.received({
          hello: session.hello,
          address: session.address,
          hostname,
          id: received.id,
          protocol: session.extended ? 'esmtp' : 'smtp',
          tls: session.tls,
          authenticated: false,
          smtpUtf8: envelope.smtpUtf8,
          at: receivedAt,
        }),
        'latin1',
      ),
    );
    const head = editor.build();
    const sealed = await this.#seal(head, received, authentication);
    return {
      id: received.id,
      receivedAt,
      source:
        isVouched(decision.attribution) || isSenderProven(envelope, authentication)
          ? EDGE_SOURCE
          : UNPROVEN_EDGE_SOURCE,
      envelope: { ...envelope, recipients: [...envelope.recipients] },
      head: sealed ? Buffer.concat([sealed, head]) : head,
      body: received.body,
      traits: received.traits,
      ...(judgement.placement === 'quarantine' && { hold: 'quarantine' as const }),
    };
  }

  /** A seal that could not be made is missed less than a message that was not taken: it goes on without, and that is told. */
  async #seal(
    head: Buffer,
    { id, body }: ReceivedMessage,
    authentication: Authentication,
  ): Promise<Buffer | undefined> {
    try {
      return await this.#rooms.seal?.(head, body, authentication);
    } catch (error) {
      const text = `not sealed: ${error instanceof Error ? error.message : String(error)}`;
      this.#rooms.events.write({ type: 'warning', message: id, code: 'arc-seal', text });
      return undefined;
    }
  }

  #record(
    session: SessionView,
    message: NewMessage,
    author: Author & { kind: 'domain' },
    decision: FrontDoorDecision,
    judgement: Judgement,
    authentication: Authentication,
    started: number,
  ): void {
    const { events, clock } = this.#rooms;
    const { hello } = session;
    events.write({
      type: 'acceptance',
      at: message.receivedAt,
      session: session.id,
      listener: session.listener.name,
      message: message.id,
      network: session.address,
      tls: tlsText(session.tls),
      from: message.envelope.from,
      to: message.envelope.recipients.map(({ address }) => address),
      size: sizeOf(message),
      outcome: message.hold === undefined ? 'queued' : 'held',
      ...(judgement.reasons.length > 0 && { text: judgement.reasons.join('; ') }),
      detail: {
        hello,
        milliseconds: Math.round((clock.monotonic() - started) * 100) / 100,
        ...(author.address === message.envelope.from ? {} : { headerFrom: author.address }),
        ...this.#rooms.shown(message.head),
        ...(message.hold !== undefined && { hold: message.hold }),
        edge: edgeFacts(decision, judgement, authentication),
      },
    });
  }
}

/** What decides how a message looks, beside its author, whose doubling is refused before. */
const SHOWN = new Set(['subject', 'content-type', 'content-transfer-encoding', 'to', 'date', 'reply-to']);

/** Doubled fields that let a replayed message say something else (RFC 6376 §8.15), where DKIM alone proves it. */
function unsignedFields({ dkim, dmarc }: Authentication): string[] {
  if (dmarc.aligned.some(({ mechanism }) => mechanism === 'spf')) return [];
  const doubled = dkim.flatMap(({ result, unsignedDuplicates = [] }) =>
    result === 'pass' ? unsignedDuplicates : [],
  );
  return [...new Set(doubled)].filter((name) => SHOWN.has(name));
}

/** RFC 5321 §6.1 asks to tell the sender; that is only right where it is the sender who would be told. */
function isSenderProven(envelope: Readonly<Envelope>, { spf, dmarc }: Authentication): boolean {
  if (envelope.from === '' || (spf.scope === 'mfrom' && spf.result === 'pass')) return true;
  const domain = envelope.from.slice(envelope.from.lastIndexOf('@') + 1).toLowerCase();
  return dmarc.result === 'pass' && dmarc.domain === domain;
}

function junkMark({ reasons }: Judgement): string {
  const why = reasons
    .join('; ')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 400);
  return `X-Postern-Junk: yes\r\nX-Postern-Junk-Reason: ${why}\r\n`;
}

function edgeFacts(
  { attribution, directSend, open }: FrontDoorDecision,
  { placement, reasons, spoof, imitates }: Judgement,
  { spf, dkim, dmarc, arc, iprev }: Authentication,
): Record<string, unknown> {
  return {
    attribution: attribution.kind,
    ...(attribution.kind !== 'none' && { tenant: attribution.tenant.name }),
    ...(attribution.kind !== 'none' && attribution.connector && { connector: attribution.connector.name }),
    directSend,
    placement,
    ...(reasons.length > 0 && { reasons }),
    ...(spoof !== undefined && { spoof }),
    ...(imitates !== undefined && { imitates }),
    spf: spf.result,
    dkim: dkim.map(({ domain, result }) => ({ domain, result })),
    dmarc: dmarc.result,
    ...(dmarc.policy !== undefined && { dmarcPolicy: dmarc.policy }),
    ...(arc && arc.result !== 'none' && { arc: arc.result }),
    ...(iprev && { iprev: iprev.result }),
    ...(open.length > 0 && { open }),
  };
}

function refusalOf(
  { refusal, reasons, spoof, imitates }: Judgement,
  domain: string,
  { from, recipients }: Readonly<Envelope>,
  session: SessionView,
  { spf, dmarc }: Authentication,
): Reply {
  return edgeReply(
    refusal as NonNullable<typeof refusal>,
    { domain },
    {
      particulars: reasons.join('; '),
      facts: {
        from,
        recipient: recipients[0]?.address ?? '',
        headerFrom: domain,
        hello: session.hello,
        spf: spf.result,
        dmarc: dmarc.result,
        ...(spoof !== undefined && { spoof }),
        ...(imitates !== undefined && { imitates }),
      },
    },
  );
}
