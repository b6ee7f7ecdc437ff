import { decodeQuotedPrintable } from '../transfer-encoding.ts';

const LF = 10;
const EQUALS = 61;
const EMPTY = Buffer.alloc(0);
/** A line of quoted-printable that is longer is decoded in pieces. */
const MOST_LINE = 64 * 1024;

/** Content transfer encodings (RFC 2045 §6) taken back, piece by piece. */
export interface TransferDecoder {
  write(chunk: Buffer): Buffer;
  /** What was still waiting for more. */
  end(): Buffer;
}

/** For a name of an encoding in lower case; one that nobody knows leaves the octets as they are. */
export function transferDecoder(encoding: string): TransferDecoder {
  if (encoding === 'base64') return new Base64Decoder();
  if (encoding === 'quoted-printable') return new QuotedPrintableDecoder();
  return { write: (chunk) => chunk, end: () => EMPTY };
}

/** What is not in the alphabet is passed over (§6.8); padding ends a group and not the content, as most readers have it. */
class Base64Decoder implements TransferDecoder {
  #rest = '';

  write(chunk: Buffer): Buffer {
    const text = this.#rest + chunk.toString('latin1').replaceAll(/[^A-Za-z0-9+/=]+/g, '');
    if (!text.includes('=')) {
      const whole = text.length - (text.length % 4);
      this.#rest = text.slice(whole);
      return Buffer.from(text.slice(0, whole), 'base64');
    }
    const groups = text.split(/=+/);
    this.#rest = '';
    const last = groups.pop() ?? '';
    const decoded = groups.map((group) => Buffer.from(group, 'base64'));
    const whole = last.length - (last.length % 4);
    this.#rest = last.slice(whole);
    decoded.push(Buffer.from(last.slice(0, whole), 'base64'));
    return Buffer.concat(decoded);
  }

  end(): Buffer {
    return Buffer.from(this.#rest, 'base64');
  }
}

/** Decoded line by line: white space counts only where something follows it (§6.7, rule 3). */
class QuotedPrintableDecoder implements TransferDecoder {
  #rest: Buffer = EMPTY;

  write(chunk: Buffer): Buffer {
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let end = octets.lastIndexOf(LF) + 1;
    if (octets.length - end > MOST_LINE) end = placeToCut(octets);
    this.#rest = octets.subarray(end);
    return decodeQuotedPrintable(octets.subarray(0, end));
  }

  end(): Buffer {
    return decodeQuotedPrintable(this.#rest);
  }
}

/** Not within `=XX`, nor after white space, which would be taken for the end of a line. */
function placeToCut(octets: Buffer): number {
  let end = octets.length;
  const equals = octets.lastIndexOf(EQUALS);
  if (equals >= end - 3 && equals > 0) end = equals;
  while (end > 1 && (octets[end - 1] === 32 || octets[end - 1] === 9 || octets[end - 1] === 13)) end--;
  return end;
}
