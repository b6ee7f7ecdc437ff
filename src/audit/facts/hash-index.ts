/** Texts by their hashes, made to be asked about millions of hashes: two rows of memory, and no more than a step or two. */
export class HashIndex {
  readonly #hashes: Float64Array;
  readonly #texts: readonly string[];
  /** Of the text whose hash stands at a place. */
  readonly #numbers: Uint32Array;
  readonly #mask: number;

  /** @param hash evenly spread, at least in its lower 32 bits */
  constructor(texts: Iterable<string>, hash: (text: string) => number) {
    this.#texts = [...texts];
    const places = 2 ** Math.ceil(Math.log2(2 * this.#texts.length + 2));
    this.#mask = places - 1;
    this.#hashes = new Float64Array(places).fill(Number.NaN);
    this.#numbers = new Uint32Array(places);
    for (const [number, text] of this.#texts.entries()) {
      const key = hash(text);
      const place = this.#placeOf(key);
      this.#hashes[place] = key;
      this.#numbers[place] = number;
    }
  }

  get size(): number {
    return this.#texts.length;
  }

  /** The texts, of all, whose hash is among these. */
  *among(hashes: Float64Array): Generator<string> {
    for (let at = 0; at < hashes.length; at++) {
      const place = this.#placeOf(hashes[at]!);
      if (this.#hashes[place] === hashes[at]) yield this.#texts[this.#numbers[place]!]!;
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
