import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { type Counts, countsOf, emptyRow, MEASURES } from '../../journal/traffic/counts.ts';
import { OTHERS } from '../../journal/traffic/names.ts';
import { DAY, HOUR } from '../../journal/traffic/periods.ts';
import type { ReportKey, ReportQuery } from '../../journal/traffic/traffic-queries.ts';
import { guardCell } from '../../sources/exchange/cell.ts';
import { line } from '../../sources/source-fields.ts';
import type { ApiContext } from '../context.ts';
import { countsShape } from '../overview-shapes.ts';
import { cursor, flag, PAGE, pageSize, readCursor, time, writeCursor } from '../parameters.ts';
import { mayUseSource, type Principal } from '../principal.ts';
import { explainCode, Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { nameOf, ownSources } from './overview.ts';

const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;
/** Counts by the hour are used for what began no longer ago; the rest is told by whole days. */
const BY_HOUR_MS = 31 * DAY_MS;
/** Rows of one file. */
const MOST_ROWS = 100_000;
const ROWS_AT_A_TIME = 1000;
const CSV = 'text/csv; charset=utf-8';
/** What strangers wrote is in the cells: neither lines nor directions of text are theirs to change. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Counted in the registry, from what was counted of each source. */
const FOLDED = ['tag', 'owner'] as const;
const BY = ['source', 'tag', 'owner', 'address', 'domain', 'recipient-domain', 'day', 'code'] as const;
type By = (typeof BY)[number];

const KEYS: Record<Exclude<By, 'tag' | 'owner'>, ReportKey> = {
  source: 'source',
  address: 'sender',
  domain: 'domain',
  'recipient-domain': 'recipient-domain',
  day: 'day',
  code: 'code',
};

/** Far from where a date has no name any more, also with the time before it. */
const LATEST = Date.UTC(10_000, 0);
const moment = time.refine((at) => at >= 0 && at < LATEST, 'is not within the years 1970 to 9999');

const query = z.object({
  by: z.enum(BY),
  from: moment.optional().describe('RFC 3339, or milliseconds since the epoch; absent: thirty days ago.'),
  to: moment.optional().describe('Absent: now.'),
  source: z.string().max(100).optional().describe('Of one source: name or identifier.'),
  tag: line(64).optional().describe('Of the sources that have this tag now.'),
  owner: line(320).optional().describe('Of the sources of one owner.'),
  sort: z
    .enum([...MEASURES, 'key'])
    .optional()
    .describe('Absent: by key for days, else by what is counted most.'),
  compare: flag.optional().describe('With what was counted in the time before, of the same length.'),
  format: z.enum(['json', 'csv']).optional().describe('Absent: by the Accept header, else JSON.'),
  limit: pageSize,
  cursor,
});

const rowShape = z.object({
  key: z
    .string()
    .describe(
      'Identifier of the source, tag, owner, address, domain, day (2026-01-31) or code; `*`: all others.',
    ),
  name: z.string().describe('The same for people: name of the source, text of the refusal.'),
  counts: countsShape,
  before: countsShape.optional().describe('In the time before; of a day, that of as many days before.'),
});
type ReportRow = z.infer<typeof rowShape>;

/** Who sent how much. */
export function reportRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/reports',
    {
      config: { ownSources: true },
      schema: {
        tags: ['Reports'],
        summary: 'Counts by source, tag, owner, address, domain, day or code; as a file with text/csv',
        description:
          'Days are those of UTC. Of senders and domains each source has rows for its first 200 a day; the rest is one row `*`. A source with several tags is counted under each of them.',
        querystring: query,
        response: {
          200: z.object({
            by: z.enum(BY),
            from: z.number(),
            to: z.number(),
            items: z.array(rowShape),
            found: z.int().describe('Rows in all.'),
            totals: countsShape.describe('Of all rows; of what has several tags, once.'),
            before: z
              .object({ from: z.number(), to: z.number(), totals: countsShape })
              .optional()
              .describe('With `compare`: the time before.'),
            behind: z.number().describe('Events that are not counted yet.'),
            next: z.string().optional(),
          }),
        },
      },
    },
    async (request, reply) => {
      const { by, limit = PAGE, cursor: after } = request.query;
      const asFile =
        (request.query.format ?? (/\btext\/csv\b/.test(request.headers.accept ?? '') ? 'csv' : 'json')) ===
        'csv';
      const offset = readCursor(z.int().min(0).max(10_000_000), after) ?? 0;
      const wanted = wantedOf(context, request.query, request.principal);
      const answer = await rowsOf(context, wanted, asFile ? MOST_ROWS : limit, offset);
      const before = request.query.compare ? await addBefore(context, wanted, answer.items) : undefined;
      if (asFile) {
        reply
          .header(
            'content-disposition',
            `attachment; filename="mail-by-${by}-${dayText(wanted.since)}-${dayText(wanted.until)}.csv"`,
          )
          .type(CSV)
          .send(Readable.from(csvParts(by, answer.items, before !== undefined)) as never);
        return reply;
      }
      const end = offset + answer.items.length;
      return {
        by,
        from: wanted.since,
        to: wanted.until,
        ...answer,
        before,
        behind: context.traffic.behind,
        next: end < answer.found && answer.items.length > 0 ? writeCursor(end) : undefined,
      };
    },
  );
}

