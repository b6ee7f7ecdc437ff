import { stringify } from 'csv-stringify/sync';
import { guardCell } from '../../sources/exchange/cell.ts';

/** Lines of CSV (RFC 4180), every cell quoted and none of them a formula: what strangers wrote is in them. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return stringify(
    rows.map((row) => row.map((cell) => guardCell(cell.replaceAll(CONTROLS, ' ')))),
    { quoted: true, quoted_empty: true, record_delimiter: 'windows' },
  );
}

/** Line ends too: a cell of one line can not be taken for another row by who splits lines. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
