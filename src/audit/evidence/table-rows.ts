import type { CsvHeader } from './csv-header.ts';
import type { CsvRecord } from './csv-record.ts';
import { CSV_LIMITS, type CsvRow } from './csv-scanner.ts';
import type { TableKind } from './kinds.ts';
import type { Observation } from './observation.ts';
import type { Findings } from './report.ts';
import type { RowFilter, TraceFilter } from './row-filter.ts';
import { BUILDERS } from './tables/builders.ts';

/** Makes observations of rows, and counts what becomes of each. */
export class TableRows {
  last = false;
  readonly #findings: Findings;
  readonly #record: CsvRecord;
  readonly #build: (typeof BUILDERS)[TableKind];
  readonly #columns: number;
  readonly #needed: number;
  readonly #filter: RowFilter | undefined;
  readonly #trace: TraceFilter | undefined;
  #batch: Observation[] = [];

  constructor(
    findings: Findings,
    header: CsvHeader,
    kind: TableKind,
    record: CsvRecord,
    filter: RowFilter | undefined,
  ) {
    this.#findings = findings;
    this.#record = record;
    this.#filter = filter;
    this.#trace = kind === 'trace' ? filter?.forTrace(header.layout.places) : undefined;
    this.#needed = Math.max(...Object.values(header.layout.places));
    this.#build = BUILDERS[kind];
    this.#columns = header.columns.length;
  }

  take(): Observation[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  tooLong(): void {
    this.#record.row++;
    this.#findings.report.rows++;
    this.#findings.refuse(this.#record.row, `longer than ${CSV_LIMITS.rowBytes} octets`);
  }

  row(row: CsvRow): void {
    const { report } = this.#findings;
    const record = this.#record;
    record.use(row);
    report.rows++;
    if (row.count !== this.#columns) {
      const fault = this.#misshapen(row);
      if (fault !== undefined) {
        this.#findings.refuse(record.row, fault);
        return;
      }
    } else if (row.unfinished === 'quote') {
      this.#findings.refuse(
        record.row,
        this.last ? 'the file ends inside of this row' : 'a quote that is not closed',
      );
      return;
    }
    const at = this.#trace?.take(row, record);
    if (at !== undefined) {
      report.used++;
      report.observations++;
      this.#findings.seen(at);
      return;
    }
    const built = this.#build(record, report.file);
    if (!Array.isArray(built)) {
      if ('aside' in built) this.#findings.aside(built.aside);
      else this.#findings.refuse(record.row, built.refused);
      return;
    }
    report.used++;
    report.observations += built.length;
    for (const observation of built) {
      this.#findings.seen(observation.at, observation.until);
      if (!this.#filter?.take(observation)) this.#batch.push(observation);
    }
  }

  /** Why a row with another number of fields can't be used; undefined where only empty fields are missing or over. */
  #misshapen(row: CsvRow): string | undefined {
    const { report } = this.#findings;
    if (row.count > this.#columns) {
      for (let place = this.#columns; place < row.count; place++) {
        if (row.ends[place]! > row.starts[place]!)
          return 'more fields than columns: a delimiter or a quote inside of a field';
      }
      return row.overfull ? 'more fields than columns: a delimiter or a quote inside of a field' : undefined;
    }
    if (row.unfinished !== undefined && this.last) return 'the file ends inside of this row';
    // the names of columns once more, where files were joined, are no row
    if (row.count === 1 && report.rows > 0) return 'fewer fields than columns';
    return row.count > this.#needed ? undefined : 'fewer fields than columns';
  }
}
