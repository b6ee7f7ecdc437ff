interface Window {
  /** Start of the current window. */
  start: number;
  current: number;
  previous: number;
}

/**
 * How often something came lately, by key: the count of the current window and the part of the one before that
 * still lies within the time. Two numbers a key, a bounded number of keys: the one that came first goes first.
 */
export class RateCounter {
  readonly #windows = new Map<string, Window>();
  readonly #windowMs: number;
  readonly #mostKeys: number;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number, mostKeys = 5000) {
    this.#windowMs = windowMs;
    this.#mostKeys = mostKeys;
  }

  /** Counts one at `now` (milliseconds); answers how many there were in the time until now, rounded down. */
  add(key: string, now: number): number {
    let window = this.#windows.get(key);
    if (!window) {
      if (this.#windows.size >= this.#mostKeys) this.#makeRoom(now);
      window = { start: now, current: 0, previous: 0 };
      this.#windows.set(key, window);
    }
    // a clock that was set back begins anew
    if (now < window.start) Object.assign(window, { start: now, current: 0, previous: 0 });
    const passed = Math.floor((now - window.start) / this.#windowMs);
    if (passed > 0) {
      window.previous = passed === 1 ? window.current : 0;
      window.current = 0;
      window.start += passed * this.#windowMs;
    }
    window.current++;
    const share = 1 - (now - window.start) / this.#windowMs;
    return Math.floor(window.current + window.previous * share);
  }

  get size(): number {
    return this.#windows.size;
  }

  #makeRoom(now: number): void {
    // once a window: to whoever comes under ever new keys each of them must not cost a look at all
    if (Math.abs(now - this.#sweptAt) >= this.#windowMs) {
      this.#sweptAt = now;
      for (const [key, { start }] of this.#windows) {
        if (now - start >= 2 * this.#windowMs) this.#windows.delete(key);
      }
    }
    if (this.#windows.size < this.#mostKeys) return;
    const [oldest] = this.#windows.keys();
    if (oldest !== undefined) this.#windows.delete(oldest);
  }
}
