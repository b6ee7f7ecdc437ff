/**
 * An index over a header section (RFC 5322 §2.2): where each field lies in the octets, found in one pass.
 * Values become strings only when somebody asks; what is not edited leaves the relay octet for octet.
 *
 * The reading is strict on purpose. `From : x`, a blank continuation line or a line without colon are read
 * differently by different programs, and such differences are how forged senders pass checks; so they are
 * faults and not guesses.
 */
import { isUtf8 } from 'node:buffer';
import { fieldNameAt } from './field-name.ts';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

export interface HeaderField {
  /** Lower case. */
  name: string;
  /** Offset of the name's first octet. */
  start: number;
  /** Offset after the field's last CRLF. */
  end: number;
  /** Offset after the colon. */
  valueStart: number;
}

export interface HeaderLimits {
  /** Octets of the whole section. */
  headerBytes: number;
  headerFields: number;
}

export type HeaderFault =
  | 'mbox-from-line'
  | 'leading-continuation'
  | 'blank-continuation'
  | 'no-colon'
  | 'space-before-colon'
  | 'bad-name'
  | 'nul'
  | 'bare-line-ending'
  | 'unterminated'
  | 'octets-after-end'
  | 'too-many-fields'
  | 'too-large';

export class HeaderIndex {
  readonly head: Buffer;
  readonly fields: HeaderField[] = [];
  /** The first fault; the index ends there and must not be relied on. */
  fault: { kind: HeaderFault; at: number } | undefined;
  /** Some octet is above 127. */
  eightBit = false;
  /** The longest line without its CRLF, in octets. */
  longestLine = 0;

  /** @param head all octets up to and including the empty line. */
  constructor(head: Buffer, limits: HeaderLimits) {
    this.head = head;
    if (head.length > limits.headerBytes) this.fault = { kind: 'too-large', at: limits.headerBytes };
    else this.#scan(limits.headerFields);
  }

  #scan(most: number): void {
    const head = this.head;
    const length = head.length;
    let at = 0;
    let high = 0;
    let longest = 0;
    while (at < length) {
      if (head[at] === CR && head[at + 1] === LF) {
        if (at + 2 !== length) this.fault = { kind: 'octets-after-end', at: at + 2 };
        break;
      }
      let colon = at;
      let octet = head[at]!;
      // RFC 5322 §2.2: names are printable US-ASCII without colon
      while (octet > SPACE && octet < 127 && octet !== COLON) octet = head[++colon] ?? 0;
      if (octet !== COLON || colon === at) {
        this.fault = this.#faultOfLine(at, colon);
        break;
      }
      if (this.fields.length === most) {
        this.fault = { kind: 'too-many-fields', at };
        break;
      }
      let lineStart = at;
      let next = colon + 1;
      for (;;) {
        let blank = true;
        while (next < length && ((octet = head[next]!) >= SPACE || octet === TAB)) {
          high |= octet;
          if (octet > SPACE) blank = false;
          next++;
        }
        if (next >= length) {
          this.fault = { kind: 'unterminated', at: length };
        } else if (octet === CR && head[next + 1] === LF) {
          if (next - lineStart > longest) longest = next - lineStart;
          // RFC 5322 §4.2: a line of white space alone is obsolete; some readers take it for the end
          if (blank && lineStart !== at) this.fault = { kind: 'blank-continuation', at: lineStart };
          next += 2;
          if (this.fault === undefined && (head[next] === SPACE || head[next] === TAB)) {
            lineStart = next;
            continue;
          }
        } else if (octet === CR || octet === LF) {
          this.fault = { kind: 'bare-line-ending', at: next };
        } else if (octet === 0) {
          this.fault = { kind: 'nul', at: next };
        } else {
          next++;
          continue;
        }
        break;
      }
      if (this.fault !== undefined) break;
      this.fields.push({
        name: fieldNameAt(head, at, colon),
        start: at,
        end: next,
        valueStart: colon + 1,
      });
      at = next;
    }
    if (at >= length && this.fault === undefined) this.fault = { kind: 'unterminated', at: length };
    this.eightBit = high > 127;
    this.longestLine = longest;
  }

  #faultOfLine(start: number, stop: number): { kind: HeaderFault; at: number } {
    const head = this.head;
    if (stop >= head.length) return { kind: 'unterminated', at: stop };
    const octet = head[stop]!;
    if (octet === 0) return { kind: 'nul', at: stop };
    const space = octet === SPACE || octet === TAB;
    if (start === stop && space) return { kind: 'leading-continuation', at: start };
    if (space) {
      let after = stop;
      while (head[after] === SPACE || head[after] === TAB) after++;
      if (head[after] === COLON) return { kind: 'space-before-colon', at: stop };
      const mbox = start === 0 && head.toString('latin1', 0, 5) === 'From ';
      return { kind: mbox ? 'mbox-from-line' : 'no-colon', at: start };
    }
    if (octet === CR && head[stop + 1] === LF) return { kind: 'no-colon', at: start };
    if (octet === CR || octet === LF) return { kind: 'bare-line-ending', at: stop };
    return { kind: 'bad-name', at: stop };
  }

  /** The first field of this name (in lower case). */
  first(name: string): HeaderField | undefined {
    for (const field of this.fields) if (field.name === name) return field;
    return undefined;
  }

  /** All fields of this name (in lower case), from the top. */
  all(name: string): HeaderField[] {
    return this.fields.filter((field) => field.name === name);
  }

  /** The field's octets with its closing CRLF, not copied. */
  raw(field: HeaderField): Buffer {
    return this.head.subarray(field.start, field.end);
  }

  /**
   * The value, unfolded (RFC 5322 §2.2.3: the CRLF goes, the white space stays) and without white space
   * around it. Octets above 127 are read as UTF-8 where that is valid, as windows-1252 otherwise.
   */
  value(field: HeaderField): string {
    const text = this.eightBit
      ? decodeOctets(this.head.subarray(field.valueStart, field.end))
      : this.head.toString('latin1', field.valueStart, field.end);
    // the last CRLF is white space to trim(); NBSP and the like are not ours to take
    return trimWhiteSpace(text.indexOf('\r\n') === text.length - 2 ? text : text.replaceAll('\r\n', ''));
  }
}

