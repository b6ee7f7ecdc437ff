import type { Random } from '../platform/random.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** `prefix_` and 16 characters of Crockford's base 32: 80 random bits, no letter that looks like a digit. */
export function newIdentifier(prefix: string, random: Random): string {
  let bits = BigInt(`0x${random.bytes(10).toString('hex')}`);
  let text = '';
  for (let i = 0; i < 16; i++) {
    text = ALPHABET[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return `${prefix}_${text}`;
}
