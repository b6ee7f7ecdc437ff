/** A pending callback; `cancel` is harmless when it has already run. */
export interface Timer {
  cancel(): void;
}

/** Time as an input, so that a test can move it. */
export interface Clock {
  /** Wall time, milliseconds since the epoch. May jump; use it for what is stored or shown. */
  now(): number;
  /** Milliseconds that never go back. Use it for time-outs and rates. */
  monotonic(): number;
  /** Runs `callback` once after `ms` milliseconds; does not keep the process alive. */
  after(ms: number, callback: () => void): Timer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    // setTimeout fires at once for delays of 2^31 ms and more
    const timer = setTimeout(callback, Math.min(ms, 2 ** 31 - 1));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A clock that stands still until told to move; timers run in the order of their time. */
export class ManualClock implements Clock {
  #time: number;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(start = 1_700_000_000_000) {
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
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((timer) => timer !== entry);
      },
    };
  }

  /** Moves time forward by `ms`, running what falls due on the way. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#time = Math.max(this.#time, next.at);
      next.callback();
    }
    this.#time = end;
  }
}
