import type { Notify, Recipient } from '../message/envelope.ts';
import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Delivery, MessageId, NewMessage, Payload } from '../spool/spool.ts';
import { type NoticeKind, type NoticeOptions, type NoticeRecipient, buildNotice } from './dsn.ts';

export interface NotifierOptions extends NoticeOptions {
  clock: Clock;
  random: Random;
  events: EventSink;
  newId(): MessageId;
  /**
   * Who is told of a failure in place of the envelope sender, and then of nothing else: for mail whose sender nobody
   * has proven, because a notice would go to whoever was impersonated. Absent, or undefined: the sender.
   */
  insteadOfSender?(delivery: Delivery): string | undefined;
  /** Puts DKIM signatures before the head. Without it, or when it fails, notices go unsigned. */
  sign?(head: Buffer, body: Buffer): Promise<Buffer>;
}

/** Decides whether a sender is to hear of something, and writes the notice. */
export class Notifier {
  readonly #options: NotifierOptions;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Nobody needs to be told of this kind of thing: the cheap question, asked for every message. */
  static wanted(kind: NoticeKind, from: string, recipient: Recipient): boolean {
    return from !== '' && wants(recipient.notify, kind);
  }

  /**
   * The notice about those of `recipients` whose sender wants it; undefined when that is none.
   * A failure without anybody to tell is written to the journal all the same.
   */
  async notice(
    kind: NoticeKind,
    delivery: Delivery,
    recipients: NoticeRecipient[],
    payload: Payload | undefined,
    retryUntil?: number,
  ): Promise<NewMessage | undefined> {
    const { clock, random, newId, sign, events } = this.#options;
    const instead = delivery.from === '' ? undefined : this.#options.insteadOfSender?.(delivery);
    const told =
      instead === undefined
        ? recipients.filter(({ recipient }) => Notifier.wanted(kind, delivery.from, recipient))
        : recipients.filter(() => kind === 'failure');
    if (kind === 'failure') this.#record(delivery, recipients, told.length);
    if (told.length === 0) return undefined;
    if (kind === 'delay') {
      events.write({ type: 'delay', ...about(delivery), to: addresses(told), text: told[0]?.reply });
    }
    const unique = random.bytes(12).toString('hex');
    const message = buildNotice(
      {
        kind,
        message: delivery.message,
        receivedAt: delivery.receivedAt,
        recipients: told,
        payload,
        retryUntil,
      },
      instead ?? delivery.from,
      newId(),
      clock.now(),
      unique,
      this.#options,
    );
    if (!sign || message.body.kind !== 'memory') return message;
    try {
      return { ...message, head: await sign(message.head, message.body.bytes) };
    } catch (error) {
      events.write({
        type: 'warning',
        message: message.id,
        code: 'X905',
        text: `a notification goes out unsigned: ${error instanceof Error ? error.message : String(error)}`,
      });
      return message;
    }
  }

  #record(delivery: Delivery, recipients: NoticeRecipient[], told: number): void {
    const first = recipients[0];
    this.#options.events.write({
      type: 'bounce',
      ...about(delivery),
      to: addresses(recipients),
      code: first?.code ?? 'D956',
      reply: first?.reply,
      outcome: told > 0 ? 'notified' : 'dropped',
      text:
        delivery.from === ''
          ? 'a notification could not be delivered; nobody is told of that (RFC 5321 §4.5.5)'
          : undefined,
    });
  }
}

/** RFC 3461 §4.1: without NOTIFY, failures and delays. */
function wants(notify: Notify | undefined, kind: NoticeKind): boolean {
  if (notify === undefined) return kind !== 'success';
  return notify !== 'never' && notify.includes(kind);
}

function about(delivery: Delivery): { message: string; source: string; from: string; size: number } {
  return { message: delivery.message, source: delivery.source, from: delivery.from, size: delivery.size };
}

function addresses(recipients: NoticeRecipient[]): string[] {
  return recipients.map(({ recipient }) => recipient.address);
}
