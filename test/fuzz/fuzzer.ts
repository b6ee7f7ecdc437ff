/**
 * A mutational fuzzer. Each target runs on a worker thread; this side counts, samples memory, and ends a thread
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
/** Until a worker has read its modules, on a busy machine. */
const START_POLLS = 480;
const OLD_SPACE_MB = 512;
/** After so many a target is given up. */
const MOST_ENDED = 3;

export async function fuzz({ targets, inputs, seed, report }: FuzzOptions): Promise<TargetReport[]> {
  const weights = targets.reduce((sum, { weight }) => sum + weight, 0);
  const reports: TargetReport[] = [];
  for (const [position, target] of targets.entries()) {
    const share = Math.max(target.seeds.length, Math.round((inputs * target.weight) / weights));
    const done = await fuzzTarget(target, share, (seed + position * 7919) | 0);
    reports.push(done);
    report?.(done);
  }
  return reports;
}

async function fuzzTarget(target: Target, inputs: number, seed: number): Promise<TargetReport> {
  const report: TargetReport = {
    target: target.name,
    inputs: 0,
    rate: 0,
    corpus: 0,
    findings: [],
    peakRss: 0,
  };
  const started = performance.now();
  for (let ended = 0; report.inputs < inputs && ended < MOST_ENDED; ended++) {
    const assignment: Assignment = {
      target: target.name,
      seed: seed + ended,
      inputs: inputs - report.inputs,
      shared: new SharedArrayBuffer(8 + INPUT_BYTES),
    };
    const finished = await runWorker(assignment, report);
    if (finished) report.inputs = inputs;
    else report.inputs += Math.min(assignment.inputs, new Int32Array(assignment.shared)[0] ?? 0);
  }
  report.rate = Math.round((report.inputs * 1000) / (performance.now() - started));
  return report;
}

/** Resolves true when all inputs were tried, false when the thread had to be ended or died. */
function runWorker(assignment: Assignment, report: TargetReport): Promise<boolean> {
  const counters = new Int32Array(assignment.shared, 0, 2);
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: assignment,
    resourceLimits: { maxOldGenerationSizeMb: OLD_SPACE_MB },
  });
  return new Promise((resolve) => {
    let ready = false;
    let last = -1;
    let still = 0;
    const sample = (): void => {
      report.peakRss = Math.max(report.peakRss, Math.round(process.memoryUsage.rss() / 2 ** 20));
    };
    const end = (finished: boolean): void => {
      sample();
      clearInterval(poll);
      worker.removeAllListeners('exit');
      void worker.terminate().then(() => resolve(finished));
    };
    const lost = (kind: 'hang' | 'memory' | 'exception', text: string): void => {
      const input = Buffer.from(new Uint8Array(assignment.shared, 8, counters[1]));
      report.findings.push({ target: assignment.target, kind, key: kind, text, input, again: 0 });
      end(false);
    };
    const poll = setInterval(() => {
      sample();
      const tried = Atomics.load(counters, 0);
      still = tried === last ? still + 1 : 0;
      last = tried;
      if (still >= (ready ? HANG_POLLS : START_POLLS))
        lost('hang', `no progress in ${(still * POLL_MS) / 1000} seconds`);
    }, POLL_MS);
    worker.on('message', (message: Message) => {
      if (message.kind === 'ready') ready = true;
      else if (message.kind === 'finding') {
        report.findings.push({ ...message.finding, input: Buffer.from(message.finding.input) });
      } else {
        report.corpus = message.corpus;
        end(true);
      }
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') lost('memory', `more than ${OLD_SPACE_MB} MB of heap`);
      else lost('exception', error.stack ?? error.message);
    });
    worker.on('exit', (code) => lost('exception', `the thread ended with ${code}`));
  });
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
