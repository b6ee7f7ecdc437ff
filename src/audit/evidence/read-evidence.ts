/**
 * Reads evidence of every kind from files, folders and archives, and hands observations to a sink as they come.
 * Everything streams. What was read completely is not read again; what was not is taken up where it ended, and a
 * file that grew is read from its old end.
 */
import { createHash } from 'node:crypto';
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  Budget,
  CONTAINER_LIMITS,
  type ContainerLimits,
  inflated,
  tarMembers,
  zipMembers,
} from './containers.ts';
import { detect } from './detect.ts';
import { readDmarc } from './dmarc-reader.ts';
import type { Mapping } from './fields.ts';
import { readList } from './list-reader.ts';
import { readMbox, readMessage, readOutlook } from './mail/reader.ts';
import type { DateOrder } from './moments.ts';
import type { Observation } from './observation.ts';
import { type FileReport, Findings } from './report.ts';
import type { RowFilter } from './row-filter.ts';
import { fileSource, headOf, type Source, TooLarge } from './source.ts';
import type { Place, Step } from './step.ts';
import type { BlockReaders } from './table-block.ts';
import { readTable } from './table-reader.ts';

/** A file as it was when it was read; kept between runs. */
export interface FileState {
  /** Number of the file in all observations. */
  file: number;
  name: string;
  /** Octets. */
  size: number;
  /** Milliseconds. */
  modified: number;
  /** Of the first and of the last MB, SHA-256. Empty for a member of an archive. */
  head: string;
  tail: string;
  /** All of it was read. */
  done: boolean;
  place?: Place;
  report: FileReport;
}

export interface ReadOptions {
  /** States of earlier runs. */
  known?: readonly FileState[];
  /** What a person said of columns, and what earlier reports returned. */
  mappings?: readonly Mapping[];
  /** Where a person says it; else found out for each file. */
  dateOrder?: DateOrder;
  limits?: Partial<ContainerLimits>;
  signal?: AbortSignal;
  /** Takes rows before the sink. */
  filter?: RowFilter;
  /** Reads large tables in several places at once; each with a filter of its own. */
  blocks?: BlockReaders;
}

/**
 * Takes observations in order, and what filters of block readers have gleaned; a promise holds the reading up until it
 * is fulfilled.
 */
export type EvidenceSink = (observations: Observation[], gleaned: unknown) => void | Promise<void>;

export type ReadProgress =
  /** All that will be read, before anything is. */
  | { type: 'plan'; files: number; octets: number }
  /** A file is begun from its start: what earlier runs kept of it under this number is void. */
  | { type: 'begin'; file: number; name: string }
  /**
   * All observations up to here were taken. A state that is stored together with them lets a killed run continue;
   * it is absent where the file would have to be read anew.
   */
  | {
      type: 'progress';
      file: number;
      name: string;
      read: number;
      size: number;
      rows: number;
      state?: FileState;
    }
  /** A file, or a member of an archive, is done. */
  | { type: 'file'; report: FileReport; state: FileState }
  /** A file that was read in an earlier run; where `report.name` is another name, it has the same content as that one. */
  | { type: 'known'; name: string; report: FileReport };

const MEGABYTE = 1_048_576;
const MOST_FILES = 100_000;
const MOST_FOLDERS = 32;

/**
 * @param paths files and folders; folders are walked, symbolic links in them are not followed.
 * @throws for a path that is not there; what can't be read inside of a folder is reported as refused.
 */
export async function* readEvidence(
  paths: readonly string[],
  options: ReadOptions,
  sink: EvidenceSink,
): AsyncGenerator<ReadProgress> {
  const files: { name: string; size: number; modified: number }[] = [];
  for (const given of paths) await collect(await realpath(given), files, 0);
  yield { type: 'plan', files: files.length, octets: files.reduce((sum, { size }) => sum + size, 0) };
  const reading = new Reading(options, sink);
  for (const file of files) yield* reading.file(file.name, file.size, file.modified);
}

async function collect(
  name: string,
  files: { name: string; size: number; modified: number }[],
  depth: number,
): Promise<void> {
  const info = depth === 0 ? await stat(name) : await lstat(name);
  if (info.isDirectory() && depth < MOST_FOLDERS) {
    for (const member of (await readdir(name)).sort())
      await collect(path.join(name, member), files, depth + 1);
  } else if (info.isFile()) {
    if (files.length >= MOST_FILES)
      throw new Error(`more than ${MOST_FILES} files: name folders that have fewer`);
    if (!files.some((known) => known.name === name))
      files.push({ name, size: info.size, modified: info.mtimeMs });
  }
}

