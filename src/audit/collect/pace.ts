import type { Clock } from '../../platform/clock.ts';

/** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as that is given. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const ended = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', ended);
      resolve();
    });
    signal?.addEventListener('abort', ended, { once: true });
  });
}

/**
 * At most so many requests within a running window, which all who ask for the same thing share. The service counts the
 * same way: "100 query requests within a 5 minute running window".
 */
export class Pace {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #windowMs: number;
  /** Monotonic times of the last requests, oldest first; never more than `most`. */
  readonly #taken: number[] = [];
  #heldUntil = 0;

  constructor(clock: Clock, most: number, windowMs: number) {
    this.#clock = clock;
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Resolves when one more request may be made. */
  async take(signal?: AbortSignal): Promise<void> {
    for (;;) {
      const now = this.#clock.monotonic();
      while (this.#taken.length > 0 && (this.#taken[0] ?? 0) + this.#windowMs <= now) this.#taken.shift();
      const free = this.#taken.length < this.#most ? now : (this.#taken[0] ?? 0) + this.#windowMs;
      const wait = Math.max(free, this.#heldUntil) - now;
      if (wait <= 0) {
        this.#taken.push(now);
        return;
      }
      await pause(this.#clock, wait, signal);
    }
  }

  /** Nobody asks for so many milliseconds: the service said so. */
  hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#clock.monotonic() + ms);
  }
}
