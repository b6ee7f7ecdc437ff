import type { EventSink, EventType, JournalEvent } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';

const MOST = 10_000;

/** Types of events, each with tests of which one has to pass; without tests, all of them. */
export type Wanted = ReadonlyMap<EventType, readonly ((event: JournalEvent) => boolean)[] | undefined>;

/**
 * Where events wait for the alerts: an append to an array on the way of a message, and nothing else. It takes
 * events itself instead of following the journal, because a journal that can not be written is a thing to be told.
 */
export class AlertIntake implements EventSink {
  readonly #clock: Clock;
  readonly #most: number;
  #wanted: Wanted;
  #events: JournalEvent[] = [];
  #times: number[] = [];
  #lost = 0;

  constructor(clock: Clock, most = MOST) {
    this.#clock = clock;
    this.#most = most;
    this.#wanted = new Map([
      ['alarm', undefined],
      ['system', undefined],
    ]);
  }

  /** Only these are kept from now on. */
  want(wanted: Wanted): void {
    this.#wanted = wanted;
  }

  write(event: JournalEvent): void {
    if (!this.#wanted.has(event.type)) return;
    // nearly all events say that a message was taken or delivered
    if (this.#wanted.get(event.type)?.some((test) => test(event)) === false) return;
    // alarms have room when everything else has used its own up
    const most = event.type === 'alarm' ? this.#most * 2 : this.#most;
    if (this.#events.length >= most) {
      this.#lost++;
      return;
    }
    this.#events.push(event);
    this.#times.push(event.at ?? this.#clock.now());
  }

  /** Events that were not taken yet. */
  get waiting(): number {
    return this.#events.length;
  }

  /** The oldest ones, at most `most`, with their times. */
  take(most: number): (JournalEvent & { at: number })[] {
    if (this.#events.length === 0) return [];
    const events = this.#events.splice(0, most);
    const times = this.#times.splice(0, most);
    return events.map((event, index) => ({ ...event, at: times[index] as number }));
  }

  /** How many were left out since the last question. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }
}
