/**
 * The objects of JSON text, each handed over alone, however large the whole is: of a list, of one that stands in an object
 * (`{"value": [...]}`), or one after the other, a line each or not (NDJSON and several documents in a file).
 */
const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const LF = 10;
const SPACE = 32;
const COLON = 58;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

export interface JsonHandler {
  /** Octets of one object, valid until the callback returns. */
  object(octets: Buffer): void;
  /** An object was larger than the limit; it is not handed over. */
  tooLong(): void;
  /** Something that is no JSON; reading goes on at the next line. */
  broken(): void;
}

/** Lists of records in objects are known by these names. */
const LISTS: ReadonlySet<string> = new Set([
  'value',
  'values',
  'results',
  'records',
  'items',
  'data',
  'rows',
]);
const MOST_DEPTH = 64;

export class JsonScanner {
  readonly #handler: JsonHandler;
  readonly #most: number;
  #held: Buffer = Buffer.alloc(0);
  /** How far `held` was scanned. */
  #scanned = 0;
  /** Kinds of the open containers. */
  #open: number[] = [];
  #inString = false;
  #escaped = false;
  /** Start of the object that is to be handed over, in `held`; -1 outside. */
  #start = -1;
  /** Depth at which it stands. */
  #level = 0;
  /** In an object with a list: its other members are passed over. */
  #inList = false;
  #lastString = '';
  #stringStart = -1;
  #key = '';
  #skipping = false;
  /** The last octet that was no white space, outside of strings. */
  #previous = 0;

  constructor(handler: JsonHandler, most = 4_194_304) {
    this.#handler = handler;
    this.#most = most;
  }

  /** Octets of what is not finished; with `continuable` the place where reading can be taken up again. */
  get held(): Buffer {
    return this.#held;
  }

  /** Between documents, not in a list. */
  get continuable(): boolean {
    return (
      this.#open.length === 0 || (this.#start === 0 && this.#level === 0 && !this.#inList && !this.#skipping)
    );
  }

  feed(chunk: Buffer): void {
    const octets = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const from = this.#scanned;
    const keep = this.#scan(octets, from);
    this.#held = Buffer.from(octets.subarray(keep));
    this.#scanned = octets.length - keep;
    if (this.#start !== -1) this.#start -= keep;
    if (this.#stringStart !== -1) this.#stringStart -= keep;
    if (this.#held.length > this.#most) this.#drop();
  }

  /** @returns whether the end is where it should be. */
  finish(): boolean {
    const whole = this.#open.length === 0;
    if (!whole) this.#handler.broken();
    return whole;
  }

  /** Too large to be kept: it goes on being followed, without being kept. */
  #drop(): void {
    if (!this.#skipping && this.#start !== -1) this.#handler.tooLong();
    this.#skipping = true;
    this.#held = Buffer.alloc(0);
    this.#scanned = 0;
    this.#start = -1;
    this.#stringStart = -1;
  }

  /** The first octet that is still needed. */
  #scan(octets: Buffer, from: number): number {
    for (let at = from; at < octets.length; at++) {
      if (this.#inString) {
        at = this.#endOfString(octets, at);
        // RFC 8259 §7: no line end stands in a string; the record is cut
        if (octets[at] === LF) return this.#resync(octets, at);
        continue;
      }
      const octet = octets[at]!;
      if (octet <= SPACE) continue;
      const previous = this.#previous;
      this.#previous = octet;
      if (octet === QUOTE) {
        this.#inString = true;
        this.#stringStart = at + 1;
      } else if (octet === COLON) {
        if (this.#open.length === 1) this.#key = this.#lastString;
      } else if (octet === OPEN_BRACE || octet === OPEN_BRACKET) {
        const placed = previous === COLON || previous === COMMA || previous === OPEN_BRACKET;
        if (this.#open.length > 0 && !placed) return this.#resync(octets, at - 1);
        this.#opened(octet, at);
        if (this.#open.length > MOST_DEPTH) return this.#resync(octets, at);
      } else if (octet === CLOSE_BRACE || octet === CLOSE_BRACKET) {
        if (!this.#closed(octet, octets, at)) return this.#resync(octets, at);
      }
    }
    if (this.#start !== -1) return this.#start;
    return this.#inString && this.#stringStart !== -1 ? this.#stringStart : octets.length;
  }

  #endOfString(octets: Buffer, from: number): number {
    let at = from;
    for (; at < octets.length; at++) {
      const octet = octets[at];
      if (octet === LF) return at;
      if (this.#escaped) this.#escaped = false;
      else if (octet === BACKSLASH) this.#escaped = true;
      else if (octet === QUOTE) break;
    }
    if (at < octets.length) {
      this.#inString = false;
      if (this.#open.length === 1 && this.#stringStart !== -1 && at - this.#stringStart < 40) {
        this.#lastString = octets.toString('utf8', this.#stringStart, at);
      }
      this.#stringStart = -1;
    }
    return at;
  }

  #opened(octet: number, at: number): void {
    const depth = this.#open.length;
    this.#open.push(octet);
    if (octet === OPEN_BRACKET) {
      const first = this.#open[0];
      const named = depth === 1 && first === OPEN_BRACE && LISTS.has(this.#key.toLowerCase());
      if (depth === 0 || named) {
        this.#inList = true;
        this.#start = -1;
      }
      return;
    }
    if (depth === 0) {
      this.#start = at;
      this.#level = 0;
      this.#inList = false;
      this.#skipping = false;
    } else if (this.#inList && this.#start === -1 && this.#open[depth - 1] === OPEN_BRACKET) {
      this.#start = at;
      this.#level = depth;
      this.#skipping = false;
    }
  }

  #closed(octet: number, octets: Buffer, at: number): boolean {
    const open = this.#open.pop();
    if (open === undefined || open + 2 !== octet) return false;
    const depth = this.#open.length;
    if (octet === CLOSE_BRACE && this.#start !== -1 && depth === this.#level) {
      this.#handler.object(octets.subarray(this.#start, at + 1));
      this.#start = -1;
    } else if (octet === CLOSE_BRACKET && this.#start === -1 && depth <= 1) {
      this.#inList = false;
    }
    if (depth === 0) {
      this.#inList = false;
      this.#key = '';
    }
    return true;
  }

  /** Lost: what stands behind `at`, or the next line, begins a new document. */
  #resync(octets: Buffer, at: number): number {
    this.#handler.broken();
    this.#previous = 0;
    this.#skipping = false;
    this.#open = [];
    this.#inList = false;
    this.#inString = false;
    this.#escaped = false;
    this.#start = -1;
    this.#stringStart = -1;
    if (octets[at + 1] === OPEN_BRACE) return this.#scan(octets, at + 1);
    const line = octets.indexOf(LF, at);
    return line === -1 ? octets.length : this.#scan(octets, line + 1);
  }
}
