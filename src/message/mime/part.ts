import type { MimeField } from './fields.ts';

/** Offsets in the message's octets, `end` excluded. */
export interface Stretch {
  start: number;
  end: number;
}

/**
 * One entity of a message (RFC 2045 §2.4): where it lies, and what it says of itself. Nothing of its body is held or
 * decoded.
 */
export interface MimePart {
  /** The message itself is `1`, its second part `1.2`. */
  number: string;
  fields: MimeField[];
  /** `text/plain`, lower case; what RFC 2045 §5.2 and RFC 2046 §5.1.5 assume where it is not said. */
  type: string;
  /** Parameters of Content-Type, names in lower case. */
  parameters: ReadonlyMap<string, string>;
  /** `inline`, `attachment`, ...; empty where it is not said (RFC 2183). */
  disposition: string;
  /** Content-Transfer-Encoding, lower case; `7bit` where it is not said. */
  encoding: string;
  /** As its sender wrote it, decoded: not to be shown or used before `harmlessName`. Empty: none. */
  fileName: string;
  /** Without its angle brackets; empty: none. */
  contentId: string;
  head: Stretch;
  body: Stretch;
  children: MimePart[];
}

/** In what a message is not what its form asks for, or could be read in more ways than one. */
export type MimeNoticeCode =
  | 'too-many-parts'
  | 'too-deep'
  | 'too-large-head'
  | 'too-many-fields'
  | 'broken-head'
  | 'repeated-field'
  | 'repeated-parameter'
  | 'no-boundary'
  | 'reused-boundary'
  | 'unclear-delimiter'
  | 'missing-end'
  | 'text-after-end'
  | 'encoded-multipart'
  | 'encoded-message'
  | 'unknown-encoding'
  | 'external-body';

export interface MimeNotice {
  code: MimeNoticeCode;
  /** Number of the part. */
  part: string;
}

export interface MimeTree {
  root: MimePart;
  /** Octets of the whole message. */
  length: number;
  /** Each code once a part. */
  notices: MimeNotice[];
}

/** All parts, outer before inner, in the order in which they stand. */
export function* partsOf(part: MimePart): Generator<MimePart> {
  yield part;
  for (const child of part.children) yield* partsOf(child);
}

/** Whether a part holds others that were read, rather than content of its own. */
export function isContainer({ children }: MimePart): boolean {
  return children.length > 0;
}
