import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { readingError } from '../followers/damage.ts';
import { BLOCK } from './index-database.ts';
import { type Cell, COLUMNS, rowOf } from './index-rows.ts';
import type { MessageQuery, SearchPlan } from './message-query.ts';
import { planOf } from './message-query.ts';
import type { IndexedMessage } from './message-row.ts';

export interface MessageSearchStep {
  query: MessageQuery;
  limit: number;
  /** Only rows with lower identifiers. */
  below: number;
  /** Milliseconds after which the step ends, wherever it is. */
  budget: number;
}

export interface MessageSearchAnswer {
  rows: IndexedMessage[];
  /** Where the next step goes on; absent when everything was looked at. */
  below?: number;
  /** Wall time down to which everything was looked at, where the step ended early. */
  reached?: number;
}

export type MessageQuestion =
  | { kind: 'search'; step: MessageSearchStep }
  | { kind: 'count'; query: MessageQuery }
  | { kind: 'row'; id: number }
  | { kind: 'message'; message: string }
  /** The file was replaced. */
  | { kind: 'close' };

export interface MessageCount {
  count: number;
  /** There are more than that. */
  more: boolean;
}

/** So many are counted, then it is "more". */
const MOST_COUNTED = 10_000;
/** States and codes with fewer rows than this lead the search themselves. */
const RARE = 20_000;
/** Identifiers that are looked at in one go: small at first, because most searches find a page at once. */
const FIRST_SPAN = 32_768;
const MOST_SPAN = 1 << 24;
/** A stretch that took less than this many milliseconds is followed by a longer one, and the other way round. */
const QUICK = 5;
const SLOW = 20;
const ROWS = 100;
/** A list of fewer rows in a stretch leads a search. */
const FEW = 200;

const NOTHING: Record<MessageQuestion['kind'], MessageSearchAnswer | MessageCount | undefined> = {
  search: { rows: [] },
  count: { count: 0, more: false },
  row: undefined,
  message: undefined,
  close: undefined,
};

/** Searches the index newest first, in stretches of identifiers, on a connection of its own. */
export class MessageSearch {
  readonly #path: string;
  #database: DatabaseSync | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws the library's error; the next question opens the file anew */
  answer(question: MessageQuestion): unknown {
    try {
      switch (question.kind) {
        case 'search':
          return this.search(question.step);
        case 'count':
          return this.count(question.query);
        case 'row':
          return this.byId(question.id);
        case 'message':
          return this.byMessage(question.message);
        case 'close':
          return this.close();
      }
    } catch (error) {
      // perhaps it was replaced
      this.close();
      // there is none before the first events were read, and as long as it can't be written
      if (!existsSync(this.#path)) return NOTHING[question.kind];
      throw readingError(error);
    }
  }

  /** @throws the library's error */
  search({ query, limit, below, budget }: MessageSearchStep): MessageSearchAnswer {
    const deadline = performance.now() + budget;
    const database = this.#connect();
    const plan = planOf(query);
    const rows: IndexedMessage[] = [];
    const bounds = isEmpty(query) ? undefined : this.#bounds(database, query);
    if (!bounds) return { rows };
    const stretch = this.#reader(database, plan, query);
    let end = Math.min(below, bounds.end);
    let span = plan.words !== undefined && plan.parts !== undefined ? FIRST_SPAN >> 2 : FIRST_SPAN;
    while (end > bounds.start) {
      const start = Math.max(bounds.start, end - span);
      const began = performance.now();
      const found = stretch(start, end, limit - rows.length, deadline);
      rows.push(...found.rows);
      end = found.reached;
      if (rows.length >= limit) return { rows, below: end };
      const now = performance.now();
      if (now > deadline) break;
      if (now - began < QUICK) span = Math.min(MOST_SPAN, span * 4);
      else if (now - began > SLOW) span = Math.max(1024, span >> 1);
    }
    if (end <= bounds.start) return { rows };
    return { rows, below: end, reached: this.#timeAt(database, end) };
  }

  /** How many match, as far as that can be told cheaply. */
  count(query: MessageQuery): MessageCount | undefined {
    const database = this.#connect();
    if (isEmpty(query)) return { count: 0, more: false };
    const plan = planOf(query);
    const { states, code, ...others } = query;
    if (Object.values(query).every((value) => value === undefined)) {
      const { rows } = database.prepare('SELECT rows FROM progress').get() as { rows: number };
      return { count: rows, more: false };
    }
    const most = MOST_COUNTED + 1;
    let counted: { count: number } | undefined;
    if (plan.wordsSuffice) {
      counted = database
        .prepare(`SELECT count(*) AS count FROM (SELECT 1 FROM word WHERE word MATCH ? LIMIT ${most})`)
        .get(plan.words as string) as { count: number };
    } else if (
      // of two conditions the index of one may lead to millions of rows that the other excludes
      Object.values(others).every((value) => value === undefined) &&
      (states === undefined || (code === undefined && !states.includes('delivered')))
    ) {
      counted = database
        .prepare(
          `SELECT count(*) AS count FROM (SELECT 1 FROM message WHERE ${indexedTerms(plan, query)} LIMIT ${most})`,
        )
        .get(...plan.parameters) as { count: number };
    }
    return counted && { count: Math.min(MOST_COUNTED, counted.count), more: counted.count > MOST_COUNTED };
  }

  byId(id: number): IndexedMessage | undefined {
    return this.#one('id = ?', id);
  }

  /** @param message spool identifier */
  byMessage(message: string): IndexedMessage | undefined {
    return this.#one('message = ?', message);
  }

  #one(condition: string, value: string | number): IndexedMessage | undefined {
    const statement = this.#connect().prepare(`SELECT ${COLUMNS} FROM message WHERE ${condition}`);
    statement.setReturnArrays(true);
    const cells = statement.get(value) as unknown as Cell[] | undefined;
    return cells && rowOf(cells);
  }

  /** Identifiers between which all rows of the time that is asked for lie. */
  #bounds(
    database: DatabaseSync,
    { since, until }: MessageQuery,
  ): { start: number; end: number } | undefined {
    const { first, last } = database
      .prepare(
        'SELECT min(number) AS first, max(number) AS last FROM block WHERE latest >= ? AND earliest < ?',
      )
      .get(since ?? Number.MIN_SAFE_INTEGER, until ?? Number.MAX_SAFE_INTEGER) as {
      first: number | null;
      last: number | null;
    };
    if (first === null || last === null) return undefined;
    // a stretch without any row would be looked for in the whole list
    const { newest } = database.prepare('SELECT max(id) AS newest FROM message').get() as {
      newest: number | null;
    };
    return { start: first * BLOCK, end: Math.min((last + 1) * BLOCK, (newest ?? 0) + 1) };
  }

  #timeAt(database: DatabaseSync, id: number): number | undefined {
    const row = database.prepare('SELECT at FROM message WHERE id >= ? ORDER BY id LIMIT 1').get(id) as
      | { at: number }
      | undefined;
    return row?.at;
  }

