/**
 * Octets of whatever encoding as UTF-8 octets, chunk by chunk, so that all that follows knows one encoding. UTF-16 is
 * found without its byte order mark too (Exchange Online leaves it out), and where files of two encodings were
 * joined the change is noticed. Windows-1252 is not decoded here: UTF-8 and Windows-1252 are told apart field by field.
 */
import { Buffer, isUtf8, transcode } from 'node:buffer';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

const CR = 13;
const LF = 10;
const TAB = 9;
/** Octets of plain ASCII in a row that no text in UTF-16 has. */
const ASCII_RUN = 64;
const STRIDE = 32;

export class Transcoder {
  encoding: Encoding;
  /** A byte order mark stands first. */
  readonly mark: boolean;
  /** The encoding changed on the way. */
  mixed = false;
  #held: Buffer = Buffer.alloc(0);
  #first = true;

  /** @param head the first octets, some hundred at least unless there are no more. */
  constructor(head: Buffer) {
    const { encoding, mark } = detectEncoding(head);
    this.encoding = encoding;
    this.mark = mark;
  }

  /** What follows is from the middle of the file, where no mark stands. */
  resume(): void {
    this.#first = false;
  }

  /** Not copied where it is UTF-8 already. */
  feed(chunk: Buffer): Buffer {
    let octets = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    if (this.#first) {
      const mark = this.encoding === 'utf-8' ? 3 : 2;
      if (this.mark) {
        if (octets.length < mark) {
          this.#held = octets;
          return Buffer.alloc(0);
        }
        octets = octets.subarray(mark);
      }
      this.#first = false;
    }
    return this.encoding === 'utf-8' ? this.#plain(octets) : this.#wide(octets);
  }

  /** What was held back. */
  finish(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    if (this.encoding === 'utf-8' || rest.length < 2) return Buffer.alloc(0);
    return this.#narrow(rest.subarray(0, rest.length & ~1));
  }

  /**
   * How many octets of the original gave these octets of UTF-8, with what is held back; undefined where that can't
   * be told any more.
   */
  originalLength(octets: Buffer): number | undefined {
    if (this.mixed) return undefined;
    const own = this.encoding === 'utf-8' ? octets.length : octets.toString('utf8').length * 2;
    return own + this.#held.length;
  }

  #plain(octets: Buffer): Buffer {
    const at = wideStart(octets);
    if (at === -1) return octets;
    this.mixed = true;
    this.encoding = 'utf-16le';
    return Buffer.concat([octets.subarray(0, at), this.#wide(octets.subarray(at))]);
  }

  #wide(octets: Buffer): Buffer {
    const at = plainStart(octets);
    if (at !== -1) {
      this.mixed = true;
      const before = this.#narrow(octets.subarray(0, at & ~1));
      this.encoding = 'utf-8';
      return Buffer.concat([before, this.#plain(octets.subarray(at))]);
    }
    let length = octets.length & ~1;
    if (length >= 2) {
      const high = this.encoding === 'utf-16le' ? octets[length - 1]! : octets[length - 2]!;
      // the first half of a character outside the plane waits for the second
      if (high >= 0xd8 && high <= 0xdb) length -= 2;
    }
    // copied, since the buffer of a stream may be used again
    this.#held = Buffer.from(octets.subarray(length));
    return this.#narrow(octets.subarray(0, length));
  }

  #narrow(octets: Buffer): Buffer {
    if (octets.length === 0) return octets;
    const little = this.encoding === 'utf-16be' ? Buffer.from(octets).swap16() : octets;
    try {
      return transcode(little, 'utf16le', 'utf8');
    } catch {
      // half of a character alone; it becomes U+FFFD, slowly
      return Buffer.from(little.toString('utf16le'), 'utf8');
    }
  }
}

/** By its mark, or by where the NULs are: names of columns and of fields are ASCII in all sources. */
export function detectEncoding(head: Buffer): { encoding: Encoding; mark: boolean } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', mark: true };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', mark: true };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', mark: true };
  const length = Math.min(head.length, 4096) & ~1;
  let even = 0;
  let odd = 0;
  for (let at = 0; at < length; at += 2) {
    if (head[at] === 0) even++;
    if (head[at + 1] === 0) odd++;
  }
  const pairs = length / 2;
  if (pairs >= 2 && odd > pairs * 0.3 && even < pairs * 0.05) return { encoding: 'utf-16le', mark: false };
  if (pairs >= 2 && even > pairs * 0.3 && odd < pairs * 0.05) return { encoding: 'utf-16be', mark: false };
  return { encoding: 'utf-8', mark: false };
}

/** Where UTF-16LE begins among UTF-8; -1 as a rule. */
function wideStart(octets: Buffer): number {
  for (let at = octets.indexOf(0); at !== -1; at = octets.indexOf(0, at + 1)) {
    if (at + 32 > octets.length) return -1;
    let wide = true;
    for (let i = 0; i < 32 && wide; i += 2) wide = octets[at + i] === 0 && octets[at + i + 1] !== 0;
    if (!wide) continue;
    const start = Math.max(at - 1, at & 1);
    // a mark of the joined file goes with it
    const marked = octets[start - 2] === 0xff && octets[start - 1] === 0xfe;
    return marked ? start - 2 : start;
  }
  return -1;
}

/** Where UTF-8 begins among UTF-16: a run of ASCII without NULs; -1 as a rule. */
function plainStart(octets: Buffer): number {
  for (let at = 1; at + ASCII_RUN < octets.length; at += STRIDE) {
    if (octets[at] === 0 || octets[at + 1] === 0) continue;
    let end = at;
    while (end < octets.length && isText(octets[end]!)) end++;
    if (end - at < ASCII_RUN) continue;
    let start = at;
    while (start > 0 && isText(octets[start - 1]!)) start--;
    // the low octet of the last wide character has its NUL before `start`; a mark of the joined file is left out
    return start;
  }
  return -1;
}

const isText = (octet: number): boolean =>
  (octet >= 32 && octet < 127) || octet === CR || octet === LF || octet === TAB;

/** A field as text: UTF-8 where it is valid, Windows-1252 otherwise, in which every octet means something. */
export function fieldText(octets: Buffer): string {
  return isUtf8(octets) ? octets.toString('utf8') : new TextDecoder('windows-1252').decode(octets);
}
