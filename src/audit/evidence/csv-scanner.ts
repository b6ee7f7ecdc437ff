/**
 * Delimited text (RFC 4180 and what is made of it), at the level of octets: a row is places in a buffer, and becomes
 * text only where somebody asks for a field. Lenient in one way only: a quote inside a quoted field that neither
 * doubles nor ends it stands for itself.
 */
const QUOTE = 34;
const QUOTES = 0x22222222;
const CR = 13;
const LF = 10;

export interface CsvLimits {
  /** Octets of one row; a longer one is told as such and skipped. */
  rowBytes: number;
  fields: number;
}

export const CSV_LIMITS: CsvLimits = { rowBytes: 1_048_576, fields: 500 };

/** One row; valid until the callback returns. */
export class CsvRow {
  buffer: Buffer = Buffer.alloc(0);
  /** The same octets, to be read several at a time. */
  view: DataView = new DataView(new ArrayBuffer(0));
  count = 0;
  /** First and one past the last octet of each field, without its quotes. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** 1 where the field has doubled quotes in it. */
  readonly doubled: Uint8Array;
  /** Of the whole row, without its line end. */
  start = 0;
  end = 0;
  /** The row has more fields than are read. */
  overfull = false;
  /** The input ended inside of it: in an open quote, or without a line end. */
  unfinished: 'quote' | 'line' | undefined;

  constructor(fields: number) {
    this.starts = new Int32Array(fields);
    this.ends = new Int32Array(fields);
    this.doubled = new Uint8Array(fields);
  }

  /** The octets of a field, doubled quotes made single; not copied as a rule. Empty beyond the last field. */
  octets(field: number): Buffer {
    if (field >= this.count) return this.buffer.subarray(0, 0);
    const octets = this.buffer.subarray(this.starts[field], this.ends[field]);
    if (this.doubled[field] === 0) return octets;
    const out = Buffer.allocUnsafe(octets.length);
    let to = 0;
    for (let at = 0; at < octets.length; at++) {
      out[to++] = octets[at]!;
      if (octets[at] === QUOTE && octets[at + 1] === QUOTE) at++;
    }
    return out.subarray(0, to);
  }
}

export interface CsvHandler {
  row(row: CsvRow): void;
  /** A row was longer than the limit; it is not handed over. */
  tooLong(): void;
}

export class CsvScanner {
  readonly #delimiter: number;
  readonly #limits: CsvLimits;
  readonly #handler: CsvHandler;
  readonly #row: CsvRow;
  #held: Buffer = Buffer.alloc(0);
  /** Inside of a row that is too long: whether a quote is open, or not. */
  #skipping: 'no' | 'line' | 'quote' = 'no';
  #columns = 0;
  /** The octets that are scanned, and a view of them. */
  #viewed: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** @param delimiter its octet. */
  constructor(delimiter: number, handler: CsvHandler, limits: CsvLimits = CSV_LIMITS) {
    this.#delimiter = delimiter;
    this.#limits = limits;
    this.#handler = handler;
    this.#row = new CsvRow(limits.fields);
  }

  /** How many fields a row should have; with it, rows that a stray quote glued together are taken apart again. */
  expect(columns: number): void {
    this.#columns = columns;
  }

  /** The octets of the unfinished row. */
  get held(): Buffer {
    return this.#held;
  }

  /** Whether what was fed so far ends between rows or inside of `held`: where reading can be taken up again. */
  get continuable(): boolean {
    return this.#skipping === 'no';
  }

