import { existsSync } from 'node:fs';
import { readdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EventSink } from '../../journal/event.ts';
import type { Clock } from '../../platform/clock.ts';
import { systemRandom } from '../../platform/random.ts';
import { repeat } from '../../platform/repeat.ts';
import type { Seal } from '../../store/seal.ts';
import { AuditError } from '../audit-error.ts';
import type { CollectReport } from '../collect/collect.ts';
import { CollectError } from '../collect/collect-error.ts';
import type { Part, Progress } from '../collect/collection.ts';
import type { AuditBook } from '../run/book.ts';
import { type CollectSecret, credentialOf } from './collect-secret.ts';
import type { CollectWorkerData, CollectWorkerMessage, ServiceUrls } from './collect-worker.ts';

/** What is fetched from Microsoft Graph, and when. */
export interface CollectPlan {
  tenant: string;
  clientId: string;
  /** How far back, days. */
  days: number;
  /** None: all that the tenant gives. */
  parts?: Part[];
  /** Own domains, where the application may not ask. */
  domains: string[];
  /** Details for each pair of address and sender, a day; null for all. */
  details: number | null;
  /** Hour of the day, UTC, at which it is fetched every day; null: when somebody says so. */
  hour: number | null;
  /** Whether the audit runs after it. */
  run: boolean;
}

/** As it is kept: the secret sealed. */
interface StoredPlan extends CollectPlan {
  sealed: string;
  credential: CollectSecret['kind'];
  /** Day, since 1970, on which the schedule has begun it last. */
  begunOn?: number;
}

/** The plan, and of the secret only what it is. */
export type ShownPlan = CollectPlan & { credential: CollectSecret['kind'] };

export interface CollectStatus {
  /** Grows with every change. */
  id: number;
  state: 'idle' | 'running' | 'done' | 'failed' | 'stopped';
  startedAt?: number;
  endedAt?: number;
  progress?: Progress;
  /** What the service said when it asked to wait, and until when. */
  waiting?: { text: string; until: number };
  report?: Pick<CollectReport, 'from' | 'to' | 'domains' | 'parts'>;
  error?: string;
}

export interface CollectorOptions {
  /** Of the audit. */
  folder: string;
  /** Octets that stay free on the disk. */
  freeBytes: number;
  clock: Clock;
  events: EventSink;
  seal: Pick<Seal, 'seal' | 'open'>;
  book: () => Promise<AuditBook>;
  /** Runs the audit over what is there. */
  run: () => Promise<unknown>;
  urls?: ServiceUrls;
}

const DAY = 86_400_000;
const CHECK_MS = 60_000;
const PATIENCE_MS = 10_000;
const MEMORY_MB = 512;
const PURPOSE = 'audit-collection';
const SERVICES: ServiceUrls = {
  graphUrl: 'https://graph.microsoft.com',
  loginUrl: 'https://login.microsoftonline.com',
  exchangeUrl: 'https://outlook.office365.com',
};

