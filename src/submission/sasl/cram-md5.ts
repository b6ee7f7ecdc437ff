import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SaslExchange, SaslStep } from '../../smtp/server/handler.ts';
import { malformed, textOf } from './malformed.ts';

/** Answers what follows when `account` shows something that `matches` a password or does not. */
export type DigestCheck = (account: string, matches: (password: string) => boolean) => Promise<SaslStep>;

/** CRAM-MD5, RFC 2195: an HMAC over the challenge, so the password itself must be known here. */
export class CramMd5Exchange implements SaslExchange {
  readonly #challenge: Buffer;
  readonly #check: DigestCheck;
  #asked = false;

  /** @param challenge `<unique@host>`, never used twice. */
  constructor(challenge: string, check: DigestCheck) {
    this.#challenge = Buffer.from(challenge);
    this.#check = check;
  }

  step(response: Buffer | undefined): Promise<SaslStep> | SaslStep {
    if (!this.#asked) {
      // RFC 4954 §4: the server speaks first, so there can be no initial response
      if (response) return malformed('CRAM-MD5 with an initial response');
      this.#asked = true;
      return { kind: 'challenge', data: this.#challenge };
    }
    const text = (response && textOf(response)) ?? '';
    // RFC 2195 §2: the account may hold spaces, the digest does not
    const [, account, digest] = /^(.+) ([0-9a-f]{32})$/is.exec(text) ?? [];
    if (!account || !digest) return malformed('CRAM-MD5 answer is not an account and 32 hexadecimal digits');
    const shown = Buffer.from(digest, 'hex');
    return this.#check(account, (password) =>
      timingSafeEqual(createHmac('md5', password).update(this.#challenge).digest(), shown),
    );
  }
}