/** Adds to each row what was counted of the same in the time before. */
async function addBefore(
  context: ApiContext,
  wanted: Wanted,
  rows: ReportRow[],
): Promise<{ from: number; to: number; totals: Counts }> {
  const { by } = wanted;
  const length = wanted.until - wanted.since;
  // days are compared with whole days before
  const shift = by === 'day' ? Math.max(1, Math.round(length / DAY_MS)) * DAY_MS : length;
  const earlier = { ...wanted, since: wanted.since - shift, until: wanted.until - shift };
  const keyBefore = (key: string): string => (by === 'day' ? dayText(Date.parse(key) - shift) : key);
  const keys = rows.map(({ key }) => (by === 'day' ? Date.parse(key) - shift : key));
  const found = await rowsOf(context, { ...earlier, keys }, Math.max(1, rows.length), 0);
  const counts = new Map(found.items.map(({ key, counts }) => [key, counts]));
  for (const row of rows) row.before = counts.get(keyBefore(row.key)) ?? countsOf(emptyRow());
  return { from: earlier.since, to: earlier.until, totals: found.totals };
}

const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);

interface Wanted {
  by: By;
  since: number;
  until: number;
  finest: ReportQuery['finest'];
  sort: ReportQuery['sort'];
  sources: string[] | undefined;
  /** Only these rows. */
  keys?: (string | number)[];
}

/** @throws Problem 400, 403, 404 */
function wantedOf(context: ApiContext, fields: z.infer<typeof query>, principal: Principal): Wanted {
  const now = context.clock.now();
  const { by, from = now - MONTH_MS, to = now, source, tag, owner } = fields;
  if (from >= to) throw new Problem(400, 'from: is not before `to`', { field: 'from' });
  let sources = ownSources(context, principal);
  if (source !== undefined) {
    const one = context.sources.byName(source) ?? context.sources.byId(source);
    // to whom it is not theirs there is none
    if (!one || !mayUseSource(principal, one))
      throw new Problem(404, `there is no source ${JSON.stringify(source)}`, { field: 'source' });
    sources = [one.id];
  }
  if (tag !== undefined || owner !== undefined) {
    const lower = owner?.toLowerCase();
    const fits = (id: string): boolean => {
      const one = context.sources.byId(id);
      return (
        one !== undefined &&
        (tag === undefined || one.tags.includes(tag)) &&
        (lower === undefined || one.owner.toLowerCase() === lower)
      );
    };
    sources = (sources ?? context.sources.list().map(({ id }) => id)).filter(fits);
  }
  const byDay = by === 'address' || by === 'domain' || by === 'recipient-domain';
  const finest = byDay || now - from > BY_HOUR_MS ? DAY : HOUR;
  const length = finest === DAY ? DAY_MS : 3_600_000;
  return {
    by,
    // what is counted in whole periods is told of whole periods
    since: Math.floor(from / length) * length,
    until: Math.ceil(to / length) * length,
    finest,
    sort: fields.sort ?? defaultSort(by),
    sources,
  };
}

