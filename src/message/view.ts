import { decodeOctets, HeaderIndex } from './headers.ts';
import { decodeWords } from './encoded-word.ts';
import { decodeQuotedPrintable } from './transfer-encoding.ts';

/** A message as people look at it; for display only, never for decisions. */
export interface MessageView {
  headers: { name: string; value: string }[];
  /** Of the first text/plain part. */
  text?: string;
  /** Of the first text/html part; markup as it stands, to be shown as text or in a sandboxed frame only. */
  html?: string;
  attachments: {
    filename: string;
    contentType: string;
    size: number;
    disposition: string;
    contentId?: string;
  }[];
  /** Something was left out: too deep, too many parts, or too long. */
  truncated: boolean;
}

const MOST_DEPTH = 10;
const MOST_PARTS = 200;
const MOST_TEXT = 256 * 1024;
const MOST_HEAD = 256 * 1024;

interface Progress {
  view: MessageView;
  parts: number;
}

/** Reads a message within bounds of depth, parts and size; never throws on what it holds. */
export function viewMessage(message: Buffer): MessageView {
  const view: MessageView = { headers: [], attachments: [], truncated: false };
  const { head, body } = splitPart(message);
  const index = indexOf(head);
  for (const field of index.fields) {
    view.headers.push({
      name: index.head.toString('latin1', field.start, field.valueStart - 1),
      value: decodeWords(index.value(field)),
    });
  }
  walk(index, body, 0, { view, parts: 0 });
  return view;
}

function walk(index: HeaderIndex, body: Buffer, depth: number, progress: Progress): void {
  if (depth > MOST_DEPTH || ++progress.parts > MOST_PARTS) {
    progress.view.truncated = true;
    return;
  }
  const { value: type, parameters } = parameterized(valueOf(index, 'content-type') || 'text/plain');
  const boundary = parameters.get('boundary');
  if (type.startsWith('multipart/') && boundary) {
    for (const part of splitMultipart(body, boundary)) {
      const { head, body: inner } = splitPart(part);
      walk(indexOf(head), inner, depth + 1, progress);
    }
    return;
  }
  leaf(index, body, type, parameters, progress.view);
}

function leaf(
  index: HeaderIndex,
  body: Buffer,
  type: string,
  parameters: Map<string, string>,
  view: MessageView,
): void {
  const disposition = parameterized(valueOf(index, 'content-disposition'));
  const filename = disposition.parameters.get('filename') ?? parameters.get('name') ?? '';
  const octets = decode(body, valueOf(index, 'content-transfer-encoding').toLowerCase());
  const shown = type === 'text/plain' ? 'text' : type === 'text/html' ? 'html' : undefined;
  if (shown && disposition.value !== 'attachment' && filename === '' && view[shown] === undefined) {
    if (octets.length > MOST_TEXT) view.truncated = true;
    view[shown] = toText(octets.subarray(0, MOST_TEXT), parameters.get('charset') ?? '');
    return;
  }
  const contentId = valueOf(index, 'content-id').replace(/^<|>$/g, '');
  view.attachments.push({
    filename: decodeWords(filename),
    contentType: type,
    size: octets.length,
    disposition: disposition.value || 'attachment',
    contentId: contentId || undefined,
  });
}

/** Head with its empty line, and what follows; a part may have no head at all. */
function splitPart(octets: Buffer): { head: Buffer; body: Buffer } {
  if (octets[0] === 13 && octets[1] === 10) return { head: octets.subarray(0, 2), body: octets.subarray(2) };
  const end = octets.indexOf('\r\n\r\n');
  if (end < 0) return { head: Buffer.concat([octets, Buffer.from('\r\n\r\n')]), body: Buffer.alloc(0) };
  return { head: octets.subarray(0, end + 4), body: octets.subarray(end + 4) };
}

function indexOf(head: Buffer): HeaderIndex {
  return new HeaderIndex(head, { headerBytes: MOST_HEAD, headerFields: 1000 });
}

function valueOf(index: HeaderIndex, name: string): string {
  const field = index.first(name);
  return field ? index.value(field) : '';
}

/** RFC 2046 §5.1.1: the delimiter stands at the start of a line; what is before the first and after the last is no part. */
function splitMultipart(body: Buffer, boundary: string): Buffer[] {
  const mark = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let start = -1;
  let at = body.indexOf(mark);
  while (at >= 0 && parts.length < MOST_PARTS) {
    const after = at + mark.length;
    if (at === 0 || body[at - 1] === 10) {
      if (start >= 0) parts.push(body.subarray(start, Math.max(start, at - 2)));
      if (body[after] === 45 && body[after + 1] === 45) return parts;
      const line = body.indexOf('\r\n', after);
      if (line < 0) return parts;
      start = line + 2;
    }
    at = body.indexOf(mark, after);
  }
  if (start >= 0 && parts.length < MOST_PARTS) parts.push(body.subarray(start));
  return parts;
}

function decode(body: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64');
  return encoding === 'quoted-printable' ? decodeQuotedPrintable(body) : body;
}

function toText(octets: Buffer, charset: string): string {
  if (charset !== '') {
    try {
      return new TextDecoder(charset).decode(octets);
    } catch (error) {
      // a label that nobody knows; what remains is to guess
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return decodeOctets(octets);
}

/** A value with parameters (RFC 2045 §5.1), those of RFC 2231 joined and decoded. */
function parameterized(text: string): { value: string; parameters: Map<string, string> } {
  const [value = ''] = text.split(';', 1);
  const raw = new Map<string, string>();
  const pattern = /;\s*([^\s=;"]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g;
  for (const [, name = '', quoted, token] of text.slice(0, 20_000).matchAll(pattern)) {
    raw.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? '');
  }
  const parameters = new Map<string, string>();
  for (const [name, text2] of raw) {
    if (!name.includes('*')) parameters.set(name, text2);
    else {
      const base = name.slice(0, name.indexOf('*'));
      if (name === `${base}*`) parameters.set(base, extended(text2));
      else if (name === `${base}*0` || name === `${base}*0*`) parameters.set(base, joined(raw, base));
    }
  }
  return { value: value.trim().toLowerCase(), parameters };
}

function joined(raw: Map<string, string>, base: string): string {
  let all = '';
  let encoded = false;
  for (let index = 0; index < 100; index++) {
    const plain = raw.get(`${base}*${index}`);
    const piece = plain ?? raw.get(`${base}*${index}*`);
    if (piece === undefined) break;
    if (plain === undefined) encoded = true;
    all += piece;
  }
  return encoded ? extended(all) : all;
}

function extended(text: string): string {
  const [, charset = '', value = text] = /^([^']*)'[^']*'(.*)$/s.exec(text) ?? [];
  const octets = value.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return toText(Buffer.from(octets, 'latin1'), charset);
}
