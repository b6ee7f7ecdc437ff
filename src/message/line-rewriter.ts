import { encodeBase64Lines } from './transfer-encoding.ts';

/**
 * What is done to the lines of a leaf: kept, made shorter within their encoding, put into quoted-printable
 * as text (line ends stay line ends) or as octets (line ends are data), or into base64 as octets.
 */
export type LineMode =
  | 'keep'
  | 'rewrap-base64'
  | 'rewrap-quoted'
  | 'quote-text'
  | 'quote-octets'
  | 'encode-base64';

const LONGEST_LINE = 998;
const WIDTH = 76;
const CR = 13;
const LF = 10;
const EQUALS = 61;
const DASH = 45;
const CRLF = Buffer.from('\r\n');
/** Octets that make a line of base64. */
const BASE64_OCTETS = 57;
const HEX = Buffer.from('0123456789ABCDEF');

/** Base64 alphabet, padding, and white space that decoders skip. */
const BASE64 = /^[A-Za-z0-9+/= \t]*$/;

/** Rewrites lines, which may come in pieces, into a growing buffer. */
export class LineRewriter {
  mode: LineMode = 'keep';
  /** A line stayed longer than 998 octets. */
  tooLong = false;
  #out: Buffer = Buffer.allocUnsafe(4096);
  #length = 0;
  /** Octets of the line being written. */
  #column = 0;
  /** The last line end, not yet written, because it belongs to a delimiter if one follows (RFC 2046 §5.1.1). */
  #breakPending = false;
  /** The line in progress came too long and is being rewrapped. */
  #rewrapping = false;
  /** Digits of an encoded octet that are still to come. */
  #digits = 0;
  /** What does not yet fill a line of base64. */
  #unencoded: Buffer = Buffer.alloc(0);

  /** Octets that are no line of a leaf. */
  raw(octets: Buffer): void {
    this.#room(octets.length);
    this.#length += octets.copy(this.#out, this.#length);
    this.#column = 0;
  }