function defaultSort(by: By): Wanted['sort'] {
  if (by === 'day') return 'key';
  if (by === 'code') return 'refused';
  return by === 'recipient-domain' ? 'delivered' : 'accepted';
}

interface Rows {
  items: ReportRow[];
  found: number;
  totals: Counts;
}

async function rowsOf(context: ApiContext, wanted: Wanted, limit: number, offset: number): Promise<Rows> {
  const { by, sources, since, until, finest, sort, keys } = wanted;
  if (by === 'tag' || by === 'owner') return foldedRows(context, wanted, by, limit, offset);
  const { rows, found, totals } = await context.traffic.report({
    by: KEYS[by],
    since,
    until,
    finest,
    sort,
    sources,
    keys,
    limit,
    offset,
  });
  return {
    items: rows.map(({ key, counts }) => {
      const shown = by === 'day' ? dayText(Number(key)) : key;
      return { key: shown, name: readable(context, by, shown), counts };
    }),
    found,
    totals,
  };
}

/** By what the registry knows of sources: theirs are added up here, for whoever has several tags under each. */
async function foldedRows(
  context: ApiContext,
  { since, until, finest, sort, sources, keys }: Wanted,
  by: (typeof FOLDED)[number],
  limit: number,
  offset: number,
): Promise<Rows> {
  const { rows, totals } = await context.traffic.report({
    by: 'source',
    since,
    until,
    finest,
    sort: 'key',
    sources,
    limit: MOST_ROWS,
    offset: 0,
  });
  const folded = new Map<string, Counts>();
  for (const { key, counts } of rows) {
    const source = context.sources.byId(key);
    const names = by === 'tag' ? source?.tags : source && [source.owner.toLowerCase()];
    for (const name of names?.length ? names : ['']) {
      let sum = folded.get(name);
      if (!sum) folded.set(name, (sum = countsOf(emptyRow())));
      for (const measure of MEASURES) sum[measure] += counts[measure];
    }
  }
  const all = [...folded]
    .filter(([key]) => keys === undefined || keys.includes(key))
    .map(([key, counts]) => ({ key, name: readable(context, by, key), counts }));
  all.sort((a, b) => (sort === 'key' ? 0 : b.counts[sort] - a.counts[sort]) || (a.key < b.key ? -1 : 1));
  return { items: all.slice(offset, offset + limit), found: all.length, totals };
}

function readable(context: ApiContext, by: By, key: string): string {
  if (by === 'source') return nameOf(context, key).sourceName;
  if (key === OTHERS) return 'others';
  if (by === 'code') return explainCode(key)?.text ?? key;
  if (by === 'address') return key === '' ? '<>' : key;
  if (by === 'domain' && key === '') return '<>';
  if (by === 'tag' && key === '') return 'no tag';
  return by === 'owner' && key === '' ? 'no owner' : key;
}

/** Lines of CSV (RFC 4180), every cell quoted and none of them a formula. */
async function* csvParts(by: By, rows: readonly ReportRow[], isCompared: boolean): AsyncGenerator<string> {
  const names = isCompared ? MEASURES.map((measure) => `${measure} before`) : [];
  yield lines([[by, 'name', ...MEASURES, ...names]]);
  for (let from = 0; from < rows.length; from += ROWS_AT_A_TIME) {
    const part = rows.slice(from, from + ROWS_AT_A_TIME);
    yield lines(
      part.map(({ key, name, counts, before }) => [
        key,
        name,
        ...cellsOf(counts),
        ...(before ? cellsOf(before) : []),
      ]),
    );
    // between two parts the event loop goes round
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const cellsOf = (counts: Counts): string[] => MEASURES.map((measure) => String(counts[measure]));

function lines(cells: readonly string[][]): string {
  return stringify(
    cells.map((row) => row.map((cell) => guardCell(cell.replaceAll(CONTROLS, ' ')))),
    { quoted: true, quoted_empty: true, record_delimiter: 'windows' },
  );
}
