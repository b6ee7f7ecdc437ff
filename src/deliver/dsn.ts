/** Delivery status notifications: RFC 3464 in the envelope of RFC 3461, carried as RFC 6522, international as RFC 6533. */
import { formatDate } from '../message/date.ts';
import type { Recipient } from '../message/envelope.ts';
import { encodeQuotedPrintable } from '../message/transfer-encoding.ts';
import { REFUSALS, type RefusalCode } from '../refusals.ts';
import { escapeText } from '../smtp/client/reply-parser.ts';
import type { MessageId, NewMessage, Payload } from '../spool/spool.ts';
import { noticeSubject, noticeText } from './dsn-text.ts';

export type NoticeKind = 'failure' | 'delay' | 'success';

export interface NoticeRecipient {
  recipient: Recipient;
  /** RFC 3463; a default of the kind's class is used when absent or of another class. */
  status?: string;
  /** One line: the next hop's reply, or what this relay concluded. */
  reply: string;
  code?: RefusalCode;
  /** Host that replied. */
  remote?: string;
}

export interface Notice {
  kind: NoticeKind;
  /** Of the message that it is about. */
  message: MessageId;
  receivedAt: number;
  recipients: NoticeRecipient[];
  /** Absent when the message can not be read any more: then only its name is told. */
  payload?: Payload;
  /** For a delay: when it is given up. */
  retryUntil?: number;
}

export interface NoticeOptions {
  hostname: string;
  /** Header From, an address. */
  from: string;
  /** Full return is granted up to this many octets. */
  returnLimit: number;
}

/**
 * The notice as a message to `sender`: its envelope is from nobody, so that it can never cause another.
 * @param unique text that occurs nowhere else, for the boundary
 */
