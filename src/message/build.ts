/**
 * Writes a message from its parts: headers (RFC 5322, RFC 2047), bodies and attachments (RFC 2045, 2046, 2231).
 * Whatever the input holds, no field can begin another one: a value with a control character is refused.
 */
import type { Random } from '../platform/random.ts';
import { joinAddress, toALabels } from './address-list.ts';
import { formatDate } from './date.ts';
import { encodeUnstructured, encodeWords } from './encoded-word.ts';
import { chooseEncoding, encodeBase64Lines, encodeQuotedPrintable } from './transfer-encoding.ts';

export interface Address {
  /** `local@domain` */
  address: string;
  /** Display name; empty: none. */
  name: string;
}

export interface Attachment {
  /** Empty: none. */
  filename: string;
  /** `type/subtype`, without parameters. */
  contentType: string;
  content: Buffer;
  disposition: 'attachment' | 'inline';
  /** Without angle brackets; the HTML refers to it as `cid:...`. */
  contentId?: string;
}

export interface MessageParts {
  from: Address;
  to: Address[];
  cc: Address[];
  replyTo: Address[];
  subject: string;
  text?: string;
  html?: string;
  attachments: Attachment[];
  /** Further fields, written in their order. */
  headers: [name: string, value: string][];
}

export interface BuildOptions {
  /** Wall time for Date, milliseconds. */
  at: number;
  /** The right side of the Message-ID. */
  hostname: string;
  random: Random;
}

/** Fields that the builder writes itself, or that only a relay writes. */
const RESERVED =
  /^(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|received|return-path|dkim-signature|authentication-results|arc-.*|content-.*|resent-.*)$/i;

/** A value that can not be written without changing the message's structure; `field` is its path. */
export class BuildError extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/**
 * The whole message, CRLF throughout.
 * @throws BuildError for control characters, reserved fields, and names that are no tokens.
 */
export function buildMessage(parts: MessageParts, { at, hostname, random }: BuildOptions): Buffer {
  const boundary = () => `=_${random.bytes(15).toString('base64url')}`;
  const unique = random.bytes(15).toString('base64url');
  const head = [
    `Date: ${formatDate(at)}`,
    `From: ${addresses([parts.from], 'from')}`,
    ...(parts.to.length > 0 ? [`To: ${addresses(parts.to, 'to')}`] : []),
    ...(parts.cc.length > 0 ? [`Cc: ${addresses(parts.cc, 'cc')}`] : []),
    ...(parts.replyTo.length > 0 ? [`Reply-To: ${addresses(parts.replyTo, 'replyTo')}`] : []),
    foldAtSpaces(`Subject: ${encodeUnstructured(clean(parts.subject, 'subject'))}`),
    `Message-ID: <${unique}@${hostname}>`,
    ...parts.headers.map(([name, value]) => furtherField(name, value)),
    'MIME-Version: 1.0',
  ];
  // RFC 5322 §3.6: at least one destination field keeps old readers content
  if (parts.to.length + parts.cc.length === 0) head.push('To: undisclosed-recipients:;');
  const body = arrange(parts, boundary);
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n`), ...body]);
}

/** mixed( related( alternative( text, html ), inline … ), attachment … ), with no level that holds one part only. */
function arrange(parts: MessageParts, boundary: () => string): Buffer[] {
  const texts: Buffer[][] = [];
  if (parts.text !== undefined) texts.push(textPart('plain', parts.text));
  if (parts.html !== undefined) texts.push(textPart('html', parts.html));
  if (texts.length === 0) texts.push(textPart('plain', ''));
  const inline = parts.attachments.filter((one) => one.contentId !== undefined && parts.html !== undefined);
  const others = parts.attachments.filter((one) => !inline.includes(one));
  const index = (one: Attachment) => parts.attachments.indexOf(one);
  const alternative = multipart('alternative', texts, boundary);
  const related = multipart(
    'related',
    [alternative, ...inline.map((one) => attachmentPart(one, index(one)))],
    boundary,
  );
  return multipart('mixed', [related, ...others.map((one) => attachmentPart(one, index(one)))], boundary);
}

function multipart(kind: string, parts: Buffer[][], boundary: () => string): Buffer[] {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  // 120 random bits: no part can hold it
  const mark = boundary();
  return [
    Buffer.from(`Content-Type: multipart/${kind}; boundary="${mark}"\r\n\r\n`),
    ...parts.flatMap((part) => [Buffer.from(`--${mark}\r\n`), ...part, Buffer.from('\r\n')]),
    Buffer.from(`--${mark}--\r\n`),
  ];
}

function textPart(subtype: string, text: string): Buffer[] {
  const octets = Buffer.from(text.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n'));
  const encoding = chooseEncoding(octets);
  const head = `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  if (encoding === 'base64') return [Buffer.from(head), encodeBase64Lines(octets)];
  if (encoding === 'quoted-printable') return [Buffer.from(head), encodeQuotedPrintable(octets)];
  return [Buffer.from(head), octets];
}

