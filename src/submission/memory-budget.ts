/**
 * Octets of message bodies that are in memory at once, over all connections. What does not fit goes to a file
 * of the spool, so that memory is bounded however many clients send at the same time.
 */
export class MemoryBudget {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** More than half is used: whoever can do with less should. */
  get tight(): boolean {
    return this.#used > this.#most / 2;
  }

  /** Answers whether the octets may be kept; only then must they be released. */
  reserve(bytes: number): boolean {
    if (this.#used + bytes > this.#most) return false;
    this.#used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }
}
