/** Search filters: from their text (RFC 4515) to what goes on the wire (RFC 4511 §4.5.1.7). */
import { encode, encodeBoolean, encodeText } from './ber.ts';

/** The filter can not be read; the message is for whoever wrote it. */
export class FilterError extends Error {}

const MOST_OCTETS = 8192;
const DEEPEST = 16;
const ATTRIBUTE = /^(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)+)(?:;[a-z0-9-]+)*$/i;

const FILTER = {
  and: 0xa0,
  or: 0xa1,
  not: 0xa2,
  equal: 0xa3,
  substrings: 0xa4,
  greaterOrEqual: 0xa5,
  lessOrEqual: 0xa6,
  present: 0x87,
  approximate: 0xa8,
  extensible: 0xa9,
} as const;

/** A value as it may stand in a filter (RFC 4515 §3): what would mean something becomes `\2a`. */
export function escapeValue(value: string): string {
  return Array.from(Buffer.from(value, 'utf8'), (octet) =>
    octet < 0x20 || octet > 0x7e || octet === 0x28 || octet === 0x29 || octet === 0x2a || octet === 0x5c
      ? `\\${octet.toString(16).padStart(2, '0')}`
      : String.fromCharCode(octet),
  ).join('');
}

/** The filter of a template with what is asked in it. @param address `local@domain` */
export function fillFilter(template: string, address: string): string {
  const at = address.lastIndexOf('@');
  const values = { address, local: address.slice(0, at), domain: address.slice(at + 1) };
  return template.replace(/\{(address|local|domain)\}/g, (_, name: keyof typeof values) =>
    escapeValue(values[name]),
  );
}

/** @throws FilterError */
export function encodeFilter(text: string): Buffer {
  if (Buffer.byteLength(text) > MOST_OCTETS) throw new FilterError('the filter is too long');
  const reader = new FilterReader(text);
  const filter = reader.filter(0);
  reader.end();
  return filter;
}

class FilterReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  filter(depth: number): Buffer {
    if (depth > DEEPEST) throw new FilterError('the filter is nested too deeply');
    this.#take('(');
    const first = this.#text[this.#at];
    let filter: Buffer;
    if (first === '&' || first === '|') {
      this.#at++;
      const parts: Buffer[] = [];
      while (this.#text[this.#at] === '(') parts.push(this.filter(depth + 1));
      if (parts.length === 0) throw new FilterError(`nothing behind "${first}"`);
      filter = encode(first === '&' ? FILTER.and : FILTER.or, ...parts);
    } else if (first === '!') {
      this.#at++;
      filter = encode(FILTER.not, this.filter(depth + 1));
    } else {
      filter = this.#item();
    }
    this.#take(')');
    return filter;
  }

  end(): void {
    if (this.#at < this.#text.length)
      throw new FilterError(`"${this.#text.slice(this.#at, this.#at + 20)}" behind the end of the filter`);
  }

  #take(wanted: string): void {
    if (this.#text[this.#at] !== wanted)
      throw new FilterError(`"${wanted}" is missing at character ${this.#at + 1} of the filter`);
    this.#at++;
  }

  #item(): Buffer {
    const end = this.#text.indexOf(')', this.#at);
    const item = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at += item.length;
    const equals = item.indexOf('=');
    if (equals < 1) throw new FilterError(`"${item.slice(0, 40)}" compares nothing`);
    const value = item.slice(equals + 1);
    const [name, operator] = splitOperator(item.slice(0, equals));
    if (operator === ':') return extensible(name, value);
    if (!ATTRIBUTE.test(name)) throw new FilterError(`"${name.slice(0, 40)}" is no attribute`);
    const attribute = encodeText(name);
    if (operator === '>') return encode(FILTER.greaterOrEqual, attribute, encodeText(unescape(value)));
    if (operator === '<') return encode(FILTER.lessOrEqual, attribute, encodeText(unescape(value)));
    if (operator === '~') return encode(FILTER.approximate, attribute, encodeText(unescape(value)));
    if (value === '*') return encodeText(name, FILTER.present);
    if (value.includes('*')) return encode(FILTER.substrings, attribute, substrings(value));
    return encode(FILTER.equal, attribute, encodeText(unescape(value)));
  }
}

function splitOperator(left: string): [name: string, operator: string] {
  const last = left.slice(-1);
  return ['>', '<', '~', ':'].includes(last) ? [left.slice(0, -1), last] : [left, '='];
}

/** `*` parts a value; the first and the last of the parts have tags of their own, and may be absent. */
function substrings(value: string): Buffer {
  const parts = value.split('*');
  const encoded = parts.flatMap((part, index) => {
    const ends = index === 0 || index === parts.length - 1;
    if (part === '') {
      if (ends) return [];
      throw new FilterError('"**" in a filter');
    }
    const tag = index === 0 ? 0x80 : index === parts.length - 1 ? 0x82 : 0x81;
    return [encodeText(unescape(part), tag)];
  });
  return encode(0x30, ...encoded);
}

/** `userAccountControl:1.2.840.113556.1.4.803:=2`, with `:dn` before the rule for attributes of the name too. */
function extensible(left: string, value: string): Buffer {
  const [attribute = '', ...rest] = left.split(':');
  const dn = rest[0]?.toLowerCase() === 'dn';
  const rule = dn ? rest[1] : rest[0];
  const named = [attribute, rule].filter((name) => name !== undefined && name !== '');
  if (
    rest.length > (dn ? 2 : 1) ||
    named.length === 0 ||
    !named.every((name) => ATTRIBUTE.test(name as string))
  )
    throw new FilterError(`"${left.slice(0, 60)}" is no matching rule`);
  return encode(
    FILTER.extensible,
    ...(rule ? [encodeText(rule, 0x81)] : []),
    ...(attribute ? [encodeText(attribute, 0x82)] : []),
    encodeText(unescape(value), 0x83),
    ...(dn ? [encodeBoolean(true, 0x84)] : []),
  );
}

function unescape(value: string): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < value.length; ) {
    if (value[at] === '\\') {
      const digits = value.slice(at + 1, at + 3);
      if (!/^[0-9a-f]{2}$/i.test(digits))
        throw new FilterError('"\\" has to be followed by two hexadecimal digits');
      parts.push(Buffer.from(digits, 'hex'));
      at += 3;
      continue;
    }
    if (value[at] === '(' || value[at] === '\0') throw new FilterError('a value has to be escaped');
    const next = value.indexOf('\\', at);
    const plain = value.slice(at, next < 0 ? undefined : next);
    if (plain.includes('(') || plain.includes('\0')) throw new FilterError('a value has to be escaped');
    parts.push(Buffer.from(plain, 'utf8'));
    at += plain.length;
  }
  return Buffer.concat(parts);
}
