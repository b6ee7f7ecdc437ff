import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EventSink } from '../../journal/event.ts';
import type { Seal } from '../../store/seal.ts';
import type { Clock } from '../../platform/clock.ts';
import { AuditError } from '../audit-error.ts';
import type { AcceptedDomain } from '../../edge/tenant.ts';
import { AuditBook, type StoredAnswer } from '../run/book.ts';
import type { RunProgress, RunRequest } from '../run/request.ts';
import { withNotes } from '../run/review.ts';
import type { RunWorkerData, RunWorkerMessage } from '../run/worker.ts';
import type { ServiceUrls } from './collect-worker.ts';
import { Collector } from './collector.ts';
import { Uploads } from './uploads.ts';

export interface DeskOptions {
  /** Where the audit is kept; made when it is first needed. */
  folder: string;
  /** Folders of this machine that may be read beside what was uploaded. */
  folders: readonly string[];
  /** Whether a run may ask reverse DNS, and which servers; none: the system's. */
  reverseDns: boolean;
  dnsServers: string[];
  /** Octets of uploads, all together. */
  uploadBytes: number;
  /** Octets that stay free on the disk. */
  freeBytes: number;
  clock: Clock;
  events: EventSink;
  seal: Pick<Seal, 'seal' | 'open'>;
  /** Where Microsoft's services are; absent: where they are. */
  services?: ServiceUrls;
  /** Domains to audit where neither the request nor the evidence names any. */
  domains: () => readonly AcceptedDomain[];
}

export interface DeskState {
  /** Grows with every change. */
  id: number;
  state: 'idle' | 'running' | 'done' | 'failed' | 'stopped';
  startedAt?: number;
  endedAt?: number;
  progress?: RunProgress;
  error?: string;
}

/** A thread that does not stop by itself is ended. */
const PATIENCE_MS = 10_000;
/** What a run may take: more is a fault, and must not become the relay's. */
const MEMORY_MB = 1024;

