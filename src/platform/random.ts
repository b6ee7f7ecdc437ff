import { randomBytes } from 'node:crypto';

/** Randomness as an input, so that jitter and identifiers can be fixed in a test. */
export interface Random {
  /** `count` unpredictable bytes. */
  bytes(count: number): Buffer;
  /** A number in [0, 1), for jitter; not for secrets. */
  fraction(): number;
}

export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  fraction: () => Math.random(),
};
