import { decodeOctets } from '../headers.ts';

export interface DecodedText {
  text: string;
  /** What it was read as. */
  charset: string;
  /** What is not certain of it: the label is unknown, so that it was guessed; or octets of it mean nothing. */
  doubt?: 'unknown-charset' | 'invalid-octets';
}

const REPLACEMENT = '\ufffd';

/**
 * Text in a charset (RFC 2046 §4.1.2); without a label, or under one that nobody knows, it is guessed. Never throws.
 * @param isCut more octets would follow: a character that is not whole at the end is left out
 */
export function decodeText(octets: Buffer, label: string, isCut = false): DecodedText {
  const name = label.trim().toLowerCase();
  // RFC 6532 §3.1 and careless writers: what calls itself ASCII and is not is UTF-8 more often than anything else
  if (name === '' || name === 'us-ascii' || name === 'ascii') {
    return { text: guessed(octets, isCut), charset: 'utf-8' };
  }
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(name);
  } catch (error) {
    // the only way to ask whether a label is known
    if (!(error instanceof RangeError)) throw error;
    return { text: guessed(octets, isCut), charset: name, doubt: 'unknown-charset' };
  }
  const text = decoder.decode(octets, { stream: isCut });
  const doubt = text.includes(REPLACEMENT) ? 'invalid-octets' : undefined;
  return doubt ? { text, charset: decoder.encoding, doubt } : { text, charset: decoder.encoding };
}

function guessed(octets: Buffer, isCut: boolean): string {
  const text = decodeOctets(isCut ? withoutLast(octets) : octets);
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** Without the last character when it is of several octets of UTF-8 (RFC 3629 §3), as it may not be whole. */
function withoutLast(octets: Buffer): Buffer {
  let end = octets.length;
  while (end > 0 && octets.length - end < 3 && (octets[end - 1]! & 0xc0) === 0x80) end--;
  return end > 0 && octets[end - 1]! >= 0xc0 ? octets.subarray(0, end - 1) : octets;
}
