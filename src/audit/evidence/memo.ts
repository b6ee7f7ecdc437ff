/**
 * Values made of octets, remembered: most fields of a trace repeat, and a string that is made once is also kept once. A
 * fixed number of places, so that it can't grow; whoever comes later to a place takes it.
 */
const LONGEST = 64;

export class Memo<T> {
  readonly #make: (octets: Buffer) => T;
  #keys = new Uint8Array(0);
  /** Length of the key of each place, and one more; 0 where nothing was kept. */
  #lengths = new Uint8Array(0);
  #values: (T | undefined)[] = [];
  readonly #mask: number;

  /** @param make a pure function of its octets, which are not valid after it. @param bits of the number of places. */
  constructor(make: (octets: Buffer) => T, bits = 14) {
    this.#make = make;
    this.#mask = (1 << bits) - 1;
  }

  get(buffer: Buffer, start: number, end: number): T {
    const length = end - start;
    if (length > LONGEST) return this.#make(buffer.subarray(start, end));
    // FNV-1a, four octets at a step
    let hash = 0x811c9dc5 ^ length;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = buffer[at]! ^ (buffer[at + 1]! << 8) ^ (buffer[at + 2]! << 16) ^ (buffer[at + 3]! << 24);
      hash = Math.imul(hash ^ word, 0x01000193);
      hash ^= hash >>> 15;
    }
    for (; at < end; at++) hash = Math.imul(hash ^ buffer[at]!, 0x01000193);
    const place = (hash ^ (hash >>> 15)) & this.#mask;
    const keys = this.#keys;
    const from = place * LONGEST;
    if (this.#lengths[place] === length + 1) {
      let i = 0;
      while (i < length && keys[from + i] === buffer[start + i]) i++;
      if (i === length) return this.#values[place]!;
    }
    const value = this.#make(buffer.subarray(start, end));
    if (this.#values.length === 0) this.#furnish();
    this.#keys.set(buffer.subarray(start, end), from);
    this.#lengths[place] = length + 1;
    this.#values[place] = value;
    return value;
  }

  /** Places are made when there is something to keep: many a table has no use for them. */
  #furnish(): void {
    const places = this.#mask + 1;
    this.#keys = new Uint8Array(places * LONGEST);
    this.#lengths = new Uint8Array(places);
    this.#values = Array.from<T | undefined>({ length: places });
  }
}
