import { domainOf, type Envelope, type Recipient } from '../message/envelope.ts';
import { REFUSALS } from '../refusals.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type {
  MailCommand,
  MessageReceiver,
  SaslExchange,
  SessionSummary,
  SessionView,
  SmtpHandler,
  TlsFailure,
} from '../smtp/server/handler.ts';
import { Reception } from '../submission/reception.ts';
import { SessionJournal } from '../submission/session-journal.ts';
import { attribute, isVouched } from './attribution.ts';
import { certificateNames, unverifiedCertificate } from './certificate-names.ts';
import type { Client } from './connector.ts';
import { decide, type FrontDoorDecision } from './front-door.ts';
import { edgeReply } from './replies.ts';
import type { EdgeLimits, EdgeRooms, EdgeTransaction } from './rooms.ts';
import { tenantOf } from './tenant.ts';

/**
 * Takes mail from the internet for the accepted domains: nobody authenticates here, so that all depends on who the
 * client and the recipient are (./front-door.ts), and on what the message proves (./acceptance.ts).
 */
export class EdgeHandler implements SmtpHandler {
  readonly #rooms: EdgeRooms;
  readonly #limits: EdgeLimits;
  readonly #journal: SessionJournal;
  readonly #transactions = new WeakMap<SessionView, EdgeTransaction>();

  constructor(rooms: EdgeRooms, limits: EdgeLimits) {
    this.#rooms = rooms;
    this.#limits = limits;
    this.#journal = new SessionJournal(rooms.events, rooms.transcripts);
  }

  connected(): undefined {
    return undefined;
  }

  /** A front door offers no AUTH: who has a credential sends to the relay's own listeners. */
  mechanisms(): string[] {
    return [];
  }

  authenticate(): SaslExchange {
    return { step: () => ({ kind: 'failure', reply: refuse('C106') }) };
  }

