import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Tenant } from '../../edge/tenant.ts';
import type { Block, BlockReaders, BlockResult } from '../evidence/table-block.ts';

const MOST_THREADS = 4;
/** Each thread has room for a block and its rows; more only makes garbage wait longer. */
const LIMITS = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 };

export type BlockAnswer = { result: BlockResult | undefined } | { fault: unknown };

interface Waiting {
  block: Block;
  resolve: (result: BlockResult | undefined) => void;
  reject: (fault: unknown) => void;
}

/** Threads that read blocks of tables, and count what the audit does not keep. They start when there is work. */
export class ReaderThreads implements BlockReaders {
  readonly blockBytes = 1_048_576;
  /** Below this it is done before threads have started. */
  readonly leastBytes = 33_554_432;
  readonly width = Math.min(MOST_THREADS, availableParallelism());
  readonly #tenant: Tenant;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #busy = new Map<Worker, Waiting>();
  readonly #queue: Waiting[] = [];

  constructor(tenant: Tenant) {
    this.#tenant = tenant;
  }

  read(block: Block): Promise<BlockResult | undefined> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ block, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    const fault = new Error('the reading was ended');
    for (const { reject } of this.#queue.splice(0)) reject(fault);
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #next(): void {
    const waiting = this.#queue[0];
    if (!waiting) return;
    if (this.#idle.length === 0 && this.#all.size < this.width) this.#start();
    const worker = this.#idle.pop();
    if (!worker) return;
    this.#queue.shift();
    this.#busy.set(worker, waiting);
    worker.postMessage(waiting.block);
  }

  #start(): void {
    const worker = new Worker(new URL('./block-worker.ts', import.meta.url), {
      workerData: this.#tenant,
      resourceLimits: LIMITS,
    });
    this.#all.add(worker);
    this.#idle.push(worker);
    worker.on('message', (answer: BlockAnswer) => {
      const waiting = this.#busy.get(worker);
      this.#busy.delete(worker);
      this.#idle.push(worker);
      this.#next();
      if ('fault' in answer) waiting?.reject(answer.fault);
      else waiting?.resolve(answer.result);
    });
    const lost = (fault: unknown): void => {
      this.#all.delete(worker);
      const place = this.#idle.indexOf(worker);
      if (place !== -1) this.#idle.splice(place, 1);
      this.#busy.get(worker)?.reject(fault);
      this.#busy.delete(worker);
    };
    worker.on('error', lost);
    worker.on('exit', () => lost(new Error('a thread that reads evidence has ended')));
  }
}
