import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Seals secrets that must be recoverable (private keys, next hop passwords) under the relay's key. */
export class Seal {
  readonly #key: Buffer;

  /** @param key 32 octets, from a file of mode 0600, the environment, or a key service. */
  constructor(key: Buffer) {
    if (key.length !== 32) throw new RangeError(`a sealing key has 32 octets, not ${key.length}`);
    this.#key = key;
  }

  /** `purpose` is bound to the text: what was sealed for one use can not be passed off as another. */
  seal(plain: string, purpose: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
  }

  /** @throws when the text was altered, sealed under another key, or for another purpose. */
  open(sealed: string, purpose: string): string {
    if (!sealed.startsWith('v1.')) throw new Error('sealed text of an unknown version');
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12)).setAAD(
      Buffer.from(purpose),
    );
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }

  /** A key of 32 octets for another use, the same after each start (RFC 5869); it tells nothing of this one. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#key, '', purpose, 32));
  }
}
