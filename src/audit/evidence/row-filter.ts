import type { CsvRecord } from './csv-record.ts';
import type { CsvRow } from './csv-scanner.ts';
import type { Layout } from './fields.ts';
import type { Observation } from './observation.ts';

/**
 * Takes rows of which nothing is needed but that they were there. Most of a large export is mail that an audit has not
 * to keep; making an observation of each row would cost more than everything else.
 */
export interface RowFilter {
  /** For rows of a message trace with such columns, before anything is made of them; undefined: it takes none. */
  forTrace(places: Layout['places']): TraceFilter | undefined;
  /** @returns whether it was taken */
  take(observation: Observation): boolean;
}

export interface TraceFilter {
  /** @param record the same row. @returns its moment, or undefined when it was not taken */
  take(row: CsvRow, record: CsvRecord): number | undefined;
}
