import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { digest, newSecret } from './digest.ts';

const LINK_MS = 60 * 60_000;

export interface SetupLink {
  /** Stands behind the `#` of the link, so that no log and no proxy sees it. Shown once. */
  token: string;
  /** Wall time, milliseconds. */
  expiresAt: number;
}

/**
 * The way in for who can read the data folder: a link with which one owner account is made, once, within the hour.
 * Kept in memory alone: a restart ends it, and prints or makes another.
 */
export class SetupLinks {
  readonly #clock: Clock;
  readonly #random: Random;
  #open: { hash: string; expiresAt: number } | undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Makes a link; an earlier one ends. */
  make(): SetupLink {
    const { secret, hash } = newSecret('pst_setup_', this.#random);
    const expiresAt = this.#clock.now() + LINK_MS;
    this.#open = { hash, expiresAt };
    return { token: secret, expiresAt };
  }

  /** Whether the link is the open one. Looking does not use it up. */
  isOpen(token: string): boolean {
    const open = this.#open;
    // the hash is compared, so that the time it takes tells nothing of the secret
    return open !== undefined && this.#clock.now() < open.expiresAt && digest(token) === open.hash;
  }

  /**
   * Runs `work` with the link, which then is used up; when `work` fails it can be tried again.
   * @returns undefined for a link that is wrong, used up or over
   */
  async use<T>(token: string, work: () => Promise<T>): Promise<T | undefined> {
    if (!this.isOpen(token)) return undefined;
    const taken = this.#open;
    // of two that come at the same time one gets through
    this.#open = undefined;
    try {
      return await work();
    } catch (error) {
      this.#open ??= taken;
      throw error;
    }
  }
}
