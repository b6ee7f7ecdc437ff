/**
 * A mutational fuzzer. Targets run on a worker thread; this side counts, samples memory, and ends a thread
 * that makes no progress, whose input is then still to be read in shared memory.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Target } from './target.ts';
import type { Assignment, Finding, Message } from './worker.ts';

export interface FuzzOptions {
  targets: readonly Target[];
  /** Over all targets, shared out by weight; at least its seeds for each. */
  inputs: number;
  seed: number;
  /** Called when a target is finished. */
  report?(report: TargetReport): void;
}

export interface TargetReport {
  target: string;
  /** Tries to make findings smaller not counted. */
  inputs: number;
  /** Inputs a second. */
  rate: number;
  /** Inputs that were kept for new shapes, seeds included. */
  corpus: number;
  findings: Finding[];
  /** Of the whole process, MB, while the target ran. */
  peakRss: number;
}

const INPUT_BYTES = 262_144;
const POLL_MS = 250;
const HANG_POLLS = 20;
const OLD_SPACE_MB = 512;
/** After so many a target is given up. */
const MOST_ENDED = 3;

export async function fuzz({ targets, inputs, seed, report }: FuzzOptions): Promise<TargetReport[]> {
  const weights = targets.reduce((sum, { weight }) => sum + weight, 0);
  const thread = new Thread();
  const reports: TargetReport[] = [];
  for (const [position, target] of targets.entries()) {
    const share = Math.max(target.seeds.length, Math.round((inputs * target.weight) / weights));
    const done = await fuzzTarget(thread, target, share, (seed + position * 7919) | 0);
    reports.push(done);
    report?.(done);
  }
  await thread.end();
  return reports;
}

async function fuzzTarget(
  thread: Thread,
  target: Target,
  inputs: number,
  seed: number,
): Promise<TargetReport> {
  const report: TargetReport = {
    target: target.name,
    inputs: 0,
    rate: 0,
    corpus: 0,
    findings: [],
    peakRss: 0,
  };
  await thread.ready();
  const started = performance.now();
  for (let ended = 0; report.inputs < inputs && ended < MOST_ENDED; ended++) {
    const rest = inputs - report.inputs;
    const tried = await thread.run({ target: target.name, seed: seed + ended, inputs: rest }, report);
    report.inputs += Math.min(rest, tried);
  }
  report.rate = Math.round((report.inputs * 1000) / (performance.now() - started));
  return report;
}

/** The thread that inputs are tried on; a new one takes over from one that was ended. */
class Thread {
  readonly #shared = new SharedArrayBuffer(8 + INPUT_BYTES);
  readonly #counters = new Int32Array(this.#shared, 0, 2);
  #worker: Worker | undefined;
  #ready: Promise<Worker> | undefined;

  /** Resolves when its modules are read, which takes a while on a busy machine. */
  ready(): Promise<Worker> {
    this.#ready ??= new Promise((resolve, reject) => {
      const worker = new Worker(new URL('worker.ts', import.meta.url), {
        workerData: this.#shared,
        resourceLimits: { maxOldGenerationSizeMb: OLD_SPACE_MB },
      });
      this.#worker = worker;
      worker.once('error', reject);
      worker.once('message', () => {
        worker.off('error', reject);
        resolve(worker);
      });
    });
    return this.#ready;
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#ready = undefined;
    worker?.removeAllListeners();
    await worker?.terminate();
  }

  /** Resolves with the number of inputs that were tried: all, unless the thread had to be ended or died. */
  async run(assignment: Assignment, report: TargetReport): Promise<number> {
    const worker = await this.ready();
    const counters = this.#counters;
    Atomics.store(counters, 0, 0);
    return new Promise((resolve) => {
      let last = -1;
      let still = 0;
      const sample = (): void => {
        report.peakRss = Math.max(report.peakRss, Math.round(process.memoryUsage.rss() / 2 ** 20));
      };
      const finish = (tried: number): void => {
        sample();
        clearInterval(poll);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        resolve(tried);
      };
      const lost = (kind: 'hang' | 'memory' | 'exception', text: string): void => {
        const input = Buffer.from(new Uint8Array(this.#shared, 8, counters[1]));
        report.findings.push({ target: assignment.target, kind, key: kind, text, input, again: 0 });
        const tried = Math.max(1, Atomics.load(counters, 0));
        clearInterval(poll);
        void this.end().then(() => finish(tried));
      };
      const onMessage = (message: Message): void => {
        if (message.kind === 'finding') {
          report.findings.push({ ...message.finding, input: Buffer.from(message.finding.input) });
        } else if (message.kind === 'done') {
          report.corpus = message.corpus;
          finish(assignment.inputs);
        }
      };
      const onError = (error: NodeJS.ErrnoException): void => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') lost('memory', `more than ${OLD_SPACE_MB} MB of heap`);
        else lost('exception', error.stack ?? error.message);
      };
      const onExit = (code: number): void => lost('exception', `the thread ended with ${code}`);
      const poll = setInterval(() => {
        sample();
        const tried = Atomics.load(counters, 0);
        still = tried === last ? still + 1 : 0;
        last = tried;
        if (still >= HANG_POLLS) lost('hang', `no progress in ${(still * POLL_MS) / 1000} seconds`);
      }, POLL_MS);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage(assignment);
    });
  }
}

/** Writes the inputs of findings to a folder, each with its explanation beside it, and answers the folder. */
export function saveFindings(findings: readonly Finding[], seed: number): string {
  const folder = path.join(tmpdir(), `postern-fuzz-${seed}`);
  mkdirSync(folder, { recursive: true });
  for (const [index, { target, kind, text, input }] of findings.entries()) {
    const name = path.join(folder, `${target.replaceAll(/[^a-z0-9]+/g, '-')}-${kind}-${index}`);
    writeFileSync(`${name}.bin`, input);
    writeFileSync(`${name}.txt`, `${target}\n${text}\n`);
  }
  return folder;
}
