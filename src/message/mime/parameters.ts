import { decodeWords } from '../encoded-word.ts';
import { decodeText } from './charset.ts';

const MOST_TEXT = 20_000;
/** Sections of one value (RFC 2231 §3) count each: what stands last of a file's name is its ending. */
const MOST_PARAMETERS = 2000;

export interface Parameterized {
  /** Lower case, without comments. */
  value: string;
  /** Names in lower case; the first of a name counts. */
  parameters: Map<string, string>;
  /** A name stands twice, in whichever form, with different values: readers differ in which one they take. */
  repeated: boolean;
}

/**
 * A value with parameters (RFC 2045 §5.1), those of RFC 2231 joined and decoded.
 * Takes time in proportion to the text, whatever it is.
 */
export function readParameterized(input: string): Parameterized {
  const text = input.slice(0, MOST_TEXT);
  const end = text.indexOf(';');
  const value = (end < 0 ? text : text.slice(0, end))
    .replaceAll(/\([^()]*\)/g, '')
    .trim()
    .toLowerCase();
  const { raw, repeated: written } = readRaw(text, end < 0 ? text.length : end);
  let repeated = written;
  const parameters = new Map<string, string>();
  for (const [name, found] of raw) {
    const star = name.indexOf('*');
    if (star < 0) continue;
    const base = name.slice(0, star);
    if (name === `${base}*`) parameters.set(base, extended(found));
    else if (name === `${base}*0` || name === `${base}*0*`) parameters.set(base, joined(raw, base));
  }
  for (const [name, found] of raw) {
    if (name.includes('*')) continue;
    // RFC 2231 §4.1 leaves open which one counts where both are there; readers take the extended one
    const other = parameters.get(name);
    if (other === undefined) parameters.set(name, found);
    else repeated ||= name.endsWith('name') ? isOtherFile(decodeWords(found), other) : found !== other;
  }
  return { value, parameters, repeated };
}

/** Whether two names of one file end differently: one of them may open it in another program than the other. */
export function isOtherFile(one: string, other: string): boolean {
  const [first, second] = [endingOf(one), endingOf(other)];
  return first !== second && first !== '' && second !== '';
}

function endingOf(name: string): string {
  return /\.([^.]*)$/.exec(name.slice(-100))?.[1]?.trim().toLowerCase() ?? '';
}

function readRaw(text: string, from: number): { raw: Map<string, string>; repeated: boolean } {
  const raw = new Map<string, string>();
  let repeated = false;
  const token = /[^\s;"]*/y;
  let at = from;
  while (at < text.length && raw.size < MOST_PARAMETERS) {
    const equals = text.indexOf('=', at);
    if (equals < 0) break;
    // what has no value is nothing
    at = text.lastIndexOf(';', equals) + 1;
    const name = text.slice(at, equals).trim().toLowerCase();
    at = equals + 1;
    while (text[at] === ' ' || text[at] === '\t') at++;
    let value = '';
    if (text[at] === '"') {
      at++;
      while (at < text.length && text[at] !== '"') {
        if (text[at] === '\\' && at + 1 < text.length) at++;
        value += text[at++];
      }
      at++;
    } else {
      token.lastIndex = at;
      value = token.exec(text)?.[0] ?? '';
      at += value.length;
    }
    if (raw.has(name)) repeated ||= raw.get(name) !== value;
    else if (name !== '' && name.length <= 80) raw.set(name, value);
    // what stands between a value and the next semicolon is nobody's
    const next = text.indexOf(';', at);
    at = next < 0 ? text.length : next;
  }
  return { raw, repeated };
}

/** RFC 2231 §3 and §4.1: sections may be encoded or not, each for itself; the first one names the charset. */
function joined(raw: Map<string, string>, base: string): string {
  const pieces: Buffer[] = [];
  let charset = '';
  for (let index = 0; ; index++) {
    const plain = raw.get(`${base}*${index}`);
    const encoded = raw.get(`${base}*${index}*`);
    if (encoded !== undefined) {
      const first = index === 0 ? /^([^']*)'[^']*'(.*)$/s.exec(encoded) : undefined;
      charset = first?.[1] ?? charset;
      pieces.push(percentDecoded(first?.[2] ?? encoded));
    } else if (plain !== undefined) pieces.push(Buffer.from(plain));
    else break;
  }
  return decodeText(Buffer.concat(pieces), charset).text;
}

/** RFC 2231 §4: charset'language'text. */
function extended(text: string): string {
  const [, charset = '', value = text] = /^([^']*)'[^']*'(.*)$/s.exec(text) ?? [];
  return decodeText(percentDecoded(value), charset).text;
}

function percentDecoded(text: string): Buffer {
  const octets = text.replaceAll(/%([0-9A-Fa-f]{2})|[^\0-\x7f]/g, (whole, hex?: string) =>
    hex === undefined ? Buffer.from(whole).toString('latin1') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(octets, 'latin1');
}
