import type { Clock } from '../platform/clock.ts';
import type { MessageId } from './spool.ts';

/** Crockford's base 32: no I, L, O and U, so that a name survives a telephone; in ASCII order, so that names sort. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 11;

const VALUES = new Int8Array(128).fill(-1);
for (let value = 0; value < ALPHABET.length; value += 1) {
  VALUES[ALPHABET.charCodeAt(value)] = value;
  VALUES[ALPHABET.toLowerCase().charCodeAt(value)] = value;
}
// what people write for the letters that the alphabet leaves out
for (const [letter, value] of [
  ['O', 0],
  ['I', 1],
  ['L', 1],
] as const) {
  VALUES[letter.charCodeAt(0)] = value;
  VALUES[letter.toLowerCase().charCodeAt(0)] = value;
}

/**
 * Gives message identifiers: microseconds since the epoch, of which the last three digits count within a
 * millisecond. They only ever rise, also while the wall clock jumps back, and stay below 2^53 until the year 2255.
 */
export class MessageIds {
  readonly #clock: Clock;
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A name that was never given before. */
  next(): MessageId {
    this.#last = Math.max(this.#last + 1, this.#clock.now() * 1000);
    return formatMessageId(this.#last);
  }

  /** Nothing up to and including `highest` is given any more; a spool calls this with what it has held. */
  raise(highest: number): void {
    if (highest > this.#last) this.#last = highest;
  }
}

/** The text form of an identifier. @param id a whole number in [0, 2^53) */
export function formatMessageId(id: number): MessageId {
  if (!Number.isSafeInteger(id) || id < 0) throw new RangeError(`no message identifier: ${id}`);
  let text = '';
  // 55 bits do not fit the 32-bit operators: two halves of 30 and 25 bits
  let low = id % 2 ** 30;
  let high = Math.floor(id / 2 ** 30);
  for (let digit = 0; digit < 6; digit += 1) {
    text = ALPHABET[low & 31] + text;
    low >>>= 5;
  }
  for (let digit = 6; digit < LENGTH; digit += 1) {
    text = ALPHABET[high & 31] + text;
    high >>>= 5;
  }
  return text;
}

/** The number of a text form, in either case and with O, I and L for 0 and 1; `undefined` when it is none. */
export function parseMessageId(text: string): number | undefined {
  if (text.length !== LENGTH) return undefined;
  let id = 0;
  for (let index = 0; index < LENGTH; index += 1) {
    const value = VALUES[text.charCodeAt(index)] ?? -1;
    if (value < 0) return undefined;
    id = id * 32 + value;
  }
  return Number.isSafeInteger(id) ? id : undefined;
}
