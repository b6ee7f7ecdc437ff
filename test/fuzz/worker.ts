/** Runs inputs of one target after another on a thread of its own, so that whoever watches it can end it. */
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { seeded } from '../support/seeded.ts';
import { Mutator } from './mutate.ts';
import { type Target, Violation } from './target.ts';
import { targets } from './targets.ts';

export interface Assignment {
  target: string;
  seed: number;
  inputs: number;
}

export interface Finding {
  target: string;
  kind: 'violation' | 'exception' | 'slow' | 'hang' | 'memory';
  /** The same for inputs that fail in the same place. */
  key: string;
  text: string;
  input: Buffer;
  /** Further inputs with the same key. */
  again: number;
}

export type Message =
  | { kind: 'ready' }
  | { kind: 'finding'; finding: Finding }
  | { kind: 'done'; corpus: number };

/** Processor time of one input; far above what any needs, far below what an attacker would want. */
const SLOW_MS = 400;
const MOST_CORPUS = 600;
const MOST_MINIMISING = 400;

// inputs tried, length of the one in progress, and its octets: what remains when the thread must be ended
const shared = workerData as SharedArrayBuffer;
const counters = new Int32Array(shared, 0, 2);
const current = new Uint8Array(shared, 8);

/** What was thrown where nobody waited. */
let stray: unknown;
process.on('uncaughtException', (error) => (stray = error));
process.on('unhandledRejection', (error) => (stray = error));

interface Failure {
  kind: Finding['kind'];
  key: string;
  text: string;
}

async function attempt(one: Target, input: Buffer): Promise<string | Failure> {
  counters[1] = Math.min(input.length, current.length);
  current.set(input.subarray(0, current.length));
  Atomics.add(counters, 0, 1);
  stray = undefined;
  const random = seeded(createHash('sha256').update(input).digest().readInt32LE());
  const before = process.threadCpuUsage();
  let shape = '';
  try {
    // in place changes must not reach the corpus
    shape = await one.run(Buffer.from(input), random);
    if (stray !== undefined) throw stray;
  } catch (error) {
    return failureOf(error);
  }
  const { user, system } = process.threadCpuUsage(before);
  const milliseconds = (user + system) / 1000;
  if (milliseconds > (one.slow ?? SLOW_MS))
    return { kind: 'slow', key: 'slow', text: `${Math.round(milliseconds)} ms for ${input.length} octets` };
  return shape;
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { kind: 'exception', key: String(error), text: String(error) };
  const message = error.message
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\d+/g, '0')
    .slice(0, 120);
  const place = /\/src\/[^)\s]+/.exec(error.stack ?? '')?.[0] ?? '';
  const kind = error instanceof Violation ? 'violation' : 'exception';
  return { kind, key: `${message} ${kind === 'violation' ? '' : place}`, text: error.stack ?? error.message };
}

/** The shortest input found that still fails with this key: parts are left out, larger ones first. */
async function minimised(one: Target, input: Buffer, key: string): Promise<Buffer> {
  let best = input;
  let tries = 0;
  for (let size = best.length >> 1; size >= 1 && tries < MOST_MINIMISING; size = size >> 1) {
    for (let at = 0; at + size <= best.length && tries < MOST_MINIMISING; tries++) {
      const shorter = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      const outcome = await attempt(one, shorter);
      if (typeof outcome !== 'string' && outcome.key === key) best = shorter;
      else at += size;
    }
  }
  return best;
}

async function fuzz(one: Target, { seed, inputs }: Assignment): Promise<void> {
  const random = seeded(seed);
  const mutator = new Mutator(one.words, random);
  const corpus = [...one.seeds];
  const shapes = new Set<string>();
  const found = new Map<string, Finding>();
  for (let count = 0; count < inputs; count++) {
    const input = count < one.seeds.length ? (one.seeds[count] as Buffer) : mutator.next(corpus);
    let outcome = await attempt(one, input);
    // once may have been the machine's fault
    if (typeof outcome !== 'string' && outcome.kind === 'slow') outcome = await attempt(one, input);
    if (typeof outcome === 'string') {
      if (!shapes.has(outcome)) {
        shapes.add(outcome);
        if (corpus.length < MOST_CORPUS) corpus.push(input);
        else corpus[one.seeds.length + Math.floor(random() * (MOST_CORPUS - one.seeds.length))] = input;
      }
    } else {
      const known = found.get(outcome.key);
      if (known) known.again++;
      else {
        const shortest = outcome.kind === 'slow' ? input : await minimised(one, input, outcome.key);
        found.set(outcome.key, { ...outcome, target: one.name, input: shortest, again: 0 });
      }
    }
    // synchronous targets too must let timers and messages through
    if (count % 64 === 63) await turn();
  }
  for (const finding of found.values())
    parentPort?.postMessage({ kind: 'finding', finding } satisfies Message);
  parentPort?.postMessage({ kind: 'done', corpus: corpus.length } satisfies Message);
}

parentPort?.on('message', (assignment: Assignment) => {
  const target = targets.find(({ name }) => name === assignment.target);
  if (!target) throw new Error(`no target ${assignment.target}`);
  void fuzz(target, assignment);
});
parentPort?.postMessage({ kind: 'ready' } satisfies Message);
