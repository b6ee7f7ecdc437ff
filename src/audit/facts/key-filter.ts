/** Bits, of which each key sets three: among a million keys one stranger in ten thousand is taken for known. */
const BITS = 26;
const MASK = 2 ** BITS - 1;

/** Tells of most keys that they were never added, in little space (a Bloom filter). */
export class KeyFilter {
  readonly #words = new Int32Array(2 ** BITS / 32);

  /** @param key 53 bits of a hash */
  add(key: number): void {
    const low = key | 0;
    const high = (key / 2 ** 32) | 0;
    for (let step = 1; step <= 3; step++) {
      const bit = placeOf(low, high, step);
      this.#words[bit >>> 5]! |= 1 << (bit & 31);
    }
  }

  /** @returns false: it was not added */
  mayHave(key: number): boolean {
    const low = key | 0;
    const high = (key / 2 ** 32) | 0;
    for (let step = 1; step <= 3; step++) {
      const bit = placeOf(low, high, step);
      if ((this.#words[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

/** Three places of two halves (Kirsch and Mitzenmacher). */
function placeOf(low: number, high: number, step: number): number {
  return (low + Math.imul(step, high * 2 + 1)) & MASK;
}
