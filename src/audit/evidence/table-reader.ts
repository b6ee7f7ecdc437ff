import { CsvRecord } from './csv-record.ts';
import { type CsvHeader, findHeader } from './csv-header.ts';
import { CSV_LIMITS, type CsvRow, CsvScanner } from './csv-scanner.ts';
import { type Mapping, tableOf } from './fields.ts';
import { ASKED, type TableKind } from './kinds.ts';
import { type DateOrder, DateOrderSurvey, isoMoment } from './moments.ts';
import type { Observation } from './observation.ts';
import type { Findings } from './report.ts';
import { headOf, type Source } from './source.ts';
import type { Place, Step } from './step.ts';
import { BUILDERS } from './tables/builders.ts';
import { fieldText, Transcoder } from './transcoder.ts';

const HEAD = 262_144;

export interface TableOptions {
  mappings: readonly Mapping[];
  /** Given by a person; else found out. */
  dateOrder: DateOrder | undefined;
}

/** Reads delimited text of any kind of table. Nothing is kept of a row; the steps say how far it came. */
export async function* readTable(
  source: Source,
  findings: Findings,
  options: TableOptions,
  place: Place | undefined,
): AsyncGenerator<Step> {
  const { report } = findings;
  const raw = await headOf(source, HEAD);
  const header = findHeader(decoded(raw), raw.length < HEAD, options.mappings);
  if (!header) {
    findings.note('no table: neither names of columns nor a delimiter were found');
    return;
  }
  report.delimiter = String.fromCharCode(header.delimiter);
  const { kind, mapping } = header;
  if (kind === undefined) {
    const missing = ASKED.filter((field) => header.layout.places[field] === undefined);
    report.outcome = 'question';
    report.question = { columns: header.columns.slice(0, 200), missing, required: true };
    findings.note(`the columns are not known; say which is ${missing.join(', ') || 'which'} with a mapping`);
    return;
  }
  findings.kind(kind);
  if (mapping) report.mapping = { table: tableOf(header.columns), kind, columns: mapping.columns };
  else ask(findings, kind, header);

  report.dates = await dateOrderOf(source, header, options.dateOrder);
  const transcoder = new Transcoder(raw);
  report.encoding = transcoder.mark ? `${transcoder.encoding}, with mark` : transcoder.encoding;
  yield* rows(source, findings, header, kind, transcoder, place);
}

async function* rows(
  source: Source,
  findings: Findings,
  header: CsvHeader,
  kind: TableKind,
  transcoder: Transcoder,
  place: Place | undefined,
): AsyncGenerator<Step> {
  const { report } = findings;
  const record = new CsvRecord(header.layout, header.mapping?.columns ?? {});
  record.order = report.dates?.order;
  record.row = place?.row ?? 0;
  const table = new TableRows(findings, header, kind, record);
  const scanner = new CsvScanner(header.delimiter, table);
  scanner.expect(header.columns.length);
  let toSkip = place ? 0 : header.length;
  let read = place?.offset ?? 0;
  if (place) transcoder.resume();
  for await (const chunk of source.open(read)) {
    read += chunk.length;
    let octets = transcoder.feed(chunk);
    if (toSkip > 0) {
      const skipped = Math.min(toSkip, octets.length);
      toSkip -= skipped;
      octets = octets.subarray(skipped);
    }
    scanner.feed(octets);
    const back = scanner.continuable && toSkip === 0 ? transcoder.originalLength(scanner.held) : undefined;
    yield {
      observations: table.take(),
      read,
      place: back === undefined || !source.seekable ? undefined : { offset: read - back, row: record.row },
    };
  }
  scanner.feed(transcoder.finish());
  table.last = true;
  scanner.finish();
  if (transcoder.mixed) {
    report.encoding = 'mixed';
    findings.note('the encoding changes inside of the file, as when two exports were joined');
  }
  yield { observations: table.take(), read, place: undefined };
}

/** Makes observations of rows, and counts what becomes of each. */
class TableRows {
  last = false;
  readonly #findings: Findings;
  readonly #header: CsvHeader;
  readonly #record: CsvRecord;
  readonly #build: (typeof BUILDERS)[TableKind];
  readonly #columns: number;
  #batch: Observation[] = [];

  constructor(findings: Findings, header: CsvHeader, kind: TableKind, record: CsvRecord) {
    this.#findings = findings;
    this.#header = header;
    this.#record = record;
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
      this.#batch.push(observation);
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
    const needed = Math.max(...Object.values(this.#header.layout.places));
    return row.count > needed ? undefined : 'fewer fields than columns';
  }
}

/** What a table of this kind could say and this one does not. */
function ask(findings: Findings, kind: TableKind, header: CsvHeader): void {
  if (kind !== 'connector-report' || header.layout.places.connector_name !== undefined) return;
  if (header.layout.places.connector_type !== undefined) return;
  findings.report.question = {
    columns: header.columns.slice(0, 200),
    missing: ['connector_name'],
    required: false,
  };
  findings.note(
    'no column tells the connector: if the search was for mail without connector, say so with the mapping connector_name "=none"',
  );
}

const decoded = (head: Buffer): Buffer => new Transcoder(head).feed(head);

/** Goes through the dates until one decides; all of them, where none does. */
async function dateOrderOf(
  source: Source,
  header: CsvHeader,
  given: DateOrder | undefined,
): Promise<{ order: DateOrder; how: string } | undefined> {
  const place = header.layout.places.time;
  if (place === undefined) return undefined;
  const survey = new DateOrderSurvey();
  let undecided = 0;
  let seen = 0;
  let previous = '';
  const handler = {
    row(row: CsvRow): void {
      if (place >= row.count || survey.decided) return;
      seen++;
      if (isoMoment(row.buffer, row.starts[place]!, row.ends[place]!) !== undefined) return;
      // days repeat for thousands of rows
      const text = fieldText(row.octets(place)).trim();
      const day = text.slice(0, 10);
      if (day === previous) return;
      previous = day;
      if (!survey.add(text)) undecided++;
    },
    tooLong: () => undefined,
  };
  const scanner = new CsvScanner(header.delimiter, handler);
  scanner.expect(header.columns.length);
  let transcoder: Transcoder | undefined;
  let toSkip = header.length;
  for await (const chunk of source.open()) {
    transcoder ??= new Transcoder(chunk);
    const octets = transcoder.feed(chunk);
    const skipped = Math.min(toSkip, octets.length);
    toSkip -= skipped;
    scanner.feed(octets.subarray(skipped));
    if (survey.decided || (seen >= 1000 && undecided === 0)) break;
  }
  if (transcoder && !survey.decided) scanner.finish();
  const found = survey.verdict();
  return found && given !== undefined ? { order: given, how: 'as told' } : found;
}
