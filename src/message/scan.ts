/**
 * One pass over a message as it arrives: finds the end of the header section and learns the traits that later
 * rooms need, so that none of them has to look at every octet again. All state survives a chunk that ends
 * at any octet.
 */
import type { RefusalCode } from '../refusals.ts';
import type { Traits } from './content.ts';
import { Utf8Check } from './utf8-check.ts';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DOT = 46;
/** Four octets at once: spaces, the highest bits, all others. */
const SPACES = 0x20202020;
const HIGH_BITS = 0x80808080;
const LOW_BITS = 0x7f7f7f7f;

/** Traits of a body alone, with what repair asks about. */
export interface BodyTraits extends Traits {
  length: number;
  /** False for an empty body too: there is no line end to miss. */
  missingLineEnd: boolean;
  /** Always true for a body in ASCII. */
  utf8: boolean;
  /** A CR without LF or an LF without CR, which only BINARYMIME may bring (RFC 3030 §3). */
  bareLineEnds: boolean;
  /** RFC 2045 §2.7 and §2.8 allow no NUL in lines. */
  nul: boolean;
}

/** Traits of the whole from those of its parts. */
export function mergeTraits(head: Traits, body: Traits): Traits {
  return {
    eightBit: head.eightBit || body.eightBit,
    dotLines: head.dotLines || body.dotLines,
    longestLine: Math.max(head.longestLine, body.longestLine),
    looseSpace: body.looseSpace,
  };
}

const NO_WORDS = new Int32Array(0);

/** The lines of one section; knows nothing of where it ends. */
class LineScanner {
  /** Octets seen. */
  length = 0;
  /** All octets or-ed together: above 127 when one of them was. */
  bits = 0;
  dotLines = false;
  loose = false;
  longest = 0;
  bareLf = false;
  nul = false;
  /** CRs that no LF has followed. */
  #openCrs = 0;
  /** The last two octets. */
  #last = LF;
  #beforeLast = CR;
  /** Octets of the unfinished line. */
  #lineLength = 0;
  /** The last finished line was empty. */
  #emptyLine = false;

