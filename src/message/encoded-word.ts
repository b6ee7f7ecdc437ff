/**
 * Encoded words (RFC 2047): how header text that is not ASCII travels through ASCII. Decoding is for display
 * and for spotting disguises only; no address is ever taken from decoded text.
 */

/** Decoded text is for people; what is longer than this is no name and no subject. */
const MOST_INPUT = 16_384;
/** RFC 2047 §2: an encoded word has at most 75 characters; `=?utf-8?B?` and `?=` take 12, base64 the rest. */
const OCTETS_PER_WORD = 45;

// charset, optional language (RFC 2231 §5), encoding, text; no quantifier can match what its neighbour matches
const WORD = /=\?([^\s?*"()<>@,;:/[\]=]{1,40})(?:\*[a-zA-Z0-9-]{0,40})?\?([bBqQ])\?([^?\s]{0,2000})\?=/g;

/**
 * Text with its encoded words decoded. White space between two encoded words goes (§6.2); neighbours of the
 * same charset are joined before decoding, because careless writers split characters. Words of an unknown
 * charset stay as they are; invalid octets become U+FFFD.
 */
export function decodeWords(input: string): string {
  const text = input.length > MOST_INPUT ? input.slice(0, MOST_INPUT) : input;
  if (!text.includes('=?')) return text;
  let result = '';
  let end = 0;
  let pending: { charset: string; octets: Buffer[]; raw: string } | undefined;
  const flush = (): void => {
    if (pending) result += decodeCharset(pending.charset, Buffer.concat(pending.octets)) ?? pending.raw;
    pending = undefined;
  };
  for (const match of text.matchAll(WORD)) {
    const [raw, charset = '', encoding = '', encoded = ''] = match;
    const between = text.slice(end, match.index);
    const adjacent = pending !== undefined && /^[ \t\r\n]*$/.test(between);
    if (!adjacent || pending?.charset !== charset.toLowerCase()) flush();
    if (!adjacent) result += between;
    const octets = encoding.toLowerCase() === 'b' ? Buffer.from(encoded, 'base64') : decodeQ(encoded);
    pending ??= { charset: charset.toLowerCase(), octets: [], raw: '' };
    pending.octets.push(octets);
    pending.raw += raw;
    end = match.index + raw.length;
  }
  flush();
  return result + text.slice(end);
}

/** RFC 2047 §4.2 */
function decodeQ(encoded: string): Buffer {
  const text = encoded
    .replaceAll('_', ' ')
    .replace(/=([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

function decodeCharset(charset: string, octets: Buffer): string | undefined {
  let decoder: TextDecoder;
  try {
    // in UTF-8 a byte order mark orders nothing: it is a character of the text
    decoder = new TextDecoder(charset, { ignoreBOM: charset === 'utf-8' });
  } catch (error) {
    // the only way to ask whether a label is known
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return decoder.decode(octets);
}

/** `text` as encoded words in UTF-8, joined by folds (`CRLF SP`), split between characters only (§5). */
export function encodeWords(text: string): string {
  const words: string[] = [];
  let piece = '';
  let size = 0;
  for (const character of text.toWellFormed()) {
    const width = Buffer.byteLength(character);
    if (size + width > OCTETS_PER_WORD) {
      words.push(piece);
      piece = '';
      size = 0;
    }
    piece += character;
    size += width;
  }
  if (piece !== '') words.push(piece);
  return words.map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ');
}

const BEYOND_ASCII = /[^\t\x20-\x7e]/;
const LAST_BEYOND_ASCII = /[^\t\x20-\x7e](?=[\t\x20-\x7e]*$)/;

/**
 * Unstructured text (a subject) with the stretch from its first to its last word beyond ASCII encoded and the rest
 * kept readable. The whole stretch, since white space between two encoded words would be lost.
 */
export function encodeUnstructured(input: string): string {
  if (!BEYOND_ASCII.test(input)) return input;
  // a word that is encoded already would swallow the space between itself and a new one
  const text = input.length > MOST_INPUT ? input : decodeWords(input);
  const first = text.search(BEYOND_ASCII);
  if (first === -1) return text;
  const start = text.lastIndexOf(' ', first) + 1;
  const stop = LAST_BEYOND_ASCII.exec(text)!.index;
  const space = text.indexOf(' ', stop);
  const stretch = text.slice(start, space === -1 ? text.length : space);
  const tail = space === -1 ? '' : text.slice(space);
  return `${text.slice(0, start)}${encodeWords(stretch)}${tail}`;
}
