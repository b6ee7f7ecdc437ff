/** Questions about what was counted. Each takes as few rows as its stretch of time allows. */
import type { DatabaseSync } from 'node:sqlite';
import { addRow, type Counts, countsOf, emptyRow, MEASURES, type Measure, type Row } from './counts.ts';
import { OTHERS } from './names.ts';
import { DAY, floor, GRAINS, HOUR, MINUTE, type Piece, pieces, type Window } from './periods.ts';
import {
  ALL_RECIPIENT_DOMAIN,
  CODE,
  DIRECTION,
  RECIPIENT_DOMAIN,
  SENDER,
  SOURCE,
  SOURCE_CODE,
  TOTAL,
} from './traffic-schema.ts';

/** Columns of numbers, one for each point. */
export type Series = { at: number[] } & Record<Measure, number[]>;

export interface TrafficOverview {
  series: Series;
  totals: Counts;
  /** Of the window before, as far as this one has come. */
  before: Counts;
  /** The busiest first; `source` is `*` where so many sent that some were counted together. */
  sources: { source: string; counts: Counts }[];
  /** How many sources there were. */
  sourceCount: number;
  directions: { direction: string; counts: Counts }[];
  /** The most frequent first. */
  codes: { code: string; count: number }[];
}

export const REPORT_KEYS = ['source', 'sender', 'domain', 'recipient-domain', 'day', 'code'] as const;
export type ReportKey = (typeof REPORT_KEYS)[number];

export interface ReportQuery {
  by: ReportKey;
  /** Wall times, milliseconds; widened to whole periods. */
  since: number;
  until: number;
  /** The finest rows: hours for what is recent, days else. */
  finest: typeof HOUR | typeof DAY;
  /** Identifiers; absent: all, and what has no source. */
  sources?: readonly string[];
  sort: Measure | 'key';
  /** Only rows of these; days as the time of their beginning. */
  keys?: readonly (string | number)[];
  limit: number;
  offset: number;
}

export interface ReportAnswer {
  rows: { key: string; counts: Counts }[];
  /** How many rows there are in all, whichever of them are asked for. */
  found: number;
  totals: Counts;
}

export interface Minute {
  at: number;
  counts: Counts;
}

const TOP = 10;
/** Periods whose rows are counted to tell how many a period has. */
const SAMPLE = 10;
/** Rows that are read, one after the other, in the time in which one is looked up. */
const READ_IN_A_LOOKUP = 2;
const SUMS = MEASURES.map((measure) => `sum(${measure})`).join(', ');
const SUMS_AS = MEASURES.map((measure) => `sum(${measure}) AS ${measure}`).join(', ');
const NAMES = MEASURES.join(', ');
/** Each period that something was counted in has one total. */
const PERIODS = `SELECT at FROM traffic WHERE grain = ? AND kind = ${TOTAL} AND at >= ? AND at < ?`;

interface Selection {
  sql: string;
  parameters: (string | number)[];
}

/** Rows of one kind in pieces of time, of all sources or of these. */
function select(
  database: DatabaseSync,
  kind: number,
  stretch: readonly Piece[],
  sources?: readonly string[],
): Selection {
  const parameters: (string | number)[] = [];
  const parts = stretch.map(({ grain, from, to }) => {
    parameters.push(grain, kind);
    const columns = `SELECT at, source, key, ${NAMES} FROM traffic WHERE grain = ? AND kind = ?`;
    if (sources === undefined) {
      parameters.push(from, to);
      return `${columns} AND at >= ? AND at < ?`;
    }
    if (isLookedUp(database, kind, { grain, from, to }, sources.length)) {
      // in the periods that there are: a stretch that somebody asks for may have millions of others
      parameters.push(grain, from, to, JSON.stringify(sources));
      return `${columns} AND at IN (${PERIODS}) AND source IN (SELECT value FROM json_each(?))`;
    }
    parameters.push(from, to, JSON.stringify(sources));
    return `${columns} AND at >= ? AND at < ? AND +source IN (SELECT value FROM json_each(?))`;
  });
  const none = `SELECT 0 AS at, '' AS source, '' AS key, ${MEASURES.map((one) => `0 AS ${one}`).join(', ')} WHERE 0`;
  return { sql: parts.length > 0 ? parts.join(' UNION ALL ') : none, parameters };
}

