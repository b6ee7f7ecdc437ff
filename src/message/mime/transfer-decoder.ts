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
    const octets = Buffer.allocUnsafe(Math.ceil((text.length * 3) / 4));
    let size = 0;
    let at = 0;
    for (let end = text.indexOf('='); end >= 0; end = text.indexOf('=', at)) {
      if (end > at) size += octets.write(text.slice(at, end), size, 'base64');
      at = end + 1;
    }
    const whole = text.length - ((text.length - at) % 4);
    size += octets.write(text.slice(at, whole), size, 'base64');
    this.#rest = text.slice(whole);
    return octets.subarray(0, size);
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

/**
 * Not within `=XX`, nor after white space, which would be taken for the end of a line. More of that than a line may
 * have is not kept for what could follow it.
 */
function placeToCut(octets: Buffer): number {
  const equals = octets.subarray(-2).indexOf(EQUALS);
  const cut = equals < 0 ? octets.length : octets.length - 2 + equals;
  const least = cut - MOST_LINE;
  let end = cut;
  while (end > least && (octets[end - 1] === 32 || octets[end - 1] === 9 || octets[end - 1] === 13)) end--;
  return end > least ? end : cut;
}
