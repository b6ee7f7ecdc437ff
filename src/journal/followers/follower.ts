import type { Batch, Bounds, EventReader } from './event-reader.ts';

/**
 * What makes something of the events, in a database of its own. It keeps with it how far it has come, in the same
 * transaction, so that each event is taken once, whatever ends the process.
 */
export interface Consumer<P> {
  /** The last event that it has taken; opens what it needs. @throws the library's error */
  position(journal: EventReader): number;
  /** Events after its position; may be kept back until `settle`. @throws the library's error */
  take(batch: Batch, now: number): void;
  /**
   * The end of a step: what was taken is stored, and what else there is to do. Answers how far it is.
   * @param urgent somebody waits for an answer that has it all
   * @throws the library's error
   */
  settle(journal: Bounds, now: number, urgent: boolean): P;
  /** What it has made is damaged, as somebody found who reads it: it is begun anew by the next step. */
  remake(): void;
  /** Memory that a long stretch has taken is given back. */
  shrink(): void;
  close(): void;
}

export type Outcome<P> = { progress: P } | { error: string };

export interface StepOptions {
  /** Wall time, milliseconds. */
  now: number;
  urgent: boolean;
}

/** Batches of a step: storing what was made of them together is cheaper, and takes no longer than some ten milliseconds. */
const BATCHES = 10;
/** Steps without a pause after which there is memory to give back. */
const LONG = 20;

/**
 * Reads the journal, and hands what it reads to all consumers that have come as far: usually each event is read once.
 * One that is behind the others (it was begun anew) has its own batches until it is where they are. Trouble of one does
 * not stop the others.
 */
export class Follower<C extends Record<string, Consumer<unknown>>> {
  readonly #journal: EventReader;
  readonly #consumers: C;
  #steps = 0;

  constructor(journal: EventReader, consumers: C) {
    this.#journal = journal;
    this.#consumers = consumers;
  }

  /** Some batches for each consumer. Never throws. */
  step({ now, urgent }: StepOptions): { [K in keyof C]: Outcome<ReturnType<C[K]['settle']>> } {
    const found: Record<string, Outcome<unknown>> = {};
    const attempt = (name: string, consumer: Consumer<unknown>, act: () => void): void => {
      if (found[name]) return;
      try {
        act();
      } catch (error) {
        consumer.close();
        found[name] = { error: error instanceof Error ? error.message : String(error) };
      }
    };
    const all = Object.entries(this.#consumers);
    let bounds: Bounds = { first: 0, last: 0 };
    let worked = false;
    for (let round = 0; round < BATCHES; round++) {
      // by the event that they follow
      const batches = new Map<number, Batch>();
      for (const [name, consumer] of all)
        attempt(name, consumer, () => {
          if (round === 0) bounds = this.#read(() => this.#journal.bounds());
          // what was removed by its age can't be read any more
          const after = Math.max(consumer.position(this.#journal), bounds.first - 1);
          if (after >= bounds.last) return;
          let batch = batches.get(after);
          if (!batch) batches.set(after, (batch = this.#read(() => this.#journal.read(after, bounds.last))));
          consumer.take(batch, now);
        });
      if (batches.size === 0) break;
      worked = true;
    }
    for (const [name, consumer] of all)
      attempt(name, consumer, () => {
        found[name] = { progress: consumer.settle(bounds, now, urgent) };
      });
    this.#rest(worked);
    return found as { [K in keyof C]: Outcome<ReturnType<C[K]['settle']>> };
  }

  /** @throws Error when the damaged file can't be put out of the way */
  remake(name: keyof C): void {
    this.#consumers[name]?.remake();
  }

  /** A connection that failed is not used again. */
  #read<T>(question: () => T): T {
    try {
      return question();
    } catch (error) {
      this.#journal.close();
      throw error;
    }
  }

  #rest(worked: boolean): void {
    if (worked) {
      this.#steps += 1;
      return;
    }
    if (this.#steps > LONG) for (const consumer of Object.values(this.#consumers)) consumer.shrink();
    this.#steps = 0;
  }

  close(): void {
    for (const consumer of Object.values(this.#consumers)) consumer.close();
    this.#journal.close();
  }
}
