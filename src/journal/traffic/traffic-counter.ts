import { isDamage } from '../followers/damage.ts';
import type { Batch, Bounds } from '../followers/event-reader.ts';
import type { Consumer } from '../followers/follower.ts';
import { EventCounts } from './event-counts.ts';
import type { TrafficDatabase } from './traffic-database.ts';

/** How far counting has come. */
export interface TrafficProgress {
  /** Identifier of the last event that was counted, as it is stored. */
  stored: number;
  /** Of the journal's last event. */
  last: number;
  /** There is more to do now. */
  more: boolean;
  /** New name of damaged counts that were moved aside in this step: counting begins anew. */
  damaged?: string;
}

/** Events that are added up before they are written, and the milliseconds that they wait for it at most. */
const MOST_WAITING = 5000;
const LONGEST_WAIT_MS = 5000;

/**
 * Adds up what comes, and writes it now and then: a minute's rows are few, however many events there are. What is added
 * up when the process ends was not counted, and is read again.
 */
export class TrafficCounter implements Consumer<TrafficProgress> {
  readonly #database: TrafficDatabase;
  readonly #edgeListeners: ReadonlySet<string>;
  readonly #codes: ReadonlySet<string>;
  #counts: EventCounts;
  #waiting = 0;
  /** When the first of what waits was taken. */
  #since: number | undefined;
  #taken: number | undefined;
  #damaged: string | undefined;
  /** Where the journal ended when it was opened, until the counts are opened too. */
  #journalEnd: number | undefined;

  /**
   * @param edgeListeners names of the listeners that take mail from the internet
   * @param codes of refusals that have a row of their own
   */
  constructor(
    database: TrafficDatabase,
    { edgeListeners, codes }: { edgeListeners: readonly string[]; codes: readonly string[] },
  ) {
    this.#database = database;
    this.#edgeListeners = new Set(edgeListeners);
    this.#codes = new Set(codes);
    this.#counts = this.#none();
  }

  /**
   * To be called before the journal takes new events. Trouble with counts must not stop mail: what can't be opened now
   * is tried by each step.
   * @param last identifier of the journal's last event
   */
  open(last: number): void {
    this.#journalEnd = last;
  }

  position(): number {
    this.#taken ??= this.#guarded(() => {
      if (this.#journalEnd !== undefined) {
        const { damaged } = this.#database.open(this.#journalEnd);
        this.#damaged ??= damaged;
        this.#journalEnd = undefined;
      }
      return this.#database.counted;
    });
    return this.#taken;
  }

  take({ events, through }: Batch, now: number): void {
    this.#since ??= now;
    for (const event of events) this.#counts.add(event);
    this.#waiting += events.length;
    this.#taken = through;
  }

  settle({ last }: Bounds, now: number, urgent: boolean): TrafficProgress {
    const taken = this.position();
    let stored = this.#guarded(() => this.#database.counted);
    // the clock may be set back meanwhile
    const waited = Math.abs(now - (this.#since ?? now)) >= LONGEST_WAIT_MS;
    if (taken !== stored && (urgent || waited || this.#waiting >= MOST_WAITING)) {
      this.#guarded(() => this.#database.write(this.#counts, taken, now));
      this.#forget();
      stored = taken;
    }
    const damaged = this.#damaged;
    this.#damaged = undefined;
    return { stored, last, more: taken < last, ...(damaged !== undefined && { damaged }) };
  }

  /** Removes some rows that are too old or too many. Answers whether there may be more. @throws the library's error */
  trim(now: number): boolean {
    return this.#guarded(() => this.#database.trim(now));
  }

  /** Damaged counts are moved aside; what the journal still holds is counted anew by the next step. */
  #guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (isDamage(error)) this.remake();
      throw error;
    }
  }

  remake(): void {
    this.close();
    this.#damaged = this.#database.setAside();
  }

  #forget(): void {
    this.#counts = this.#none();
    this.#waiting = 0;
    this.#since = undefined;
  }

  #none(): EventCounts {
    return new EventCounts(this.#edgeListeners, this.#codes);
  }

  shrink(): void {
    this.#database.shrink();
  }

  /** What is not written will be read again. */
  close(): void {
    this.#forget();
    this.#taken = undefined;
    this.#database.close();
  }
}
