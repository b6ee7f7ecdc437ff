/**
 * Words that are looked for in octets again and again: a command's verb, a header field's name. What is found is always
 * the same string. That saves making one, and what looks it up in a map afterwards compares pointers: code that V8 has
 * optimised enters any other string that it looks up into a table of all names, which only a full collection clears.
 */
export class WordTable {
  /** By length and first letter. */
  readonly #buckets: (string[] | undefined)[] = [];
  readonly #longest: number;

  /** @param words in ASCII, none twice in different case */
  constructor(words: Iterable<string>) {
    let longest = 0;
    for (const word of words) {
      (this.#buckets[bucketOf(word.length, word.charCodeAt(0))] ??= []).push(word);
      longest = Math.max(longest, word.length);
    }
    this.#longest = longest;
  }

  /** The word that lies between two places, in any mixture of cases; as it was given to the table. */
  find(octets: Uint8Array, start: number, end: number): string | undefined {
    const length = end - start;
    if (length <= 0 || length > this.#longest) return undefined;
    const bucket = this.#buckets[bucketOf(length, octets[start]!)];
    if (bucket === undefined) return undefined;
    for (const word of bucket) {
      let at = 0;
      while (at < length && isSame(octets[start + at]!, word.charCodeAt(at))) at++;
      if (at === length) return word;
    }
    return undefined;
  }
}

const bucketOf = (length: number, first: number): number => length * 32 + (first & 31);

/** ASCII letters in either case; nothing else has two forms. */
function isSame(a: number, b: number): boolean {
  if (a === b) return true;
  const letter = a | 32;
  return letter === (b | 32) && letter >= 97 && letter <= 122;
}
