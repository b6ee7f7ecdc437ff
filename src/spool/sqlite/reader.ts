import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Condition, Position } from './filter.ts';
import { DELIVERY_COLUMNS, faultOf, QUEUED } from './schema.ts';
import type { Totals } from './transaction.ts';
import { stretchAfter } from './walk.ts';

export type ReadRequest =
  | { kind: 'due'; domain: string; now: number; limit: number }
  | { kind: 'backlog' }
  /** One step of a walk: at most `rows` rows looked at, at most `limit` answered. */
  | { kind: 'walk'; condition: Condition; after: Position; rows: number; limit: number }
  /** One step of a walk that counts: `rows` rows. */
  | { kind: 'survey'; after: Position; rows: number }
  | { kind: 'payload'; message: number }
  | { kind: 'statistics' }
  /** Messages whose body is a file, in the order of their numbers. */
  | { kind: 'files'; after: number; limit: number };

/** The columns of DELIVERY_COLUMNS. */
export type DeliveryRow = [
  message: number,
  part: number,
  domain: string,
  state: number,
  next: number,
  attempts: number,
  received: number,
  size: number,
  delayNotified: number,
  source: string,
  sender: string,
  recipients: string,
  hold: string | null,
  reply: string | null,
  route: string | null,
];

export interface WalkAnswer {
  deliveries: DeliveryRow[];
  /** Where the next step begins; absent at the end. */
  next?: Position;
}

export type SurveyTally = [
  domain: string,
  source: string,
  sender: string,
  hold: string | null,
  route: string | null,
  reply: string | null,
  deliveries: number,
  bytes: number,
  oldest: number,
  next: number,
  attempts: number,
];

export interface SurveyAnswer {
  tallies: SurveyTally[];
  /** Where the next step begins; absent at the end. */
  next?: Position;
}

export type BacklogRow = [domain: string, queued: number, next: number];

export interface BacklogAnswer {
  domains: BacklogRow[];
  /** Domains with deliveries that have a route of their own. */
  rerouted: string[];
}

export interface PayloadRow {
  traits: number;
  longest_line: number;
  head: number;
  size: number;
  body_file: string | null;
  envelope: string;
  content: Uint8Array<ArrayBuffer>;
}

export interface StatisticsRow extends Totals {
  oldest: number | null;
}

interface Statements {
  due: StatementSync;
  backlog: StatementSync;
  rerouted: StatementSync;
  payload: StatementSync;
  statistics: StatementSync;
  files: StatementSync;
}

/** The side of the spool that reads: a connection of its own, so that no question holds up a commit. */
export class SpoolReader {
  readonly #open: () => DatabaseSync;
  #database: DatabaseSync | undefined;
  #statements: Statements | undefined;

  /** @param open opens the database for reading; called again after a fault of storage */
  constructor(open: () => DatabaseSync) {
    this.#open = open;
  }

  /** @throws the library's error */
  read(request: ReadRequest): unknown {
    try {
      this.#database ??= this.#open();
      this.#statements ??= prepare(this.#database);
      return this.#answer(this.#database, this.#statements, request);
    } catch (error) {
      if (faultOf(error) !== 'statement') this.close();
      throw error;
    }
  }

  #answer(database: DatabaseSync, statements: Statements, request: ReadRequest): unknown {
    switch (request.kind) {
      case 'due':
        return statements.due.all(request.domain, request.now, request.limit);
      case 'backlog':
        return {
          domains: statements.backlog.all() as unknown as BacklogRow[],
          rerouted: (statements.rerouted.all() as unknown as [string][]).map(([domain]) => domain),
        } satisfies BacklogAnswer;
      case 'payload':
        return statements.payload.get(request.message);
      case 'statistics':
        return statements.statistics.get();
      case 'files':
        return statements.files.all(request.after, request.limit);
      case 'walk':
        return walk(database, request);
      case 'survey':
        return survey(database, request);
    }
  }

  close(): void {
    this.#statements = undefined;
    this.#database?.close();
    this.#database = undefined;
  }
}

function prepare(database: DatabaseSync): Statements {
  const arrays = (sql: string) => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  return {
    // the index ends in the primary key, so that this order needs no sorting
    due: arrays(
      `SELECT ${DELIVERY_COLUMNS} FROM delivery INDEXED BY delivery_due
       WHERE state = 0 AND domain = ? AND next <= ? ORDER BY next, message, part LIMIT ?`,
    ),
    // answered from the index alone: a fifth of the table, and none of the content
    backlog: arrays(
      `SELECT domain, count(*), min(next) FROM delivery INDEXED BY delivery_due
       WHERE state = 0 GROUP BY domain`,
    ),
    rerouted: arrays(
      'SELECT DISTINCT domain FROM delivery INDEXED BY delivery_rerouted WHERE route IS NOT NULL',
    ),
    payload: database.prepare(
      'SELECT traits, longest_line, head, size, body_file, envelope, content FROM message WHERE id = ?',
    ),
    statistics: database.prepare(
      'SELECT total.*, (SELECT received FROM message ORDER BY id LIMIT 1) AS oldest FROM total',
    ),
    files: arrays(
      `SELECT id, body_file FROM message INDEXED BY message_with_file
       WHERE body_file IS NOT NULL AND id > ? ORDER BY id LIMIT ?`,
    ),
  };
}

function walk(
  database: DatabaseSync,
  { condition, after, rows, limit }: Extract<ReadRequest, { kind: 'walk' }>,
): WalkAnswer {
  const stretch = stretchAfter(database, after, rows);
  const statement = database.prepare(
    `SELECT ${DELIVERY_COLUMNS} FROM delivery WHERE ${stretch.sql} AND ${condition.sql}
     ORDER BY message, part LIMIT ?`,
  );
  statement.setReturnArrays(true);
  const deliveries = statement.all(
    ...stretch.parameters,
    ...condition.parameters,
    limit,
  ) as unknown as DeliveryRow[];
  return { deliveries, next: stretch.next };
}

function survey(
  database: DatabaseSync,
  { after, rows }: Extract<ReadRequest, { kind: 'survey' }>,
): SurveyAnswer {
  const stretch = stretchAfter(database, after, rows);
  // routes are chosen by the sender's domain: senders that share it need no rows of their own
  const statement = database.prepare(
    `SELECT domain, source, min(sender), CASE state WHEN ${QUEUED} THEN NULL ELSE coalesce(hold, 'operator') END AS held,
       route, reply, count(*), sum(size), min(received), min(next), max(attempts)
     FROM delivery WHERE ${stretch.sql}
     GROUP BY domain, source, substr(sender, instr(sender, '@')), held, route, reply`,
  );
  statement.setReturnArrays(true);
  return { tallies: statement.all(...stretch.parameters) as unknown as SurveyTally[], next: stretch.next };
}
