/**
 * Canonicalisation (RFC 6376 §3.4): the form of a header field or a body over which hashes are made.
 * One loop over octets each; line ends are CRLF, and a lone CR or LF is an octet like any other.
 */
export type Canonicalization = 'simple' | 'relaxed';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** Takes canonical octets; the view is only valid during the call, because its memory is used again. */
export type OctetSink = (octets: Buffer) => void;

/** A body in, its canonical form out, chunk by chunk. */
export interface BodyCanonicalizer {
  update(chunk: Buffer): void;
  /** To be called once, after the last chunk. */
  end(): void;
}

export function bodyCanonicalizer(kind: Canonicalization, sink: OctetSink): BodyCanonicalizer {
  return kind === 'relaxed' ? new RelaxedBody(sink) : new SimpleBody(sink);
}

const SCRATCH = 16_384;

/**
 * RFC 6376 §3.4.4: white space at the end of a line goes, other runs of it become one space, and empty lines
 * at the end of the body go. A body that has anything left ends in CRLF; one that has not is empty.
 */
class RelaxedBody implements BodyCanonicalizer {
  readonly #sink: OctetSink;
  readonly #out = Buffer.allocUnsafe(SCRATCH);
  #used = 0;
  /** Line ends that are written once it is known that they are not at the end of the body. */
  #lines = 0;
  /** White space was seen since the last other octet of this line. */
  #space = false;
  /** The last octet was a CR, which may begin a line end. */
  #cr = false;
  #any = false;

  constructor(sink: OctetSink) {
    this.#sink = sink;
  }

  update(chunk: Buffer): void {
    let position = 0;
    while (position < chunk.length) {
      if (this.#lines === 0 && !this.#space && !this.#cr) {
        const out = this.#out;
        const length = copyPlain(chunk, position, out, this.#used);
        position += length;
        this.#used += length;
        if (position === chunk.length) break;
      }
      this.#step(chunk[position++]!);
    }
  }

  #step(octet: number): void {
    if (this.#cr) {
      this.#cr = false;
      if (octet === LF) {
        this.#space = false;
        this.#lines++;
        return;
      }
      this.#text(CR); // a lone CR is text
    }
    if (octet === CR) this.#cr = true;
    else if (octet === SPACE || octet === TAB) this.#space = true;
    else this.#text(octet);
  }

  end(): void {
    if (this.#cr) this.#text(CR);
    this.#room(2);
    if (this.#any || this.#used !== 0) {
      this.#out[this.#used++] = CR;
      this.#out[this.#used++] = LF;
    }
    this.#drain();
  }

  /** Writes what was waiting, then one octet of text. */
  #text(octet: number): void {
    for (; this.#lines > 0; this.#lines--) {
      this.#room(2);
      this.#out[this.#used++] = CR;
      this.#out[this.#used++] = LF;
    }
    this.#room(2);
    if (this.#space) this.#out[this.#used++] = SPACE;
    this.#space = false;
    this.#out[this.#used++] = octet;
  }

  #room(octets: number): void {
    if (this.#used + octets > SCRATCH) this.#drain();
  }

  #drain(): void {
    if (this.#used === 0) return;
    this.#any = true;
    this.#sink(this.#out.subarray(0, this.#used));
    this.#used = 0;
  }
}

/**
 * Copies as many octets as stay what they are: text, single spaces within it, and line ends that text follows.
 * Nearly all of a body goes this way. Answers how many.
 */
function copyPlain(source: Buffer, from: number, out: Buffer, at: number): number {
  const last = Math.min(source.length, from + out.length - at - 2);
  let position = from;
  let write = at;
  while (position < last) {
    const octet = source[position]!;
    if (octet <= SPACE) {
      if (octet === SPACE) {
        if (!(source[position + 1]! > SPACE)) break;
      } else if (octet === CR) {
        if (source[position + 1] !== LF || !(source[position + 2]! > SPACE)) break;
        out[write++] = CR;
        out[write++] = LF;
        position += 2;
        continue;
      } else if (octet === TAB) break;
    }
    out[write++] = octet;
    position++;
  }
  return position - from;
}

const LINE_END = Buffer.from('\r\n');
/** Line ends that waited are written in blocks, so that a million empty lines are not a million calls. */
const LINE_ENDS = Buffer.from('\r\n'.repeat(512));

/** RFC 6376 §3.4.3: empty lines at the end become one CRLF; an empty body becomes one CRLF as well. */
class SimpleBody implements BodyCanonicalizer {
  readonly #sink: OctetSink;
  #lines = 0;
  #cr = false;

  constructor(sink: OctetSink) {
    this.#sink = sink;
  }

  update(chunk: Buffer): void {
    let start = 0;
    if (this.#cr && chunk.length > 0) {
      this.#cr = false;
      if (chunk[0] === LF) {
        this.#lines++;
        start = 1;
      } else {
        this.#waiting();
        this.#sink(Buffer.of(CR));
      }
    }
    // the line ends at the start and at the end of a chunk are counted, what lies between is passed on
    let end = chunk.length;
    if (end > start && chunk[end - 1] === CR) {
      this.#cr = true;
      end--;
    }
    let trailing = 0;
    while (end - 2 >= start && chunk[end - 2] === CR && chunk[end - 1] === LF) {
      end -= 2;
      trailing++;
    }
    if (end > start) {
      this.#waiting();
      this.#sink(chunk.subarray(start, end));
    }
    this.#lines += trailing;
  }

  end(): void {
    if (this.#cr) {
      this.#waiting();
      this.#sink(Buffer.of(CR));
    }
    this.#sink(LINE_END);
  }

  #waiting(): void {
    for (; this.#lines > 0; this.#lines -= Math.min(this.#lines, 512)) {
      this.#sink(LINE_ENDS.subarray(0, 2 * Math.min(this.#lines, 512)));
    }
  }
}

/**
 * RFC 6376 §3.4.2 for the field at `start` to `end` of `source` (with or without its last CRLF): name in lower
 * case, unfolded, runs of white space as one space, none around the colon and at the end. Writes to `out` at
 * `at`, without a CRLF, and answers where it ended; it never writes more octets than the field has.
 */
export function relaxField(source: Buffer, start: number, end: number, out: Buffer, at: number): number {
  let position = start;
  let stop = end;
  if (stop - 2 >= start && source[stop - 1] === LF && source[stop - 2] === CR) stop -= 2;
  let write = at;
  for (; position < stop; position++) {
    const octet = source[position]!;
    if (octet === COLON) break;
    out[write++] = octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
  }
  while (write > at && (out[write - 1] === SPACE || out[write - 1] === TAB)) write--;
  if (position >= stop) return write;
  position++;
  out[write++] = COLON;
  const value = write;
  let space = false;
  for (; position < stop; position++) {
    const octet = source[position]!;
    if (octet === SPACE || octet === TAB) {
      space = true;
      continue;
    }
    // a CRLF inside of a field is followed by white space: that is the fold, and it counts as that white space
    if (octet === CR && position + 1 < stop && source[position + 1] === LF) {
      position++;
      continue;
    }
    if (space && write > value) out[write++] = SPACE;
    space = false;
    out[write++] = octet;
  }
  return write;
}
