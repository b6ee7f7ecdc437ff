/**
 * The Basic Encoding Rules as far as LDAP uses them (RFC 4511 §5.1): definite lengths, tags of one octet. What a
 * server sends is bounded before it is read.
 */

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  octets: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
} as const;

/** The octets break the rules or a bound; nothing after them can be trusted. */
export class BerError extends Error {}

export function encode(tag: number, ...parts: Buffer[]): Buffer {
  const content = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(length);
  const octets = size.subarray(size.findIndex((octet) => octet !== 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | octets.length]), octets, content]);
}

/** @param value 0 to 2^31 - 1 */
export function encodeInteger(value: number, tag: number = TAG.integer): Buffer {
  const octets: number[] = [];
  for (let rest = value; octets.length === 0 || rest > 0; rest = Math.floor(rest / 256))
    octets.unshift(rest % 256);
  // the highest bit is the sign
  if ((octets[0] as number) >= 0x80) octets.unshift(0);
  return encode(tag, Buffer.from(octets));
}

export function encodeText(text: string | Buffer, tag: number = TAG.octets): Buffer {
  return encode(tag, typeof text === 'string' ? Buffer.from(text, 'utf8') : text);
}

export function encodeBoolean(value: boolean, tag: number = TAG.boolean): Buffer {
  return encode(tag, Buffer.from([value ? 0xff : 0]));
}

/** Reads one element after another. Methods throw BerError for what is not whole or not expected. */
export class BerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  next(): { tag: number; content: Buffer } {
    const header = readHeader(this.#bytes, this.#at);
    if (!header || header.end > this.#bytes.length) throw new BerError('an element that is cut off');
    const { tag, start, end } = header;
    this.#at = end;
    return { tag, content: this.#bytes.subarray(start, end) };
  }

  expect(tag: number): Buffer {
    const found = this.next();
    if (found.tag !== tag) throw new BerError(`an element of tag ${found.tag}, not ${tag}`);
    return found.content;
  }

  /** A number from 0 to 2^31 - 1. */
  integer(tag: number = TAG.integer): number {
    const content = this.expect(tag);
    if (content.length < 1 || content.length > 4 || (content[0] as number) >= 0x80)
      throw new BerError('a number out of bounds');
    return content.readUIntBE(0, content.length);
  }
}

/**
 * How many octets the element has that `bytes` begin with; undefined when more are needed to tell.
 * @throws BerError when it is longer than `most`
 */
export function elementLength(bytes: Buffer, most: number): number | undefined {
  const header = readHeader(bytes, 0);
  if (header && header.end > most) throw new BerError(`an element of ${header.end} octets`);
  return header?.end;
}

function readHeader(bytes: Buffer, at: number): { tag: number; start: number; end: number } | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  if ((tag & 0x1f) === 0x1f) throw new BerError('a tag of several octets');
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const size = first & 0x7f;
  // RFC 4511 §5.1: only the definite form
  if (size < 1 || size > 4) throw new BerError('a length out of bounds');
  const start = at + 2 + size;
  if (bytes.length < start) return undefined;
  return { tag, start, end: start + bytes.readUIntBE(at + 2, size) };
}
