/** Connections to all destinations together, within a number. Whoever got none is asked again when there is one. */
export class ConnectionBudget {
  readonly #most: number;
  readonly #short = new Set<{ kick(): void }>();
  #used = 0;
  #onReleased: () => void = () => {};

  constructor(most: number) {
    this.#most = most;
  }

  get used(): number {
    return this.#used;
  }

  acquire(destination: { kick(): void }): boolean {
    if (this.#used >= this.#most) {
      this.#short.add(destination);
      return false;
    }
    this.#used++;
    return true;
  }

  release(): void {
    this.#used--;
    this.#onReleased();
    for (const waiting of this.#short) {
      this.#short.delete(waiting);
      waiting.kick();
      if (this.#used >= this.#most) break;
    }
  }

  /** Resolves when none is in use any more, or when `late` does. */
  async drained(late: Promise<void>): Promise<void> {
    let over = false;
    void late.then(() => {
      over = true;
      this.#onReleased();
    });
    while (this.#used > 0 && !over) {
      await new Promise<void>((resolve) => {
        this.#onReleased = resolve;
      });
    }
  }
}
