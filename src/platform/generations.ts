/**
 * A map that forgets: what was neither set nor found while half of its places were taken anew is gone. Two
 * generations, each a map that only grows, so that nothing is deleted piece by piece, and a flood of new keys costs
 * no more than its places.
 */
export class Generations<T> {
  readonly #half: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  /** @param entries values kept at most; at least half as many of the last ones asked for are kept */
  constructor(entries: number) {
    this.#half = Math.max(1, Math.floor(entries / 2));
  }

  get(key: string): T | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: T): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  /** What is kept now, about: a key may be in both generations. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** All that is kept, which is then forgotten. */
  take(): T[] {
    const all = [...this.values()];
    this.#young = new Map();
    this.#old = new Map();
    return all;
  }

  *values(): IterableIterator<T> {
    for (const [key, value] of this.#old) if (!this.#young.has(key)) yield value;
    yield* this.#young.values();
  }
}