  mail(session: SessionView, command: MailCommand): Reply | undefined {
    const { messageBytes } = this.#limits;
    if (command.size > messageBytes)
      return refuse('M601', `SIZE=${command.size}, allowed are ${messageBytes} octets`, {
        size: command.size,
      });
    this.#transactions.set(session, {
      client: this.#clientOf(session),
      senderDomain: command.from === '' ? '' : domainOf(command.from),
      decisions: [],
      marks: [],
    });
    return undefined;
  }

  async recipient(
    session: SessionView,
    envelope: Readonly<Envelope>,
    { address }: Recipient,
  ): Promise<Reply | undefined> {
    const transaction = this.#transactions.get(session);
    if (!transaction) return refuse('C105');
    const refusal = await this.#judge(session, transaction, envelope.from, address);
    // whatever it is refused for: who looks for the message knows it by its addresses
    return refusal && { ...refusal, facts: { from: envelope.from, recipient: address, ...refusal.facts } };
  }

  async #judge(
    session: SessionView,
    transaction: EdgeTransaction,
    from: string,
    address: string,
  ): Promise<Reply | undefined> {
    const { client, senderDomain } = transaction;
    const { checks, directory } = this.#rooms;
    const recipientDomain = domainOf(address);
    const vouched = isVouched(attribute(directory.tenants(), { client, senderDomain, recipientDomain }));
    const verdict = await checks.client(session, client, vouched);
    if (verdict?.refusal) return verdict.refusal;

    const found = await this.#find(address, recipientDomain);
    if (found === 'unavailable') return refuse('E207', `whether ${address} exists could not be asked`);
    const decision = decide(directory.tenants(), {
      client,
      senderDomain,
      recipientDomain,
      recipientExists: found === 'known',
    });
    if (decision.refusal === 'E204') await checks.unknown(client, vouched);
    if (decision.refusal === 'E204' || (decision.refusal && this.#limits.refuseAt === 'recipient'))
      return this.#refusal(session, decision, address, from);
    if (!sharesTenant(transaction.decisions[0], decision)) {
      // nobody's recipient beside ours: it has a refusal of its own, and ours need not bear it at the end of DATA
      return decision.refusal === 'E203' ? this.#refusal(session, decision, address, from) : refuse('E208');
    }
    if (!decision.refusal) {
      const stranger = await checks.stranger(session, client, from, address, decision);
      if (stranger) return stranger;
    }
    if (verdict) transaction.marks = verdict.marks;
    transaction.decisions.push(decision);
    return undefined;
  }

  /** The first accepted domain stands for all: whoever writes to it by no name has found no better way to reach somebody. */
  postmaster(): string | undefined {
    const domain = this.#rooms.directory.tenants().flatMap(({ domains }) => domains)[0];
    return domain && `postmaster@${domain.name}`;
  }

  message(session: SessionView, envelope: Readonly<Envelope>): MessageReceiver | Reply {
    const transaction = this.#transactions.get(session);
    // a decision for each recipient of the envelope, or none of it may be relied on
    if (!transaction || transaction.decisions.length !== envelope.recipients.length) return refuse('C105');
    return new Reception(this.#rooms.ids.next(), this.#limits, this.#rooms, async (message) => {
      const index = transaction.decisions.findIndex(({ refusal }) => refusal !== undefined);
      const refused = transaction.decisions[index];
      if (refused) {
        if (message.body.kind === 'file') await this.#rooms.spool.discardBody(message.body);
        return this.#refusal(session, refused, envelope.recipients[index]?.address ?? '', envelope.from);
      }
      return this.#rooms.accept(session, transaction, envelope, message);
    });
  }

  refused(session: SessionView, reply: Reply, command: string): void {
    this.#journal.refused(session, reply, command);
  }

  tlsFailed(session: SessionView, failure: TlsFailure): void {
    this.#journal.tlsFailed(session, failure);
  }

  closed(session: SessionView, summary: SessionSummary): void {
    this.#transactions.delete(session);
    this.#journal.closed(session, summary);
  }

  #find(address: string, domain: string): ReturnType<EdgeRooms['recipients']['find']> {
    const owner = tenantOf(this.#rooms.directory.tenants(), domain);
    // an internal relay takes them all, and what is nobody's is refused for that
    if (owner?.domain.type !== 'authoritative') return 'known';
    return this.#rooms.recipients.find(owner.tenant, address);
  }

  #clientOf({ address, tls }: SessionView): Client {
    const names = certificateNames(tls, this.#rooms.serverCertificates);
    return { address, tls: tls !== undefined, certificateNames: names };
  }

  #refusal(
    { tls }: SessionView,
    { refusal, attribution, directSend, open }: FrontDoorDecision,
    recipient: string,
    from: string,
  ): Reply {
    const { kind } = attribution;
    const code = refusal as NonNullable<typeof refusal>;
    const unverified =
      code === 'E204' ? undefined : unverifiedCertificate(tls, this.#rooms.serverCertificates);
    return edgeReply(
      code,
      { recipient },
      {
        suffix: this.#rooms.suffix?.(),
        ...(unverified !== undefined && {
          particulars: `${REFUSALS[code].explanation} The client showed a certificate, which does not count: ${unverified}.`,
        }),
        facts: {
          from,
          recipient,
          attribution: kind,
          ...(kind !== 'none' && { tenant: attribution.tenant.name }),
          ...(directSend && { directSend: 'yes' }),
          ...(unverified !== undefined && { certificate: unverified }),
          ...(open.length > 0 && { open: open.join(' ') }),
        },
      },
    );
  }
}

/** One message can belong to one tenant only, whose settings then count. */
function sharesTenant(first: FrontDoorDecision | undefined, next: FrontDoorDecision): boolean {
  return first === undefined || tenantIdOf(first) === tenantIdOf(next);
}

function tenantIdOf({ attribution }: FrontDoorDecision): string | undefined {
  return attribution.kind === 'none' ? undefined : attribution.tenant.id;
}
