import { createHash } from 'node:crypto';
import type { Random } from '../platform/random.ts';

/**
 * A secret that this relay makes has 256 random bits of its own: a plain hash of it can not be turned back, and is
 * looked up without a slow one.
 */
export function newSecret(prefix: string, random: Random): { secret: string; hash: string } {
  const secret = `${prefix}${random.bytes(32).toString('base64url')}`;
  return { secret, hash: digest(secret) };
}

/** SHA-256, hexadecimal. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
