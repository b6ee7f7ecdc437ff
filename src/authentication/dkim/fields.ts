import { fieldNameAt } from '../../message/field-name.ts';
import type { Canonicalization } from './canonical.ts';
import { relaxField } from './canonical.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** Where the parts of one header field lie in a head. */
export interface FieldSpan {
  /** Of the first colon; -1 when the line has none. */
  colon: number;
  /** Behind the CRLF that ends the field, folded lines included. */
  end: number;
}

/**
 * Finds the field that begins at `start` and writes its place into `span`, which a caller uses again for the next:
 * this runs for each field of each message. Answers false at the empty line that closes a head, and at its end.
 */
export function scanField(head: Buffer, start: number, span: FieldSpan): boolean {
  const length = head.length;
  if (start >= length || (head[start] === CR && head[start + 1] === LF)) return false;
  let colon = -1;
  let position = start;
  for (; position < length; position++) {
    const octet = head[position]!;
    if (octet === COLON) {
      if (colon < 0) colon = position;
    } else if (octet === LF && position > start && head[position - 1] === CR) {
      const next = head[position + 1];
      if (next !== SPACE && next !== TAB) break;
    }
  }
  span.colon = colon;
  span.end = Math.min(position + 1, length);
  return true;
}

/** The name of a field in lower case; white space before the colon does not belong to it. */
export function fieldName(head: Buffer, start: number, colon: number): string {
  let end = colon;
  while (end > start && (head[end - 1] === SPACE || head[end - 1] === TAB)) end--;
  return fieldNameAt(head, start, end);
}

/** One field of a head. */
export interface Field {
  /** Lower case. */
  name: string;
  start: number;
  /** Behind the colon. */
  valueStart: number;
  /** Behind the last CRLF. */
  end: number;
}

/** The fields of a head by name, each list from the top down. Lines without a colon are no fields. */
export class HeadFields {
  readonly head: Buffer;
  readonly #byName = new Map<string, Field[]>();

  constructor(head: Buffer) {
    this.head = head;
    const span: FieldSpan = { colon: -1, end: 0 };
    for (let start = 0; scanField(head, start, span); start = span.end) {
      if (span.colon < 0) continue;
      const name = fieldName(head, start, span.colon);
      const field = { name, start, valueStart: span.colon + 1, end: span.end };
      const same = this.#byName.get(name);
      if (same) same.push(field);
      else this.#byName.set(name, [field]);
    }
  }

  /** @param name in lower case. */
  all(name: string): readonly Field[] {
    return this.#byName.get(name) ?? [];
  }

  /** The value without its last CRLF, one character an octet. */
  text(field: Field): string {
    return this.head.toString('latin1', field.valueStart, withoutLineEnd(this.head, field));
  }
}

/** What a signature covers, in the octets that are hashed (RFC 6376 §3.7). */
export class SignedOctets {
  readonly #kind: Canonicalization;
  #out: Buffer;
  #used = 0;

  /** @param room octets that are likely to be needed. */
  constructor(kind: Canonicalization, room: number) {
    this.#kind = kind;
    this.#out = Buffer.allocUnsafe(room);
  }

  /** Adds a whole field with its line end. */
  add(head: Buffer, field: Pick<Field, 'start' | 'end'>): void {
    this.#append(head, field.start, field.end);
    if (this.#kind === 'relaxed') {
      this.#out[this.#used++] = CR;
      this.#out[this.#used++] = LF;
    }
  }

  /** Adds the signature's own field, with an empty `b=` and without its line end. */
  addUnsigned(head: Buffer, field: Field, from: number, to: number): void {
    const end = withoutLineEnd(head, field);
    const unsigned = Buffer.concat([
      head.subarray(field.start, field.valueStart + from),
      head.subarray(field.valueStart + to, end),
    ]);
    this.#append(unsigned, 0, unsigned.length);
  }

  #append(source: Buffer, start: number, end: number): void {
    const needed = this.#used + end - start + 4;
    if (needed > this.#out.length) {
      const larger = Buffer.allocUnsafe(2 * needed);
      this.#out.copy(larger, 0, 0, this.#used);
      this.#out = larger;
    }
    if (this.#kind === 'relaxed') this.#used = relaxField(source, start, end, this.#out, this.#used);
    else this.#used += source.copy(this.#out, this.#used, start, end);
  }

  /** What was added so far. */
  octets(): Buffer {
    return this.#out.subarray(0, this.#used);
  }

  /** How many octets were added so far. */
  get length(): number {
    return this.#used;
  }
}

/**
 * Adds the fields that `names` list. A name takes the lowest instance that is not taken yet; one beyond the last
 * stands for nothing (RFC 6376 §5.4.2), and the signature itself is never among them.
 */
export function addNamed(
  octets: SignedOctets,
  fields: HeadFields,
  names: readonly string[],
  own?: Field,
): void {
  const taken = new Map<string, number>();
  for (const name of names) {
    const instances = fields.all(name);
    let next = taken.get(name) ?? instances.length;
    if (instances[next - 1] === own) next--;
    if (next <= 0) continue;
    taken.set(name, next - 1);
    octets.add(fields.head, instances[next - 1]!);
  }
}

/** What a signature of a head was made over: the fields that it names, then itself. */
export function signedOctets(
  fields: HeadFields,
  own: Field,
  signature: {
    header: Canonicalization;
    signed: readonly string[];
    signatureStart: number;
    signatureEnd: number;
  },
): Buffer {
  const octets = new SignedOctets(signature.header, 2048);
  addNamed(octets, fields, signature.signed, own);
  octets.addUnsigned(fields.head, own, signature.signatureStart, signature.signatureEnd);
  return octets.octets();
}

function withoutLineEnd(head: Buffer, field: Pick<Field, 'start' | 'end'>): number {
  const { start, end } = field;
  return end - 2 >= start && head[end - 1] === LF && head[end - 2] === CR ? end - 2 : end;
}
