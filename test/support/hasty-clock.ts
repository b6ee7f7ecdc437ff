import type { Clock, Timer } from '../../src/platform/clock.ts';

/** A clock for real sockets: nobody waits, and for each wait that long passes at once. Timers run in order, one at a time. */
export class HastyClock implements Clock {
  #time: number;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(start: number) {
    this.#time = start;
  }

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  after(ms: number, callback: () => void): Timer {
    const entry = { at: this.#time + ms, callback };
    this.#timers.push(entry);
    setImmediate(() => {
      const next = this.#timers.sort((a, b) => a.at - b.at).shift();
      if (!next) return;
      this.#time = Math.max(this.#time, next.at);
      next.callback();
    });
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((timer) => timer !== entry);
      },
    };
  }

  /** Time that passes without anybody waiting. */
  pass(ms: number): void {
    this.#time += ms;
  }
}
