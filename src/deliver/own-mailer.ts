import type { EventSink } from '../journal/event.ts';
import { joinAddress, toALabels } from '../message/address-list.ts';
import { type Address, BuildError, buildMessage } from '../message/build.ts';
import { MessageScanner } from '../message/scan.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { MessageId, NewMessage } from '../spool/spool.ts';
import type { OwnMail, SystemMail } from './system-mail.ts';

export interface OwnMailerOptions {
  clock: Clock;
  random: Random;
  events: EventSink;
  hostname: string;
  /** Header From, an address. */
  from: string;
  newId(): MessageId;
  /** Puts DKIM signatures before the head. When it fails, the mail goes unsigned. */
  sign(head: Buffer, body: Buffer): Promise<Buffer>;
  /** Resolves when the message is on stable storage. */
  store(message: NewMessage): Promise<void>;
  /** Told of each message that was stored. */
  stored(message: NewMessage): void;
}

const MOST_RECIPIENTS = 100;
/** Characters; what is longer ends with an ellipsis. */
const LONGEST_SUBJECT = 200;
const LONGEST_TEXT = 131_072;
/** A header section of the relay's own stays far below. */
const HEADER_BYTES = 65_536;

/** Controls, and what changes the direction of text: the mail may quote names that somebody chose. */
const UNSAFE = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Writes what the relay itself has to say to people, and puts it on its way like any other message. */
export class OwnMailer implements SystemMail {
  readonly #options: OwnMailerOptions;

  constructor(options: OwnMailerOptions) {
    this.#options = options;
  }

  /**
   * @throws RangeError when there is no recipient, too many, or one that is no address; SpoolUnavailable when
   *   the disk takes nothing.
   */
  async send(mail: OwnMail): Promise<MessageId> {
    const { clock, events, newId, store, stored } = this.#options;
    const id = newId();
    const message = await this.#sign(this.#build(mail, id, clock.now()));
    await store(message);
    events.write({
      type: 'system',
      message: id,
      to: mail.to,
      outcome: 'queued',
      text: `mail of the relay itself: ${subjectOf(mail)}`,
      detail: { subject: subjectOf(mail) },
    });
    stored(message);
    return id;
  }

  #build(mail: OwnMail, id: MessageId, at: number): NewMessage {
    const { hostname, random, from } = this.#options;
    const recipients = [...new Set(mail.to)];
    if (recipients.length === 0 || recipients.length > MOST_RECIPIENTS) {
      throw new RangeError(`a mail needs 1 to ${MOST_RECIPIENTS} recipients, not ${recipients.length}`);
    }
    const octets = written(() =>
      buildMessage(
        {
          from: { address: from, name: 'Postern' },
          to: recipients.map((address): Address => ({ address, name: '' })),
          cc: [],
          replyTo: [],
          subject: subjectOf(mail),
          text: `${bounded(safeText(mail.text), LONGEST_TEXT).trimEnd()}\n`,
          attachments: [],
          // RFC 3834 §5: no vacation notice answers it
          headers: [['Auto-Submitted', 'auto-generated']],
        },
        { at, hostname, random },
      ),
    );
    const scanner = new MessageScanner({ headerBytes: HEADER_BYTES });
    const parts: Buffer[] = [];
    scanner.feed(octets, (part) => parts.push(part));
    scanner.finish();
    const { head, traits } = scanner;
    return {
      id,
      receivedAt: at,
      source: '',
      head,
      body: { kind: 'memory', bytes: Buffer.concat(parts) },
      envelope: {
        // RFC 5321 §4.5.5: what comes back of it would come back for ever
        from: '',
        recipients: recipients.map((address) => ({ address: onTheWire(address), notify: 'never' })),
        smtpUtf8: recipients.some((address) => /[^\u0000-\u007f]/.test(onTheWire(address))),
        body: traits.eightBit ? '8bitmime' : '7bit',
        requireTls: false,
      },
      traits,
    };
  }

  async #sign(message: NewMessage): Promise<NewMessage> {
    if (message.body.kind !== 'memory') return message;
    try {
      return { ...message, head: await this.#options.sign(message.head, message.body.bytes) };
    } catch (error) {
      this.#options.events.write({
        type: 'warning',
        message: message.id,
        code: 'X905',
        text: `a mail of the relay itself goes out unsigned: ${error instanceof Error ? error.message : String(error)}`,
      });
      return message;
    }
  }
}

/** As in the header, whose builder has looked at it: an international domain in ASCII, a local part quoted if need be. */
function onTheWire(address: string): string {
  const at = address.lastIndexOf('@');
  return joinAddress(address.slice(0, at), toALabels(address.slice(at + 1)) ?? '').toWellFormed();
}

function subjectOf({ subject }: OwnMail): string {
  return bounded(subject.replace(UNSAFE, ' ').replaceAll(/ {2,}/g, ' ').trim(), LONGEST_SUBJECT);
}

/** Line ends and tabs stay; other controls become visible. */
function safeText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replace(UNSAFE, (character) =>
      character === '\n' || character === '\t'
        ? character
        : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    );
}

function bounded(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

function written(build: () => Buffer): Buffer {
  try {
    return build();
  } catch (error) {
    // addresses are the only part that is not made safe: a wrong one can not be guessed right
    if (error instanceof BuildError) throw new RangeError(`${error.field}: ${error.message}`);
    throw error;
  }
}
