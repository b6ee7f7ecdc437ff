/** A body that is in memory, or in a file of the spool because it is large. */
export type Body = { kind: 'memory'; bytes: Buffer } | { kind: 'file'; path: string; length: number };

/**
 * A message's octets: the header section with its closing empty line, and the body. They are kept apart
 * because headers are added and rewritten while the body, once received, never changes.
 * Line endings are CRLF throughout, and dots are not stuffed.
 */
export interface Content {
  head: Buffer;
  body: Body;
  traits: Traits;
}

/** What one pass over the octets as they arrived has learnt, so that later rooms need no pass of their own. */
export interface Traits {
  /** Some octet is above 127: the next hop must offer 8BITMIME. */
  eightBit: boolean;
  /** Some line begins with a dot: it must be stuffed on the way out (RFC 5321 §4.5.2). */
  dotLines: boolean;
  /** The longest line, without its CRLF, in octets; RFC 5321 §4.5.3.1.6 allows 998. */
  longestLine: number;
  /** Relaxed canonicalisation would change the body (RFC 6376 §3.4.4): it has runs of white space or a trailing one. */
  looseSpace: boolean;
}

export const NO_TRAITS: Traits = { eightBit: false, dotLines: false, longestLine: 0, looseSpace: false };

export function sizeOf(content: { head: Buffer; body: Body }): number {
  return content.head.length + bodyLength(content.body);
}

export function bodyLength(body: Body): number {
  return body.kind === 'memory' ? body.bytes.length : body.length;
}
