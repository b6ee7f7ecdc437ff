import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { csvHead, csvLines, csvRows } from '../../sources/exchange/csv.ts';
import { importSources } from '../../sources/exchange/import.ts';
import { type ExchangeRow, rowOf } from '../../sources/exchange/row.ts';
import { searchSources } from '../../sources/search.ts';
import type { Source } from '../../sources/source.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { withCsvBodies } from '../csv-body.ts';
import { flag } from '../parameters.ts';
import { mayUseSource } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { causeOf } from './source-lifecycle.ts';
import { searchFacts, sourceFilter } from './sources.ts';

const LARGEST_FILE = 8 * 1024 * 1024;
const MOST_ERRORS = 1000;
/** Names in one request. */
const MOST_NAMED = 10_000;
/** Rows that are written before others get their turn on the thread. */
const ROWS_AT_A_TIME = 200;

const CSV = 'text/csv; charset=utf-8; header=present';

const importResult = z.object({
  rows: z.int(),
  added: z.int(),
  changed: z.int(),
  skipped: z.int(),
  written: z.boolean().describe('False after a dry run, and after all or nothing with errors.'),
  errors: z
    .array(z.object({ row: z.int(), name: z.string(), field: z.string().optional(), detail: z.string() }))
    .describe('The first thousand. `row` is the line of a CSV file, or the place in the JSON list, from 1.'),
});

/** Sources as files: lists that somebody keeps in a spreadsheet, or another system in JSON. */
export function sourceExchangeRoutes(api: Api, context: ApiContext): void {
  const tags = ['Sources'];

  const sendRows = (
    reply: FastifyReply,
    sources: readonly Source[],
    format: 'csv' | 'json',
  ): FastifyReply => {
    const rows = (from: number): ExchangeRow[] =>
      sources
        .slice(from, from + ROWS_AT_A_TIME)
        .map((source) => rowOf(source, context.sources.credentials(source.id)));
    const parts = format === 'csv' ? csvParts(sources.length, rows) : jsonParts(sources.length, rows);
    return reply
      .header('content-disposition', `attachment; filename="sources.${format}"`)
      .type(format === 'csv' ? CSV : 'application/json; charset=utf-8')
      .send(Readable.from(parts));
  };

  api.get(
    '/sources/export',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'All sources that match, as CSV or JSON',
        description:
          'Cells that a spreadsheet would take for a formula begin with an apostrophe; an import takes it away. No secrets.',
        querystring: sourceFilter.extend({ format: z.enum(['csv', 'json']).default('json') }),
      },
    },
    async ({ query, principal }, reply) => {
      const { format, ...filter } = query;
      const { items } = searchSources(context.sources, filter, {
        most: Number.POSITIVE_INFINITY,
        visible: (source) => mayUseSource(principal, source),
        facts: searchFacts(context),
      });
      return sendRows(reply, items, format);
    },
  );

  api.post(
    '/sources/export',
    {
      config: { role: 'auditor', ownSources: true },
      schema: {
        tags,
        summary: 'These sources, as CSV or JSON',
        body: z.strictObject({
          names: z.array(z.string().max(100)).min(1).max(MOST_NAMED).describe('Names or identifiers.'),
          format: z.enum(['csv', 'json']).default('json'),
        }),
      },
    },
    async ({ body, principal }, reply) => {
      const named = new Set(
        body.names.flatMap((name) => context.sources.byName(name) ?? context.sources.byId(name) ?? []),
      );
      return sendRows(
        reply,
        [...named].filter((source) => mayUseSource(principal, source)),
        body.format,
      );
    },
  );

  withCsvBodies(api, LARGEST_FILE, (scope) => {
    scope.post(
      '/sources/import',
      {
        bodyLimit: LARGEST_FILE,
        schema: {
          tags,
          summary: 'Add or change many sources',
          description:
            'The body is CSV (text/csv) with the columns of the export, or a JSON list of such rows. Columns that are absent stay as they are; networks become a credential of a source that lacks them.',
          querystring: z.object({
            existing: z
              .enum(['refuse', 'skip', 'update'])
              .default('refuse')
              .describe('What to do with rows about sources that there are already.'),
            dryRun: flag.default(false).describe('Say what would happen, and change nothing.'),
            allOrNothing: flag.default(false).describe('One wrong row keeps everything out.'),
          }),
          body: z.union([z.string(), z.array(z.unknown())]),
          response: { 200: importResult },
        },
      },
      async (request) => {
        const { body, query } = request;
        const rows = typeof body === 'string' ? csvRows(body) : jsonRows(body);
        const result = await importSources(context.sources, rows, query, causeOf(request, 'import'));
        const { added, changed, errors, written } = result;
        if (query.allOrNothing && errors.length > 0 && !query.dryRun) {
          throw new Problem(
            422,
            `nothing was imported: row ${errors[0]?.row}: ${errors[0]?.detail} (${errors.length} errors)`,
            { errors: errors.slice(0, 100).map(({ row, detail }) => ({ field: `row ${row}`, detail })) },
          );
        }
        if (written) {
          recordChange(
            context,
            request,
            `sources imported: ${added} added, ${changed} changed, ${errors.length} refused`,
          );
        }
        return { ...result, errors: errors.slice(0, MOST_ERRORS) };
      },
    );
  });
}

async function* jsonRows(body: readonly unknown[]): AsyncGenerator<{ line: number; fields: unknown }> {
  for (const [index, fields] of body.entries()) yield { line: index + 1, fields };
}

/** Between two parts the event loop goes round, whether or not the client is slow. */
async function* csvParts(count: number, rows: (from: number) => ExchangeRow[]): AsyncGenerator<string> {
  yield csvHead();
  for (let from = 0; from < count; from += ROWS_AT_A_TIME) {
    yield csvLines(rows(from));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function* jsonParts(count: number, rows: (from: number) => ExchangeRow[]): AsyncGenerator<string> {
  yield '[';
  for (let from = 0; from < count; from += ROWS_AT_A_TIME) {
    const part = rows(from).map((row) => JSON.stringify(row));
    yield `${from === 0 ? '' : ','}\n${part.join(',\n')}`;
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield '\n]\n';
}
