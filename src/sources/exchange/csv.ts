import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { RegistryError } from '../registry.ts';
import { guardCell, unguardCell } from './cell.ts';
import { cellsOf, COLUMNS, type ExchangeRow, fieldsOf } from './row.ts';

const CHUNK = 65_536;
const LONGEST_RECORD = 65_536;

/** Lines of CSV (RFC 4180), every cell quoted and none of them a formula. */
export function csvLines(rows: readonly ExchangeRow[]): string {
  return lines(rows.map(cellsOf));
}

export function csvHead(): string {
  return lines([[...COLUMNS]]);
}

function lines(cells: string[][]): string {
  return stringify(
    cells.map((row) => row.map(guardCell)),
    { quoted: true, quoted_empty: true, record_delimiter: 'windows' },
  );
}

/**
 * The rows of a CSV file, unchecked, with the number of their line. Takes commas, semicolons and tabs, whichever the
 * first line has: spreadsheets write what their country prefers.
 * @throws RegistryError `invalid` for a file that is no CSV, or has columns that are not known
 */
export async function* csvRows(
  file: string,
): AsyncGenerator<{ line: number; fields: Record<string, unknown> }> {
  const parser = Readable.from(chunks(file)).pipe(
    parse({
      bom: true,
      delimiter: delimiterOf(file),
      columns: (head: string[]) => head.map(columnOf),
      info: true,
      skip_empty_lines: true,
      relax_column_count_less: true,
      max_record_size: LONGEST_RECORD,
    }),
  );
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      const cells = Object.fromEntries(
        Object.entries(record).map(([column, text]) => [column, unguardCell(text)]),
      );
      yield { line: info.lines, fields: fieldsOf(cells) };
    }
  } catch (error) {
    if (error instanceof CsvError) throw new RegistryError('invalid', `the file is no CSV: ${error.message}`);
    throw error;
  }
}

function* chunks(file: string): Generator<string> {
  for (let at = 0; at < file.length; at += CHUNK) yield file.slice(at, at + CHUNK);
}

function delimiterOf(file: string): string {
  const head = file.slice(0, 4096).split(/\r?\n/, 1)[0] ?? '';
  const count = (delimiter: string) => head.split(delimiter).length;
  return [';', '\t'].find((delimiter) => count(delimiter) > count(',')) ?? ',';
}

/** As people write heads: `Recipient patterns`, `recipient_patterns`. */
function columnOf(text: string): string {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[\s_-]/g, '');
  const found = COLUMNS.find((column) => plain(column) === plain(unguardCell(text)));
  if (found) return found;
  throw new RegistryError(
    'invalid',
    `there is no column ${JSON.stringify(text.slice(0, 40))}; there are ${COLUMNS.join(', ')}`,
  );
}
