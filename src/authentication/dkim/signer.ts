import type { Content } from '../../message/content.ts';

/** What one pass over the body yields for the signature; made while the body streams in, or at once. */
export interface BodyHash {
  /** Base64 of SHA-256 over the body in relaxed canonicalisation (RFC 6376 §3.4.4). */
  relaxed: string;
}

/** Feeds on body chunks as they arrive; needs no memory of the body. */
export interface BodyHasher {
  update(chunk: Buffer): void;
  digest(): BodyHash;
}

export interface Signer {
  hasher(): BodyHasher;
  /** For a body in memory; `loose` false (see Traits.looseSpace) skips canonicalisation. */
  hash(body: Buffer, loose: boolean): BodyHash;
  /**
   * The DKIM-Signature fields, each with its CRLF, to put before the head: one for each active key of the domain.
   * The signing itself runs in the thread pool.
   * @throws when the domain is not known or has no active key.
   */
  sign(content: Pick<Content, 'head'>, body: BodyHash, domain: string, at: number): Promise<Buffer>;
}
