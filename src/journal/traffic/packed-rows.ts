import { countsOf, MEASURES, type Row } from './counts.ts';
import type { ReportAnswer } from './traffic-queries.ts';

/**
 * Rows of a report between two threads. A hundred thousand objects take the main thread, and mail with it, more than a
 * tenth of a second to read; two lists a few milliseconds.
 */
export interface PackedRows {
  keys: string[];
  /** Of each key, in the order of MEASURES. */
  numbers: Float64Array;
}

export function packRows(rows: ReportAnswer['rows']): PackedRows {
  const numbers = new Float64Array(rows.length * MEASURES.length);
  let at = 0;
  for (const { counts } of rows) for (const measure of MEASURES) numbers[at++] = counts[measure];
  return { keys: rows.map(({ key }) => key), numbers };
}

export function unpackRows({ keys, numbers }: PackedRows): ReportAnswer['rows'] {
  return keys.map((key, index) => {
    const from = index * MEASURES.length;
    return { key, counts: countsOf([...numbers.subarray(from, from + MEASURES.length)] as Row) };
  });
}
