/**
 * How much mail there is: counts by minute, hour and day, made from the journal.
 *
 *   journal.db ──events, by their number──▶ counting thread ──counts and number, one transaction──▶ traffic.db
 *
 * A follower with a position, in a file of its own: acceptance pays nothing for it, the journal's writer is never held
 * up, a journal that there was before is counted by the same code, and counts outlive the events that they are of.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Timer } from '../../platform/clock.ts';
import { repeat } from '../../platform/repeat.ts';
import { WorkerLink } from '../../platform/worker-link.ts';
import type { Counts } from './counts.ts';
import { type WindowName, windowAt, type Window } from './periods.ts';
import { DEFAULT_LIMITS, type TrafficLimits } from './limits.ts';
import type { Progress } from './traffic-database.ts';
import type { Minute, ReportAnswer, ReportQuery, TrafficOverview } from './traffic-queries.ts';
import type { TrafficRequest, TrafficWorkerData } from './traffic-worker.ts';

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
  /** The journal's. */
  folder: string;
  clock: Clock;
  /** Names of the listeners that take mail from the internet. */
  edgeListeners: readonly string[];
  limits?: Partial<TrafficLimits>;
  /** Told when nothing can be counted, and when it can again. */
  onTrouble(text: string): void;
}

const FOLLOW_MS = 5000;
const TRIM_MS = 60_000;
/** While it catches up it rests twice as long as it has worked: mail comes first. */
const REST = 2;
/** Events that an answer may be behind without anything being done about it. */
const NEARLY = 20_000;
/** Answers about the past that took long are kept for longer: so many times what they took. */
const KEPT_FOR = 10;
/** What is shown by the hour needs not be counted anew by the second. */
const LEAST_KEPT_MS: Record<WindowName, number> = { '1h': 1000, '24h': 2000, '7d': 10_000, '30d': 30_000 };
const MOST_KEPT_MS = 60_000;
const MOST_KEPT = 50;

export class Traffic implements TrafficCounts {
  readonly #options: TrafficOptions;
  readonly #link: WorkerLink;
  readonly #ends: (() => Promise<void> | void)[] = [];
  readonly #kept = new Map<string, { until: number; answer: Promise<TrafficOverview> }>();
  #progress: Progress = { counted: 0, last: 0 };
  #counting: Promise<void> | undefined;
  #rest: Timer | undefined;
  #troubled = false;
  #closed = false;

  constructor(options: TrafficOptions) {
    this.#options = options;
    const { folder, edgeListeners, limits } = options;
    this.#link = new WorkerLink(new URL('./traffic-worker.ts', import.meta.url), {
      path: join(folder, 'traffic.db'),
      journalPath: join(folder, 'journal.db'),
      edgeListeners,
      limits: { ...DEFAULT_LIMITS, ...limits },
    } satisfies TrafficWorkerData);
  }

  /** After the journal was opened, before mail is taken. @throws WorkerError */
  async open(): Promise<void> {
    const { clock, onTrouble } = this.#options;
    const opened = await this.#ask<Progress & { damaged?: string }>({ kind: 'open' });
    this.#progress = opened;
    if (opened.damaged !== undefined)
      onTrouble(
        `the counts of mail were damaged; they were moved to ${opened.damaged}, and are made anew from the journal`,
      );
    const failed = (error: unknown): void => this.#failed(error);
    this.#ends.push(repeat(clock, FOLLOW_MS, () => this.#count(), failed));
    this.#ends.push(repeat(clock, TRIM_MS, () => this.#trim(), failed));
    void this.#count();
  }

  get behind(): number {
    return Math.max(0, this.#progress.last - this.#progress.counted);
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
      await this.settle();
      const answer = this.#ask<TrafficOverview>({ kind: 'overview', window, sources });
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
    await this.settle();
    return this.#ask({ kind: 'minute', now, withSources });
  }

  async report(query: ReportQuery): Promise<ReportAnswer> {
    await this.settle();
    return this.#ask({ kind: 'report', query });
  }

  /** Counts what the journal has stored, unless that is too much to wait for. Never rejects. */
  async settle(): Promise<void> {
    if (this.behind > NEARLY) return;
    try {
      do this.#progress = await this.#step();
      while (this.behind > 0 && this.behind <= NEARLY);
      this.#recovered();
    } catch (error) {
      this.#failed(error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const end of this.#ends) await end();
    this.#rest?.cancel();
    await this.#counting;
    try {
      if (this.#link.started) await this.#ask({ kind: 'close' });
    } catch (error) {
      this.#options.onTrouble(`the counts of mail were not closed in order: ${String(error)}`);
    }
    await this.#link.terminate();
  }

  /** One run at a time; never rejects. */
  #count(): Promise<void> {
    this.#counting ??= this.#countSome().finally(() => {
      this.#counting = undefined;
    });
    return this.#counting;
  }

  async #countSome(): Promise<void> {
    const { clock } = this.#options;
    try {
      const started = clock.monotonic();
      this.#progress = await this.#step();
      this.#recovered();
      if (this.behind === 0 || this.#closed) return;
      const rest = (clock.monotonic() - started) * REST;
      this.#rest?.cancel();
      this.#rest = clock.after(Math.max(1, rest), () => void this.#count());
    } catch (error) {
      this.#failed(error);
    }
  }

  async #trim(): Promise<void> {
    while (!this.#closed && (await this.#ask<boolean>({ kind: 'trim', now: this.#options.clock.now() })));
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    if (!this.#troubled) this.#options.onTrouble(`mail can not be counted now: ${String(error)}`);
    this.#troubled = true;
  }

  #recovered(): void {
    if (this.#troubled) this.#options.onTrouble('mail can be counted again');
    this.#troubled = false;
  }

  #step(): Promise<Progress> {
    return this.#ask<Progress>({ kind: 'step', now: this.#options.clock.now() });
  }

  #ask<T>(request: TrafficRequest): Promise<T> {
    return this.#link.ask<T>(request);
  }
}
