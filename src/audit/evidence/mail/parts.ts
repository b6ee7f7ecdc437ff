import { createHash } from 'node:crypto';
import { decodeWords } from '../../../message/encoded-word.ts';
import { decodeQuotedPrintable } from '../../../message/transfer-encoding.ts';
import type { Attachment } from '../observation.ts';
import { headLength, type MailFields, parameter, readFields } from './fields.ts';

/** A leaf of a message's tree. */
export interface MailPart {
  fields: MailFields;
  /** Lower case. */
  type: string;
  name: string | undefined;
  /** Decoded. */
  content: Buffer;
}

const MOST_PARTS = 500;
const MOST_DEPTH = 20;

/**
 * The leaves of a message (RFC 2045, 2046), in order; a message inside is a leaf. Forgiving: a part that is not closed ends
 * with its parent.
 */
export function partsOf(message: Buffer): MailPart[] {
  const parts: MailPart[] = [];
  walk(message, parts, 0);
  return parts;
}

function walk(entity: Buffer, parts: MailPart[], depth: number): void {
  if (parts.length >= MOST_PARTS) return;
  const end = headLength(entity);
  const fields = readFields(entity.subarray(0, end));
  const typeValue = fields.first('content-type') ?? 'text/plain';
  const type = typeValue.split(';', 1)[0]!.trim().toLowerCase();
  const boundary = parameter(typeValue, 'boundary');
  const body = entity.subarray(end);
  if (type.startsWith('multipart/') && boundary !== undefined && depth < MOST_DEPTH) {
    for (const part of split(body, boundary)) walk(part, parts, depth + 1);
    return;
  }
  const disposition = fields.first('content-disposition') ?? '';
  const name = parameter(disposition, 'filename') ?? parameter(typeValue, 'name');
  parts.push({
    fields,
    type,
    name: name === undefined ? undefined : decodeWords(name).slice(0, 255),
    content: decode(body, fields.first('content-transfer-encoding')),
  });
}

/** RFC 2046 §5.1.1: between lines of `--boundary`; the line end before one belongs to it. */
function* split(body: Buffer, boundary: string): Generator<Buffer> {
  const mark = Buffer.from(`--${boundary}`);
  let start = -1;
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) {
    if (at > 0 && body[at - 1] !== 10) continue;
    if (start !== -1) {
      let end = at - 1;
      if (body[end - 1] === 13) end--;
      yield body.subarray(start, Math.max(start, end));
    }
    const after = at + mark.length;
    if (body[after] === 45 && body[after + 1] === 45) return;
    const line = body.indexOf(10, after);
    if (line === -1) return;
    start = line + 1;
  }
  if (start !== -1) yield body.subarray(start);
}

function decode(body: Buffer, encoding = ''): Buffer {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(body.toString('latin1'), 'base64');
    case 'quoted-printable':
      return decodeQuotedPrintable(body);
    default:
      return body;
  }
}

/** What of the leaves a person would call an attachment. */
export function attachmentsOf(parts: readonly MailPart[]): Attachment[] {
  return parts
    .filter(({ type, name }) => name !== undefined || !/^(?:text|multipart|message)\//.test(type))
    .slice(0, 100)
    .map(({ type, name, content }) => ({
      ...(name === undefined ? {} : { name }),
      sha256: createHash('sha256').update(content).digest('hex'),
      type,
    }));
}