export function buildNotice(
  notice: Notice,
  sender: string,
  id: MessageId,
  now: number,
  unique: string,
  options: NoticeOptions,
): NewMessage {
  const { kind, payload } = notice;
  const boundary = `postern-${unique}`;
  const returned = payload ? returnedPart(payload, kind, options.returnLimit) : undefined;
  const references = payload && messageIdOf(payload.head);
  const eightBit = returned?.eightBit === true || !isAscii(sender);
  const head = [
    `Date: ${formatDate(now)}`,
    `From: "Mail Delivery System" <${options.from}>`,
    `To: <${escapeText(sender)}>`,
    `Subject: ${noticeSubject(kind)}`,
    `Message-ID: <${id}@${options.hostname}>`,
    ...(references ? [`In-Reply-To: ${references}`, `References: ${references}`] : []),
    // RFC 3834 §3.1.7
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    `\tboundary="${boundary}"`,
    ...(eightBit ? ['Content-Transfer-Encoding: 8bit'] : []),
    '',
    '',
  ].join('\r\n');
  const text = noticeText({
    kind,
    hostname: options.hostname,
    id: notice.message,
    recipients: notice.recipients.map((one) => ({
      address: escapeText(one.recipient.address, 320),
      reason: reasonOf(one),
    })),
    retryUntil: notice.retryUntil === undefined ? undefined : formatDate(notice.retryUntil),
  });
  const first = [
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    encodeQuotedPrintable(Buffer.from(text.replaceAll('\n', '\r\n'))).toString('latin1'),
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    statusFields(notice, now, options.hostname),
    '',
  ].join('\r\n');
  const pieces: Buffer[] = [Buffer.from(first)];
  if (returned) pieces.push(Buffer.from(`--${boundary}\r\n${returned.header}\r\n\r\n`), ...returned.content);
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`));
  const body = Buffer.concat(pieces);
  return {
    id,
    receivedAt: now,
    source: '',
    head: Buffer.from(head),
    body: { kind: 'memory', bytes: body },
    envelope: {
      from: '',
      recipients: [{ address: sender, notify: 'never' }],
      smtpUtf8: !isAscii(sender),
      body: eightBit ? '8bitmime' : '7bit',
      requireTls: false,
    },
    traits: {
      eightBit,
      dotLines: body.indexOf('\n.') >= 0,
      longestLine: Math.max(longestLine(body), 76),
      // trailing white space of the returned part is as it came
      looseSpace: true,
    },
  };
}

/** RFC 3464 §2: fields of the message, then a group for each recipient. */
function statusFields(notice: Notice, now: number, hostname: string): string {
  const lines = [`Reporting-MTA: dns; ${hostname}`, `Arrival-Date: ${formatDate(notice.receivedAt)}`];
  const envelopeId = notice.payload?.envelope.envelopeId;
  // xtext on the wire, plain in the report (RFC 3464 §2.2.1)
  if (envelopeId) lines.push(`Original-Envelope-Id: ${printable(fromXtext(envelopeId), 300)}`);
  for (const one of notice.recipients) {
    const { recipient, code } = one;
    lines.push('');
    if (recipient.originalRecipient)
      lines.push(`Original-Recipient: ${originalRecipient(recipient.originalRecipient)}`);
    lines.push(
      `Final-Recipient: ${typedAddress(recipient.address)}`,
      `Action: ${{ failure: 'failed', delay: 'delayed', success: 'relayed' }[notice.kind]}`,
      `Status: ${statusOf(notice.kind, one)}`,
    );
    if (one.remote) lines.push(`Remote-MTA: dns; ${printable(one.remote, 255)}`);
    const said = /^[2-5]\d\d(?: |$)/.test(one.reply) ? 'smtp' : 'X-Postern';
    const diagnostic = code === undefined || said === 'smtp' ? one.reply : `${code} ${one.reply}`;
    lines.push(`Diagnostic-Code: ${said}; ${fold(printable(diagnostic, 900))}`);
    if (notice.kind !== 'success') lines.push(`Last-Attempt-Date: ${formatDate(now)}`);
    if (notice.retryUntil !== undefined) lines.push(`Will-Retry-Until: ${formatDate(notice.retryUntil)}`);
  }
  lines.push('');
  return lines.join('\r\n');
}

function statusOf(kind: NoticeKind, { status, code }: NoticeRecipient): string {
  const digit = { failure: '5', delay: '4', success: '2' }[kind];
  if (kind === 'failure' && code !== undefined && status === undefined) return REFUSALS[code].enhanced;
  if (status === undefined || !/^[245]\.\d{1,3}\.\d{1,3}$/.test(status)) return `${digit}.0.0`;
  return status.startsWith(digit) ? status : digit + status.slice(1);
}

function reasonOf({ reply, code }: NoticeRecipient): string {
  const text = escapeText(reply, 500);
  return code === undefined || code === 'D956' ? text : `${code} ${REFUSALS[code].text}: ${text}`;
}

interface Returned {
  header: string;
  content: Buffer[];
  eightBit: boolean;
}

/** The message, or its headers alone: RFC 3461 §4.3; of success and of delay always headers (§6.3). */
function returnedPart(payload: Payload, kind: NoticeKind, limit: number): Returned {
  const { head, body, envelope, traits } = payload;
  const full =
    kind === 'failure' &&
    envelope.returnContent === 'full' &&
    // RFC 8689 §5: the notice itself is not bound to TLS, so it may not carry what was
    !envelope.requireTls &&
    body.kind === 'memory' &&
    head.length + body.bytes.length <= limit;
  const international = !isAscii(head);
  const type = full
    ? international
      ? 'message/global'
      : 'message/rfc822'
    : international
      ? 'message/global-headers'
      : 'text/rfc822-headers';
  const eightBit = international || (full && traits.eightBit);
  const header = `Content-Type: ${type}${eightBit ? '\r\nContent-Transfer-Encoding: 8bit' : ''}`;
  const content = full && body.kind === 'memory' ? [head, body.bytes] : [boundedHead(head, limit)];
  return { header, content, eightBit };
}

/** Whole lines of the header section, without its empty line. */
function boundedHead(head: Buffer, limit: number): Buffer {
  const end =
    head.length >= 4 && head.toString('latin1', head.length - 4) === '\r\n\r\n'
      ? head.length - 2
      : head.length;
  if (end <= limit) return head.subarray(0, end);
  return head.subarray(0, head.lastIndexOf('\r\n', limit - 2) + 2);
}

/** The Message-ID when it is plain enough to be repeated. */
function messageIdOf(head: Buffer): string | undefined {
  return /^message-id:[ \t]*(<[!-~]{1,250}>)[ \t]*\r?$/im.exec(
    head.toString('latin1', 0, Math.min(head.length, 65_536)),
  )?.[1];
}

function typedAddress(address: string): string {
  if (isAscii(address)) return `rfc822; ${printable(address, 320)}`;
  // RFC 6533 §3, the form that is ASCII
  const encoded = Array.from(address, (c) => {
    const point = c.codePointAt(0) as number;
    return point > 32 && point < 127 && c !== '\\' && c !== '+' && c !== '='
      ? c
      : `\\x{${point.toString(16).toUpperCase().padStart(2, '0')}}`;
  });
  return `utf-8; ${encoded.join('').slice(0, 900)}`;
}

function originalRecipient(given: string): string {
  const at = given.indexOf(';');
  const type = at < 0 ? 'rfc822' : given.slice(0, at);
  // an international address stays encoded: the field must be ASCII (RFC 6533 §4)
  const address = at < 0 ? given : given.slice(at + 1);
  const plain = type.toLowerCase() === 'utf-8' ? address : fromXtext(address);
  return `${printable(type, 30)}; ${printable(plain, 500)}`;
}

function fromXtext(text: string): string {
  return text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** ASCII on one line, bounded: what came from elsewhere can not become another field. */
function printable(text: string, limit: number): string {
  return text.replace(/[^ -~]/g, '?').slice(0, limit);
}

/** Continuation lines, so that none is too long (RFC 5322 §2.2.3). */
function fold(text: string): string {
  return text.length <= 200 ? text : text.replace(/(.{100,180}) (?=\S)/g, '$1\r\n ');
}

function isAscii(text: string | Buffer): boolean {
  // one pass either way; notices are rare
  return !/[^\u0000-\u007f]/.test(typeof text === 'string' ? text : text.toString('latin1'));
}

function longestLine(bytes: Buffer): number {
  let longest = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf('\r\n', start);
    const stop = end < 0 ? bytes.length : end;
    longest = Math.max(longest, stop - start);
    start = stop + 2;
  }
  return longest;
}
