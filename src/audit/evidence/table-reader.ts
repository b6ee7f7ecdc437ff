import { CsvRecord } from './csv-record.ts';
import { type CsvHeader, findHeader } from './csv-header.ts';
import { type CsvRow, CsvScanner } from './csv-scanner.ts';
import { type Mapping, tableOf } from './fields.ts';
import { ASKED, type TableKind } from './kinds.ts';
import { type DateOrder, DateOrderSurvey, isoMoment } from './moments.ts';
import type { Findings } from './report.ts';
import type { RowFilter } from './row-filter.ts';
import { headOf, type Source } from './source.ts';
import type { Place, Step } from './step.ts';
import type { BlockReaders, Table } from './table-block.ts';
import { TableBlocks } from './table-blocks.ts';
import { TableRows } from './table-rows.ts';
import { fieldText, Transcoder } from './transcoder.ts';

const HEAD = 262_144;

export interface TableOptions {
  mappings: readonly Mapping[];
  /** Given by a person; else found out. */
  dateOrder: DateOrder | undefined;
  filter?: RowFilter | undefined;
  /** Read a large file in several places at once. */
  blocks?: BlockReaders | undefined;
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

  const dates = await dateOrderOf(source, header, options.dateOrder);
  if (dates) report.dates = dates;
  const { encoding, mark } = new Transcoder(raw);
  report.encoding = mark ? `${encoding}, with mark` : encoding;
  const table = { header, kind, order: report.dates?.order };
  const sequential = (from: Place | undefined): AsyncGenerator<Step> =>
    rows(source, findings, table, new Transcoder(raw), from, options.filter);
  const { blocks } = options;
  if (!blocks || encoding === 'utf-16be' || !TableBlocks.suit(source, blocks)) {
    yield* sequential(place);
    return;
  }
  const names = decoded(raw).subarray(0, header.length);
  const before = encoding === 'utf-8' ? header.length : names.toString('utf8').length * 2;
  const markLength = encoding === 'utf-8' ? 3 : 2;
  const first = place ?? { offset: before + (mark ? markLength : 0), row: 0 };
  yield* new TableBlocks(source, findings, { ...table, encoding }, blocks, sequential).steps(first);
}

async function* rows(
  source: Source,
  findings: Findings,
  { header, kind, order }: Table,
  transcoder: Transcoder,
  place: Place | undefined,
  filter: RowFilter | undefined,
): AsyncGenerator<Step> {
  const { report } = findings;
  const record = new CsvRecord(header.layout, header.mapping?.columns ?? {});
  record.order = order;
  record.row = place?.row ?? 0;
  const table = new TableRows(findings, header, kind, record, filter);
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
