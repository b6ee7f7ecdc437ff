import type { CsvRecord } from './csv-record.ts';
import type { Observation } from './observation.ts';

/**
 * Takes rows of which nothing is needed but that they were there. Most of a large export is mail that an audit has not
 * to keep; making an observation of each row would cost more than everything else.
 */
export interface RowFilter {
  /** Before anything is made of a row of a message trace. @returns its moment, or undefined when it was not taken */
  takeTrace(record: CsvRecord): number | undefined;
  /** @returns whether it was taken */
  take(observation: Observation): boolean;
}
