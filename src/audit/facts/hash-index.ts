/** Bits of the first look: few enough to stay near the processor, and mostly 0. */
const FIRST = 22;

/** A set of hashes, made to be asked about millions of others, of which few are in it. */
export class HashIndex {
  readonly size: number;
  readonly #hashes: Float64Array;
  readonly #mask: number;
  /** A bit is set where the lower bits of some hash lead. */
  readonly #first = new Int32Array(2 ** FIRST / 32);

  /** @param hashes evenly spread, at least in their lower 32 bits */
  constructor(hashes: Float64Array) {
    const places = 2 ** Math.ceil(Math.log2(2 * hashes.length + 2));
    this.#mask = places - 1;
    this.#hashes = new Float64Array(places).fill(Number.NaN);
    let size = 0;
    for (const hash of hashes) {
      const bit = hash & (2 ** FIRST - 1);
      this.#first[bit >>> 5]! |= 1 << (bit & 31);
      const place = this.#placeOf(hash);
      if (this.#hashes[place] === hash) continue;
      this.#hashes[place] = hash;
      size++;
    }
    this.size = size;
  }

  /** Adds to a set those of these hashes that are here too. */
  among(hashes: Float64Array, found: Set<number>): void {
    const first = this.#first;
    for (let at = 0; at < hashes.length; at++) {
      const hash = hashes[at]!;
      const bit = hash & (2 ** FIRST - 1);
      if ((first[bit >>> 5]! & (1 << (bit & 31))) === 0) continue;
      if (this.#hashes[this.#placeOf(hash)] === hash) found.add(hash);
    }
  }

  /** Where a hash stands, or would. */
  #placeOf(hash: number): number {
    const hashes = this.#hashes;
    let place = hash & this.#mask;
    while (hashes[place] !== hash && !Number.isNaN(hashes[place]!)) place = (place + 1) & this.#mask;
    return place;
  }
}
