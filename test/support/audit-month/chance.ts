import { createHash } from 'node:crypto';
import { seeded } from '../seeded.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Choices that repeat with the seed. */
export class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seeded(seed * 104_729 + 71);
  }

  /** In [0, 1). */
  fraction(): number {
    return this.#next();
  }

  /** @returns whether something of this probability happens */
  happens(probability: number): boolean {
    return this.#next() < probability;
  }

  /** A whole number of `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.between(0, values.length - 1)]!;
  }

  /** So many different ones of the values. */
  some<T>(values: readonly T[], count: number): T[] {
    const left = [...values];
    const taken: T[] = [];
    while (taken.length < count && left.length > 0)
      taken.push(...left.splice(this.between(0, left.length - 1), 1));
    return taken;
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.between(0, 15).toString(16)).join('');
  }

  /** An address of the internet that belongs to nobody else here. */
  address(): string {
    const first = this.pick([23, 34, 37, 46, 52, 63, 78, 80, 86, 91, 104, 130, 145, 167, 178, 188, 193, 212]);
    return `${first}.${this.between(0, 255)}.${this.between(0, 255)}.${this.between(2, 250)}`;
  }

  /** Octets that nobody else has. */
  content(): string {
    return createHash('sha256').update(this.hex(12)).digest('base64');
  }
}

/** First moment of a month's traffic: a Monday. */
export function beginOf(seed: number): number {
  return Date.UTC(2026, 5, 1) + (Math.abs(seed) % 40) * 7 * DAY;
}

export function isWorkday(at: number): boolean {
  const weekday = new Date(at).getUTCDay();
  return weekday > 0 && weekday < 6;
}
