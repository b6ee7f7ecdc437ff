import type { DatabaseSync } from 'node:sqlite';
import type { Position } from './filter.ts';

/**
 * The part of `delivery` that one step of a walk covers: `rows` rows behind a position. A walk over a long
 * queue is cut by what it reads, not by what it finds, so that no step takes long.
 */
export interface Stretch {
  /** A condition on the key, with its parameters. */
  sql: string;
  parameters: number[];
  /** Where the next step begins; absent at the end. */
  next?: Position;
}

export function stretchAfter(database: DatabaseSync, after: Position, rows: number): Stretch {
  const statement = database.prepare(
    'SELECT message, part FROM delivery WHERE (message, part) > (?, ?) ORDER BY message, part LIMIT 1 OFFSET ?',
  );
  const next = statement.get(after.message, after.part, rows - 1) as Position | undefined;
  if (!next) return { sql: '(message, part) > (?, ?)', parameters: [after.message, after.part] };
  return {
    sql: '(message, part) > (?, ?) AND (message, part) <= (?, ?)',
    parameters: [after.message, after.part, next.message, next.part],
    next: { message: next.message, part: next.part },
  };
}
