export interface BatchLimits<Q> {
  items: number;
  /** What one item adds to the weight of a batch; a batch holds at least one item. */
  weigh?: (item: Q) => number;
  weight?: number;
}

/**
 * Groups requests: what comes in one turn of the event loop goes together at its end, and what comes while a
 * batch is under way goes when the answer is there. So an idle system answers without delay and a busy one
 * shares the cost of a commit and of waking a thread, without any timer.
 */
export class Batcher<Q, R> {
  readonly #send: (items: Q[]) => Promise<(R | Error)[]>;
  readonly #limits: BatchLimits<Q>;
  #items: Q[] = [];
  #outcomes: { resolve(value: R): void; reject(error: Error): void }[] = [];
  #busy = false;
  #idle: (() => void)[] = [];

  /** @param send answers one result an item, in order; an Error fails that item alone, a rejection all of them. */
  constructor(send: (items: Q[]) => Promise<(R | Error)[]>, limits: BatchLimits<Q>) {
    this.#send = send;
    this.#limits = limits;
  }

  submit(item: Q): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#items.push(item);
      this.#outcomes.push({ resolve, reject });
      if (this.#busy) return;
      this.#busy = true;
      setImmediate(this.#next);
    });
  }

  /** Resolves when nothing is under way or waiting. */
  async idle(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** The next batch is on its way before those who waited for this one are told: they have much to do then. */
  readonly #run = async (): Promise<void> => {
    const count = this.#take();
    const items = this.#items.splice(0, count);
    const outcomes = this.#outcomes.splice(0, count);
    let results: (R | Error)[];
    try {
      results = await this.#send(items);
    } catch (error) {
      results = items.map(() => error as Error);
    }
    const more = this.#items.length > 0;
    if (more) void this.#run();
    for (const [index, outcome] of outcomes.entries()) {
      const result = results[index];
      if (result instanceof Error) outcome.reject(result);
      else outcome.resolve(result as R);
    }
    // those who waited may have something for the next batch: let them
    if (!more) setImmediate(this.#next);
  };

  readonly #next = (): void => {
    if (this.#items.length > 0) {
      void this.#run();
      return;
    }
    this.#busy = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  };

  #take(): number {
    const { items, weigh, weight = Number.POSITIVE_INFINITY } = this.#limits;
    const most = Math.min(this.#items.length, items);
    if (!weigh) return most;
    let total = 0;
    for (let count = 0; count < most; count += 1) {
      total += weigh(this.#items[count] as Q);
      if (total > weight && count > 0) return count;
    }
    return most;
  }
}