/** Whether to look each source up in each period is less work than to read all rows of them. */
function isLookedUp(
  database: DatabaseSync,
  kind: number,
  { grain, from, to }: Piece,
  sources: number,
): boolean {
  const { rows, periods } = database
    .prepare(
      `WITH newest AS MATERIALIZED (${PERIODS} ORDER BY at DESC LIMIT ${SAMPLE})
       SELECT (SELECT count(*) FROM newest) AS periods,
         (SELECT count(*) FROM traffic WHERE grain = ? AND kind = ? AND at IN (SELECT at FROM newest)) AS rows`,
    )
    .get(grain, from, to, grain, kind) as { rows: number; periods: number };
  return sources * READ_IN_A_LOOKUP * periods < rows;
}

/** Rows of numbers after a name. */
function read<T extends string | number>(
  database: DatabaseSync,
  sql: string,
  parameters: (string | number)[],
): [T, Row][] {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return (statement.all(...parameters) as unknown as [T, ...Row][]).map(([name, ...row]) => [name, row]);
}

/** Of a question for one page that counts all pages, in the column after the measures. */
function foundIn([first]: [string | number, Row][]): number {
  return (first?.[1] as number[] | undefined)?.[MEASURES.length] ?? 0;
}

function sumOf(database: DatabaseSync, { sql, parameters }: Selection): Row {
  const [found] = read<string>(database, `SELECT '', ${SUMS} FROM (${sql})`, parameters);
  return (found?.[1].map((value) => value ?? 0) as Row | undefined) ?? emptyRow();
}

/** @param sources identifiers; absent: everything */
export function overview(
  database: DatabaseSync,
  { step, grain, since, until, before }: Window,
  sources?: readonly string[],
): TrafficOverview {
  const kind = sources === undefined ? TOTAL : SOURCE;
  const points = pointsOf(
    database,
    select(database, kind, [{ grain, from: since, to: until }], sources),
    step,
  );
  const totals = emptyRow();
  for (const row of points.values()) addRow(totals, row);
  const stretch = pieces(since, until, MINUTE);
  const top = select(database, SOURCE, stretch, sources);
  const bySource = read<string>(
    database,
    `SELECT source, ${SUMS}, count(*) OVER () AS found FROM (${top.sql}) GROUP BY source
     ORDER BY sum(accepted) DESC, sum(refused) DESC, source LIMIT ${TOP}`,
    top.parameters,
  );
  const refused = select(database, sources === undefined ? CODE : SOURCE_CODE, stretch, sources);
  const codes = database
    .prepare(
      `SELECT key AS code, sum(refused) AS count FROM (${refused.sql}) GROUP BY key
       ORDER BY count DESC, key LIMIT ${TOP}`,
    )
    .all(...refused.parameters) as { code: string; count: number }[];
  const ways = select(database, DIRECTION, stretch);
  const directions =
    sources === undefined
      ? read<string>(database, `SELECT key, ${SUMS} FROM (${ways.sql}) GROUP BY key`, ways.parameters)
      : [];
  return {
    series: seriesOf(points, step, since, until),
    totals: countsOf(totals),
    before: countsOf(
      sumOf(database, select(database, kind, pieces(before.since, before.until, MINUTE), sources)),
    ),
    sources: bySource.map(([source, row]) => ({ source, counts: countsOf(row) })),
    sourceCount: foundIn(bySource),
    directions: directions.map(([direction, row]) => ({ direction, counts: countsOf(row) })),
    codes: codes.map(({ code, count }) => ({ code, count })),
  };
}

/** The answer where there are no counts. */
export function nothingCounted({ step, since, until }: Window): TrafficOverview {
  const nothing = (): Counts => countsOf(emptyRow());
  return {
    series: seriesOf(new Map(), step, since, until),
    totals: nothing(),
    before: nothing(),
    sources: [],
    sourceCount: 0,
    directions: [],
    codes: [],
  };
}

/**
 * Counts by the step that they are in. The rows come in the order of time: added up by period they need not be sorted,
 * which for an owner of hundreds of sources takes longer than reading them.
 */
function pointsOf(database: DatabaseSync, { sql, parameters }: Selection, step: number): Map<number, Row> {
  const points = new Map<number, Row>();
  for (const [at, row] of read<number>(
    database,
    `SELECT at, ${SUMS} FROM (${sql}) GROUP BY at`,
    parameters,
  )) {
    const slot = floor(at, step);
    const sum = points.get(slot);
    if (sum) addRow(sum, row);
    else points.set(slot, row);
  }
  return points;
}

