/** What is counted of mail; each is a column of the table and a member of the API's answers. */
export const MEASURES = [
  'accepted',
  'octets',
  'refused',
  'held',
  'delivered',
  'deferred',
  'bounced',
] as const;
export type Measure = (typeof MEASURES)[number];

/**
 * accepted   messages answered 250 (202 over HTTP), `octets` theirs
 * refused    refusals of commands and messages, and TLS handshakes that failed
 * held       messages held at acceptance, deliveries held at an attempt
 * delivered, deferred   attempts: one a recipient domain of a message
 * bounced    deliveries given up
 */
export type Counts = Record<Measure, number>;

/** In the order of MEASURES: what is added up by the million is no object with names. */
export type Row = [
  accepted: number,
  octets: number,
  refused: number,
  held: number,
  delivered: number,
  deferred: number,
  bounced: number,
];

export const ACCEPTED = 0;
export const OCTETS = 1;
export const REFUSED = 2;
export const HELD = 3;
export const DELIVERED = 4;
export const DEFERRED = 5;
export const BOUNCED = 6;

export const emptyRow = (): Row => [0, 0, 0, 0, 0, 0, 0];

export function addRow(to: Row, row: Readonly<Row>): void {
  for (let index = 0; index < MEASURES.length; index++)
    to[index] = (to[index] as number) + (row[index] as number);
}

export function countsOf(row: Readonly<Row>): Counts {
  const [accepted, octets, refused, held, delivered, deferred, bounced] = row;
  return { accepted, octets, refused, held, delivered, deferred, bounced };
}