/** The audit as a relay offers it: one run at a time on its own thread, and the last answer. */
export class AuditDesk {
  readonly uploads: Uploads;
  readonly collector: Collector;
  readonly #options: DeskOptions;
  readonly #followers = new Set<(state: DeskState) => void>();
  #state: DeskState = { id: 0, state: 'idle' };
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #book: Promise<AuditBook> | undefined;
  #kept: StoredAnswer | undefined;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.uploads = new Uploads(options.folder, { bytes: options.uploadBytes, free: options.freeBytes });
    this.collector = new Collector({
      ...options,
      book: () => this.book(),
      run: () => this.start({}),
      ...(options.services && { urls: options.services }),
    });
  }

  get state(): DeskState {
    return this.#state;
  }

  follow(listener: (state: DeskState) => void): () => void {
    this.#followers.add(listener);
    listener(this.#state);
    return () => this.#followers.delete(listener);
  }

  /** The audit's folder, made if need be. */
  book(): Promise<AuditBook> {
    this.#book ??= AuditBook.open(this.#options.folder);
    this.#book.catch(() => (this.#book = undefined));
    return this.#book;
  }

  /**
   * Begins a run. Without folders it reads what was uploaded.
   * @throws AuditError when one runs, or a folder may not be read
   */
  async start(request: Omit<RunRequest, 'paths'> & { folders?: string[] }): Promise<DeskState> {
    const { folders = [], ...rest } = request;
    const paths = await Promise.all(folders.map((folder) => this.#allowed(folder)));
    const uploaded = (await this.uploads.list()).some(({ incomplete }) => !incomplete);
    if (folders.length === 0 && uploaded) paths.push(this.uploads.folder);
    if (folders.length === 0 && (await this.collector.hasEvidence())) paths.push(this.collector.folder);
    const isBegun = existsSync(path.join(this.#options.folder, 'audit.db'));
    if (paths.length === 0 && !isBegun)
      throw new AuditError(
        'evidence',
        'there is no evidence yet: upload or collect some, or name a folder of [audit] folders',
      );
    if (rest.ptr === true && !this.#options.reverseDns)
      throw new AuditError(
        'evidence',
        'ptr: names by reverse DNS are not allowed here ([audit] reverseDns): asking tells others which addresses interest you',
      );
    if (this.#worker) throw new AuditError('folder', 'a run is under way: wait for it, or stop it');
    this.#run({ ...rest, paths, domains: rest.domains?.length ? rest.domains : [] });
    return this.#state;
  }

  /** @returns whether one ran */
  async stop(): Promise<boolean> {
    const worker = this.#worker;
    if (!worker) return false;
    worker.postMessage('stop');
    const timer = this.#options.clock.after(PATIENCE_MS, () => void worker.terminate());
    await this.#ended;
    timer.cancel();
    return true;
  }

  /** When the last answer was made, wall time; undefined: there is none. */
  async answeredAt(): Promise<number | undefined> {
    if (!existsSync(path.join(this.#options.folder, 'audit.db'))) return undefined;
    return (await this.book()).answeredAt();
  }

  /** The last answer with the notes of now. @throws AuditError `none` */
  async answer(): Promise<StoredAnswer> {
    const none = new AuditError('none', 'nothing was audited yet: send evidence, and start a run');
    const at = await this.answeredAt();
    if (at === undefined) throw none;
    const book = await this.book();
    if (this.#kept?.at !== at) this.#kept = await book.answer();
    if (!this.#kept) throw none;
    return withNotes(this.#kept, await book.notes.all());
  }

  async close(): Promise<void> {
    await this.collector.close();
    await this.stop();
    this.#followers.clear();
    const book = this.#book;
    this.#book = undefined;
    await (await book)?.close();
  }

  /** @throws AuditError for a folder that nobody has allowed */
  async #allowed(folder: string): Promise<string> {
    const wanted = await realpath(folder).catch(() => undefined);
    for (const one of this.#options.folders) {
      const root = await realpath(one).catch(() => undefined);
      if (wanted === undefined || root === undefined) continue;
      const inside = path.relative(root, wanted);
      if (inside !== '..' && !inside.startsWith(`..${path.sep}`) && !path.isAbsolute(inside)) return wanted;
    }
    // whether it is there is not told to who may not read it
    throw new AuditError('evidence', `folders: ${folder} is not in one of the folders of [audit] folders`);
  }

  #run(request: RunRequest): void {
    const { clock, dnsServers, events, folder, domains } = this.#options;
    const fallback = domains().map(({ name, matchSubDomains }) => (matchSubDomains ? `*.${name}` : name));
    this.#change({ state: 'running', startedAt: clock.now() });
    events.write({ type: 'system', text: 'Direct Send audit: a run has begun' });
    const data: RunWorkerData = { folder, dnsServers, request: { ...request, fallbackDomains: fallback } };
    const worker = new Worker(new URL('../run/worker.ts', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    this.#worker = worker;
    let outcome: Partial<DeskState> & Pick<DeskState, 'state'> = {
      state: 'failed',
      error: 'the run ended without a word',
    };
    worker.on('message', (message: RunWorkerMessage) => {
      if (message.type === 'progress') this.#change({ progress: message.progress });
      if (message.type === 'done') outcome = { state: 'done' };
      if (message.type === 'stopped') outcome = { state: 'stopped' };
      if (message.type === 'failed') outcome = { state: 'failed', error: message.message };
      if (message.type === 'done')
        for (const text of message.gates.slice(0, 20))
          events.write({ type: 'system', text: `Direct Send audit: ${text}` });
    });
    worker.on('error', (error: unknown) => {
      outcome = { state: 'failed', error: error instanceof Error ? error.message : String(error) };
    });
    this.#ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#worker = undefined;
        const { startedAt, progress } = this.#state;
        this.#state = { ...outcome, id: this.#state.id, startedAt, progress };
        this.#change({ endedAt: clock.now() });
        if (outcome.state !== 'done')
          events.write({
            type: 'system',
            text: `Direct Send audit: the run ${outcome.state === 'stopped' ? 'was stopped' : `has failed: ${outcome.error}`}`,
          });
        resolve();
      });
    });
  }

  #change(change: Partial<DeskState>): void {
    const base = change.state === 'running' ? {} : this.#state;
    this.#state = { state: 'idle', ...base, ...change, id: this.#state.id + 1 };
    for (const follower of this.#followers) follower(this.#state);
  }
}