  #reader(database: DatabaseSync, plan: SearchPlan, query: MessageQuery): Stretch {
    const direct = ledBySql(database, plan, query);
    if (direct !== undefined || (plan.words === undefined && plan.parts === undefined))
      return directReader(database, plan, direct ?? plan.sql);
    return listReader(database, plan);
  }

  #connect(): DatabaseSync {
    if (!this.#database) {
      this.#database = new DatabaseSync(this.#path, { readOnly: true, timeout: 2000 });
      this.#database.exec(
        'PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF',
      );
    }
    return this.#database;
  }

  /** The next question opens the file anew. */
  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }
}

/** Nothing is one of none. */
function isEmpty({ sources, directions, states }: MessageQuery): boolean {
  return [sources, directions, states].some((values) => values?.length === 0);
}

/** Reads rows with `start <= id < end`, newest first, at most `most`. Answers how far down it has looked. */
type Stretch = (
  start: number,
  end: number,
  most: number,
  deadline: number,
) => { rows: IndexedMessage[]; reached: number };

/** The condition for SQL when an index of the table leads to fewer rows than any word does. */
function ledBySql(
  database: DatabaseSync,
  plan: SearchPlan,
  { states, code, message }: MessageQuery,
): string | undefined {
  if (message !== undefined && !/[@<>]/.test(message)) return plan.sql;
  const isRare = (condition: string, values: readonly string[]) => {
    const { count } = database
      .prepare(`SELECT count(*) AS count FROM (SELECT 1 FROM message WHERE ${condition} LIMIT ${RARE})`)
      .get(...values) as { count: number };
    return count < RARE;
  };
  if (code !== undefined && isRare('code = ?', [code])) return plan.sql;
  const rare = states && !states.includes('delivered');
  if (rare && isRare(`state IN (${states.map(() => '?').join()}) AND state <> 'delivered'`, states))
    return `${plan.sql} AND state <> 'delivered'`;
  return undefined;
}

