import { acceptedId, type Arrival } from '../acceptance.ts';
import type { Envelope } from '../message/envelope.ts';
import { checkRecipient, checkRecipientCount } from '../policy/recipients.ts';
import { checkEnvelopeSender } from '../policy/sender.ts';
import { isPositive, type Reply, refuse } from '../smtp/reply.ts';
import { stateRefusal } from '../sources/lifecycle.ts';
import type { Identity } from '../sources/source.ts';
import { Reception } from './reception.ts';
import { messageBytesOf, type SubmissionLimits, type SubmissionRooms, toReply } from './rooms.ts';
import { boundedFacts } from './session-journal.ts';

export interface HttpArrival {
  envelope: Envelope;
  /** The whole message, CRLF throughout. */
  message: Buffer;
  identity: Identity;
  /** The client's address. */
  address: string;
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384` */
  tls?: string;
}

/** The way in over HTTP: what SMTP asks command by command is asked at once, then the same acceptance follows. */
export class HttpSubmitter {
  readonly #rooms: SubmissionRooms;
  readonly #limits: SubmissionLimits;

  constructor(rooms: SubmissionRooms, limits: SubmissionLimits) {
    this.#rooms = rooms;
    this.#limits = limits;
  }

  /** Whose key it is; `address` is the client's. */
  async authenticateKey(key: string, address: string): Promise<Identity | Reply> {
    const admission = await this.#rooms.authenticator.apiKey(key, address);
    return admission.kind === 'accepted' ? admission.identity : admission.reply;
  }

  /** Resolves with the identifier when the message is on stable storage, or with the refusal. */
  async submit(arrival: HttpArrival): Promise<{ id: string } | Reply> {
    const reply = this.#refusal(arrival) ?? (await this.#take(arrival));
    if (isPositive(reply)) return { id: acceptedId(reply) };
    const { identity, address, tls, envelope } = arrival;
    this.#rooms.events.write({
      type: 'refusal',
      listener: 'http',
      network: address,
      tls,
      source: identity.source.id,
      code: reply.refusal,
      reply: `${reply.code} ${reply.enhanced ?? ''} ${String(reply.text)}`,
      from: envelope.from,
      to: envelope.recipients.map((recipient) => recipient.address),
      text: reply.explanation,
      ...(reply.facts && { detail: boundedFacts(reply) }),
    });
    return reply;
  }

  reserveMemory(octets: number): boolean {
    return this.#rooms.budget.reserve(octets);
  }

  releaseMemory(octets: number): void {
    this.#rooms.budget.release(octets);
  }

  #refusal({ identity, envelope, message }: HttpArrival): Reply | undefined {
    const source = this.#rooms.registry.byId(identity.source.id);
    const closed = stateRefusal(source?.state);
    if (closed || !source) return refuse(closed ?? 'K802');
    if (source.brownOut && this.#rooms.brownOuts.meets(source)) return refuse('K805');
    const most = messageBytesOf(source, this.#limits);
    if (message.length > most) return refuse('M601', `${message.length} octets, allowed are ${most}`);
    const policy = this.#rooms.policies.of(source);
    const sender = checkEnvelopeSender(policy, envelope.from);
    if (sender) return toReply(sender);
    for (const [count, { address }] of envelope.recipients.entries()) {
      const refusal =
        checkRecipientCount(policy, count) ?? checkRecipient(policy, address, this.#rooms.domains);
      if (refusal) return toReply(refusal);
    }
    return envelope.recipients.length === 0 ? refuse('R505') : undefined;
  }

  async #take({ envelope, message, identity, address, tls }: HttpArrival): Promise<Reply> {
    const [version, cipher] = tls?.split(' ') ?? [];
    const arrival: Arrival = {
      identity,
      listener: 'http',
      address,
      hello: '',
      protocol: 'http',
      tls: version === undefined ? undefined : { version, cipher: cipher ?? '' },
      authenticated: true,
    };
    const reception = new Reception(this.#rooms.ids.next(), this.#limits, this.#rooms, (received) =>
      this.#rooms.acceptance.accept(arrival, envelope, received),
    );
    await reception.write(message);
    return reception.end();
  }
}
