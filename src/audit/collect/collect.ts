import type { Clock } from '../../platform/clock.ts';
import type { Disk } from '../../platform/disk.ts';
import type { Random } from '../../platform/random.ts';
import { CollectError } from './collect-error.ts';
import { type Collection, type Part, PARTS, type Progress } from './collection.ts';
import { collectDetails } from './details.ts';
import { EvidenceFolder } from './evidence-folder.ts';
import { collectHunting } from './hunting.ts';
import type { Http } from './http.ts';
import { collectDomains, collectOrganisation } from './organisation.ts';
import { Pace } from './pace.ts';
import { ServiceClient } from './service-client.ts';
import { type CollectState, FileStateKeeper, type StateKeeper } from './state.ts';
import { settingsIn } from './tenant-settings.ts';
import { type AppRegistration, Tokens } from './tokens.ts';
import { collectTrace } from './trace.ts';
import { DAY_MS } from './windows.ts';

export interface CollectOptions {
  app: AppRegistration;
  folder: string;
  /** How far back, at most 90. */
  days: number;
  /** The parts that are wanted; absent: all, and what the tenant does not give is no failure. */
  parts?: readonly Part[];
  /** Own domains that are known without asking. */
  domains: readonly string[];
  /** Details for each pair of address and sender, a day; Infinity for all. */
  detailsPerSender: number;
  /** So young mail is left to the next run: it may not be in the trace yet. */
  settleMs: number;
  graphUrl: string;
  loginUrl: string;
  exchangeUrl: string;
  signal?: AbortSignal;
  progress?: (progress: Progress) => void;
  /** Told of each wait that the service asks for. */
  waiting?: (text: string, ms: number) => void;
  /** Where the state is kept; absent: in the folder. */
  keeper?: StateKeeper;
}

export interface PartReport {
  part: Part;
  /** `interrupted`: a signal came; `skipped`: the tenant does not give it, and nobody asked for it by name. */
  outcome: 'done' | 'failed' | 'skipped' | 'interrupted';
  /** Records and files that this run has added. */
  rows: number;
  files: number;
  notes: string[];
  /** Why it is not done. */
  problem?: string;
}

export interface CollectReport {
  folder: string;
  from: number;
  to: number;
  domains: string[];
  parts: PartReport[];
}

/** Side effects of a collection. */
export interface CollectWorld {
  http: Http;
  disk: Disk;
  clock: Clock;
  random: Random;
}

const RUNNERS: Record<Part, (collection: Collection) => Promise<void>> = {
  domains: collectDomains,
  organisation: collectOrganisation,
  trace: collectTrace,
  hunting: collectHunting,
  details: collectDetails,
};

/** When the first part fails by these, the others would too. */
const FATAL = new Set(['sign-in-refused', 'credential-wrong', 'folder']);
/** What a tenant may lack without fault. */
const LACKING = new Set(['permission-missing', 'not-available', 'refused', 'sign-in-refused']);
const OPTIONAL: ReadonlySet<Part> = new Set(['domains', 'organisation', 'hunting']);
const MOST_NOTES = 20;

/**
 * Fetches evidence of Direct Send from Microsoft's services into a folder, as the services send it. What an earlier run has fetched
 * is not asked for again; each part that fails is reported, and the others go on.
 * @throws CollectError when nothing can be collected at all
 */
export async function collect(options: CollectOptions, world: CollectWorld): Promise<CollectReport> {
  const folder = await EvidenceFolder.open(world.disk, options.folder);
  try {
    const keeper = options.keeper ?? new FileStateKeeper(folder);
    const collection = prepare(
      options,
      world,
      folder,
      keeper,
      await stateFor(options, keeper, world.clock.now()),
    );
    // an earlier run, or the script, may have left what this one does not ask for
    const settings = await settingsIn(world.disk, options.folder);
    for (const { name } of settings.domains ?? []) collection.domains.add(name);
    const parts: PartReport[] = [];
    for (const part of PARTS) {
      if (options.parts && !options.parts.includes(part)) continue;
      const report: PartReport = { part, outcome: 'done', rows: 0, files: 0, notes: [] };
      parts.push(report);
      await run(report, options, collection, parts.length === 1);
      if (report.outcome === 'interrupted') break;
    }
    const { from, to } = collection.wanted;
    return { folder: options.folder, from, to, domains: [...collection.domains].sort(), parts };
  } finally {
    await folder.close();
  }
}

async function run(
  report: PartReport,
  { parts: named, signal }: CollectOptions,
  shared: Collection,
  isFirst: boolean,
): Promise<void> {
  const { part } = report;
  const collection: Collection = {
    ...shared,
    count(rows, files) {
      report.rows += rows;
      report.files += files;
    },
    note(text) {
      if (report.notes.length < MOST_NOTES) report.notes.push(text);
    },
  };
  try {
    await RUNNERS[part](collection);
  } catch (error) {
    if (signal?.aborted) {
      report.outcome = 'interrupted';
      return;
    }
    if (!(error instanceof CollectError)) throw error;
    if (isFirst && FATAL.has(error.code)) throw error;
    const lacking = named === undefined && OPTIONAL.has(part) && LACKING.has(error.code);
    report.outcome = lacking ? 'skipped' : 'failed';
    report.problem = error.message;
  }
}

function prepare(
  options: CollectOptions,
  { http, clock, random }: CollectWorld,
  folder: EvidenceFolder,
  keeper: StateKeeper,
  state: CollectState,
): Collection {
  const tokens = new Tokens(options.app, options.loginUrl, http, clock);
  const now = clock.now();
  return {
    client: new ServiceClient({ http, tokens, clock, random, waiting: options.waiting }),
    clock,
    folder,
    keeper,
    state,
    graphUrl: options.graphUrl,
    exchangeUrl: options.exchangeUrl,
    tenantId: () => tokens.tenantId(options.signal),
    wanted: { from: now - Math.min(options.days, 90) * DAY_MS, to: now - options.settleMs },
    // "100 requests per 5 minutes"
    tracePace: new Pace(clock, 100, 300_000),
    // at least 45 calls a minute are allowed to a tenant, which other programs share
    huntingPace: new Pace(clock, 30, 60_000),
    domains: new Set(options.domains.map((domain) => domain.toLowerCase())),
    detailsPerSender: options.detailsPerSender,
    signal: options.signal,
    progress: options.progress ?? (() => undefined),
    count: () => undefined,
    note: () => undefined,
  };
}

/** After that nobody asks for a period again: the service has forgotten it. */
const KEPT_MS = 100 * DAY_MS;

async function stateFor(
  { app, folder }: CollectOptions,
  keeper: StateKeeper,
  now: number,
): Promise<CollectState> {
  const state = await keeper.load();
  if (state === undefined) return { version: 1, tenant: app.tenant, trace: [], hunting: [] };
  if (state.tenant.toLowerCase() !== app.tenant.toLowerCase()) {
    throw new CollectError(
      'folder',
      `${folder} holds evidence of another tenant (${state.tenant}); collect into a folder of its own`,
    );
  }
  const recent = ({ to }: { to: number }): boolean => to > now - KEPT_MS;
  return { ...state, trace: state.trace.filter(recent), hunting: state.hunting.filter(recent) };
}
