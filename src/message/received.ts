import { isIP } from 'node:net';
import { DateStamp } from './date.ts';

/** What the trace field tells of one arrival. Only `id`, `hostname` and `at` are the relay's own; the rest is checked. */
export interface TraceFacts {
  /** What the client called itself in EHLO or HELO. */
  hello: string;
  /** The client's address. */
  address: string;
  /** Name of this relay. */
  hostname: string;
  /** Spool identifier. */
  id: string;
  protocol: 'smtp' | 'esmtp' | 'http';
  tls?: { version: string; cipher: string };
  authenticated: boolean;
  /** The transaction declared SMTPUTF8. */
  smtpUtf8: boolean;
  /** Wall time, milliseconds. */
  at: number;
}

const DOMAIN = /^[a-z0-9_](?:[a-z0-9_.-]{0,253}[a-z0-9_])?$/i;
const LITERAL = /^\[(?:IPv6:)?[0-9a-f:.]{2,64}\]$/i;

/**
 * Writes the Received field that goes on top of each message (RFC 5321 §4.4). Whatever the client said is
 * either a well-formed domain or literal, or is reduced to harmless characters inside a comment, so that
 * nobody can write fields of his own into it. Recipients are not named: that would disclose blind copies.
 */
export class TraceWriter {
  readonly #dates = new DateStamp();

  /** The whole field with its closing CRLF. */
  received(facts: TraceFacts): string {
    const literal = addressLiteral(facts.address);
    const known = DOMAIN.test(facts.hello) || LITERAL.test(facts.hello);
    const info = known || facts.hello === '' ? literal : `hello ${harmless(facts.hello)} ${literal}`;
    const tls = facts.tls ? `\r\n\t(${harmless(facts.tls.version)} ${harmless(facts.tls.cipher)})` : '';
    return (
      `Received: from ${known ? facts.hello : literal} (${info})\r\n` +
      `\tby ${facts.hostname} with ${protocolOf(facts)} id ${facts.id}${tls};\r\n` +
      `\t${this.#dates.format(facts.at)}\r\n`
    );
  }
}

/** RFC 3848 §1 and RFC 6531 §4.3: the S stands for TLS, the A for authentication. */
function protocolOf({ protocol, tls, authenticated, smtpUtf8 }: TraceFacts): string {
  if (protocol === 'smtp') return 'SMTP';
  if (protocol === 'http') return 'HTTP';
  return `${smtpUtf8 ? 'UTF8SMTP' : 'ESMTP'}${tls ? 'S' : ''}${authenticated ? 'A' : ''}`;
}

/** RFC 5321 §4.1.3 */
function addressLiteral(address: string): string {
  switch (isIP(address)) {
    case 4:
      return `[${address}]`;
    case 6:
      // a zone (`%eth0`) means something on this machine only
      return `[IPv6:${address.replace(/%.*$/, '')}]`;
    default:
      return 'unknown';
  }
}

/** At most 64 characters that can neither end a comment nor a line. */
function harmless(text: string): string {
  return text.slice(0, 64).replace(/[^a-z0-9_.:@=/+-]/gi, '?');
}
