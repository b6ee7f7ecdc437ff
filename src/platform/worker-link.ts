import { type MessagePort, parentPort, Worker } from 'node:worker_threads';

/** The worker threw, or died; `code` is the system's or the library's, kept across the thread boundary. */
class WorkerError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Answer = { value: unknown } | { error: string; code: string };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: WorkerError): void;
}

/**
 * A worker thread that answers requests in their order. A worker that died is started anew by the next
 * request: what it owns must recover from its `workerData` alone.
 */
export class WorkerLink {
  readonly #url: URL;
  readonly #data: unknown;
  readonly #nurseryMb: number;
  #worker: Worker | undefined;
  #waiting: Waiting[] = [];
  #ended = false;

  /**
   * @param url the worker's module, which calls `serveLink`
   * @param nurseryMb what passes through is garbage at once: a small nursery keeps the thread small
   */
  constructor(url: URL, data: unknown, nurseryMb = 8) {
    this.#url = url;
    this.#data = data;
    this.#nurseryMb = nurseryMb;
  }

  /** Whether there is a thread now. */
  get started(): boolean {
    return this.#worker !== undefined;
  }

  /** @throws WorkerError what the worker threw, or `ERR_WORKER_DIED` when it ended instead of answering. */
  ask<T>(request: unknown, transfer: ArrayBuffer[] = []): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#ended) throw new WorkerError('ERR_WORKER_DIED', 'the worker was ended');
      const worker = this.#worker ?? this.#start();
      worker.postMessage(request, transfer);
      // only a worker that owes an answer keeps the process alive
      if (this.#waiting.length === 0) worker.ref();
      this.#waiting.push({ resolve, reject });
    }) as Promise<T>;
  }

  /** Ends the thread for good; requests without an answer are rejected. */
  async terminate(): Promise<void> {
    this.#ended = true;
    const worker = this.#worker;
    this.#worker = undefined;
    if (!worker) return;
    await worker.terminate();
    this.#fail(new WorkerError('ERR_WORKER_DIED', 'the worker was ended'));
  }

  #start(): Worker {
    const worker = new Worker(this.#url, {
      workerData: this.#data,
      resourceLimits: { maxYoungGenerationSizeMb: this.#nurseryMb },
    });
    worker.on('message', (answer: Answer) => this.#answered(worker, answer));
    const died = (reason: string) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#fail(new WorkerError('ERR_WORKER_DIED', reason));
    };
    worker.on('error', (error) => died(String(error)));
    worker.on('exit', (code) => died(`the worker ended with code ${code}`));
    this.#worker = worker;
    return worker;
  }

  #answered(worker: Worker, answer: Answer): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) worker.unref();
    if (!waiting) return;
    if ('value' in answer) waiting.resolve(answer.value);
    else waiting.reject(new WorkerError(answer.code, answer.error));
  }

  #fail(error: WorkerError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
  }
}

/** The worker's side: answers each request with what `handle` returns or throws. `transfer` is emptied after each. */
export function serveLink<Q>(handle: (request: Q, transfer: ArrayBuffer[]) => unknown): void {
  const port = parentPort as MessagePort;
  port.on('message', (request: Q) => {
    const transfer: ArrayBuffer[] = [];
    try {
      const value = handle(request, transfer);
      port.postMessage({ value } satisfies Answer, transfer);
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      port.postMessage({ error: message, code: code ?? 'ERR_WORKER' } satisfies Answer);
    }
  });
}
