import type { EventSink } from '../journal/event.ts';
import type { Envelope, Recipient } from '../message/envelope.ts';
import type { CompiledPolicies, CompiledPolicy } from '../policy/compiled.ts';
import { checkRecipient, checkRecipientCount } from '../policy/recipients.ts';
import type { Refusal } from '../policy/refusal.ts';
import { checkEnvelopeSender } from '../policy/sender.ts';
import type { RateLimiter } from '../policy/limits.ts';
import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type {
  MailCommand,
  MessageReceiver,
  SaslExchange,
  SessionSummary,
  SessionView,
  SmtpHandler,
  TlsFacts,
  TlsFailure,
} from '../smtp/server/handler.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type { Identity } from '../sources/source.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { MessageIds } from '../spool/message-id.ts';
import type { Authenticator } from './authenticator.ts';
import { Reception, type ReceptionLimits, type ReceptionRooms } from './reception.ts';
import type { LiveSessions } from './sessions.ts';
import type { Acceptance, Arrival } from '../acceptance.ts';

export interface SubmissionRooms extends ReceptionRooms {
  acceptance: Acceptance;
  authenticator: Authenticator;
  domains: DomainRegistry;
  events: EventSink;
  ids: MessageIds;
  limiter: RateLimiter;
  policies: CompiledPolicies;
  registry: SourceRegistry;
  sessions: LiveSessions;
}

/** Puts what the wire asks to the rooms that know: who is it, what may it do, take the message. */
export class SubmissionHandler implements SmtpHandler {
  readonly #rooms: SubmissionRooms;
  readonly #limits: ReceptionLimits;

  constructor(rooms: SubmissionRooms, limits: ReceptionLimits) {
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
    if ('code' in identity) return identity;
    const policy = this.#rooms.policies.of(identity.source);
    const most = this.#messageBytes(identity);
    if (command.size > most) return refuse('M601', `SIZE=${command.size}, allowed are ${most} octets`);
    const refusal = checkEnvelopeSender(policy, command.from);
    if (refusal) return toReply(refusal);
    const decision = this.#rooms.limiter.peek(identity.source.id, identity.source.policy, command.size);
    if (typeof decision === 'object') return toReply(decision);
    return undefined;
  }

  recipient(session: SessionView, envelope: Readonly<Envelope>, recipient: Recipient): Reply | undefined {
    const policy = this.#policy(session);
    if ('code' in policy) return policy;
    const refusal =
      checkRecipientCount(policy, envelope.recipients.length) ??
      checkRecipient(policy, recipient.address, this.#rooms.domains);
    return refusal && toReply(refusal);
  }

  message(session: SessionView, envelope: Readonly<Envelope>): MessageReceiver | Reply {
    const identity = this.#identify(session);
    if ('code' in identity) return identity;
    const limits = { ...this.#limits, messageBytes: this.#messageBytes(identity) };
    return new Reception(this.#rooms.ids.next(), limits, this.#rooms, (message) =>
      this.#rooms.acceptance.accept(arrivalOf(session, identity), envelope, message),
    );
  }

  refused(session: SessionView, reply: Reply, command: string): void {
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
      detail: { command, hello: session.hello },
    });
  }

  tlsFailed(session: SessionView, failure: TlsFailure): void {
    this.#rooms.events.write({
      type: 'tls-failure',
      session: session.id,
      listener: session.listener.name,
      network: session.address,
      text: failure.text,
      detail: { ...failure },
    });
  }

  closed(session: SessionView, summary: SessionSummary): void {
    this.#rooms.sessions.remove(session);
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
      },
    });
  }

  /** The identity that AUTH left, or the one that network or certificate alone give; each under the source as it is now. */
  #identify(session: SessionView): Identity | Reply {
    const known = session.identity as Identity | undefined;
    const identity = known ?? this.#rooms.authenticator.admit(session);
    if (identity === undefined) return refuse('A302');
    const source = this.#rooms.registry.byId(identity.source.id);
    if (source?.state !== 'active') return refuse('K802');
    if (known?.source === source) return known;
    const current = { ...identity, source };
    const full = this.#rooms.sessions.add(session, current);
    if (full) return full;
    session.identity = current;
    return current;
  }

  #policy(session: SessionView): CompiledPolicy | Reply {
    const identity = session.identity as Identity | undefined;
    return identity === undefined ? refuse('A302') : this.#rooms.policies.of(identity.source);
  }

  #messageBytes({ source }: Identity): number {
    const { maxSize } = source.policy;
    return maxSize === 0 ? this.#limits.messageBytes : Math.min(maxSize, this.#limits.messageBytes);
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

export function tlsText(tls: Pick<TlsFacts, 'version' | 'cipher'> | undefined): string | undefined {
  return tls && `${tls.version} ${tls.cipher}`;
}

export function toReply(refusal: Refusal): Reply {
  return refuse(refusal.code, refusal.particulars);
}
