import { decodeWords } from '../encoded-word.ts';
import { decodeOctets } from '../headers.ts';

const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A header field as a forgiving reader finds it. */
export interface MimeField {
  /** As it is written. */
  name: string;
  /** In lower case. */
  key: string;
  /** What follows the colon, folds and all. */
  octets: Buffer;
}

/**
 * The fields of a header section. Other than `HeaderIndex`, which finds faults, this finds whatever any reader might:
 * it goes on after a line that is none, takes LF for a line end, and white space before the colon.
 */
export function readFields(
  head: Buffer,
  most: number,
): { fields: MimeField[]; broken: boolean; more: boolean } {
  const fields: MimeField[] = [];
  let broken = false;
  let start = 0;
  while (start < head.length) {
    let end = lineEnd(head, start);
    while (end < head.length && (head[end] === SPACE || head[end] === TAB)) end = lineEnd(head, end);
    const line = head.subarray(start, end);
    start = end;
    if (isEmptyLine(line)) break;
    const colon = line.indexOf(COLON);
    const name = colon < 0 ? '' : line.toString('latin1', 0, colon).trimEnd();
    if (!/^[!-9;-~]+$/.test(name)) {
      broken = true;
      continue;
    }
    if (fields.length === most) return { fields, broken, more: true };
    if (name.length !== colon) broken = true;
    fields.push({ name, key: name.toLowerCase(), octets: line.subarray(colon + 1) });
  }
  return { fields, broken, more: false };
}

/** The value unfolded (RFC 5322 §2.2.3), encoded words as they are. */
export function fieldValue({ octets }: Pick<MimeField, 'octets'>): string {
  // trim() is of one pass; of what it takes beside white space, nothing belongs at an end
  return decodeOctets(octets).replaceAll(/\r?\n/g, '').trim();
}

/** The value with its encoded words decoded (RFC 2047). */
export function fieldText(field: Pick<MimeField, 'octets'>): string {
  return decodeWords(fieldValue(field));
}

/** What may be shown of it: decoded, without what moves a cursor or turns the direction of what stands around it. */
export function shownText(field: Pick<MimeField, 'octets'>): string {
  return fieldText(field).toWellFormed().replaceAll('\t', ' ').replaceAll(UNSAFE, '\ufffd');
}

/** Value of the first field of this name (in lower case), or the empty string. */
export function firstValue(fields: readonly MimeField[], key: string): string {
  const field = fields.find((one) => one.key === key);
  return field ? fieldValue(field) : '';
}

function lineEnd(octets: Buffer, from: number): number {
  const end = octets.indexOf(LF, from);
  return end < 0 ? octets.length : end + 1;
}

export function isEmptyLine(line: Buffer): boolean {
  return line.length === 0 || line[0] === LF || (line[0] === 13 && line[1] === LF);
}
