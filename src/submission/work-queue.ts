/**
 * Runs a bounded number of works at a time, lets a bounded number wait, and refuses the rest at once. An owner
 * (a client network) may take only a part of the places, so that one attacker does not keep all others out.
 */
export class WorkQueue {
  readonly #most: { running: number; waiting: number; perOwner: number };
  readonly #waiting: (() => void)[] = [];
  readonly #byOwner = new Map<string, number>();
  #running = 0;

  constructor(most: { running: number; waiting: number; perOwner: number }) {
    this.#most = most;
  }

  /** Answers the promise of the work, or undefined when there is no place for it. */
  run<T>(owner: string, work: () => Promise<T>): Promise<T> | undefined {
    const held = this.#byOwner.get(owner) ?? 0;
    const mustWait = this.#running >= this.#most.running;
    if (held >= this.#most.perOwner || (mustWait && this.#waiting.length >= this.#most.waiting))
      return undefined;
    this.#byOwner.set(owner, held + 1);
    return this.#take(owner, work, mustWait);
  }

  async #take<T>(owner: string, work: () => Promise<T>, mustWait: boolean): Promise<T> {
    // who leaves hands its place over, so that nobody slips in between
    if (mustWait) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
      const held = (this.#byOwner.get(owner) ?? 1) - 1;
      if (held > 0) this.#byOwner.set(owner, held);
      else this.#byOwner.delete(owner);
    }
  }
}