function indexedTerms({ sql }: SearchPlan, { states }: MessageQuery): string {
  // says what the partial index is about
  return states && !states.includes('delivered') ? `${sql} AND state <> 'delivered'` : sql;
}

function directReader(database: DatabaseSync, plan: SearchPlan, sql: string): Stretch {
  const statement = arrays(
    database,
    `SELECT ${COLUMNS} FROM message WHERE id >= ? AND id < ? AND ${sql} ORDER BY id DESC LIMIT ?`,
  );
  const { matches } = plan;
  return (start, end, most, deadline) => {
    if (!matches) {
      const rows = read(statement, [start, end, ...plan.parameters, most]);
      return { rows, reached: rows.length === most ? (rows.at(-1)?.id ?? start) : start };
    }
    const rows: IndexedMessage[] = [];
    let reached = end;
    while (reached > start) {
      const found = read(statement, [start, reached, ...plan.parameters, ROWS]);
      for (const row of found) {
        reached = row.id;
        if (matches(row) && rows.push(row) === most) return { rows, reached };
      }
      if (found.length < ROWS) return { rows, reached: start };
      if (performance.now() > deadline) return { rows, reached };
    }
    return { rows, reached: start };
  };
}

/** By the lists of words and parts: what is in all of them is read, and looked at. */
function listReader(database: DatabaseSync, plan: SearchPlan): Stretch {
  const list = (table: 'word' | 'part', match: string): List => {
    const statement = arrays(
      database,
      `SELECT rowid FROM ${table} WHERE ${table} MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?`,
    );
    return (start, end, most) =>
      (statement.all(match, start, end, most) as unknown as [number][]).map(([id]) => id);
  };
  const lists = [
    ...(plan.words === undefined ? [] : [list('word', plan.words)]),
    ...(plan.parts === undefined ? [] : [list('part', plan.parts)]),
  ] as [List, List?];
  const statement = (count: number) =>
    arrays(
      database,
      `SELECT ${COLUMNS} FROM message WHERE id IN (${Array<string>(count).fill('?').join()}) AND ${plan.sql} ORDER BY id DESC`,
    );
  const whole = statement(ROWS);
  return (start, end, wanted, deadline) => {
    const rows: IndexedMessage[] = [];
    let reached = end;
    for (;;) {
      const { ids, all, unread } = candidates(lists, start, reached);
      for (let at = 0; at < ids.length; at += ROWS) {
        const chunk = ids.slice(at, at + ROWS);
        const found = read(chunk.length === ROWS ? whole : statement(chunk.length), [
          ...chunk,
          ...plan.parameters,
        ]);
        for (const row of found) {
          if (!(plan.matches?.(row) ?? true)) continue;
          // of many recipients a row names only the first: the list that was not read knows the others
          const isNamed = row.recipientCount <= row.recipients.length;
          if (!isNamed && unread?.(row.id, row.id + 1, 1).length === 0) continue;
          if (rows.push(row) === wanted) return { rows, reached: row.id };
        }
        reached = chunk.at(-1) as number;
        if (performance.now() > deadline) return { rows, reached };
      }
      if (all) return { rows, reached: start };
    }
  };
}

/** Identifiers with `start <= id < end`, from high to low, at most `most`; -1: all of them. */
type List = (start: number, end: number, most: number) => number[];

interface Candidates {
  /** From high to low. */
  ids: number[];
  /** There are no others in the stretch. */
  all: boolean;
  /** The list that was left unread. */
  unread?: List;
}

/**
 * What may be found in a stretch. One list is read as far as it is needed. Of two the short one leads alone: a source that
 * sends little is found at once, however common a word is, and so is a rare word of a source that sends all the time.
 * Two long ones are compared.
 */
function candidates([one, other]: [List, List?], start: number, end: number): Candidates {
  const first = one(start, end, FEW);
  if (other === undefined || first.length < FEW)
    return { ids: first, all: first.length < FEW, unread: other };
  const second = other(start, end, FEW);
  if (second.length < FEW) return { ids: second, all: true, unread: one };
  return { ids: common(one(start, end, -1), other(start, end, -1)), all: true };
}

/** What two lists, both from high to low, share. */
function common(a: number[], b: number[]): number[] {
  const both: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [left, right] = [a[i] as number, b[j] as number];
    if (left === right) both.push(left);
    if (left >= right) i++;
    if (right >= left) j++;
  }
  return both;
}

function arrays(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

function read(statement: StatementSync, parameters: (string | number)[]): IndexedMessage[] {
  return (statement.all(...parameters) as unknown as Cell[][]).map(rowOf);
}
