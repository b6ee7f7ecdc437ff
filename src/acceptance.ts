/**
 * The way of a message from "received whole" to "250": may it, sign it, keep it. One function for SMTP and HTTP
 * alike. It answers 250 only when the spool says that message and envelope are on stable storage; whatever
 * happens before that is a refusal, and nothing is kept.
 */
import type { Alignment } from './authentication/alignment.ts';
import type { BodyHash, Signer } from './authentication/dkim/signer.ts';
import type { EventSink, JournalEvent } from './journal/event.ts';
import { type Body, sizeOf, type Traits } from './message/content.ts';
import type { Envelope } from './message/envelope.ts';
import type { ShownFields } from './message/shown-fields.ts';
import { type TraceFacts, TraceWriter } from './message/received.ts';
import type { BodyTraits } from './message/scan.ts';
import type { Clock } from './platform/clock.ts';
import type { RateLimiter } from './policy/limits.ts';
import type { Judge, Judged } from './policy/policy.ts';
import { isPositive, type Reply, refuse } from './smtp/reply.ts';
import type { Identity } from './sources/source.ts';
import {
  type HoldReason,
  type MessageId,
  type NewMessage,
  type Spool,
  SpoolUnavailable,
} from './spool/spool.ts';

/** How a message came in, for the trace field and the journal. */
export interface Arrival {
  identity: Identity;
  session?: string;
  listener?: string;
  address: string;
  hello: string;
  protocol: TraceFacts['protocol'];
  tls?: { version: string; cipher: string };
  authenticated: boolean;
}

/** A message as it arrived, with what one pass over it has learnt. */
export interface Arrived {
  id: MessageId;
  head: Buffer;
  body: Body;
  traits: Traits;
  bodyTraits: BodyTraits;
  bodyHash: BodyHash;
}

export interface AcceptanceRooms {
  alignment: Alignment;
  clock: Clock;
  /** Whether a source that does what it does not usually do is slowed, or its mail held. */
  contained(source: string): 'ok' | 'slow' | 'hold';
  events: EventSink;
  hostname: string;
  judge: Judge;
  limiter: RateLimiter;
  signer: Signer;
  /** What the journal says of a header section. */
  shown(head: Buffer): ShownFields;
  spool: Spool;
  /** Told of every message that was stored, so that it is delivered without waiting for a look at the spool. */
  stored(message: NewMessage): void;
}

/** Characters of a From address that the journal keeps: a header may hold one as long as itself. */
const LONGEST_ADDRESS = 320;

/** Accepted, with something its owner should mend. */
interface Warning {
  code: string;
  text: string;
}

/** How the message will be signed, or why it will not leave. */
interface Signing {
  domain?: string;
  hold?: HoldReason;
  warnings: Warning[];
}

export class Acceptance {
  readonly #rooms: AcceptanceRooms;
  readonly #trace = new TraceWriter();

  constructor(rooms: AcceptanceRooms) {
    this.#rooms = rooms;
  }