function attachmentPart(attachment: Attachment, index: number): Buffer[] {
  const field = `attachments.${index}`;
  const { contentType, filename, disposition, contentId, content } = attachment;
  if (!/^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/.test(contentType)) {
    throw new BuildError(`${field}.contentType`, 'is no media type such as application/pdf');
  }
  // RFC 2046 §5: a composite type must not be base64, and its inner boundaries are not checked here
  if (/^(?:multipart|message)\//i.test(contentType)) {
    throw new BuildError(
      `${field}.contentType`,
      'may not be a multipart or message type; use application/octet-stream',
    );
  }
  if (contentId !== undefined && !/^[\w.!#$%&'*+/=?^`{|}~@-]{1,200}$/.test(contentId)) {
    throw new BuildError(`${field}.contentId`, 'holds characters that a Content-ID may not');
  }
  const head = [
    `Content-Type: ${contentType}`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: ${disposition}${parameter('filename', clean(filename, `${field}.filename`))}`,
    ...(contentId === undefined ? [] : [`Content-ID: <${contentId}>`]),
  ];
  return [Buffer.from(`${head.join('\r\n')}\r\n\r\n`), encodeBase64Lines(content)];
}

/** `; name="value"`, or RFC 2231 continuations (`name*0*=utf-8''...`) for what a quoted string can not hold. */
function parameter(name: string, value: string): string {
  if (value === '') return '';
  if (/^[\x20-\x7e]{1,60}$/.test(value)) return `;\r\n ${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`;
  const pieces: string[] = [];
  let piece = "utf-8''";
  for (const character of value.toWellFormed()) {
    // encodeURIComponent leaves some characters that RFC 2231 §7 does not allow
    const encoded = encodeURIComponent(character).replaceAll(
      /['()*!]/g,
      (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    if (piece.length + encoded.length > 60) {
      pieces.push(piece);
      piece = '';
    }
    piece += encoded;
  }
  pieces.push(piece);
  if (pieces.length === 1) return `;\r\n ${name}*=${piece}`;
  return pieces.map((one, index) => `;\r\n ${name}*${index}*=${one}`).join('');
}

function addresses(list: Address[], field: string): string {
  return list
    .map(({ address, name }) => {
      const at = address.lastIndexOf('@');
      const domain = toALabels(address.slice(at + 1));
      const local = address.slice(0, at);
      if (at < 1 || domain === undefined || /[\s<>"\\]/.test(local)) {
        throw new BuildError(field, `${JSON.stringify(clean(address, field))} is no e-mail address`);
      }
      const joined = joinAddress(clean(local, field), domain);
      const phrase = displayName(clean(name, field).trim());
      return phrase === '' ? joined : `${phrase} <${joined}>`;
    })
    .join(',\r\n ');
}

function displayName(name: string): string {
  if (/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]{0,60}$/.test(name)) return name;
  if (/^[\x20-\x7e]{0,60}$/.test(name)) return `"${name.replaceAll(/["\\]/g, '\\$&')}"`;
  return encodeWords(name);
}

function furtherField(name: string, value: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,75}$/.test(name))
    throw new BuildError(`headers.${name.slice(0, 80)}`, 'is no name of a header field');
  if (RESERVED.test(name))
    throw new BuildError(
      `headers.${name}`,
      'is written by the relay, or has a field of its own in the request',
    );
  const written = `${name}: ${encodeUnstructured(clean(value, `headers.${name}`))}`;
  return foldAtSpaces(written);
}

/** No CR, LF, NUL or other control character comes into a header, nor what turns the direction of the text. */
function clean(text: string, field: string): string {
  if (/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(text)) {
    throw new BuildError(field, 'holds control or direction characters');
  }
  return text.toWellFormed();
}

/** RFC 5322 §2.1.1: 78 characters where there is a space to fold at, and 998 in any case. */
function foldAtSpaces(line: string): string {
  const folded: string[] = [];
  // encoded words come with folds of their own
  for (const piece of line.split('\r\n')) {
    let rest = piece;
    while (rest.length > 78) {
      const within = rest.lastIndexOf(' ', 78);
      // a fold before a line's first word would leave a line of white space alone
      const at = rest.slice(0, within).trim() === '' ? rest.indexOf(' ', 78) : within;
      if (at < 0 || rest.slice(at).trim() === '') break;
      folded.push(rest.slice(0, at));
      rest = rest.slice(at);
    }
    if (rest.length > 998) throw new BuildError('headers', 'holds a word that is longer than a line may be');
    folded.push(rest);
  }
  return folded.join('\r\n');
}
