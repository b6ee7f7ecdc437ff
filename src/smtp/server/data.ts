/**
 * The octets of a message between the wire and its receiver: where it ends, which dots were stuffed, and
 * whether every line ends with CR LF. It sees each octet once.
 *
 *              ┌────── other ──────┐
 *              ▼                   │
 *   CR ┌── MIDDLE ◀── other ── START ── "." ──▶ DOT ── CR ──▶ DOT_CR ── LF ──▶ end of data
 *      ▼                          ▲                │              │
 *   AFTER_CR ───────── LF ────────┘             other           other: the CR was bare
 *      └── other: the CR was bare ──▶ MIDDLE ◀─────┴──────────────┘
 *
 * START is reached by CR LF alone, so nothing but CRLF.CRLF ends a message (RFC 5321 §4.1.1.4), and only a dot
 * at a START is taken for a stuffed one (§4.5.2). A bare CR or LF never leads there. Systems that see a line
 * end in it could be made to read a second message inside the first; so it is either refused, or repaired to
 * CR LF *without* leading to START: the line that the repair makes keeps a dot at its beginning as content, and
 * that dot is stuffed again on the way out. A client that ends its lines with a bare LF and stuffs its dots
 * therefore delivers them doubled; whoever would unstuff them reads `LF . CR LF` as a line holding a dot, the
 * next system perhaps as the end.
 */

export type LineEndings = 'refuse' | 'repair';

const MIDDLE = 0;
const AFTER_CR = 1;
const START = 2;
const DOT = 3;
const DOT_CR = 4;

const CR = 13;
const LF = 10;
const FULL_STOP = 46;

const EMPTY = Buffer.alloc(0);
const MADE_LF = Buffer.from('\n');

export class MessageScanner {
  /** A bare CR or LF was seen. Under `refuse` the content is worthless from then on, and only the end matters. */
  bare = false;
  /** What the last scan has found to belong to the message. */
  content: Buffer = EMPTY;
  readonly #repair: boolean;
  /** The state after CR LF: DATA unstuffs dots and knows an end, BDAT (RFC 3030 §2) has neither. */
  readonly #afterLine: number;
  #state: number;

  constructor(lineEndings: LineEndings, framing: 'dots' | 'counted') {
    this.#repair = lineEndings === 'repair';
    this.#afterLine = framing === 'dots' ? START : MIDDLE;
    // The CR LF of the DATA command counts for the first line (RFC 5321 §4.1.1.4)
    this.#state = this.#afterLine;
  }

  /**
   * Reads `chunk` from `from` on. Answers the index after the end of data, or -1 when the message goes on.
   * `content` is then a part of `chunk`, whose octets may have been moved, or a copy where it had to grow.
   */
  scan(chunk: Buffer, from: number): number {
    const length = chunk.length;
    let state = this.#state;
    // chunk[from, kept) is content already; chunk[pending, at) is content too, but not yet moved down to `kept`
    let kept = from;
    let pending = from;
    let at = from;
    for (; at < length; at++) {
      let octet = chunk[at] as number;
      if (state === MIDDLE) {
        // Nearly all octets are passed over here
        while (octet > CR && ++at < length) octet = chunk[at] as number;
        if (at === length || octet === LF) break;
        if (octet === CR) state = AFTER_CR;
        continue;
      }
      if (state === AFTER_CR) {
        if (octet !== LF) break;
        state = this.#afterLine;
        continue;
      }
      if (state === START) {
        if (octet === FULL_STOP) {
          if (pending !== kept) chunk.copyWithin(kept, pending, at);
          kept += at - pending;
          pending = at + 1;
          state = DOT;
        } else if (octet === CR) state = AFTER_CR;
        else if (octet === LF) break;
        else state = MIDDLE;
        continue;
      }
      if (state === DOT) {
        if (octet === CR) {
          pending = at + 1;
          state = DOT_CR;
        } else if (octet === LF) break;
        else state = MIDDLE;
        continue;
      }
      if (octet !== LF) break;
      this.#state = START;
      this.content = chunk.subarray(from, kept);
      return at + 1;
    }
    if (pending !== kept) chunk.copyWithin(kept, pending, at);
    kept += at - pending;
    this.#state = state;
    if (at === length) {
      this.content = chunk.subarray(from, kept);
      return -1;
    }
    this.bare = true;
    return this.#scanBare(chunk, at, chunk.subarray(from, kept));
  }

  /** To be called when a counted message is complete; answers the octets that repair adds to it. */
  finish(): Buffer {
    if (this.#state !== AFTER_CR) return EMPTY;
    this.bare = true;
    this.#state = MIDDLE;
    return this.#repair ? MADE_LF : EMPTY;
  }

  /** The rest of a chunk from its first bare CR or LF on: rare, so it may copy. */
  #scanBare(chunk: Buffer, from: number, before: Buffer): number {
    const repair = this.#repair;
    const out = Buffer.allocUnsafe(before.length + 2 * (chunk.length - from) + 2);
    let length = before.copy(out);
    let state = this.#state;
    let end = -1;
    for (let at = from; at < chunk.length; at++) {
      const octet = chunk[at] as number;
      if (octet === LF) {
        if (state === DOT_CR) {
          end = at + 1;
          state = START;
          break;
        }
        if (state === AFTER_CR) {
          out[length++] = LF;
          state = this.#afterLine;
          continue;
        }
        if (repair) out[length++] = CR;
        out[length++] = LF;
        state = MIDDLE;
        continue;
      }
      // The CR before this octet was bare. Its own CR is in the content already, except where it could have
      // been the end's.
      if (state === DOT_CR) out[length++] = CR;
      if (state === DOT_CR || state === AFTER_CR) {
        if (repair) out[length++] = LF;
        state = MIDDLE;
      }
      if (octet === CR) {
        if (state === DOT) {
          state = DOT_CR;
          continue;
        }
        state = AFTER_CR;
      } else if (state === START && octet === FULL_STOP) {
        state = DOT;
        continue;
      } else {
        state = MIDDLE;
      }
      out[length++] = octet;
    }
    this.#state = state;
    this.content = out.subarray(0, length);
    return end;
  }
}
