import type { Clock, Timer } from '../platform/clock.ts';

interface Item {
  at: number;
  run: () => void;
}

/** Things to do at a wall time, a hundred thousand of them for one timer: a binary heap. */
export class Agenda {
  readonly #clock: Clock;
  #heap: Item[] = [];
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(at: number, run: () => void): void {
    const heap = this.#heap;
    const item = { at, run };
    let index = heap.length;
    heap.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((heap[parent] as Item).at <= at) break;
      heap[index] = heap[parent] as Item;
      index = parent;
    }
    heap[index] = item;
    this.#arm();
  }

  clear(): void {
    this.#heap = [];
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    const next = this.#heap[0];
    if (!next || next.at >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = next.at;
    this.#timer = this.#clock.after(Math.max(0, next.at - this.#clock.now()), this.#tick);
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    while (this.#heap.length > 0 && (this.#heap[0] as Item).at <= now) this.#pop().run();
    this.#arm();
  };

  #pop(): Item {
    const heap = this.#heap;
    const first = heap[0] as Item;
    const last = heap.pop() as Item;
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as Item).at < (heap[child] as Item).at) child++;
      if ((heap[child] as Item).at >= last.at) break;
      heap[index] = heap[child] as Item;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}
