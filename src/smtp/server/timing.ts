import type { ServerLimits } from './limits.ts';

// The pace of a message is judged over so long, so that a stalled packet or two are no offence
const PACE_WINDOW_MS = 30_000;

/** When a session has taken too long. All times are monotonic milliseconds. */
export class Timing {
  readonly #limits: ServerLimits;
  readonly #startedAt: number;
  /** Last command, or octets of a message. Octets of an unfinished command do not count: they could drip for ever. */
  #progressAt: number;
  #windowAt = 0;
  #windowOctets = 0;

  constructor(limits: ServerLimits, now: number) {
    this.#limits = limits;
    this.#startedAt = now;
    this.#progressAt = now;
  }

  /** A command was received, or answered. */
  progress(now: number): void {
    this.#progressAt = now;
  }

  /** A message begins, or the client could not go on with it: the time before was not the client's. */
  startPace(now: number): void {
    this.#progressAt = now;
    this.#windowAt = now;
    this.#windowOctets = 0;
  }

  /** Octets of a message were received. */
  octets(count: number, now: number): void {
    this.#progressAt = now;
    this.#windowOctets += count;
  }

  /** Milliseconds since the session began. */
  elapsed(now: number): number {
    return now - this.#startedAt;
  }

  /** The refusal that is due, if any. `waiting`: for the handler, which is not the client's fault. */
  judge(now: number, receiving: boolean, waiting: boolean): 'C110' | 'C111' | undefined {
    const limits = this.#limits;
    if (now - this.#startedAt >= limits.sessionSeconds * 1000) return 'C111';
    if (waiting) {
      this.startPace(now);
      return undefined;
    }
    const idle = receiving ? limits.dataIdleSeconds : limits.idleSeconds;
    if (now - this.#progressAt >= idle * 1000) return 'C110';
    const window = now - this.#windowAt;
    if (receiving && window >= PACE_WINDOW_MS) {
      if (this.#windowOctets * 1000 < limits.minimumBytesPerSecond * window) return 'C110';
      this.#windowAt = now;
      this.#windowOctets = 0;
    }
    return undefined;
  }
}
