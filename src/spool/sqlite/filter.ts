import { parseMessageId } from '../message-id.ts';
import type { DeliveryFilter } from '../spool.ts';
import { HELD, QUEUED } from './schema.ts';

/** Where a walk over all deliveries, in the order of message and part, goes on. */
export interface Position {
  message: number;
  part: number;
}

export const BEGINNING: Position = { message: -1, part: 0 };

/** A condition on `delivery` in SQL with its parameters, in a form that goes to a thread. */
export interface Condition {
  sql: string;
  parameters: (string | number)[];
}

export function conditionOf(filter: DeliveryFilter): Condition {
  // the plus signs keep SQLite on the primary key, by which the steps of a walk are cut
  const terms: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (term: string, parameter: string | number) => {
    terms.push(term);
    parameters.push(parameter);
  };
  const message = filter.message === undefined ? undefined : parseMessageId(filter.message);
  if (message !== undefined) add('message = ?', message);
  if (filter.source !== undefined) add('source = ?', filter.source);
  if (filter.domain !== undefined) add('+domain = ?', filter.domain.toLowerCase());
  if (filter.from !== undefined) add('sender = ?', filter.from);
  if (filter.state !== undefined) add('+state = ?', filter.state === 'queued' ? QUEUED : HELD);
  if (filter.hold !== undefined) add('hold = ?', filter.hold);
  return { sql: terms.join(' AND ') || '1', parameters };
}