  /** @param ended the line's CRLF (not part of `piece`) follows. */
  write(piece: Buffer, ended: boolean): void {
    if (this.#breakPending) this.#pendingBreak(false);
    switch (this.mode) {
      case 'keep':
        if (this.#column + piece.length > LONGEST_LINE) this.tooLong = true;
        this.#keep(piece);
        break;
      case 'rewrap-base64':
      case 'rewrap-quoted':
        if (this.#rewrapping || piece.length > LONGEST_LINE) this.#rewrap(piece);
        else this.#keep(piece);
        this.#rewrapping = !ended;
        break;
      case 'quote-text':
      case 'quote-octets':
        this.#quote(piece);
        break;
      case 'encode-base64':
        this.#encode(piece);
        break;
    }
    if (!ended) return;
    this.#breakPending = true;
    this.#digits = 0;
  }

  /** A delimiter follows: the line end that was kept back is part of it. */
  lastBreak(): void {
    if (this.mode === 'encode-base64') this.#lastOctets();
    else if (this.#breakPending) this.#pendingBreak(true);
    this.#breakPending = false;
  }

  /** All ends here: the line end that was kept back is data, and one that was never there becomes none. */
  finish(): void {
    if (this.mode === 'encode-base64' && this.#breakPending) this.#encode(CRLF);
    const unended = !this.#breakPending && this.#column > 0;
    this.lastBreak();
    if (!unended) return;
    this.#room(3);
    if (this.mode === 'quote-text' || this.mode === 'quote-octets') this.#softBreak();
    else this.#lineEnd();
  }

  /** What was written since the last time. */
  take(): Buffer {
    const octets = Buffer.from(this.#out.subarray(0, this.#length));
    this.#length = 0;
    return octets;
  }

  #pendingBreak(plain: boolean): void {
    this.#breakPending = false;
    if (this.mode === 'encode-base64') {
      this.#encode(CRLF);
      return;
    }
    if (this.mode === 'quote-octets' && !plain) {
      this.#room(24);
      this.#encoded(CR);
      this.#encoded(LF);
      this.#softBreak();
      return;
    }
    this.#room(2);
    this.#lineEnd();
  }

  #keep(piece: Buffer): void {
    this.#room(piece.length);
    this.#length += piece.copy(this.#out, this.#length);
    this.#column += piece.length;
  }

  #rewrap(piece: Buffer): void {
    this.#room(piece.length * 4 + 12);
    if (this.mode === 'rewrap-base64') {
      // outside the alphabet a piece at the start of a line could look like a delimiter
      if (!BASE64.test(piece.toString('latin1'))) this.tooLong = true;
      for (const octet of piece) {
        if (this.#column >= WIDTH) this.#lineEnd();
        this.#put(octet);
      }
      return;
    }
    for (let at = 0; at < piece.length; at++) {
      const octet = piece[at]!;
      // never between the = and the two digits of an encoded octet: three characters fit before column 76
      if (this.#column >= WIDTH - 4 && this.#digits === 0) this.#softBreak();
      // two in a row encode nothing, and could be repeated without end
      if (octet === EQUALS && this.#digits > 0) this.tooLong = true;
      if (octet === EQUALS) this.#digits = 2;
      else if (this.#digits > 0) this.#digits--;
      if (octet === DASH && this.#column === 0) this.#encoded(octet);
      else this.#put(octet);
    }
  }

  /** RFC 2045 §6.7 */
  #quote(piece: Buffer): void {
    this.#room(piece.length * 4 + 12);
    for (let at = 0; at < piece.length; at++) {
      const octet = piece[at]!;
      const space = octet === 32 || octet === 9;
      const plain =
        (octet > 32 && octet < 127 && octet !== EQUALS) ||
        (space && at + 1 < piece.length && this.#column > 0);
      // a dash or a dot or a "From " at the start of a line means something to somebody
      const risky = this.#column === 0 && (octet === DASH || octet === 46 || octet === 70);
      const width = plain && !risky ? 1 : 3;
      if (this.#column + width > WIDTH - 1) {
        this.#softBreak();
        at--;
        continue;
      }
      if (width === 1) this.#put(octet);
      else this.#encoded(octet);
    }
  }

  #encode(piece: Buffer): void {
    const octets = this.#unencoded.length === 0 ? piece : Buffer.concat([this.#unencoded, piece]);
    const whole = octets.length - (octets.length % BASE64_OCTETS);
    if (whole > 0) this.#base64Lines(octets.subarray(0, whole));
    this.#unencoded = Buffer.from(octets.subarray(whole));
  }

  #lastOctets(): void {
    if (this.#unencoded.length > 0) this.#base64Lines(this.#unencoded);
    this.#unencoded = Buffer.alloc(0);
  }

  #base64Lines(octets: Buffer): void {
    this.raw(encodeBase64Lines(octets));
    this.#room(2);
    this.#lineEnd();
  }

  #put(octet: number): void {
    this.#out[this.#length++] = octet;
    this.#column++;
  }

  #encoded(octet: number): void {
    if (this.#column + 3 > WIDTH - 1) this.#softBreak();
    this.#out[this.#length++] = EQUALS;
    this.#out[this.#length++] = HEX[octet >> 4]!;
    this.#out[this.#length++] = HEX[octet & 15]!;
    this.#column += 3;
  }

  #softBreak(): void {
    this.#out[this.#length++] = EQUALS;
    this.#lineEnd();
  }

  #lineEnd(): void {
    this.#out[this.#length++] = CR;
    this.#out[this.#length++] = LF;
    this.#column = 0;
  }

  #room(needed: number): void {
    if (this.#length + needed <= this.#out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#out.length * 2, this.#length + needed));
    this.#out.copy(larger, 0, 0, this.#length);
    this.#out = larger;
  }
}
