import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Tenant } from '../../edge/tenant.ts';
import type { Block, BlockReaders, BlockResult } from '../evidence/table-block.ts';

const MOST_THREADS = Math.min(4, availableParallelism());
/** Blocks that each thread has before it, so that it goes on while facts are stored. */
const EACH_AHEAD = 8;
/** Each thread has room for a block and its rows; more only makes garbage wait longer. */
const LIMITS = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 };

export type BlockAnswer = { result: BlockResult | undefined } | { fault: unknown };

interface Waiting {
  resolve: (result: BlockResult | undefined) => void;
  reject: (fault: unknown) => void;
}

/** Threads that read blocks of tables, and sift their rows. They start when there is work. */
export class ReaderThreads implements BlockReaders {
  readonly blockBytes = 2_097_152;
  /** Below this it is done before threads have started. */
  readonly leastBytes = 33_554_432;
  readonly ahead = MOST_THREADS * EACH_AHEAD;
  readonly #tenant: Tenant;
  readonly #threads: ReaderThread[] = [];

  constructor(tenant: Tenant) {
    this.#tenant = tenant;
  }

  read(block: Block): Promise<BlockResult | undefined> {
    return this.#leastBusy().read(block);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.close()));
  }

  #leastBusy(): ReaderThread {
    const alive = this.#threads.filter(({ isLost }) => !isLost);
    const [first, ...others] = alive;
    if (!first || (alive.length < MOST_THREADS && alive.every(({ waiting }) => waiting > 0))) {
      const thread = new ReaderThread(this.#tenant);
      this.#threads.push(thread);
      return thread;
    }
    return others.reduce((best, one) => (one.waiting < best.waiting ? one : best), first);
  }
}

/** One thread; it answers in the order in which it was asked. */
class ReaderThread {
  readonly #worker: Worker;
  #waiting: Waiting[] = [];
  /** Why it reads no more. */
  #fault: unknown;

  constructor(tenant: Tenant) {
    this.#worker = new Worker(new URL('./block-worker.ts', import.meta.url), {
      workerData: tenant,
      resourceLimits: LIMITS,
    });
    this.#worker.on('message', (answer: BlockAnswer) => {
      const waiting = this.#waiting.shift();
      if ('fault' in answer) waiting?.reject(answer.fault);
      else waiting?.resolve(answer.result);
    });
    this.#worker.on('error', (fault) => this.#end(fault));
    this.#worker.on('exit', () => this.#end(new Error('a thread that reads evidence has ended')));
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get isLost(): boolean {
    return this.#fault !== undefined;
  }

  read(block: Block): Promise<BlockResult | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(block);
    });
  }

  async close(): Promise<void> {
    this.#end(new Error('the reading was ended'));
    await this.#worker.terminate();
  }

  #end(fault: unknown): void {
    this.#fault ??= fault;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#fault);
  }
}
