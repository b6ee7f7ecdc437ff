import { decodeOctets } from '../headers.ts';

export interface DecodedText {
  text: string;
  /** What it was read as. */
  charset: string;
  /** What is not certain of it: the label is unknown, so that it was guessed; or octets of it mean nothing. */
  doubt?: 'unknown-charset' | 'invalid-octets';
}

const REPLACEMENT = '\ufffd';

/** Text in a charset (RFC 2046 §4.1.2); without a label, or under one that nobody knows, it is guessed. Never throws. */
export function decodeText(octets: Buffer, label: string): DecodedText {
  const name = label.trim().toLowerCase();
  // RFC 6532 §3.1 and careless writers: what calls itself ASCII and is not is UTF-8 more often than anything else
  if (name === '' || name === 'us-ascii' || name === 'ascii') {
    return { text: withoutMark(decodeOctets(octets)), charset: 'utf-8' };
  }
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(name);
  } catch (error) {
    // the only way to ask whether a label is known
    if (!(error instanceof RangeError)) throw error;
    return { text: withoutMark(decodeOctets(octets)), charset: name, doubt: 'unknown-charset' };
  }
  const text = decoder.decode(octets);
  const doubt = text.includes(REPLACEMENT) ? 'invalid-octets' : undefined;
  return doubt ? { text, charset: decoder.encoding, doubt } : { text, charset: decoder.encoding };
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
