import type { KeptTranscript } from '../journal/transcript.ts';
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
  TlsFacts,
  TlsFailure,
  Transcript,
} from '../smtp/server/handler.ts';
import { type Reply, type RefusalFacts, refuse } from '../smtp/reply.ts';
import { tlsCause } from '../smtp/server/tls-cause.ts';
import { stateRefusal } from '../sources/lifecycle.ts';
import type { Identity } from '../sources/source.ts';
import { cipherFamilies } from './cipher-families.ts';
import { Reception } from './reception.ts';
import { messageBytesOf, type SubmissionLimits, type SubmissionRooms, toReply } from './rooms.ts';
import type { Arrival } from '../acceptance.ts';

const LONGEST_FACT = 320;

/** Puts what the wire asks to the rooms that know: who is it, what may it do, take the message. */
export class SubmissionHandler implements SmtpHandler {
  readonly #rooms: SubmissionRooms;
  readonly #limits: SubmissionLimits;

  constructor(rooms: SubmissionRooms, limits: SubmissionLimits) {
    this.#rooms = rooms;
    this.#limits = limits;
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
    return refusal && toReply(refusal);
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
    const identity = session.identity as Identity | undefined;
    this.#rooms.events.write({
      type: 'refusal',
      session: session.id,
      listener: session.listener.name,
      network: session.address,
      tls: tlsText(session.tls),
      source: identity?.source.id,
      code: reply.refusal,
      reply: `${reply.code} ${reply.enhanced ?? ''} ${String(reply.text)}`.replace(/ {2,}/g, ' '),
      text: reply.explanation,
      detail: { command, hello: session.hello, ...bounded(reply.facts) },
    });
  }

  tlsFailed(session: SessionView, failure: TlsFailure): void {
    this.#rooms.strangers?.tlsFailed(session, failure);
    this.#rooms.events.write({
      type: 'tls-failure',
      session: session.id,
      listener: session.listener.name,
      network: session.address,
      code: 'T204',
      outcome: tlsCause(failure),
      text: failure.text,
      detail: { ...failure },
    });
  }

  closed(session: SessionView, summary: SessionSummary): void {
    this.#rooms.sessions.remove(session);
    this.#rooms.strangers?.closed(session);
    this.#keepTranscript(session, summary.ending);
    const identity = session.identity as Identity | undefined;
    this.#rooms.events.write({
      type: 'connection',
      session: session.id,
      listener: session.listener.name,
      network: session.address,
      tls: tlsText(session.tls),
      source: identity?.source.id,
      outcome: summary.ending,
      size: summary.bytesReceived,
      detail: {
        hello: session.hello,
        durationMs: Math.round(summary.durationMs),
        commands: summary.commands,
        messages: summary.messagesAccepted,
        ...abilities(session, summary),
      },
    });
  }

  #keepTranscript(session: SessionView, ending: string): void {
    const { transcripts } = this.#rooms;
    const transcript = transcripts && session.transcript?.();
    if (transcript) transcripts.keep(describeSession(session, transcript, ending));
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

/** What the client showed that it can; absent where there is nothing to say. */
function abilities(
  { tls }: SessionView,
  { chunking, bareLineEnds }: SessionSummary,
): Record<string, unknown> {
  const { offeredVersions: versions, offeredCiphers } = tls?.offered ?? {};
  return {
    ...(versions && { offered: { versions, families: cipherFamilies(offeredCiphers ?? []) } }),
    ...(chunking && { chunking }),
    ...(bareLineEnds && { bareLineEnds }),
  };
}

/** A session that has a transcript, as it is kept. @param ending empty while it goes on */
export function describeSession(
  session: SessionView,
  { lines, omitted, messages }: Transcript,
  ending: string,
): KeptTranscript {
  return {
    session: session.id,
    at: session.startedAt,
    network: session.address,
    port: session.port,
    listener: session.listener.name,
    source: (session.identity as Identity | undefined)?.source.id,
    hello: session.hello,
    tls: tlsText(session.tls),
    ending,
    lines,
    omitted,
    messages,
  };
}

/** Addresses of clients may be as long as a line. */
function bounded(facts: RefusalFacts | undefined): RefusalFacts {
  return Object.fromEntries(
    Object.entries(facts ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, LONGEST_FACT) : value,
    ]),
  );
}

export function tlsText(tls: Pick<TlsFacts, 'version' | 'cipher'> | undefined): string | undefined {
  return tls && `${tls.version} ${tls.cipher}`;
}
