const DOT = 46;
const LF = 10;
const CR = 13;
const LF_THEN_DOT = Buffer.from('\n.');
const CR_THEN_DOT = Buffer.from('\r.');

/**
 * The octets with a dot put before every line that begins with one (RFC 5321 §4.5.2); the same buffer when
 * there is none. A dot after a bare LF or CR, which only BINARYMIME brings, counts too: to some servers that is a
 * line as well, and a lone dot there would end the message early.
 * @param atLineStart whether `bytes` continue after a line ending, or are the first
 */
export function stuffDots(bytes: Buffer, atLineStart: boolean): Buffer {
  const leading = atLineStart && bytes[0] === DOT;
  let lf = bytes.indexOf(LF_THEN_DOT);
  let cr = bytes.indexOf(CR_THEN_DOT);
  if (lf < 0 && cr < 0 && !leading) return bytes;
  const pieces: Buffer[] = [];
  let start = 0;
  if (leading) pieces.push(LF_THEN_DOT.subarray(1));
  while (lf >= 0 || cr >= 0) {
    const next = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr;
    pieces.push(bytes.subarray(start, next + 2));
    start = next + 1;
    if (next === lf) lf = bytes.indexOf(LF_THEN_DOT, start);
    else cr = bytes.indexOf(CR_THEN_DOT, start);
  }
  pieces.push(bytes.subarray(start));
  return Buffer.concat(pieces);
}

/** Whether a dot that follows `bytes` begins a line in the eyes of whoever is most lenient. */
export function startsLine(bytes: Buffer): boolean {
  const last = bytes.at(-1);
  return last === undefined || last === LF || last === CR;
}

/** Whether the octets end a line, so that the final dot stands on its own. */
export function endsLine(bytes: Buffer): boolean {
  const length = bytes.length;
  return length >= 2 && bytes[length - 1] === LF && bytes[length - 2] === CR;
}
