import type { Clock, Timer } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { ChannelError, type Sender } from './channel.ts';
import type { Dispatch } from './stored-alerts.ts';

export interface LaneOptions {
  clock: Clock;
  random: Random;
  sender: Sender;
  /** What is stored and waits, what is due first first; nothing from before `since`. */
  more(limit: number, since: number): Promise<Dispatch[]>;
  /** It has changed: attempts, state. Answers whether that could be stored; the lane goes on either way. */
  save(dispatch: Dispatch): Promise<boolean>;
  /** It will not be tried again. */
  finished(dispatch: Dispatch): void;
  /** Least time between two messages, milliseconds. */
  gapMs: number;
}

/** What one channel holds in memory; the rest waits on disk. */
const IN_MEMORY = 50;
/** Outcomes that wait for a disk that takes nothing. */
const MOST_UNSAVED = 1000;
/** So long a message is tried, milliseconds. */
export const GIVE_UP_MS = 24 * 3_600_000;
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 3_600_000;
const LOOK_AGAIN_MS = 60_000;

/** The messages of one channel, one at a time. After a failure the whole channel waits: what is dead is asked seldom. */
export class Lane {
  readonly #options: LaneOptions;
  #waiting: Dispatch[] = [];
  /** Done with, which the store does not know: there they still wait. */
  #unsaved: Dispatch[] = [];
  #overflow = true;
  #failures = 0;
  #timer: Timer | undefined;
  #running = false;
  #closed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Begins with what is stored. */
  start(): void {
    this.#wake(0);
  }

  /** A new one, stored already where that was possible. */
  add(dispatch: Dispatch): void {
    // what does not fit is on disk, or was lost with a disk that takes nothing for so long
    if (this.#waiting.length >= IN_MEMORY) this.#overflow = true;
    // it may have been found in the store a moment ago
    else if (!this.#waiting.some(({ id }) => id === dispatch.id)) this.#waiting.push(dispatch);
    if (!this.#timer && this.#failures === 0) this.#wake(0);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#options.sender.close();
  }

  #wake(ms: number): void {
    if (this.#closed || this.#running) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(ms, () => {
      this.#timer = undefined;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    if (this.#running || this.#closed) return;
    this.#running = true;
    let next: number | undefined;
    try {
      next = await this.#step();
    } catch {
      // the store can not be read now
      next = LOOK_AGAIN_MS;
    }
    this.#running = false;
    if (next !== undefined) this.#wake(next);
    else if (this.#waiting.length > 0) this.#wake(this.#options.gapMs);
  }

  /** Tries one; answers the milliseconds to the next, or undefined when nothing waits. */
  async #step(): Promise<number | undefined> {
    const now = this.#options.clock.now();
    await this.#giveUp(now);
    await this.#load(now);
    const [first] = this.#waiting.toSorted((a, b) => a.nextAttemptAt - b.nextAttemptAt);
    if (!first) return undefined;
    // never further away than the longest wait, even if the clock was set back
    const wait = Math.min(first.nextAttemptAt - now, LONGEST_WAIT_MS);
    if (wait > 0) return wait;
    return this.#attempt(first);
  }

  /** When all that was in memory is done with: what else is stored. */
  async #load(now: number): Promise<void> {
    if (!this.#overflow || this.#waiting.length > 0) return;
    // what was sent would be found there, and be sent again and again
    for (const dispatch of this.#unsaved) {
      if (!(await this.#options.save(dispatch))) throw new Error('outcomes can not be stored');
      this.#unsaved = this.#unsaved.filter((one) => one !== dispatch);
    }
    this.#overflow = false;
    const stored = await this.#options.more(IN_MEMORY, now - GIVE_UP_MS);
    this.#overflow ||= stored.length === IN_MEMORY;
    const known = new Set(this.#waiting.map(({ id }) => id));
    this.#waiting.push(...stored.filter(({ id }) => !known.has(id)));
  }

  /** What nobody wants to hear any more, all at once: a dead channel must not be owed more and more. */
  async #giveUp(now: number): Promise<void> {
    const { finished } = this.#options;
    for (const dispatch of this.#waiting.filter(({ createdAt }) => now - createdAt >= GIVE_UP_MS)) {
      Object.assign(dispatch, { state: 'failed', finishedAt: now });
      dispatch.lastError ??= 'not sent within a day';
      this.#waiting = this.#waiting.filter((one) => one !== dispatch);
      await this.#save(dispatch);
      finished(dispatch);
    }
  }

  async #attempt(dispatch: Dispatch): Promise<number> {
    const { clock, sender, finished, gapMs } = this.#options;
    let pause = gapMs;
    dispatch.attempts++;
    try {
      await sender.send(dispatch.notice, dispatch.id);
      dispatch.state = 'sent';
      dispatch.lastError = undefined;
      this.#failures = 0;
    } catch (error) {
      const failure = error instanceof ChannelError ? error : new ChannelError(String(error), true);
      dispatch.lastError = failure.message.slice(0, 500);
      if (!failure.retry) dispatch.state = 'failed';
      if (failure.retry) {
        this.#failures++;
        pause = failure.retryAfterMs ?? this.#waitAfter(this.#failures);
        dispatch.nextAttemptAt = clock.now() + (failure.retryAfterMs ?? this.#waitAfter(dispatch.attempts));
      }
    }
    // what was sent in the moment of a close is stored too: it would be sent again by the next start
    if (dispatch.state !== 'pending') {
      dispatch.finishedAt = clock.now();
      this.#waiting = this.#waiting.filter((one) => one !== dispatch);
    }
    await this.#save(dispatch);
    if (dispatch.state !== 'pending') finished(dispatch);
    return pause;
  }

  async #save(dispatch: Dispatch): Promise<void> {
    if ((await this.#options.save(dispatch)) || dispatch.state === 'pending') return;
    if (this.#unsaved.length < MOST_UNSAVED) this.#unsaved.push(dispatch);
  }

  /** Three times longer each time, a fifth more or less by chance. */
  #waitAfter(failures: number): number {
    const wait = Math.min(FIRST_WAIT_MS * 3 ** (failures - 1), LONGEST_WAIT_MS);
    return wait * (0.8 + this.#options.random.fraction() * 0.4);
  }
}
