/**
 * 53 bits of a text, so that a set of millions is a row of numbers. Who finds one compares the texts behind it. The bits
 * are made in two halves of 32.
 */
const LOW = 0x811c9dc5 | 0;
const HIGH = 0x9747b28c | 0;
const BITS_OF_HIGH = 0x1fffff;

export function hashOf(text: string): number {
  let low = LOW;
  let high = HIGH;
  const { length } = text;
  let at = 0;
  // four characters at a step
  for (; at + 4 <= length; at += 4) {
    const word =
      text.charCodeAt(at) ^
      (text.charCodeAt(at + 1) << 8) ^
      (text.charCodeAt(at + 2) << 16) ^
      (text.charCodeAt(at + 3) << 24);
    low = lowOfFour(low, word);
    high = nextHigh(high, word);
  }
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    low = lowOfOne(low, code);
    high = nextHigh(high, code);
  }
  return joined(low, high);
}

/** One hash of two. */
export function hashOfBoth(a: number, b: number): number {
  return joined(lowOfBoth(a, b), highOfBoth(a / 2 ** 32, b / 2 ** 32));
}

/** The same hashes of texts that stand in octets, its halves kept apart: numbers of 32 bits are what goes fast. */
export class OctetHash {
  low = 0;
  /** 21 bits. */
  high = 0;

  /** @returns whether it could be told: the octets are ASCII */
  take(octets: DataView, start: number, end: number): boolean {
    let low = LOW;
    let high = HIGH;
    let all = 0;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = octets.getInt32(at, true);
      all |= word;
      low = lowOfFour(low, word);
      high = nextHigh(high, word);
    }
    for (; at < end; at++) {
      const octet = octets.getUint8(at);
      all |= octet;
      low = lowOfOne(low, octet);
      high = nextHigh(high, octet);
    }
    this.#finish(low, high);
    return (all & -0x7f7f7f80) === 0;
  }

  takeBoth(a: OctetHash, b: OctetHash): void {
    this.#finish(lowOfBoth(a.low, b.low), highOfBoth(a.high, b.high));
  }

  get value(): number {
    return this.high * 0x1_0000_0000 + (this.low >>> 0);
  }

  #finish(low: number, high: number): void {
    this.low = lastLow(low);
    this.high = lastHigh(high, this.low) & BITS_OF_HIGH;
  }
}

function lowOfFour(low: number, word: number): number {
  const next = Math.imul(low ^ word, 0x01000193);
  return next ^ (next >>> 16);
}

function lowOfOne(low: number, octet: number): number {
  return Math.imul(low ^ octet, 0x01000193);
}

function nextHigh(high: number, word: number): number {
  const next = Math.imul(high ^ word, 0x5bd1e995);
  return next ^ (next >>> 15);
}

function lowOfBoth(a: number, b: number): number {
  return Math.imul(a, 0x01000193) ^ b;
}

function highOfBoth(a: number, b: number): number {
  return Math.imul(b, 0x5bd1e995) ^ a;
}

function lastLow(low: number): number {
  const next = Math.imul(low ^ (low >>> 16), 0x85ebca6b);
  return next ^ (next >>> 13);
}

function lastHigh(high: number, low: number): number {
  const next = Math.imul(high ^ (high >>> 13), 0xc2b2ae35) ^ low;
  return next ^ (next >>> 16);
}

function joined(low: number, high: number): number {
  const last = lastLow(low);
  return (lastHigh(high, last) & BITS_OF_HIGH) * 0x1_0000_0000 + (last >>> 0);
}