  /**
   * Octets of `chunk` up to the end of the first empty line when `stopAtEmpty`, of all of it otherwise; -1 when
   * none was found. Four octets are looked at together where no line ends or tab is among them, which
   * makes it about twice as fast as octet by octet.
   */
  feed(chunk: Buffer, stopAtEmpty: boolean): number {
    const size = chunk.length;
    if (size === 0) return -1;
    // a view of whole words must begin at a multiple of four; the next one may lie behind the end of the memory
    const first = Math.min(-chunk.byteOffset & 3, size);
    const wordCount = (size - first) >> 2;
    const words =
      wordCount > 0 ? new Int32Array(chunk.buffer, chunk.byteOffset + first, wordCount) : NO_WORDS;
    const wordsEnd = first + wordCount * 4;
    let bits = this.bits;
    let wordBits = 0;
    let lineStart = -this.#lineLength;
    let longest = this.longest;
    let loose = this.loose;
    let openCrs = this.#openCrs;
    let end = -1;
    if (lineStart === 0 && chunk[0] === DOT) this.dotLines = true;
    for (let at = 0; at < size; at++) {
      if (((at - first) & 3) === 0) {
        for (; at >= first && at < wordsEnd; at += 4) {
          const word = words[(at - first) >> 2]!;
          if (((word - SPACES) & ~word & HIGH_BITS) !== 0) break;
          wordBits |= word;
          const others = word ^ SPACES;
          const spaces = ~(((others & LOW_BITS) + LOW_BITS) | others | LOW_BITS);
          if (spaces === 0) continue;
          if ((spaces & (spaces << 8)) !== 0) loose = true;
          else if (chunk[at] === SPACE && this.#before(chunk, at) === SPACE) loose = true;
        }
        if (at >= size) break;
      }
      const octet = chunk[at]!;
      if (octet > SPACE) {
        bits |= octet;
      } else if (octet === LF) {
        if (this.#before(chunk, at) === CR) {
          openCrs--;
          const lineLength = at - 1 - lineStart;
          if (lineLength > longest) longest = lineLength;
          if (lineLength > 0 && this.#before(chunk, at - 1) === SPACE) loose = true;
          this.#emptyLine = lineLength === 0;
          lineStart = at + 1;
          if (stopAtEmpty && lineLength === 0) {
            end = at + 1;
            break;
          }
          if (chunk[at + 1] === DOT) this.dotLines = true;
        } else {
          // canonicalisers do not agree about a bare LF
          loose = true;
          this.bareLf = true;
        }
      } else if (octet === CR) {
        openCrs++;
      } else if (octet === SPACE) {
        if (this.#before(chunk, at) === SPACE) loose = true;
      } else if (octet === TAB) {
        loose = true;
      } else if (octet === 0) {
        this.nul = true;
      }
    }
    this.bits = (wordBits & HIGH_BITS) === 0 ? bits : bits | 0x80;
    this.longest = longest;
    this.loose = loose;
    this.#openCrs = openCrs;
    const used = end === -1 ? size : end;
    this.length += used;
    this.#lineLength = used - lineStart;
    this.#beforeLast = this.#before(chunk, used - 1);
    this.#last = chunk[used - 1]!;
    return end;
  }

  /** The octet before that at `at`, which may lie one before the chunk. */
  #before(chunk: Buffer, at: number): number {
    if (at > 0) return chunk[at - 1]!;
    return at === 0 ? this.#last : this.#beforeLast;
  }

  get bareLineEnds(): boolean {
    return this.bareLf || this.#openCrs > 0;
  }

  get unfinishedLine(): boolean {
    return this.#lineLength > 0;
  }

  traits(): Traits {
    // RFC 6376 §3.4.4: empty lines at the end go, a missing line end is added. An empty body is counted in:
    // the exact rules for it are left to the canonicaliser
    const loose = this.loose || this.unfinishedLine || this.#emptyLine || this.length === 0;
    return {
      eightBit: this.bits > 127,
      dotLines: this.dotLines,
      longestLine: Math.max(this.longest, this.#lineLength),
      looseSpace: loose,
    };
  }
}

/** For bodies that come from elsewhere than a connection: rewritten, or made here. */
export class BodyScanner {
  readonly #lines = new LineScanner();
  readonly #utf8 = new Utf8Check();

  feed(chunk: Buffer): void {
    this.#lines.feed(chunk, false);
    // an ASCII body, the usual one, never gets here
    if (this.#lines.bits > 127) this.#utf8.feed(chunk);
  }

  get traits(): BodyTraits {
    return {
      ...this.#lines.traits(),
      length: this.#lines.length,
      missingLineEnd: this.#lines.unfinishedLine,
      utf8: this.#utf8.valid,
      bareLineEnds: this.#lines.bareLineEnds,
      nul: this.#lines.nul,
    };
  }
}

/** Traits of a body in memory. */
export function scanBody(body: Buffer): BodyTraits {
  const scanner = new BodyScanner();
  scanner.feed(body);
  return scanner.traits;
}

/** Traits of a header section, in which loose space means nothing. */
export function scanHead(head: Buffer): Traits {
  const lines = new LineScanner();
  lines.feed(head, false);
  return { ...lines.traits(), looseSpace: false };
}

/** Feeds on a message; the body is handed on as it comes, never kept. */
export class MessageScanner {
  readonly #headerBytes: number;
  readonly #headLines = new LineScanner();
  readonly #body = new BodyScanner();
  #parts: Buffer[] = [];
  #collected = 0;
  #inBody = false;
  /** All octets up to and including the empty line; whole once the body has begun or `finish` was called. */
  head: Buffer = Buffer.alloc(0);
  /** Set when the header section outgrew its limit; from then on everything is ignored. */
  failure: RefusalCode | undefined;

  constructor(limits: { headerBytes: number }) {
    this.#headerBytes = limits.headerBytes;
  }

  /** @param onBody gets parts of `chunk` that belong to the body, not copied. */
  feed(chunk: Buffer, onBody: (body: Buffer) => void): void {
    if (this.failure !== undefined) return;
    let body = chunk;
    if (!this.#inBody) {
      const end = this.#headLines.feed(chunk, true);
      const part = end === -1 || end === chunk.length ? chunk : chunk.subarray(0, end);
      this.#collected += part.length;
      if (this.#collected > this.#headerBytes) {
        this.failure = 'M603';
        this.#parts = [];
        return;
      }
      this.#parts.push(part);
      if (end === -1) return;
      this.#closeHead();
      if (end === chunk.length) return;
      body = chunk.subarray(end);
    }
    this.#body.feed(body);
    onBody(body);
  }

  /** The message is complete. A header section without its empty line (RFC 5322 §3.5: no body) is given one. */
  finish(): void {
    if (this.failure !== undefined || this.#inBody) return;
    if (this.#headLines.unfinishedLine) this.#parts.push(Buffer.from('\r\n'));
    this.#parts.push(Buffer.from('\r\n'));
    this.#closeHead();
  }

  #closeHead(): void {
    this.head = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#inBody = true;
  }

  /** Of the whole message, after `finish`. */
  get traits(): Traits {
    return mergeTraits({ ...this.#headLines.traits(), looseSpace: false }, this.#body.traits);
  }

  /** Of the body alone, after `finish`. */
  get bodyTraits(): BodyTraits {
    return this.#body.traits;
  }
}
