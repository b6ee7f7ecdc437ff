import { WorkerLink } from '../../platform/worker-link.ts';
import { unpackRows } from './packed-rows.ts';
import type { ReportAnswer, ReportQuery } from './traffic-queries.ts';
import type { TrafficQuestion } from './traffic-reader.ts';
import type { PackedReport, TrafficThreadData, TrafficThreadRequest } from './traffic-worker.ts';

/** Who answers questions about what was counted. */
export interface TrafficAnswers {
  /** One after the other. @throws WorkerError */
  ask<T>(question: Exclude<TrafficQuestion, { kind: 'report' }>): Promise<T>;
  /** @throws WorkerError */
  report(query: ReportQuery): Promise<ReportAnswer>;
  /** The next question opens the file anew. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** Answers are made of few values. */
const NURSERY_MB = 4;

/**
 * A thread of their own, begun by the first question: a report of a month reads a million rows, and neither searches
 * nor mail may wait for it.
 */
export class TrafficThread implements TrafficAnswers {
  readonly #link: WorkerLink;

  /** @param file the counts; they were opened by who counts */
  constructor(file: string) {
    const data: TrafficThreadData = { file };
    this.#link = new WorkerLink(new URL('./traffic-worker.ts', import.meta.url), data, NURSERY_MB);
  }

  ask<T>(question: Exclude<TrafficQuestion, { kind: 'report' }>): Promise<T> {
    return this.#link.ask<T>(question);
  }

  async report(query: ReportQuery): Promise<ReportAnswer> {
    const request: TrafficThreadRequest = { kind: 'report', query };
    const { rows, ...answer } = await this.#link.ask<PackedReport>(request);
    return { rows: unpackRows(rows), ...answer };
  }

  async reopen(): Promise<void> {
    if (this.#link.started) await this.#link.ask({ kind: 'close' } satisfies TrafficThreadRequest);
  }

  async close(): Promise<void> {
    try {
      await this.reopen();
    } finally {
      await this.#link.terminate();
    }
  }
}
