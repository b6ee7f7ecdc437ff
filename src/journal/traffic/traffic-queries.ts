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
/** Up to so many sources each is looked up by itself; above it all rows are read. */
const FEW = 200;
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
function select(kind: number, stretch: readonly Piece[], sources?: readonly string[]): Selection {
  const parameters: (string | number)[] = [];
  const parts = stretch.map(({ grain, from, to }) => {
    parameters.push(grain, kind);
    const columns = `SELECT at, source, key, ${NAMES} FROM traffic WHERE grain = ? AND kind = ?`;
    if (sources === undefined) {
      parameters.push(from, to);
      return `${columns} AND at >= ? AND at < ?`;
    }
    if (sources.length <= FEW) {
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
  const shown = select(kind, [{ grain, from: since, to: until }], sources);
  const points = read<number>(
    database,
    `SELECT at / ${step} * ${step} AS slot, ${SUMS} FROM (${shown.sql}) GROUP BY slot`,
    shown.parameters,
  );
  const totals = emptyRow();
  for (const [, row] of points) addRow(totals, row);
  const stretch = pieces(since, until, MINUTE);
  const top = select(SOURCE, stretch, sources);
  const bySource = read<string>(
    database,
    `SELECT source, ${SUMS}, count(*) OVER () AS found FROM (${top.sql}) GROUP BY source
     ORDER BY sum(accepted) DESC, sum(refused) DESC, source LIMIT ${TOP}`,
    top.parameters,
  );
  const refused = select(sources === undefined ? CODE : SOURCE_CODE, stretch, sources);
  const codes = database
    .prepare(
      `SELECT key AS code, sum(refused) AS count FROM (${refused.sql}) GROUP BY key
       ORDER BY count DESC, key LIMIT ${TOP}`,
    )
    .all(...refused.parameters) as { code: string; count: number }[];
  const ways = select(DIRECTION, stretch);
  const directions =
    sources === undefined
      ? read<string>(database, `SELECT key, ${SUMS} FROM (${ways.sql}) GROUP BY key`, ways.parameters)
      : [];
  return {
    series: seriesOf(points, step, since, until),
    totals: countsOf(totals),
    before: countsOf(sumOf(database, select(kind, pieces(before.since, before.until, MINUTE), sources))),
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
    series: seriesOf([], step, since, until),
    totals: nothing(),
    before: nothing(),
    sources: [],
    sourceCount: 0,
    directions: [],
    codes: [],
  };
}

/** With a point for each step, whether or not something was counted in it. */
function seriesOf(points: [number, Row][], step: number, since: number, until: number): Series {
  const rows = new Map(points);
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
  const { sql, parameters } = select(SOURCE, stretch);
  const rows = withSources ? read<string>(database, `SELECT source, ${NAMES} FROM (${sql})`, parameters) : [];
  return {
    at,
    counts: countsOf(sumOf(database, select(TOTAL, stretch))),
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
  const { sql, parameters } = select(kind, stretch, sources);
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
