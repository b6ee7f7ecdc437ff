import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';

/**
 * A source that is about to be retired is answered 4xx now and then: whoever still needs it notices, and since its
 * client tries again, nothing is lost.
 */
export interface BrownOut extends BrownOutPlan {
  /** Wall times, milliseconds; from `until` on the source is retired. */
  startedAt: number;
  until: number;
  reason: string;
}

export interface BrownOutPlan {
  /** Of the attempts, 0 to 1. */
  share: number;
  /** Hours of the day (0 to 23, UTC) in which every attempt is answered so. */
  hours: number[];
}

/** @param fraction a number in [0, 1), new for each attempt */
export function meets({ share, hours }: BrownOutPlan, now: number, fraction: number): boolean {
  return fraction < share || hours.includes(new Date(now).getUTCHours());
}

/** Decides which attempts a brown-out meets, and says once a day of each source that it is still in use. */
export class BrownOuts {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #events: EventSink;
  /** Last word about a source; one entry for each source in brown-out. */
  readonly #said = new Map<string, number>();

  constructor(clock: Clock, random: Random, events: EventSink) {
    this.#clock = clock;
    this.#random = random;
    this.#events = events;
  }

  /** Is this attempt to be answered 4xx? */
  meets(source: { id: string; name: string; brownOut?: BrownOut }): boolean {
    const { id, name, brownOut } = source;
    if (!brownOut) return false;
    const now = this.#clock.now();
    if (!meets(brownOut, now, this.#random.fraction())) return false;
    const said = this.#said.get(id);
    // a clock that was set back does not keep it silent
    if (said === undefined || Math.abs(now - said) >= DAY) {
      this.#said.set(id, now);
      this.#events.write({
        type: 'alarm',
        code: 'brown-out-in-use',
        outcome: 'warning',
        source: id,
        text: `source ${name} still sends, and will be retired on ${new Date(brownOut.until).toISOString().slice(0, 10)}: ${brownOut.reason}`,
      });
    }
    return true;
  }
}

const DAY = 86_400_000;