/** Octets of unknown charset as text: UTF-8 if valid, else windows-1252, in which every octet means something. */
export function decodeOctets(octets: Buffer): string {
  return isUtf8(octets) ? octets.toString('utf8') : new TextDecoder('windows-1252').decode(octets);
}

function trimWhiteSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isTrimmed(text.charCodeAt(start))) start++;
  while (end > start && isTrimmed(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

const isTrimmed = (code: number): boolean => code === SPACE || code === TAB || code === CR || code === LF;

/** Collects changes to a header section; octets of fields that are not named stay as they are. */
export class HeadEditor {
  readonly #index: HeaderIndex;
  readonly #replacements = new Map<HeaderField, Buffer>();
  #top: Buffer[] = [];
  #bottom: Buffer[] = [];

  constructor(index: HeaderIndex) {
    this.#index = index;
  }

  remove(field: HeaderField): void {
    this.#replacements.set(field, Buffer.alloc(0));
  }

  /** @param field whole fields, each with its CRLF; text is written as UTF-8. */
  replace(field: HeaderField, by: string | Buffer): void {
    this.#replacements.set(field, octets(by));
  }

  /** Puts fields above all others; what is added later stands higher. */
  addTop(fields: string | Buffer): void {
    this.#top.unshift(octets(fields));
  }

  /** Puts fields before the empty line. */
  addBottom(fields: string | Buffer): void {
    this.#bottom.push(octets(fields));
  }

  get changed(): boolean {
    return this.#replacements.size + this.#top.length + this.#bottom.length > 0;
  }

  /** The new section; the very same Buffer when nothing was changed. */
  build(): Buffer {
    if (!this.changed) return this.#index.head;
    const { head, fields } = this.#index;
    const parts = [...this.#top];
    let kept = 0;
    for (const field of fields) {
      const replacement = this.#replacements.get(field);
      if (replacement === undefined) continue;
      parts.push(head.subarray(kept, field.start), replacement);
      kept = field.end;
    }
    const end = fields.at(-1)?.end ?? 0;
    parts.push(head.subarray(kept, end), ...this.#bottom, head.subarray(end));
    return Buffer.concat(parts);
  }
}

const octets = (value: string | Buffer): Buffer =>
  typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