/** Evidence that a relay fetches itself, now or every day; one collection at a time. */
export class Collector {
  /** Where it goes. */
  readonly folder: string;
  readonly #options: CollectorOptions;
  readonly #followers = new Set<(status: CollectStatus) => void>();
  readonly #endSchedule: ReturnType<typeof repeat>;
  #status: CollectStatus = { id: 0, state: 'idle' };
  #worker: Worker | undefined;
  #isStarting = false;
  #isStopped = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.folder = path.join(options.folder, 'collected');
    this.#endSchedule = repeat(
      options.clock,
      CHECK_MS,
      async () => this.#check(),
      (error) => this.#tell(error),
    );
  }

  get status(): CollectStatus {
    return this.#status;
  }

  follow(listener: (status: CollectStatus) => void): () => void {
    this.#followers.add(listener);
    listener(this.#status);
    return () => this.#followers.delete(listener);
  }

  async plan(): Promise<ShownPlan | undefined> {
    const stored = await this.#stored();
    if (!stored) return undefined;
    const { sealed: _sealed, begunOn: _begunOn, ...shown } = stored;
    return shown;
  }

  /**
   * Keeps a plan. Without a secret the one that is there stays, as long as it is for the same application.
   * @throws AuditError `evidence` for a credential that is missing or can not be used
   */
  async keep(plan: CollectPlan, secret: CollectSecret | undefined): Promise<ShownPlan> {
    const earlier = await this.#stored();
    const isSame = earlier?.tenant === plan.tenant && earlier.clientId === plan.clientId;
    if (secret === undefined && !isSame)
      throw new AuditError('evidence', 'a credential is missing: give `secret`, or `certificate` with `key`');
    if (secret) this.#mustBeUsable(plan.clientId, secret);
    const { seal } = this.#options;
    const stored: StoredPlan = {
      ...plan,
      sealed: secret ? seal.seal(JSON.stringify(secret), PURPOSE) : earlier!.sealed,
      credential: secret?.kind ?? earlier!.credential,
      ...(earlier?.begunOn !== undefined && { begunOn: earlier.begunOn }),
    };
    await (await this.#options.book()).keepSetting('collection', stored);
    return (await this.plan())!;
  }

  /** Forgets plan and secret; what was fetched stays. @returns whether there was one */
  async forget(): Promise<boolean> {
    if (!(await this.#stored())) return false;
    await (await this.#options.book()).keepSetting('collection', null);
    return true;
  }

  /** Begins a collection. @throws AuditError when there is no plan, one is under way, or the disk is full */
  async start(only: { parts?: Part[]; days?: number } = {}): Promise<CollectStatus> {
    const stored = await this.#stored();
    if (!stored)
      throw new AuditError('evidence', 'nobody has said what to fetch: PUT /audit/collect/settings first');
    if (this.#worker || this.#isStarting)
      throw new AuditError('folder', 'a collection is under way: wait for it, or stop it');
    this.#isStarting = true;
    try {
      await this.#mustHaveRoom();
      this.#begin({ ...stored, ...only });
    } finally {
      this.#isStarting = false;
    }
    return this.#status;
  }

  /** @returns whether one was under way; what it has fetched is kept */
  async stop(): Promise<boolean> {
    const worker = this.#worker;
    if (!worker) return false;
    this.#isStopped = true;
    worker.postMessage('stop');
    const timer = this.#options.clock.after(PATIENCE_MS, () => void worker.terminate());
    await this.#ended;
    timer.cancel();
    return true;
  }

  /** Whether anything was fetched yet. */
  async hasEvidence(): Promise<boolean> {
    const names = await readdir(this.folder).catch(() => []);
    return names.some((name) => !name.startsWith('.'));
  }

  async close(): Promise<void> {
    await this.#endSchedule();
    await this.stop();
    this.#followers.clear();
  }

  /** Begins what is due today; a day on which the relay was down at that hour is made up for. */
  async #check(): Promise<void> {
    if (this.#worker || this.#isStarting) return;
    const stored = await this.#stored();
    if (!stored || stored.hour === null) return;
    const now = this.#options.clock.now();
    const day = Math.floor(now / DAY);
    if (stored.begunOn === day || now < day * DAY + stored.hour * 3_600_000) return;
    await (await this.#options.book()).keepSetting('collection', { ...stored, begunOn: day });
    await this.start();
  }

  #begin({ sealed, tenant, clientId, days, parts, domains, details, run }: StoredPlan): void {
    const { clock, events, seal, urls = SERVICES } = this.#options;
    this.#isStopped = false;
    const workerData: CollectWorkerData = {
      folder: this.folder,
      tenant,
      clientId,
      secret: JSON.parse(seal.open(sealed, PURPOSE)) as CollectSecret,
      days,
      ...(parts && { parts }),
      domains,
      details,
      urls,
    };
    this.#change({ state: 'running', startedAt: clock.now() });
    events.write({ type: 'system', text: 'Direct Send audit: evidence is fetched from Microsoft Graph' });
    const worker = new Worker(new URL('./collect-worker.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    this.#worker = worker;
    let outcome: Partial<CollectStatus> & Pick<CollectStatus, 'state'> = {
      state: 'failed',
      error: 'the collection ended without a word',
    };
    worker.on('message', (message: CollectWorkerMessage) => {
      if (message.type === 'progress') {
        this.#change({ progress: message.progress, waiting: undefined });
        this.#mustHaveRoom().catch(() => void this.stop());
      }
      if (message.type === 'waiting')
        this.#change({ waiting: { text: message.text, until: clock.now() + message.ms } });
      if (message.type === 'failed') outcome = { state: 'failed', error: message.message };
      if (message.type === 'done') outcome = outcomeOf(message.report);
    });
    worker.on('error', () => (outcome = { state: 'failed', error: 'the collection has failed' }));
    this.#ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#worker = undefined;
        if (this.#isStopped && outcome.state !== 'done')
          outcome = { ...outcome, state: 'stopped', error: undefined };
        const { id, startedAt } = this.#status;
        this.#status = { ...outcome, id, ...(startedAt !== undefined && { startedAt }) };
        this.#change({ endedAt: clock.now() });
        this.#report(outcome);
        if (run && outcome.state === 'done') this.#options.run().catch((error: unknown) => this.#tell(error));
        resolve();
      });
    });
  }

  #report({ state, error }: Pick<CollectStatus, 'state' | 'error'>): void {
    const { events } = this.#options;
    if (state === 'failed')
      events.write({
        type: 'alarm',
        code: 'audit-collection-failed',
        outcome: 'warning',
        text: `Evidence for the Direct Send audit could not be fetched: ${error}`,
      });
    else
      events.write({
        type: 'system',
        text: `Direct Send audit: the collection ${state === 'stopped' ? 'was stopped' : 'has ended'}`,
      });
  }

  #tell(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#options.events.write({ type: 'system', text: `Direct Send audit: ${text}` });
  }

  /** The spool needs the disk more. */
  async #mustHaveRoom(): Promise<void> {
    const { bavail, bsize } = await statfs(path.dirname(this.#options.folder));
    if (bavail * bsize < this.#options.freeBytes)
      throw new AuditError('evidence', 'the disk is too full to fetch evidence');
  }

  #mustBeUsable(clientId: string, secret: CollectSecret): void {
    try {
      credentialOf(clientId, secret, systemRandom);
    } catch (error) {
      if (!(error instanceof CollectError)) throw error;
      throw new AuditError('evidence', error.message, { cause: error });
    }
  }

  async #stored(): Promise<StoredPlan | undefined> {
    // a relay that nobody asks for an audit makes none
    if (!existsSync(path.join(this.#options.folder, 'audit.db'))) return undefined;
    return (await (await this.#options.book()).setting<StoredPlan | null>('collection')) ?? undefined;
  }

  #change(change: Partial<CollectStatus>): void {
    const base = change.state === 'running' ? {} : this.#status;
    this.#status = { state: 'idle', ...base, ...change, id: this.#status.id + 1 };
    for (const follower of this.#followers) follower(this.#status);
  }
}

/** A part that failed leaves the others; the whole failed when one did. */
function outcomeOf({
  from,
  to,
  domains,
  parts,
}: CollectReport): Pick<CollectStatus, 'state' | 'report' | 'error'> {
  const report = { from, to, domains, parts };
  const failed = parts.find(({ outcome }) => outcome === 'failed');
  if (failed) return { state: 'failed', report, error: `${failed.part}: ${failed.problem ?? 'not fetched'}` };
  const isWhole = parts.every(({ outcome }) => outcome !== 'interrupted');
  return { state: isWhole ? 'done' : 'stopped', report };
}