  /** Never throws: what can't be helped is answered 4xx, and told to the journal. */
  async accept(arrival: Arrival, envelope: Readonly<Envelope>, arrived: Arrived): Promise<Reply> {
    // body files that this message has made; all go but the one that the spool has taken
    const bodies = new Set<Body>([arrived.body]);
    let undo = (): void => {};
    const started = this.#rooms.clock.monotonic();
    try {
      const reply = await this.#steps(arrival, envelope, arrived, started, {
        made: (body) => bodies.add(body),
        stored: (body) => bodies.delete(body),
        taken: (giveBack) => {
          undo = giveBack;
        },
      });
      if (isPositive(reply)) return reply;
      undo();
      return this.#described(reply, envelope, arrived);
    } catch (error) {
      undo();
      return failure(error);
    } finally {
      for (const body of bodies) if (body.kind === 'file') await this.#rooms.spool.discardBody(body);
    }
  }

  /** A refused message is looked for by what it was. */
  #described(reply: Reply, { from, recipients }: Readonly<Envelope>, { head }: Arrived): Reply {
    const envelope = { from, recipient: recipients[0]?.address ?? '', recipients: recipients.length };
    return { ...reply, facts: { ...envelope, ...reply.facts, ...this.#rooms.shown(head) } };
  }

  async #steps(
    arrival: Arrival,
    envelope: Readonly<Envelope>,
    arrived: Arrived,
    started: number,
    progress: { made(body: Body): void; stored(body: Body): void; taken(undo: () => void): void },
  ): Promise<Reply> {
    const { clock, contained, judge, limiter, spool } = this.#rooms;
    const { source } = arrival.identity;

    const judged = await judge.judge({ source, envelope, ...arrived, at: clock.now() });
    if (judged.kind === 'refused') return judged.reply;
    progress.made(judged.body);

    const { decision, undo } = limiter.take(source.id, source.policy, sizeOf(judged));
    progress.taken(undo);
    if (typeof decision === 'object') return refuse(decision.code, decision.particulars, decision.facts);

    const watch = contained(source.id);
    if (watch === 'slow') return refuse('L706');

    const signing = this.#align(judged, arrival.identity);
    if ('code' in signing) return signing;

    const message = await this.#sign(arrival, judged, arrived, signing);
    const hold = watch === 'hold' ? 'containment' : decision === 'hold' ? 'limit' : signing.hold;
    if (hold) message.hold = hold;

    await spool.store(message);
    progress.stored(message.body);

    this.#record(
      arrival,
      message,
      judged.author,
      { ...this.#rooms.shown(judged.head), ...(signing.domain !== undefined && { signed: signing.domain }) },
      [...judged.warnings, ...signing.warnings],
      clock.monotonic() - started,
    );
    this.#rooms.stored(message);
    return { code: 250, enhanced: '2.0.0', text: `${message.id} queued` };
  }

  #align(judged: Judged, identity: Identity): Signing | Reply {
    const decision = this.#rooms.alignment.decide(judged.headerFromDomain, identity.source.policy.unaligned);
    const warning = (text: string | undefined): Warning[] =>
      text === undefined ? [] : [{ code: 'alignment', text }];
    switch (decision.kind) {
      case 'sign':
      case 'sign-with':
        return { domain: decision.domain, warnings: warning(decision.warning) };
      case 'send':
        return { warnings: warning(decision.warning) };
      case 'hold':
        return { hold: 'alignment', warnings: warning(decision.reason) };
      case 'reject':
        return refuse('X904', decision.reason, { domain: judged.headerFromDomain });
    }
  }

  async #sign(arrival: Arrival, judged: Judged, arrived: Arrived, { domain }: Signing): Promise<NewMessage> {
    const { clock, hostname, signer } = this.#rooms;
    const receivedAt = clock.now();
    const received = this.#trace.received({
      hello: arrival.hello,
      address: arrival.address,
      hostname,
      id: arrived.id,
      protocol: arrival.protocol,
      tls: arrival.tls,
      authenticated: arrival.authenticated,
      smtpUtf8: judged.envelope.smtpUtf8,
      at: receivedAt,
    });
    const top = Buffer.from(received, 'latin1');
    const parts = [top, judged.head];
    if (domain !== undefined) {
      const hash = judged.bodyHash ?? arrived.bodyHash;
      parts.unshift(await signer.sign(judged, hash, domain, receivedAt));
    }
    return {
      id: arrived.id,
      receivedAt,
      source: arrival.identity.source.id,
      envelope: judged.envelope,
      head: Buffer.concat(parts),
      body: judged.body,
      traits: judged.traits,
    };
  }

  #record(
    arrival: Arrival,
    message: NewMessage,
    headerFrom: string,
    shown: ShownFields & { signed?: string },
    warnings: Warning[],
    milliseconds: number,
  ): void {
    const common: Omit<JournalEvent, 'type'> = {
      at: message.receivedAt,
      source: message.source,
      session: arrival.session,
      listener: arrival.listener,
      message: message.id,
      network: arrival.address,
    };
    this.#rooms.events.write({
      ...common,
      type: 'acceptance',
      tls: arrival.tls && `${arrival.tls.version} ${arrival.tls.cipher}`,
      from: message.envelope.from,
      to: message.envelope.recipients.map(({ address }) => address),
      size: sizeOf(message),
      outcome: message.hold === undefined ? 'queued' : 'held',
      detail: {
        credential: arrival.identity.credential.id,
        method: arrival.identity.method,
        milliseconds: Math.round(milliseconds * 100) / 100,
        // most say the same in both places
        ...(headerFrom === message.envelope.from ? {} : { headerFrom: headerFrom.slice(0, LONGEST_ADDRESS) }),
        ...shown,
        ...extensionsOf(message.envelope),
        ...(message.hold === undefined ? {} : { hold: message.hold }),
      },
    });
    for (const { code, text } of warnings)
      this.#rooms.events.write({ ...common, type: 'warning', code, text });
  }
}

/** Extensions that the message made use of, for what is known of its source. */
function extensionsOf({ smtpUtf8, body }: Envelope): { uses?: string[] } {
  const uses = [...(smtpUtf8 ? ['SMTPUTF8'] : []), ...(body === '7bit' ? [] : [body.toUpperCase()])];
  return uses.length > 0 ? { uses } : {};
}

/** The identifier in the positive reply of `accept`. */
export function acceptedId({ text }: Reply): MessageId {
  return String(text).split(' ', 1)[0] ?? '';
}

function failure(error: unknown): Reply {
  if (error instanceof SpoolUnavailable) return refuse('X901', error.message);
  return refuse('X902', error instanceof Error ? (error.stack ?? error.message) : String(error));
}
