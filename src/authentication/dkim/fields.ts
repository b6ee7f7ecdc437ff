const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** Where the parts of one header field lie in a head. */
export interface FieldSpan {
  /** Of the first colon; -1 when the line has none. */
  colon: number;
  /** Behind the CRLF that ends the field, folded lines included. */
  end: number;
}

/**
 * Finds the field that begins at `start` and writes its place into `span`, which a caller uses again for the next:
 * this runs for each field of each message. Answers false at the empty line that closes a head, and at its end.
 */
export function scanField(head: Buffer, start: number, span: FieldSpan): boolean {
  const length = head.length;
  if (start >= length || (head[start] === CR && head[start + 1] === LF)) return false;
  let colon = -1;
  let position = start;
  for (; position < length; position++) {
    const octet = head[position]!;
    if (octet === COLON) {
      if (colon < 0) colon = position;
    } else if (octet === LF && position > start && head[position - 1] === CR) {
      const next = head[position + 1];
      if (next !== SPACE && next !== TAB) break;
    }
  }
  span.colon = colon;
  span.end = Math.min(position + 1, length);
  return true;
}

/** The name of a field in lower case; white space before the colon does not belong to it. */
export function fieldName(head: Buffer, start: number, colon: number): string {
  let end = colon;
  while (end > start && (head[end - 1] === SPACE || head[end - 1] === TAB)) end--;
  return head.toString('latin1', start, end).toLowerCase();
}
