/**
 * Text made of octets, remembered: most fields of a trace repeat, and a string that is made once is also kept once. A
 * fixed number of places, so that it can't grow; whoever comes later to a place takes it.
 */
const LONGEST = 96;

export class Memo<T> {
  readonly #make: (octets: Buffer) => T;
  readonly #keys: (string | undefined)[];
  readonly #values: (T | undefined)[];
  readonly #mask: number;

  /** @param make a pure function of its octets, which are not valid after it. @param bits of the number of places. */
  constructor(make: (octets: Buffer) => T, bits = 14) {
    this.#make = make;
    this.#mask = (1 << bits) - 1;
    this.#keys = Array.from<string | undefined>({ length: 1 << bits });
    this.#values = Array.from<T | undefined>({ length: 1 << bits });
  }

  get(buffer: Buffer, start: number, end: number): T {
    const length = end - start;
    if (length > LONGEST) return this.#make(buffer.subarray(start, end));
    // FNV-1a
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ buffer[at]!, 0x01000193);
    const place = (hash ^ (hash >>> 15)) & this.#mask;
    const key = this.#keys[place];
    if (key !== undefined && key.length === length && same(key, buffer, start)) return this.#values[place]!;
    const value = this.#make(buffer.subarray(start, end));
    this.#keys[place] = buffer.toString('latin1', start, end);
    this.#values[place] = value;
    return value;
  }
}

function same(key: string, buffer: Buffer, start: number): boolean {
  for (let i = 0; i < key.length; i++) if (key.charCodeAt(i) !== buffer[start + i]) return false;
  return true;
}
