import { CsvScanner, type CsvRow } from './csv-scanner.ts';
import { FIELD_NAMES, type Layout, layoutOf, type Mapping, mappingFor } from './fields.ts';
import { kindOf, type TableKind } from './kinds.ts';
import { fieldText } from './transcoder.ts';
import { unwrapped } from './values.ts';

export interface CsvHeader {
  /** Octet of the delimiter. */
  delimiter: number;
  columns: string[];
  layout: Layout;
  mapping: Mapping | undefined;
  kind: TableKind | undefined;
  /** Octets of UTF-8 before the first row. */
  length: number;
}

const DELIMITERS = [',', ';', '\t', '|'].map((character) => character.charCodeAt(0));
/** Titles and remarks before the names of columns. */
const MOST_LINES = 20;

/**
 * Finds the line with the names of columns, and the delimiter: the first line that makes a table of a known kind, else the one
 * with most known columns. `sep=;` of Excel and `#TYPE` of PowerShell are such lines before it. Undefined when nothing
 * looks like a table.
 * @param head the first octets in UTF-8, without byte order mark.
 * @param whole `head` is all there is.
 */
export function findHeader(
  head: Buffer,
  whole: boolean,
  mappings: readonly Mapping[],
): CsvHeader | undefined {
  let best: { header: CsvHeader; known: number } | undefined;
  let start = 0;
  for (let line = 0; line < MOST_LINES && start < head.length; line++) {
    for (const delimiter of DELIMITERS) {
      const header = headerAt(head, start, whole, delimiter, mappings);
      if (!header) continue;
      const known =
        Object.keys(header.layout.places).length + (header.kind === undefined ? 0 : FIELD_NAMES.length);
      if (!best || known > best.known || (known === best.known && better(header, best.header))) {
        best = { header, known };
      }
    }
    if (best?.header.kind !== undefined) break;
    const next = head.indexOf(10, start);
    if (next === -1) break;
    start = next + 1;
  }
  if (!best) return undefined;
  const { header, known } = best;
  return header.kind !== undefined || known > 0 || isTable(head, header) ? header : undefined;
}

/** Whether what follows has as many fields as the names, and at least three: prose has commas too. */
function isTable(head: Buffer, header: CsvHeader): boolean {
  const counts: number[] = [];
  const scanner = new CsvScanner(header.delimiter, {
    row: ({ count }) => counts.push(count),
    tooLong: () => undefined,
  });
  scanner.feed(head.subarray(header.length, header.length + 65_536));
  scanner.finish();
  const { length } = header.columns;
  return length >= 3 && counts.length >= 2 && counts.slice(0, 3).every((count) => count === length);
}

/** The first line found stays, unless it has no more than one column that is known by chance. */
const better = (a: CsvHeader, b: CsvHeader): boolean =>
  b.kind === undefined && a.columns.length > b.columns.length;

function headerAt(
  head: Buffer,
  start: number,
  whole: boolean,
  delimiter: number,
  mappings: readonly Mapping[],
): CsvHeader | undefined {
  let columns: string[] | undefined;
  let end = 0;
  const take = (row: CsvRow): void => {
    if (columns) return;
    columns = Array.from({ length: row.count }, (_, place) => unwrapped(fieldText(row.octets(place))));
    end = row.end;
  };
  const scanner = new CsvScanner(delimiter, { row: take, tooLong: () => undefined });
  // names of columns are short: a table whose header is longer than this is none
  const octets = head.subarray(start, start + 65_536);
  scanner.feed(octets);
  if (whole) scanner.finish();
  // delimiters at the end of the line make columns without a name
  while (columns?.length && columns.at(-1) === '') columns.pop();
  if (!columns || columns.length < 2 || columns.some((name) => name.length > 200)) return undefined;
  const mapping = mappingFor(columns, mappings);
  const layout = layoutOf(columns, mapping?.columns);
  const has = (field: keyof Layout['places']): boolean =>
    layout.places[field] !== undefined || mapping?.columns[field]?.startsWith('=') === true;
  const kind = (mapping?.kind as TableKind | undefined) ?? kindOf(has);
  return { delimiter, columns, layout, mapping, kind, length: start + end };
}
