import type { DateOrder } from './moments.ts';
import type { FieldName, Mapping } from './fields.ts';
import type { EvidenceKind } from './observation.ts';

/** What became of one file or archive member. Nothing is passed over that is not counted here. */
export interface FileReport {
  file: number;
  /** Path; of a member of an archive `archive.zip!member.csv`. */
  name: string;
  /** Of which kind it is, found by its content; `mixed` has several. */
  kind?: EvidenceKind | 'mixed' | 'archive' | 'mail' | 'settings';
  outcome: /** All of it. */
    | 'read'
    /** Rows were refused, or its end was missing. */
    | 'partly'
    /** Nothing of it could be used; `notes` say why. */
    | 'refused'
    /** A table whose columns are not understood: `question` asks. */
    | 'question'
    /** No evidence at all. */
    | 'other';
  /** Its end is missing: what would come after is not known. */
  cut?: true;
  rows: number;
  /** Rows that gave observations. */
  used: number;
  observations: number;
  /** Rows that are read but tell nothing of an arrival, by what they are. */
  aside: Record<string, number>;
  refused: number;
  /** Why, with how often. */
  reasons: Record<string, number>;
  /** The first refused rows. */
  faults: { row: number; reason: string }[];
  encoding?: string;
  delimiter?: string;
  /** Of the observations, milliseconds. */
  period?: { from: number; to: number };
  dates?: { order: DateOrder; how: string };
  /** What else a person should know, one sentence each. */
  notes: string[];
  /** Columns that are missing; answered by a mapping. */
  question?: { columns: string[]; missing: FieldName[]; required: boolean };
  /** The mapping that was used: to be kept, and given with the next run. */
  mapping?: Mapping;
}

const MOST_FAULTS = 50;
const MOST_REASONS = 100;
const MOST_NOTES = 50;

/** Collects a report while a file is read. */
export class Findings {
  readonly report: FileReport;

  constructor(file: number, name: string) {
    this.report = {
      file,
      name,
      outcome: 'other',
      rows: 0,
      used: 0,
      observations: 0,
      aside: {},
      refused: 0,
      reasons: {},
      faults: [],
      notes: [],
    };
  }

  refuse(row: number, reason: string): void {
    this.report.refused++;
    count(this.report.reasons, reason);
    if (this.report.faults.length < MOST_FAULTS) this.report.faults.push({ row, reason });
  }

  aside(reason: string): void {
    count(this.report.aside, reason);
  }

  note(text: string): void {
    const { notes } = this.report;
    if (notes.length < MOST_NOTES && !notes.includes(text)) notes.push(text);
  }

  kind(kind: EvidenceKind): void {
    const known = this.report.kind;
    if (known === undefined || known === 'mail') this.report.kind = kind;
    else if (known !== kind) this.report.kind = 'mixed';
  }

  seen(at: number | undefined, until = at): void {
    if (at === undefined || until === undefined) return;
    const period = (this.report.period ??= { from: at, to: until });
    if (at < period.from) period.from = at;
    if (until > period.to) period.to = until;
  }

  /** Adds what was found in a stretch of the file. @param before rows of the file before it */
  join(stretch: FileReport, before: number): void {
    const { report } = this;
    report.rows += stretch.rows;
    report.used += stretch.used;
    report.observations += stretch.observations;
    report.refused += stretch.refused;
    for (const [name, times] of Object.entries(stretch.aside)) count(report.aside, name, times);
    for (const [name, times] of Object.entries(stretch.reasons)) count(report.reasons, name, times);
    for (const { row, reason } of stretch.faults)
      if (report.faults.length < MOST_FAULTS) report.faults.push({ row: before + row, reason });
    for (const text of stretch.notes) this.note(text);
    this.seen(stretch.period?.from, stretch.period?.to);
  }

  /** The reading ended; what the counts mean for the outcome. */
  close(): FileReport {
    const { report } = this;
    if (report.outcome === 'question' || report.outcome === 'refused') return report;
    if (report.kind !== undefined) {
      if (report.refused > 0) report.outcome = report.used > 0 ? 'partly' : 'refused';
      else if (report.outcome !== 'partly') report.outcome = 'read';
    }
    return report;
  }
}

function count(counts: Record<string, number>, name: string, times = 1): void {
  const key = name in counts || Object.keys(counts).length < MOST_REASONS ? name : 'others';
  counts[key] = (counts[key] ?? 0) + times;
}