class Reading {
  readonly #options: ReadOptions;
  readonly #limits: ContainerLimits;
  readonly #sink: EvidenceSink;
  readonly #states = new Map<string, FileState>();
  #next: number;

  constructor(options: ReadOptions, sink: EvidenceSink) {
    this.#options = options;
    this.#limits = { ...CONTAINER_LIMITS, ...options.limits };
    this.#sink = sink;
    for (const state of options.known ?? []) this.#states.set(state.name, state);
    this.#next = Math.max(0, ...[...this.#states.values()].map(({ file }) => file)) + 1;
  }

  async *file(name: string, size: number, modified: number): AsyncGenerator<ReadProgress> {
    const known = this.#states.get(name);
    let identity: { head: string; tail: string };
    try {
      identity = await identify(name, size);
    } catch (error) {
      yield this.#unreadable(name, size, modified, error);
      return;
    }
    const state: FileState = {
      file: known?.file ?? this.#next++,
      name,
      size,
      modified,
      ...identity,
      done: false,
      report: new Findings(0, name).report,
    };
    let resumed: Place | undefined;
    if (known && known.size <= size) {
      const unchanged = known.size === size && known.head === state.head && known.tail === state.tail;
      if (unchanged && known.done && !asks(known, this.#options.mappings)) {
        yield { type: 'known', name, report: known.report };
        return;
      }
      // what was asked about is read from its start
      const anew = asks(known, this.#options.mappings) || (unchanged && known.done);
      if (known.place && !anew && (unchanged || (await grew(known, name)))) resumed = known.place;
    }
    const twin = [...this.#states.values()].find(
      (other) =>
        other.name !== name &&
        other.done &&
        other.size === size &&
        other.head === state.head &&
        other.tail === state.tail &&
        size > 0,
    );
    if (!known && twin) {
      this.#next--;
      yield { type: 'known', name, report: twin.report };
      return;
    }
    const source = fileSource(name, size);
    yield* this.#source(source, state, new Budget(this.#limits.inflatedBytes), resumed, known?.report);
  }

  /** Reads what a source is, members one by one. */
  async *#source(
    source: Source,
    state: FileState,
    budget: Budget,
    resumed: Place | undefined,
    earlier: FileReport | undefined,
  ): AsyncGenerator<ReadProgress> {
    const findings = new Findings(state.file, source.name);
    if (resumed && earlier) Object.assign(findings.report, structuredClone(earlier), { outcome: 'other' });
    state.report = findings.report;
    if (!resumed) yield { type: 'begin', file: state.file, name: source.name };
    try {
      if (source.depth > this.#limits.depth) {
        findings.report.outcome = 'refused';
        findings.note(`an archive in more than ${this.#limits.depth} others`);
      } else {
        yield* this.#content(source, state, findings, budget, resumed);
      }
    } catch (error) {
      if (this.#options.signal?.aborted || !(error instanceof Error) || error instanceof SinkError)
        throw error;
      findings.report.outcome = findings.report.used > 0 ? 'partly' : 'refused';
      findings.report.cut = true;
      findings.note(`not read to its end: ${error instanceof TooLarge ? error.message : faultOf(error)}`);
    }
    findings.close();
    state.done = true;
    this.#states.set(state.name, state);
    yield { type: 'file', report: findings.report, state };
  }

  async *#content(
    source: Source,
    state: FileState,
    findings: Findings,
    budget: Budget,
    resumed: Place | undefined,
  ): AsyncGenerator<ReadProgress> {
    const content = detect(await headOf(source, 65_536));
    const { mappings = [], dateOrder, filter, blocks } = this.#options;
    if (typeof content === 'object') {
      findings.note(content.other);
      return;
    }
    switch (content) {
      case 'gzip':
      case 'zstd':
        findings.report.kind = 'archive';
        yield* this.#member(inflated(source, content, budget, this.#limits, findings), budget);
        return;
      case 'zip':
        findings.report.kind = 'archive';
        for await (const member of zipMembers(source, budget, this.#limits, findings)) {
          findings.report.rows++;
          yield* this.#member(member, budget);
        }
        return;
      case 'tar':
        findings.report.kind = 'archive';
        for await (const member of tarMembers(source, this.#limits, findings)) {
          findings.report.rows++;
          yield* this.#member(member, budget);
        }
        return;
      case 'table':
        yield* this.#steps(
          readTable(source, findings, { mappings, dateOrder, filter, blocks }, resumed),
          source,
          state,
        );
        return;
      case 'json':
        yield* this.#steps(readList(source, findings, mappings, resumed), source, state);
        return;
      case 'dmarc':
        yield* this.#steps(readDmarc(source, findings), source, state);
        return;
      case 'mail':
        yield* this.#mail(readMessage(source, findings, this.#limits.memoryBytes), source, state, budget);
        return;
      case 'mbox':
        yield* this.#mail(readMbox(source, findings, this.#limits.memoryBytes), source, state, budget);
        return;
      case 'compound':
        yield* this.#mail(readOutlook(source, findings, this.#limits.memoryBytes), source, state, budget);
    }
  }

  async *#member(source: Source, budget: Budget): AsyncGenerator<ReadProgress> {
    const known = this.#states.get(source.name);
    const state: FileState = {
      file: known?.file ?? this.#next++,
      name: source.name,
      size: source.size ?? 0,
      modified: 0,
      head: '',
      tail: '',
      done: false,
      report: new Findings(0, source.name).report,
    };
    yield* this.#source(source, state, budget, undefined, undefined);
  }

  async *#steps(steps: AsyncIterable<Step>, source: Source, state: FileState): AsyncGenerator<ReadProgress> {
    for await (const step of steps) yield await this.#hand(step, source, state);
  }

