/** A domain that Postern signs for, with its keys. Private keys never leave the store but to be used. */
export interface SigningDomain {
  /** A-label form, lower case. */
  name: string;
  /** Mail to its addresses counts as internal. */
  internal: boolean;
  createdAt: number;
  keys: SigningKey[];
}

/**
 * Rotation has three stages: `next` is published but not yet used, `active` signs, `retiring` no longer signs
 * but stays published while mail that it signed is still on its way.
 */
export interface SigningKey {
  selector: string;
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  stage: 'next' | 'active' | 'retiring';
  /** PKCS #8 PEM. */
  privateKey: string;
  /** Base64 of the `p=` tag: SubjectPublicKeyInfo for RSA, the bare 32 octets for Ed25519 (RFC 8463 §4.2). */
  publicKey: string;
  createdAt: number;
  /** When the published record was last seen to be right; absent: never seen. */
  publishedAt?: number;
}
