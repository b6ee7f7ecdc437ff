import { DatabaseSync } from 'node:sqlite';
import type { EventFilter } from './event.ts';
import { lower, networkMatcher } from './filter.ts';
import { BLOCK } from './journal-database.ts';
import { type Cell, COLUMNS } from './journal-rows.ts';
import { type RefusalStep, type RefusalStepAnswer, refusalStep } from './refusal-groups.ts';
import type { KeptTranscript } from './transcript.ts';
import { readTranscript } from './transcript-table.ts';

export interface SearchStep {
  filter: EventFilter;
  limit: number;
  /** Only events with lower identifiers. */
  below: number;
  /** Only events with higher ones. */
  above?: number;
  /** Milliseconds after which the step ends, wherever it is. */
  budget: number;
}

export interface SearchAnswer {
  rows: Cell[][];
  /** Where the next step goes on; absent when everything was looked at. */
  below?: number;
}

export interface OfMessage {
  message: string;
  limit: number;
  after: number;
  before: number;
}

/** Enough of an identifier to mean a few messages, so that an index answers it in one go. */
const LONG_PREFIX = 8;
const FULL = 11;

/** Searches block by block, newest first, on a connection of its own that holds nothing up. */
export class JournalSearch {
  readonly #path: string;
  #database: DatabaseSync | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws the library's error */
  search({ filter, limit, below, above = -1, budget }: SearchStep): SearchAnswer {
    if (filter.types?.length === 0) return { rows: [] };
    const database = this.#connect();
    const { sql, parameters } = conditionOf(database, filter);
    const prefix = filter.message?.length ?? 0;
    const indexed = prefix >= LONG_PREFIX && prefix < FULL;
    const statement = database.prepare(
      `SELECT ${COLUMNS} FROM event ${indexed ? 'INDEXED BY event_message' : ''} WHERE id >= ? AND id < ? AND ${sql} ORDER BY id DESC LIMIT ?`,
    );
    statement.setReturnArrays(true);
    const next = database.prepare(
      `SELECT number FROM block WHERE number <= ? AND latest >= ? AND earliest < ?
       ORDER BY number DESC LIMIT 1`,
    );
    const read = (from: number, to: number, most: number) =>
      statement.all(from, to, ...parameters, most) as unknown as Cell[][];
    const since = filter.since ?? Number.MIN_SAFE_INTEGER;
    const until = filter.until ?? Number.MAX_SAFE_INTEGER;
    if (indexed) return { rows: read(above + 1, below, limit) };

    const rows: Cell[][] = [];
    const deadline = performance.now() + budget;
    let end = below;
    while (rows.length < limit) {
      if (performance.now() > deadline) return { rows, below: end };
      const block = next.get(Math.floor((end - 1) / BLOCK), since, until) as { number: number } | undefined;
      if (!block || (block.number + 1) * BLOCK <= above) break;
      const start = Math.max(block.number * BLOCK, above + 1);
      rows.push(...read(start, Math.min(end, start + BLOCK), limit - rows.length));
      end = start;
    }
    return { rows };
  }

  /** Of one message, oldest first. @throws the library's error */
  ofMessage({ message, limit, after, before }: OfMessage): { rows: Cell[][]; count: number } {
    const database = this.#connect();
    const chosen = 'event INDEXED BY event_message WHERE message = ? AND id > ? AND id < ?';
    const statement = database.prepare(`SELECT ${COLUMNS} FROM ${chosen} ORDER BY id LIMIT ?`);
    statement.setReturnArrays(true);
    const rows = statement.all(message, after, before, limit) as unknown as Cell[][];
    const { count } = database
      .prepare(`SELECT count(*) AS count FROM ${chosen}`)
      .get(message, after, before) as { count: number };
    return { rows, count };
  }

  /** @throws the library's error */
  refusals(step: RefusalStep): RefusalStepAnswer {
    return refusalStep(this.#connect(), step);
  }

  /** Events by their identifiers, in any order. */
  events(ids: number[]): Cell[][] {
    const statement = this.#connect().prepare(
      `SELECT ${COLUMNS} FROM event WHERE id IN (${ids.map(() => '?').join()})`,
    );
    statement.setReturnArrays(true);
    return statement.all(...ids) as unknown as Cell[][];
  }

  transcript(session: string): KeptTranscript | undefined {
    return readTranscript(this.#connect(), session);
  }

  #connect(): DatabaseSync {
    this.#database ??= new DatabaseSync(this.#path, { readOnly: true, timeout: 2000 });
    return this.#database;
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }
}

function conditionOf(
  database: DatabaseSync,
  filter: EventFilter,
): { sql: string; parameters: (string | number)[] } {
  const terms: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (term: string, ...values: (string | number)[]) => {
    terms.push(term);
    parameters.push(...values);
  };
  const { types, source, session, code, outcome, since, until } = filter;
  if (types !== undefined) add(`type IN (${types.map(() => '?').join()})`, ...types);
  if (source !== undefined) add('source = ?', source);
  if (session !== undefined) add('session = ?', session);
  if (code !== undefined) add('code = ?', code);
  if (outcome !== undefined) add('outcome = ?', outcome);
  if (since !== undefined) add('at >= ?', since);
  if (until !== undefined) add('at < ?', until);
  if (filter.message !== undefined) {
    const message = filter.message.toUpperCase();
    const last = `${message}\u{10ffff}`;
    if (message.length >= FULL) add('message = ?', message);
    else if (message.length >= LONG_PREFIX) add('message >= ? AND message < ?', message, last);
    // the index would be walked anew for each block
    else add('+message >= ? AND +message < ?', message, last);
  }
  if (filter.from !== undefined) add('lower(sender) = ?', lower(filter.from));
  // an element of the array as it stands in JSON, with its quotation marks
  if (filter.to !== undefined) add('instr(lower(recipients), ?) > 0', lower(JSON.stringify(filter.to)));
  if (filter.network !== undefined) {
    const matches = networkMatcher(filter.network);
    database.function('in_network', (address) => (matches(address as string) ? 1 : 0));
    add('network IS NOT NULL AND in_network(network)');
  }
  const { listeners, details = [] } = filter;
  if (listeners !== undefined)
    add(`json_extract(rest, '$.listener') IN (${listeners.map(() => '?').join()})`, ...listeners);
  for (const { paths, values } of details) {
    const found = paths.map(detailAt);
    const test = values === undefined ? 'IS NOT NULL' : `IN (${values.map(() => '?').join()})`;
    // JSON's true is 1 once it is extracted
    const wanted = values?.map((value) => (typeof value === 'boolean' ? Number(value) : value)) ?? [];
    add(`(${found.map((value) => `${value} ${test}`).join(' OR ')})`, ...found.flatMap(() => wanted));
  }
  return { sql: terms.join(' AND ') || '1', parameters };
}

/** @throws Error for a path that is more than names and dots: it becomes part of the statement */
function detailAt(path: string): string {
  if (!/^[a-zA-Z]+(?:\.[a-zA-Z]+)*$/.test(path)) throw new Error(`${path} is no path into detail`);
  return `json_extract(rest, '$.detail.${path}')`;
}