  feed(chunk: Buffer): void {
    let octets = chunk;
    if (this.#held.length > 0) {
      octets = Buffer.concat([this.#held, chunk]);
      this.#held = Buffer.alloc(0);
    }
    let at = 0;
    if (this.#skipping !== 'no') {
      at = this.#skip(octets, 0);
      if (at === -1) return;
    }
    at = this.#rows(octets, at, false);
    const rest = octets.length - at;
    if (rest > this.#limits.rowBytes) this.#overlong(octets, at);
    else if (rest > 0) this.#held = Buffer.from(octets.subarray(at));
  }

  /** The input is at its end: what is left is a row without line end. */
  finish(): void {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    this.#skipping = 'no';
    if (rest.length > 0) this.#rows(rest, 0, true);
  }

  /** Hands over whole rows from `at` on; the offset of the first unfinished one. */
  #rows(octets: Buffer, from: number, last: boolean): number {
    let at = from;
    while (at < octets.length) {
      const octet = octets[at];
      if (octet === CR || octet === LF) {
        at++;
        continue;
      }
      const next = this.#scanRow(octets, at, last);
      if (next === -1) return at;
      this.#hand(octets);
      at = next;
    }
    return at;
  }

  #hand(octets: Buffer): void {
    const row = this.#row;
    const { start, end } = row;
    // a stray quote glued lines together: each is a row of its own if it has what a row should have
    const misshapen = this.#columns > 0 && row.count !== this.#columns;
    if (!misshapen || lineEnd(octets, start, end) === end) {
      this.#handler.row(row);
      return;
    }
    for (let at = start; at < end; ) {
      const next = lineEnd(octets, at, end);
      if (next > at) {
        this.#scanRow(octets.subarray(0, next), at, true);
        this.#row.end = Math.min(this.#row.end, next);
        this.#handler.row(this.#row);
      }
      at = next + 1;
    }
  }

  #viewOf(octets: Buffer): DataView {
    if (this.#viewed !== octets) {
      this.#viewed = octets;
      this.#view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    }
    return this.#view;
  }

  /** Finds the fields of the row at `start`; the offset behind its line end, or -1 where it does not end. */
  #scanRow(octets: Buffer, start: number, last: boolean): number {
    const { starts, ends, doubled } = this.#row;
    const delimiter = this.#delimiter;
    const length = octets.length;
    const view = this.#viewOf(octets);
    const most = starts.length;
    let at = start;
    let count = 0;
    let overfull = false;
    let unfinished: CsvRow['unfinished'];
    let octet = 0;
    for (;;) {
      let fieldStart = at;
      let fieldEnd: number;
      let doubles = 0;
      if (at < length && octets[at] === QUOTE) {
        fieldStart = ++at;
        for (;;) {
          // four octets at a time; of those that are quotes the first one's highest bit is the lowest that is set
          let quotes = 0;
          for (; quotes === 0 && at + 4 <= length; at += 4) {
            const word = view.getInt32(at, true) ^ QUOTES;
            quotes = (word - 0x01010101) & ~word & -0x7f7f7f80;
          }
          if (quotes !== 0) at -= 4 - ((31 - Math.clz32(quotes & -quotes)) >> 3);
          else while (at < length && octets[at] !== QUOTE) at++;
          if (at >= length) {
            if (!last) return -1;
            unfinished = 'quote';
            break;
          }
          const after = at + 1 < length ? octets[at + 1]! : -1;
          if (after === QUOTE) {
            doubles = 1;
            at += 2;
            continue;
          }
          if (after === -1 && !last) return -1;
          if (after === delimiter || after === LF || after === CR || after === -1) break;
          at++;
        }
        fieldEnd = Math.min(at, length);
        if (at < length) at++;
      } else {
        while (at < length && (octet = octets[at]!) !== delimiter && octet !== LF && octet !== CR) at++;
        fieldEnd = at;
      }
      if (count < most) {
        starts[count] = fieldStart;
        ends[count] = fieldEnd;
        doubled[count] = doubles;
        count++;
      } else {
        overfull = true;
      }
      if (at >= length) {
        if (!last) return -1;
        unfinished ??= 'line';
        break;
      }
      octet = octets[at]!;
      if (octet !== delimiter) break;
      at++;
    }
    const row = this.#row;
    row.buffer = octets;
    row.view = view;
    row.count = count;
    row.start = start;
    row.end = at;
    row.overfull = overfull;
    row.unfinished = unfinished;
    return at < length ? at + 1 : length;
  }

  /** The row at `at` outgrew its limit: perhaps by a quote that was never closed, then its lines are rows. */
  #overlong(octets: Buffer, at: number): void {
    const next = this.#nextWholeLine(octets, at);
    this.#handler.tooLong();
    if (next !== -1) {
      const done = this.#rows(octets, next, false);
      const rest = octets.subarray(done);
      if (rest.length > this.#limits.rowBytes) this.#startSkipping(rest);
      else this.#held = Buffer.from(rest);
      return;
    }
    this.#startSkipping(octets.subarray(at));
  }

  /** The first line after the one at `from` that alone has as many fields as a row should have. */
  #nextWholeLine(octets: Buffer, from: number): number {
    if (this.#columns < 2) return -1;
    const stop = Math.min(octets.length, from + this.#limits.rowBytes);
    for (let at = lineEnd(octets, from, stop) + 1; at < stop; ) {
      const end = lineEnd(octets, at, stop);
      if (end === stop) return -1;
      if (end > at) {
        this.#scanRow(octets.subarray(0, end), at, true);
        if (this.#row.count === this.#columns && this.#row.unfinished !== 'quote') return at;
      }
      at = end + 1;
    }
    return -1;
  }

  #startSkipping(octets: Buffer): void {
    this.#skipping = 'line';
    const at = this.#skip(octets, 0);
    if (at !== -1) this.#held = Buffer.from(octets.subarray(at));
  }

  /** Goes on in a row that is not kept; the offset behind it, or -1. A quote toggles, which doubled ones undo. */
  #skip(octets: Buffer, from: number): number {
    for (let at = from; at < octets.length; at++) {
      if (this.#skipping === 'quote') {
        at = octets.indexOf(QUOTE, at);
        if (at === -1) return -1;
        this.#skipping = 'line';
      } else if (octets[at] === QUOTE) {
        this.#skipping = 'quote';
      } else if (octets[at] === LF || octets[at] === CR) {
        this.#skipping = 'no';
        return at + 1;
      }
    }
    return -1;
  }
}

function lineEnd(octets: Buffer, from: number, stop: number): number {
  let at = from;
  while (at < stop && octets[at] !== LF && octets[at] !== CR) at++;
  return at;
}
