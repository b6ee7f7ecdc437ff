import type { Clock } from '../../platform/clock.ts';
import type { Disk } from '../../platform/disk.ts';
import type { Resolver } from '../../platform/resolver.ts';
import { answer } from '../answer.ts';
import { AuditError } from '../audit-error.ts';
import { type FileState, type ReadProgress, readEvidence } from '../evidence/read-evidence.ts';
import { Findings, type FileReport } from '../evidence/report.ts';
import { Facts } from '../facts/facts.ts';
import type { Gleaning } from '../facts/gleaning.ts';
import { ReaderThreads } from './block-readers.ts';
import type { AuditBook, StoredAnswer } from './book.ts';
import { withReverseNames } from '../names/reverse-names.ts';
import { inPeriod } from './period.ts';
import { findingsOf } from './posture.ts';
import { ProgressMeter } from './progress-meter.ts';
import type { RunProgress, RunRequest } from './request.ts';
import { organisationOf, settingsAmong } from './settings.ts';

export interface RunRooms {
  book: AuditBook;
  disk: Disk;
  clock: Clock;
  /** Asked only where the request wants names. */
  resolver?: Resolver;
  progress?: (progress: RunProgress) => void;
  signal?: AbortSignal;
}

/**
 * Reads evidence into the audit and answers. What earlier runs have read is not read again; a run that was stopped or killed
 * is taken up where its last checkpoint was.
 * @throws AuditError, or the signal's reason when it was stopped: what was read until then is kept
 */
export async function runAudit(request: RunRequest, rooms: RunRooms): Promise<StoredAnswer> {
  const { book, clock, disk } = rooms;
  const lock = book.lock();
  try {
    const settings = await settingsAmong(disk, request.paths);
    const organisation = organisationOf(request, settings, await book.organisation());
    await book.keepOrganisation(organisation);
    await book.keepMappings(request.mappings ?? []);
    const facts = new Facts(book.db, organisation.tenant);
    if ((await facts.domainsMissed()).length > 0) {
      // rows about a domain that nobody had named were counted away: only the files still have them
      if (request.paths.length === 0)
        throw new AuditError(
          'domains',
          'a domain was added: name the evidence once more, it has to be read again',
        );
      await facts.forget();
    }
    const meter = new ProgressMeter(clock, rooms.progress);
    const threads = new ReaderThreads(organisation.tenant);
    let reports: FileReport[];
    try {
      reports = await new Intake(facts, meter, new Set(settings.files), threads, clock).read(request, rooms);
    } finally {
      await threads.close();
    }
    rooms.signal?.throwIfAborted();
    const { from, to, switchedAt } = request;
    if (request.ptr === true) meter.phase('names');
    const { source, report: names } = await withReverseNames(inPeriod(facts, from, to), {
      book,
      clock,
      ...(request.ptr === true && rooms.resolver && { resolver: rooms.resolver }),
      ...(rooms.signal && { signal: rooms.signal }),
    });
    meter.phase('judging');
    const result = await answer(source, {
      organisation,
      notes: book.notes,
      now: clock.now(),
      files: reports,
      ...(switchedAt !== undefined && { switchedAt }),
      ...(rooms.signal && { signal: rooms.signal }),
    });
    const stored: StoredAnswer = {
      at: clock.now(),
      organisation,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(switchedAt !== undefined && { switchedAt }),
      answer: result,
      files: reports,
      findings: findingsOf(organisation, result.senders, result.effects),
      ...(names && { names }),
    };
    await book.keepAnswer(stored);
    meter.phase('done');
    return stored;
  } finally {
    lock.release();
  }
}

/** No more than this is lost of a run that is killed, and what one block takes. */
const KEEP_MS = 1000;

/** Between the reader and the facts: checkpoints with the reader's own states. */
class Intake {
  readonly #facts: Facts;
  readonly #meter: ProgressMeter;
  /** Files that are settings and no evidence. */
  readonly #settings: ReadonlySet<string>;
  readonly #threads: ReaderThreads;
  readonly #clock: Clock;
  readonly #reports = new Map<string, FileReport>();
  /** Monotonic time of the last checkpoint. */
  #kept: number;

  constructor(
    facts: Facts,
    meter: ProgressMeter,
    settings: ReadonlySet<string>,
    threads: ReaderThreads,
    clock: Clock,
  ) {
    this.#facts = facts;
    this.#meter = meter;
    this.#settings = settings;
    this.#threads = threads;
    this.#clock = clock;
    this.#kept = clock.monotonic();
  }

  async read(request: RunRequest, { book, signal }: RunRooms): Promise<FileReport[]> {
    const known = (await this.#facts.positions()) as FileState[];
    for (const { name, report, size } of known) {
      this.#reports.set(name, report);
      this.#meter.knows(name, size);
    }
    if (request.paths.length > 0) {
      this.#meter.phase('reading');
      const steps = readEvidence(
        request.paths,
        {
          known,
          mappings: await book.mappings(),
          ...(request.dateOrder && { dateOrder: request.dateOrder }),
          ...(signal && { signal }),
          filter: this.#facts.filter,
          blocks: this.#threads,
        },
        (observations, gleaned) => {
          if (gleaned !== undefined) this.#facts.join(gleaned as Gleaning);
          for (const observation of observations) this.#facts.add(observation);
        },
      );
      for await (const step of steps) await this.#take(step);
      const mapped = [...this.#reports.values()].flatMap(({ mapping }) => mapping ?? []);
      await book.keepMappings(mapped.filter(({ table }) => table !== undefined));
    }
    return [...this.#reports.values()].map((report) => this.#withSettings(report));
  }

  async #take(step: ReadProgress): Promise<void> {
    this.#meter.take(step);
    switch (step.type) {
      case 'plan':
        return;
      case 'begin':
        await this.#facts.begin(step.file, step.name);
        return;
      case 'progress':
        if (!this.#facts.isFull && this.#clock.monotonic() - this.#kept < KEEP_MS) return;
        await this.#facts.checkpoint(step.file, step.state);
        this.#kept = this.#clock.monotonic();
        return;
      case 'file': {
        const { report, state } = step;
        // what could not even be opened was never begun
        if (state.head === '' && !state.done) await this.#facts.begin(state.file, state.name);
        await this.#facts.checkpoint(state.file, state, state.done);
        this.#reports.set(state.name, report);
        return;
      }
      case 'known':
        this.#reports.set(
          step.name,
          step.name === step.report.name ? step.report : sameAs(step.name, step.report),
        );
    }
  }

  #withSettings(report: FileReport): FileReport {
    if (!this.#settings.has(report.name)) return report;
    const { question: _, ...rest } = report;
    return {
      ...rest,
      outcome: 'read',
      kind: 'settings',
      used: rest.rows,
      refused: 0,
      reasons: {},
      faults: [],
      notes: [],
    };
  }
}

function sameAs(name: string, { file, name: other }: FileReport): FileReport {
  const findings = new Findings(file, name);
  findings.note(`the same as ${other}`);
  return { ...findings.report, outcome: 'read' };
}
