/**
 * How much mail there is: counts by minute, hour and day, made from the journal by the thread that follows it
 * (src/journal/followers) in `traffic.db`, a file of their own: counts outlive the events that they are of.
 */
import { createHash } from 'node:crypto';
import type { Clock, Timer } from '../../platform/clock.ts';
import { repeat } from '../../platform/repeat.ts';
import { isDamage } from '../followers/damage.ts';
import type { Followers } from '../followers/followers.ts';
import type { Outcome } from '../followers/follower.ts';
import type { Counts } from './counts.ts';
import { type WindowName, windowAt, type Window } from './periods.ts';
import type { TrafficProgress } from './traffic-counter.ts';
import type { Minute, ReportAnswer, ReportQuery, TrafficOverview } from './traffic-queries.ts';
import type { TrafficAnswers } from './traffic-thread.ts';

/** What the overview and reports ask. */
export interface TrafficCounts {
  /** @param sources identifiers; absent: everything */
  overview(
    window: WindowName,
    now: number,
    sources?: readonly string[],
  ): Promise<TrafficOverview & { window: Window }>;
  /** The minute of `now`. */
  minute(
    now: number,
    withSources: boolean,
  ): Promise<Minute & { sources: { source: string; counts: Counts }[] }>;
  report(query: ReportQuery): Promise<ReportAnswer>;
  /** Events of the journal that are not counted yet. */
  readonly behind: number;
}

export interface TrafficOptions {
  /** Closed with this. */
  answers: TrafficAnswers;
  /** They count. */
  followers: Pick<Followers, 'catchUp' | 'onStep' | 'remake' | 'trim'>;
  clock: Clock;
  /** Whether what is old by the clock may be removed now. */
  trustsClock(): boolean;
  /** Told when nothing can be counted, and when it can again. */
  onTrouble(text: string): void;
}

const TRIM_MS = 60_000;
/** Events that an answer may be behind without anything being done about it. */
const NEARLY = 20_000;
/** Milliseconds that a question waits for the last events to be counted: on a busy machine they may take far longer. */
const PATIENCE_MS = 250;
/** Answers about the past that took long are kept for longer: so many times what they took. */
const KEPT_FOR = 10;
/** What is shown by the hour needs not be counted anew by the second. */
const LEAST_KEPT_MS: Record<WindowName, number> = { '1h': 1000, '24h': 2000, '7d': 10_000, '30d': 30_000 };
const MOST_KEPT_MS = 60_000;
const MOST_KEPT = 50;

export class Traffic implements TrafficCounts {
  readonly #options: TrafficOptions;
  readonly #endTrimming: () => Promise<void>;
  readonly #kept = new Map<string, { until: number; answer: Promise<TrafficOverview> }>();
  #progress: TrafficProgress = { stored: 0, last: 0, more: true };
  #settling: { since: number; done: Promise<void> } | undefined;
  #troubled = false;
  /** Questions have found the counts damaged, and the damaged file is open until they were made anew. */
  #damaged = false;
  /** The last report that was asked for. */
  #reporting: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: TrafficOptions) {
    this.#options = options;
    const { clock, followers } = options;
    followers.onStep('traffic', (outcome) => this.#stepped(outcome));
    this.#endTrimming = repeat(
      clock,
      TRIM_MS,
      () => this.#trim(),
      (error) => this.#failed(String(error)),
    );
  }

  get behind(): number {
    return Math.max(0, this.#progress.last - this.#progress.stored);
  }

  async overview(
    name: WindowName,
    now: number,
    sources?: readonly string[],
  ): Promise<TrafficOverview & { window: Window }> {
    const window = windowAt(name, now);
    // some have thousands of sources
    const key = name + (sources ? createHash('sha256').update(sources.join()).digest('base64') : '');
    const { clock } = this.#options;
    const started = clock.monotonic();
    let kept = this.#kept.get(key);
    if (kept === undefined || kept.until <= started) {
      const answer = this.#settleSoon().then(() =>
        this.#ask((answers) => answers.ask<TrafficOverview>({ kind: 'overview', window, sources })),
      );
      kept = { until: Number.POSITIVE_INFINITY, answer };
      const entry = kept;
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      this.#kept.set(key, entry);
      // what is asked meanwhile waits for the same answer
      const done = (): void => {
        const took = clock.monotonic() - started;
        entry.until =
          clock.monotonic() + Math.min(Math.max(took * KEPT_FOR, LEAST_KEPT_MS[name]), MOST_KEPT_MS);
      };
      answer.then(done, () => this.#kept.delete(key));
    }
    const answer = await kept.answer;
    const since = answer.series.at[0] ?? window.since;
    return { ...answer, window: { ...window, since, until: since + (window.until - window.since) } };
  }

  async minute(now: number, withSources: boolean): ReturnType<TrafficCounts['minute']> {
    await this.#settleSoon();
    return this.#ask((answers) => answers.ask({ kind: 'minute', now, withSources }));
  }

  async report(query: ReportQuery): Promise<ReportAnswer> {
    await this.#settleSoon();
    // one at a time: what is shown of now waits for one of them at most
    const answer = this.#reporting.then(() => this.#ask((answers) => answers.report(query)));
    this.#reporting = answer.catch(() => undefined);
    return answer;
  }

  /** Counts what the journal has stored, unless that is too much to wait for. Never rejects. */
  async settle(): Promise<void> {
    if (this.behind > NEARLY) return;
    await this.#options.followers.catchUp('traffic');
  }

  /** The same for as long as one may wait for an answer. */
  async #settleSoon(): Promise<void> {
    const { clock } = this.#options;
    const now = clock.monotonic();
    this.#settling ??= {
      since: now,
      done: this.settle().finally(() => {
        this.#settling = undefined;
      }),
    };
    const { since, done } = this.#settling;
    let patience: Timer | undefined;
    const over = new Promise<void>((resolve) => {
      patience = clock.after(Math.max(0, since + PATIENCE_MS - now), resolve);
    });
    await Promise.race([done, over]);
    patience?.cancel();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#endTrimming();
    await this.#options.answers.close();
  }

  /** Counts outlive events, and there is no other record of them. */
  async #trim(): Promise<void> {
    if (this.#options.trustsClock()) await this.#options.followers.trim();
  }

  #stepped(outcome: Outcome<TrafficProgress>): void {
    if ('error' in outcome) {
      this.#failed(outcome.error);
      return;
    }
    this.#progress = outcome.progress;
    if (this.#troubled) this.#options.onTrouble('mail can be counted again');
    this.#troubled = false;
    const { damaged } = outcome.progress;
    if (damaged === undefined) return;
    this.#options.onTrouble(
      `the counts of mail were damaged; they were moved to ${damaged}, and are made anew from the journal`,
    );
    // who answers has the old file open
    this.#options.answers
      .reopen()
      .catch((error: unknown) => this.#failed(String(error)))
      .finally(() => (this.#damaged = false));
  }

  #failed(reason: string): void {
    if (this.#closed) return;
    if (!this.#troubled) this.#options.onTrouble(`mail can not be counted now: ${reason}`);
    this.#troubled = true;
  }

  async #ask<T>(question: (answers: TrafficAnswers) => Promise<T>): Promise<T> {
    const { answers, followers } = this.#options;
    try {
      return await question(answers);
    } catch (error) {
      if (isDamage(error) && !this.#damaged) {
        this.#damaged = true;
        followers.remake('traffic').catch(() => (this.#damaged = false));
      }
      throw error;
    }
  }
}
