import type { Clock } from '../../platform/clock.ts';
import type { ReadProgress } from '../evidence/read-evidence.ts';
import type { RunProgress } from './request.ts';

/** Tells of a run no more often than a person or a stream can use. */
const EVERY_MS = 250;
/** Before this nobody can tell how long it takes. */
const SOONEST_MS = 2000;

/** Makes of what the reader says how far the whole is, at which rate, and how long it will take. */
export class ProgressMeter {
  readonly #clock: Clock;
  readonly #tell: (progress: RunProgress) => void;
  readonly #began: number;
  #progress: RunProgress = {
    phase: 'settings',
    files: { done: 0, total: 0 },
    octets: { done: 0, total: 0 },
    rows: 0,
    rowsPerSecond: 0,
  };
  /** Octets of files that are done, and of those that no time was spent on. */
  #before = 0;
  #skipped = 0;
  #rowsBefore = 0;
  #rowsOf = new Map<number, number>();
  readonly #sizes = new Map<string, number>();
  #told = -Infinity;

  constructor(clock: Clock, tell: (progress: RunProgress) => void = () => undefined) {
    this.#clock = clock;
    this.#tell = tell;
    this.#began = clock.monotonic();
  }

  /** Size of a file in an earlier run: no time is spent on it when it is the same. */
  knows(name: string, size: number): void {
    this.#sizes.set(name, size);
  }

  phase(phase: RunProgress['phase']): void {
    const { file: _, leftMs: __, ...rest } = this.#progress;
    this.#progress = { ...rest, phase };
    this.#tell(this.#progress);
  }

  take(step: ReadProgress): void {
    const { files, octets } = this.#progress;
    switch (step.type) {
      case 'plan':
        files.total = step.files;
        octets.total = step.octets;
        break;
      case 'begin':
        this.#progress.file = step.name;
        this.#rowsOf.set(step.file, 0);
        break;
      case 'progress':
        this.#progress.file = step.name;
        this.#rowsOf.set(step.file, step.rows);
        // members of archives have a length of their own, which is no part of the plan
        if (!step.name.includes('!')) octets.done = Math.min(octets.total, this.#before + step.read);
        break;
      case 'file':
        this.#rowsBefore += step.report.rows;
        this.#rowsOf.delete(step.state.file);
        if (step.state.head !== '' || !step.state.done) this.#finish(step.state.size, step.state.name);
        break;
      case 'known':
        this.#skipped += this.#sizes.get(step.name) ?? 0;
        this.#finish(this.#sizes.get(step.name) ?? 0, step.name);
    }
    this.#update();
  }

  #finish(size: number, name: string): void {
    if (name.includes('!')) return;
    this.#before += size;
    this.#progress.octets.done = Math.min(this.#progress.octets.total, this.#before);
    this.#progress.files.done++;
  }

  #update(): void {
    const now = this.#clock.monotonic();
    const spent = now - this.#began;
    const { octets } = this.#progress;
    let rows = this.#rowsBefore;
    for (const count of this.#rowsOf.values()) rows += count;
    this.#progress.rows = rows;
    this.#progress.rowsPerSecond = spent === 0 ? 0 : Math.round((rows * 1000) / spent);
    const done = octets.done - this.#skipped;
    if (spent >= SOONEST_MS && done > 0)
      this.#progress.leftMs = Math.round((spent / done) * (octets.total - octets.done));
    if (now - this.#told < EVERY_MS) return;
    this.#told = now;
    this.#tell(structuredClone(this.#progress));
  }
}