  async *#mail(
    steps: AsyncIterable<Step & { inside: Source[] }>,
    source: Source,
    state: FileState,
    budget: Budget,
  ): AsyncGenerator<ReadProgress> {
    for await (const step of steps) {
      yield await this.#hand(step, source, state);
      for (const inside of step.inside) yield* this.#member(inside, budget);
    }
  }

  async #hand(step: Step, source: Source, state: FileState): Promise<ReadProgress> {
    this.#options.signal?.throwIfAborted();
    if (step.observations.length > 0 || step.gleaned !== undefined) {
      try {
        await this.#sink(step.observations, step.gleaned);
      } catch (error) {
        throw new SinkError('what was read could not be stored', { cause: error });
      }
    }
    const { file, report } = state;
    const progress = {
      type: 'progress',
      file,
      name: source.name,
      read: step.read,
      size: source.size ?? 0,
      rows: report.rows,
    } as const;
    // a member of an archive is found again only through the archive
    if (step.place === undefined || source.path === undefined) return progress;
    state.place = step.place;
    return { ...progress, state: { ...state, report: structuredClone(report) } };
  }

  #unreadable(name: string, size: number, modified: number, error: unknown): ReadProgress {
    const findings = new Findings(this.#states.get(name)?.file ?? this.#next++, name);
    findings.report.outcome = 'refused';
    findings.note(faultOf(error));
    const { report } = findings;
    return {
      type: 'file',
      report,
      state: { file: report.file, name, size, modified, head: '', tail: '', done: false, report },
    };
  }
}

/** What was read can't be kept: no fault of the file. */
class SinkError extends Error {}

function faultOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/[\r\n]+/g, ' ').slice(0, 300) : 'unknown fault';
}

/** A table whose columns were not understood is looked at again when there is a mapping that may be for it. */
const asks = ({ report }: FileState, mappings: readonly Mapping[] = []): boolean =>
  report.question !== undefined && report.mapping === undefined && mappings.length > 0;

async function identify(name: string, size: number): Promise<{ head: string; tail: string }> {
  const length = Math.min(size, MEGABYTE);
  return { head: await hash(name, 0, length), tail: await hash(name, size - length, length) };
}

/** The file still begins with what it was. */
async function grew(known: FileState, name: string): Promise<boolean> {
  const length = Math.min(known.size, MEGABYTE);
  if ((await hash(name, 0, length)) !== known.head) return false;
  return (await hash(name, known.size - length, length)) === known.tail;
}

async function hash(name: string, from: number, length: number): Promise<string> {
  const file = await open(name, 'r');
  try {
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await file.read(buffer, 0, length, from);
    return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
  } finally {
    await file.close();
  }
}
