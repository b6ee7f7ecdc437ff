import type { Clock } from '../platform/clock.ts';

/** What of the trust in a clock is kept while the relay is off. */
export interface ClockRecord {
  /** Wall time by what passed since it was last believed, milliseconds. */
  believed: number;
  /** How long the relay has run since the clock is not believed, milliseconds; 0 while it is. */
  doubted: number;
}

/** A clock that is ahead by more than this of the time that passed was set, or nothing ran meanwhile. */
const SET_MS = 3_600_000;
/** A weekend passes before somebody looks. */
const DOUBT_MS = 3 * 86_400_000;

/**
 * Whether what is old by the clock may be removed for its age. A clock that was set forward makes all history too old at
 * once, and what is removed is gone: such a clock is believed when the relay has run with it for three days, or as soon as
 * it is set back. The relay having been off is not told from that, and costs the same delay.
 */
export class ClockTrust {
  readonly #clock: Clock;
  #looked: number;
  #record: ClockRecord;

  /** @param record of the last time that the relay ran; absent: the clock is believed as it is */
  constructor(clock: Clock, record: ClockRecord = { believed: clock.now(), doubted: 0 }) {
    this.#clock = clock;
    this.#looked = clock.monotonic();
    this.#record = record;
  }

  /** For the next time that the relay runs. */
  get record(): Readonly<ClockRecord> {
    return this.#record;
  }

  /** To be asked now and then: what the clock did between two questions is told from the time that passed. */
  holds(): boolean {
    const looked = this.#clock.monotonic();
    const passed = looked - this.#looked;
    this.#looked = looked;
    const now = this.#clock.now();
    const believed = this.#record.believed + passed;
    const isAhead = now - believed > SET_MS;
    const doubted = isAhead ? this.#record.doubted + passed : 0;
    const isBelieved = doubted >= DOUBT_MS || !isAhead;
    // drift, and a clock that is set back, are followed: nothing gets older by them
    this.#record = isBelieved ? { believed: now, doubted: 0 } : { believed, doubted };
    return isBelieved;
  }
}