/** With a point for each step, whether or not something was counted in it. */
function seriesOf(rows: ReadonlyMap<number, Row>, step: number, since: number, until: number): Series {
  const series = {
    at: [],
    ...Object.fromEntries(MEASURES.map((one) => [one, [] as number[]])),
  } as unknown as Series;
  for (let at = since; at < until; at += step) {
    const row = rows.get(at);
    series.at.push(at);
    for (const [index, measure] of MEASURES.entries()) series[measure].push(row?.[index] ?? 0);
  }
  return series;
}

/** The minute of `now`, and of each source in it. */
export function minute(
  database: DatabaseSync,
  now: number,
  withSources: boolean,
): Minute & { sources: { source: string; counts: Counts }[] } {
  const at = floor(now, GRAINS[MINUTE]);
  const stretch: Piece[] = [{ grain: MINUTE, from: at, to: at + GRAINS[MINUTE] }];
  const { sql, parameters } = select(database, SOURCE, stretch);
  const rows = withSources ? read<string>(database, `SELECT source, ${NAMES} FROM (${sql})`, parameters) : [];
  return {
    at,
    counts: countsOf(sumOf(database, select(database, TOTAL, stretch))),
    sources: rows.map(([source, row]) => ({ source, counts: countsOf(row) })),
  };
}

const KINDS: Record<ReportKey, number> = {
  source: SOURCE,
  sender: SENDER,
  domain: SENDER,
  'recipient-domain': ALL_RECIPIENT_DOMAIN,
  day: TOTAL,
  code: CODE,
};

/** Where the same is counted of each source. */
const OF_SOURCE: Readonly<Record<number, number>> = {
  [TOTAL]: SOURCE,
  [CODE]: SOURCE_CODE,
  [ALL_RECIPIENT_DOMAIN]: RECIPIENT_DOMAIN,
};

const NAMED: Record<ReportKey, string> = {
  source: 'source',
  sender: 'key',
  domain: 'key',
  'recipient-domain': 'key',
  day: `at / ${GRAINS[DAY]} * ${GRAINS[DAY]}`,
  code: 'key',
};

/** Counts by something, sorted. What was counted is read once, for the page and for the totals. */
export function report(database: DatabaseSync, query: ReportQuery): ReportAnswer {
  const { by, since, until, sources, sort, keys, limit, offset } = query;
  const byDay = by === 'sender' || by === 'domain' || by === 'recipient-domain';
  const stretch = pieces(since, until, byDay ? DAY : query.finest);
  let kind = KINDS[by];
  if (sources !== undefined) kind = OF_SOURCE[kind] ?? kind;
  const { sql, parameters } = select(database, kind, stretch, sources);
  const grouped = `SELECT ${NAMED[by]} AS name, ${SUMS_AS} FROM (${sql}) GROUP BY 1`;
  if (by === 'domain') database.function('domain_of', { deterministic: true }, domainOf);
  const page = [
    keys === undefined ? '' : 'WHERE name IN (SELECT value FROM json_each(?))',
    `ORDER BY ${sort === 'key' ? '' : `${sort} DESC, `}name LIMIT ? OFFSET ?`,
  ].join(' ');
  const [all, ...rows] = read<string | number>(
    database,
    // a sender has many rows, and its domain is looked for once
    `WITH counted AS MATERIALIZED (
       ${by === 'domain' ? `SELECT domain_of(name) AS name, ${SUMS_AS} FROM (${grouped}) GROUP BY 1` : grouped}
     )
     SELECT count(*), ${SUMS} FROM counted
     UNION ALL SELECT * FROM (SELECT name, ${NAMES} FROM counted ${page})`,
    [...parameters, ...(keys === undefined ? [] : [JSON.stringify(keys)]), limit, offset],
  );
  const [found, totals] = all as [number, Row];
  return {
    rows: rows.map(([name, row]) => ({ key: String(name), counts: countsOf(row) })),
    found,
    totals: countsOf(totals.map((sum) => sum ?? 0) as Row),
  };
}

/** What follows the last `@`; the null sender has none. */
function domainOf(address: unknown): string {
  const text = String(address);
  return text === OTHERS ? OTHERS : text.slice(text.lastIndexOf('@') + 1);
}
