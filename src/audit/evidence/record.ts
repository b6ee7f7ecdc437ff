import type { FieldName } from './fields.ts';

/** One row of a table or one object of a list, as the builders of observations ask for it. */
export interface EvidenceRecord {
  readonly row: number;
  /** Whether the source has the field at all. */
  has(field: FieldName): boolean;
  /** Trimmed; '' for an empty field and for null; undefined where the source has no such field. */
  text(field: FieldName): string | undefined;
  /** As `mailAddress`. */
  address(field: FieldName): string | undefined;
  /** As `networkAddress`; undefined also where it is empty. */
  network(field: FieldName): string | undefined;
  /** Milliseconds. */
  moment(field: FieldName): number | undefined;
  whole(field: FieldName): number | undefined;
  guid(field: FieldName): string | undefined;
  /** What no field claims and is not empty. */
  extra(): Record<string, string> | undefined;
}

export const LONGEST_TEXT = 1000;

/** What a builder made of a record. */
export type Built<T> =
  | T[]
  /** Not evidence of an arrival: counted under this name. */
  | { aside: string }
  | { refused: string };
