import type { Envelope, Recipient } from '../message/envelope.ts';
import type { CompiledPolicy } from '../policy/compiled.ts';
import { checkRecipient, checkRecipientCount } from '../policy/recipients.ts';
import { checkEnvelopeSender } from '../policy/sender.ts';
import type {
  MailCommand,
  MessageReceiver,
  SaslExchange,
  SessionSummary,
  SessionView,
  SmtpHandler,
  TlsFailure,
} from '../smtp/server/handler.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import { stateRefusal } from '../sources/lifecycle.ts';
import type { Identity } from '../sources/source.ts';
import { Reception } from './reception.ts';
import { SessionJournal } from './session-journal.ts';
import { messageBytesOf, type SubmissionLimits, type SubmissionRooms, toReply } from './rooms.ts';
import type { Arrival } from '../acceptance.ts';

/** Puts what the wire asks to the rooms that know: who is it, what may it do, take the message. */
export class SubmissionHandler implements SmtpHandler {
  readonly #rooms: SubmissionRooms;
  readonly #limits: SubmissionLimits;
  readonly #journal: SessionJournal;

  constructor(rooms: SubmissionRooms, limits: SubmissionLimits) {
    this.#rooms = rooms;
    this.#limits = limits;
    this.#journal = new SessionJournal(rooms.events, rooms.transcripts);
  }

  connected(): undefined {
    return undefined;
  }

  mechanisms(session: SessionView): string[] {
    return this.#rooms.authenticator.mechanisms(session);
  }

  authenticate(session: SessionView, mechanism: string): SaslExchange {
    return this.#rooms.authenticator.exchange(session, mechanism);
  }

  mail(session: SessionView, command: MailCommand): Reply | undefined {
    const identity = this.#identify(session);
    if ('code' in identity) {
      const { strangers } = this.#rooms;
      return strangers ? strangers.mail(session, command, identity) : identity;
    }
    const policy = this.#rooms.policies.of(identity.source);
    if (identity.source.brownOut && this.#rooms.brownOuts.meets(identity.source)) return refuse('K805');
    const most = messageBytesOf(identity.source, this.#limits);
    if (command.size > most)
      return refuse('M601', `SIZE=${command.size}, allowed are ${most} octets`, { size: command.size });
    const refusal = checkEnvelopeSender(policy, command.from);
    if (refusal) return toReply(refusal);
    const decision = this.#rooms.limiter.peek(identity.source.id, identity.source.policy, command.size);
    if (typeof decision === 'object') return toReply(decision);
    return undefined;
  }

  recipient(session: SessionView, envelope: Readonly<Envelope>, recipient: Recipient): Reply | undefined {
    // MAIL was taken without an identity: a listener that learns, from a stranger
    if (session.identity === undefined && this.#rooms.strangers)
      return this.#rooms.strangers.recipient(recipient);
    const policy = this.#policy(session);
    if ('code' in policy) return policy;
    const refusal =
      checkRecipientCount(policy, envelope.recipients.length) ??
      checkRecipient(policy, recipient.address, this.#rooms.domains);
    if (!refusal) return undefined;
    // who wanted to reach whom: a refused message is looked for by that
    const facts = { from: envelope.from, recipient: recipient.address };
    return toReply({ ...refusal, facts: { ...facts, ...refusal.facts } });
  }

  /** Whoever runs the relay: its own name often takes no mail. */
  postmaster(): string {
    return this.#rooms.postmaster;
  }

  message(session: SessionView, envelope: Readonly<Envelope>): MessageReceiver | Reply {
    // before it is asked who it is: approved since MAIL, it would be taken for a source whose policy was asked at RCPT
    if (session.identity === undefined && this.#rooms.strangers)
      return this.#rooms.strangers.message(session, envelope) ?? refuse('A302');
    const identity = this.#identify(session);
    if ('code' in identity) return identity;
    const limits = { ...this.#limits, messageBytes: messageBytesOf(identity.source, this.#limits) };
    return new Reception(this.#rooms.ids.next(), limits, this.#rooms, (message) =>
      this.#rooms.acceptance.accept(arrivalOf(session, identity), envelope, message),
    );
  }

  refused(session: SessionView, reply: Reply, command: string): void {
    if (session.identity === undefined) this.#rooms.strangers?.refused(session, reply.refusal);
    // the authenticator has told it, with the reason that only it knows
    if (reply.refusal === 'A301' || reply.refusal === 'A303') return;
    this.#journal.refused(session, reply, command);
  }

  tlsFailed(session: SessionView, failure: TlsFailure): void {
    this.#rooms.strangers?.tlsFailed(session, failure);
    this.#journal.tlsFailed(session, failure);
  }

  closed(session: SessionView, summary: SessionSummary): void {
    this.#rooms.sessions.remove(session);
    this.#rooms.strangers?.closed(session);
    this.#journal.closed(session, summary);
  }

  /** The identity that AUTH left, or the one that certificate or network alone give. */
  #identify(session: SessionView): Identity | Reply {
    const known = session.identity as Identity | undefined;
    if (known === undefined) {
      const admission = this.#rooms.authenticator.admission(session);
      if (admission.kind === 'refused') return admission.reply;
      session.identity = admission.identity;
      return admission.identity;
    }
    // the kill switch ends the session by itself; this is for the command that was already on its way
    const closed = stateRefusal(this.#rooms.registry.byId(known.source.id)?.state);
    if (closed) return refuse(closed);
    return this.#rooms.authenticator.holds(known)
      ? known
      : refuse('K801', 'The credential of this session has expired.');
  }

  #policy(session: SessionView): CompiledPolicy | Reply {
    const identity = session.identity as Identity | undefined;
    return identity === undefined ? refuse('A302') : this.#rooms.policies.of(identity.source);
  }
}

function arrivalOf(session: SessionView, identity: Identity): Arrival {
  return {
    identity,
    session: session.id,
    listener: session.listener.name,
    address: session.address,
    hello: session.hello,
    protocol: session.extended ? 'esmtp' : 'smtp',
    tls: session.tls && { version: session.tls.version, cipher: session.tls.cipher },
    authenticated: identity.method !== 'network',
  };
}
