/** What a reader of messages is ready to look at; what lies beyond is left unread, and said. */
export interface MimeLimits {
  /** Parts within parts. */
  depth: number;
  parts: number;
  /** Octets of one header section. */
  headBytes: number;
  /** Octets of all header sections together. */
  allHeadBytes: number;
  /** Fields of one header section. */
  fields: number;
}

export const MIME_LIMITS: MimeLimits = {
  depth: 20,
  parts: 1000,
  headBytes: 256 * 1024,
  allHeadBytes: 2 * 1024 * 1024,
  fields: 1000,
};
