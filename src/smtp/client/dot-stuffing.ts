const DOT = 46;
const LF = 10;
const LINE_THEN_DOT = Buffer.from('\n.');

/**
 * The octets with a dot put before every line that begins with one (RFC 5321 §4.5.2); the same buffer when
 * there is none. A dot after a bare LF counts too: to some servers that is a line as well, and a lone dot
 * there would end the message early.
 * @param atLineStart whether `bytes` continue after a line ending, or are the first
 */
export function stuffDots(bytes: Buffer, atLineStart: boolean): Buffer {
  const leading = atLineStart && bytes[0] === DOT;
  let next = bytes.indexOf(LINE_THEN_DOT);
  if (next < 0 && !leading) return bytes;
  const pieces: Buffer[] = [];
  let start = 0;
  if (leading) pieces.push(LINE_THEN_DOT.subarray(1));
  while (next >= 0) {
    pieces.push(bytes.subarray(start, next + 2));
    start = next + 1;
    next = bytes.indexOf(LINE_THEN_DOT, start);
  }
  pieces.push(bytes.subarray(start));
  return Buffer.concat(pieces);
}

/** Whether the octets end a line, so that the final dot stands on its own. */
export function endsLine(bytes: Buffer): boolean {
  const length = bytes.length;
  return length >= 2 && bytes[length - 1] === LF && bytes[length - 2] === 13;
}
