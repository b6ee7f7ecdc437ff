import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Settings } from './settings.ts';

const SETTING = 'administrator-token';

/**
 * The administrator's bearer token. Only its SHA-256 is kept: the token has 256 random bits of its own, so a
 * slow hash would add nothing.
 */
export class AdministratorToken {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #random: Random;
  #hash: Buffer | undefined;

  constructor(settings: Settings, clock: Clock, random: Random) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
  }

  /** Reads the hash; answers whether there is one. */
  async load(): Promise<boolean> {
    const stored = await this.#settings.get(SETTING);
    this.#hash = stored === undefined ? undefined : Buffer.from(stored, 'hex');
    return this.#hash !== undefined;
  }

  /**
   * Makes a new token and answers it: the only time that it can be read. The old one ends at once.
   * @param keep runs before the token counts, so that a kill can't leave one that nobody knows
   */
  async rotate(keep: (token: string) => void = () => {}): Promise<string> {
    const token = `ptn_admin_${this.#random.bytes(32).toString('base64url')}`;
    keep(token);
    const hash = sha256(token);
    await this.#settings.set(SETTING, hash.toString('hex'), this.#clock.now());
    this.#hash = hash;
    return token;
  }

  /** In constant time; false while no token was made. */
  verify(token: string): boolean {
    return this.#hash !== undefined && timingSafeEqual(sha256(token), this.#hash);
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
