import { WORDS } from './words.ts';

/** Octets of the longest input, but for the few that are to be large. */
const USUAL_LENGTH = 16_384;
const LARGE_LENGTH = 200_000;

const pick = <T>(list: readonly T[], random: () => number): T =>
  list[Math.floor(random() * list.length)] as T;

/** Makes inputs out of a corpus: a few mutations on top of each other, the same ones for the same numbers. */
export class Mutator {
  readonly #words: Buffer[];
  readonly #random: () => number;

  constructor(words: readonly string[], random: () => number) {
    this.#words = [...WORDS, ...words].map((word) => Buffer.from(word, 'latin1'));
    this.#random = random;
  }

  next(corpus: readonly Buffer[]): Buffer {
    const random = this.#random;
    const most = random() < 0.002 ? LARGE_LENGTH : USUAL_LENGTH;
    let input = pick(corpus, random);
    // mostly few, so that what is deep in a session is still reached
    const rounds = 1 + Math.floor(random() ** 3 * 12);
    for (let round = 0; round < rounds; round++) input = this.#mutate(input, corpus, most).subarray(0, most);
    // targets may change what they are given
    return Buffer.from(input);
  }

  #mutate(input: Buffer, corpus: readonly Buffer[], most: number): Buffer {
    const random = this.#random;
    const at = this.#place(input);
    const length = Math.floor(random() ** 3 * Math.min(input.length - at, 400));
    switch (Math.floor(random() * 12)) {
      case 0: {
        const flipped = Buffer.from(input);
        if (at < flipped.length) flipped[at] = (flipped[at] as number) ^ (1 << Math.floor(random() * 8));
        return flipped;
      }
      case 1: {
        const changed = Buffer.from(input);
        if (at < changed.length) changed[at] = Math.floor(random() * 256);
        return changed;
      }
      case 2:
      case 3:
      case 4:
        return splice(input, at, 0, pick(this.#words, random));
      case 5:
        return splice(input, at, length, pick(this.#words, random));
      case 6:
        return splice(input, at, length, Buffer.alloc(0));
      case 7: {
        const copies = 1 + Math.floor(random() ** 4 * 40);
        const part = input.subarray(at, at + Math.max(1, length));
        return splice(input, at, 0, Buffer.concat(Array.from({ length: copies }, () => part)));
      }
      case 8: {
        const other = pick(corpus, random);
        const from = this.#place(other);
        return random() < 0.5
          ? Buffer.concat([input.subarray(0, at), other.subarray(from)])
          : splice(input, at, length, other.subarray(from, from + Math.floor(random() * 300)));
      }
      case 9:
        return input.subarray(0, at);
      case 10: {
        const word = random() < 0.5 ? pick(this.#words, random) : Buffer.from([Math.floor(random() * 256)]);
        const copies = Math.ceil((random() ** 4 * most) / Math.max(1, word.length));
        return splice(input, at, 0, Buffer.concat(Array.from({ length: copies }, () => word)));
      }
      default:
        return this.#otherNumber(input, at);
    }
  }

  /** Mostly anywhere; often enough at the border of a line or word, where syntax is decided. */
  #place(input: Buffer): number {
    const at = Math.floor(this.#random() * (input.length + 1));
    if (this.#random() < 0.6) return at;
    const rest = input.subarray(at);
    const border = rest.findIndex(
      (octet) => octet === 10 || octet === 32 || octet === 58 || octet === 60 || octet === 62,
    );
    return border < 0 ? at : at + border + (this.#random() < 0.5 ? 1 : 0);
  }

  /** Counts and lengths are where arithmetic goes wrong. */
  #otherNumber(input: Buffer, at: number): Buffer {
    const text = input.toString('latin1', at, at + 400);
    const found = /\d+/.exec(text);
    if (!found) return splice(input, at, 0, Buffer.from(pick(NUMBERS, this.#random)));
    const number =
      this.#random() < 0.5
        ? pick(NUMBERS, this.#random)
        : String(Math.max(0, Number(found[0]) + Math.floor(this.#random() * 5) - 2));
    return splice(input, at + found.index, found[0].length, Buffer.from(number));
  }
}

const NUMBERS = [
  '0',
  '1',
  '-1',
  '00',
  '127',
  '128',
  '255',
  '256',
  '65535',
  '65536',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '1e9',
  '99999999999999999999',
];

function splice(input: Buffer, at: number, remove: number, insert: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), insert, input.subarray(at + remove)]);
}

/** The input cut into chunks as a network might: whole, octet by octet, or anyhow. */
export function chunked(input: Buffer, random: () => number): Buffer[] {
  const way = random();
  if (way < 0.3 || input.length < 2) return [Buffer.from(input)];
  const mean = way < 0.4 && input.length < 2000 ? 1 : 2 ** (1 + Math.floor(random() * 10));
  const chunks: Buffer[] = [];
  for (let at = 0; at < input.length; ) {
    const length = mean === 1 ? 1 : 1 + Math.floor(random() * 2 * mean);
    chunks.push(Buffer.from(input.subarray(at, at + length)));
    at += length;
  }
  return chunks;
}
