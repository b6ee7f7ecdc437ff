import type { Observation } from './observation.ts';

/** Where the reading of a file can be taken up again. */
export interface Place {
  /** Octets of the file before the next row. */
  offset: number;
  /** Rows before it. */
  row: number;
}

/** One stretch of a file. */
export interface Step {
  observations: Observation[];
  /** Octets read so far. */
  read: number;
  /** Absent where reading can only begin anew. */
  place: Place | undefined;
  /** What a filter elsewhere has taken of this stretch. */
  gleaned?: unknown;
}
