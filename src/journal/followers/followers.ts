/**
 * What is made of the journal: the index of messages, and the counts of mail.
 *
 *   journal.db ──events, by their number──▶ one thread ──rows and number──▶ messages.db
 *                                                      ──counts and number─▶ traffic.db
 *
 * A follower with a position for each: acceptance pays nothing for it, the journal's writer is never held up, and a
 * journal that there was before is read by the same code. It has the lowest priority that there is. Questions about what
 * it has made are another thread's, because on a busy machine they would wait with it.
 */
import type { Clock, Timer } from '../../platform/clock.ts';
import { WorkerLink } from '../../platform/worker-link.ts';
import { REFUSALS } from '../../refusals.ts';
import type { IndexProgress } from '../messages/index-builder.ts';
import { DEFAULT_LIMITS, type TrafficLimits } from '../traffic/limits.ts';
import type { TrafficProgress } from '../traffic/traffic-counter.ts';
import type { FollowerRequest, FollowerWorkerData, StepAnswer } from './follower-worker.ts';
import type { Outcome } from './follower.ts';

export interface FollowersOptions {
  /** Where `journal.db` is; it is open. */
  folder: string;
  clock: Clock;
  /** Names of the listeners that take mail from the internet. */
  edgeListeners: readonly string[];
  limits?: Partial<TrafficLimits>;
}

/** How far each has come. */
interface Progress {
  messages: IndexProgress;
  traffic: TrafficProgress;
}

export type FollowerName = keyof Progress;

/** A batch of events fits in, and is gone before it would have to be kept. */
const NURSERY_MB = 4;
/** Milliseconds between two looks at the journal: many events are cheaper to take together. */
const FOLLOW_MS = 500;
const RETRY_MS = 5000;
/** While it catches up it rests as long as it has worked: also where there is no priority, mail has half a processor more. */
const REST = 1;

export class Followers {
  readonly #clock: Clock;
  readonly #link: WorkerLink;
  readonly #listeners: { [N in FollowerName]: ((outcome: Outcome<Progress[N]>) => void)[] } = {
    messages: [],
    traffic: [],
  };
  #timer: Timer | undefined;
  #stepping: Promise<StepAnswer> | undefined;
  #closed = false;

  constructor({ folder, clock, edgeListeners, limits }: FollowersOptions) {
    this.#clock = clock;
    const data: FollowerWorkerData = {
      folder,
      edgeListeners,
      codes: Object.keys(REFUSALS),
      limits: { ...DEFAULT_LIMITS, ...limits },
    };
    this.#link = new WorkerLink(new URL('./follower-worker.ts', import.meta.url), data, NURSERY_MB);
  }

  /** After the journal was opened, before it is told anything new. @throws WorkerError when the journal can't be read */
  open(): Promise<void> {
    return this.#link.ask({ kind: 'open' } satisfies FollowerRequest);
  }

  /** Begins to follow the journal; nothing waits for it. Who wants to be told of all steps listens before. */
  start(): void {
    this.#schedule(0);
  }

  /** Told after each step how far one of them is, or what keeps it from going on. */
  onStep<N extends FollowerName>(name: N, listener: (outcome: Outcome<Progress[N]>) => void): void {
    this.#listeners[name].push(listener);
  }

  /**
   * Resolves when one of them has all that the journal had stored at the call, or can't go on; those that listen have
   * been told.
   */
  async catchUp(name: FollowerName): Promise<void> {
    await this.#stepping?.catch(() => undefined);
    let last: number | undefined;
    while (!this.#closed) {
      const answer = await this.#step(true).catch(() => undefined);
      const outcome = answer?.[name];
      if (outcome === undefined || 'error' in outcome) return;
      const { progress } = outcome;
      last ??= progress.last;
      if (progress.stored >= last) return;
    }
  }

  /** What was made is damaged, as somebody found who reads it: it is made anew. @throws WorkerError */
  remake(name: FollowerName): Promise<void> {
    return this.#link.ask({ kind: 'remake', name } satisfies FollowerRequest);
  }

  /** Removes counts that are too old or too many. @throws WorkerError */
  async trim(): Promise<void> {
    const more = () =>
      this.#link.ask<boolean>({ kind: 'trim', now: this.#clock.now() } satisfies FollowerRequest);
    while (!this.#closed && (await more()));
  }

  /** @throws WorkerError when it was not closed in order; closed it is all the same */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    await this.#stepping?.catch(() => undefined);
    try {
      if (this.#link.started) await this.#link.ask({ kind: 'close' } satisfies FollowerRequest);
    } finally {
      await this.#link.terminate();
    }
  }

  #schedule(ms: number): void {
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined;
      this.#step(false).catch(() => undefined);
    });
  }

  /** One at a time. */
  #step(urgent: boolean): Promise<StepAnswer> {
    this.#stepping ??= this.#takeStep(urgent).finally(() => {
      this.#stepping = undefined;
    });
    return this.#stepping;
  }

  async #takeStep(urgent: boolean): Promise<StepAnswer> {
    try {
      const request: FollowerRequest = { kind: 'step', now: this.#clock.now(), urgent };
      const answer = await this.#link.ask<StepAnswer>(request);
      this.#tell('messages', answer.messages);
      this.#tell('traffic', answer.traffic);
      const outcomes = [answer.messages, answer.traffic];
      if (outcomes.some((outcome) => 'progress' in outcome && outcome.progress.more))
        this.#schedule(Math.max(1, answer.processorMs * REST));
      else this.#schedule(outcomes.some((outcome) => 'error' in outcome) ? RETRY_MS : FOLLOW_MS);
      return answer;
    } catch (error) {
      // the thread has died; the next step starts another
      const outcome = { error: error instanceof Error ? error.message : String(error) };
      this.#tell('messages', outcome);
      this.#tell('traffic', outcome);
      this.#schedule(RETRY_MS);
      throw error;
    }
  }

  #tell<N extends FollowerName>(name: N, outcome: Outcome<Progress[N]>): void {
    if (!this.#closed) for (const listener of this.#listeners[name]) listener(outcome);
  }
}
