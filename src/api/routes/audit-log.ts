import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { cursor, PAGE, pageSize, readCursor, time, wholeNumber, writeCursor } from '../parameters.ts';
import { auditEntryShape } from '../people-shapes.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { page } from '../shapes.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hexadecimal');
const headShape = z.object({ count: z.int(), hash });

/** What people and programs did, tamper-evident. */
export function auditLogRoutes(api: Api, context: ApiContext): void {
  const tags = ['Audit log'];
  const { audit, people } = context.people;

  api.get(
    '/audit-log',
    {
      schema: {
        tags,
        summary: 'List entries, newest first',
        querystring: z.object({
          actor: z
            .string()
            .max(254)
            .optional()
            .describe('Identifier of a person or token, e-mail address of a person, or `root`.'),
          source: z.string().max(100).optional().describe('Name or identifier.'),
          since: time.optional(),
          until: time.optional(),
          limit: pageSize,
          cursor,
        }),
        response: { 200: page(auditEntryShape) },
      },
    },
    async ({ query }) => {
      const { actor, source, since, until, limit = PAGE } = query;
      const person = actor?.includes('@') ? await people.rowByEmail(actor) : undefined;
      const rows = await audit.list(
        {
          actor: person?.id ?? actor,
          source: source === undefined ? undefined : (context.sources.byName(source)?.id ?? source),
          since,
          until,
        },
        limit + 1,
        readCursor(z.int(), query.cursor),
      );
      const items = rows.slice(0, limit);
      return { items, next: rows.length > limit ? writeCursor(items.at(-1)?.sequence) : undefined };
    },
  );

  api.get(
    '/audit-log/export',
    {
      schema: {
        tags,
        summary: 'Entries as they are stored, oldest first',
        description:
          '`entry` is canonical JSON (RFC 8785) and `hash` its SHA-256, so that the chain can be checked without this relay.',
        querystring: z.object({
          after: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional().describe('Number of the last one had.'),
          limit: pageSize,
        }),
        response: {
          200: z.object({ items: z.array(z.object({ entry: z.string(), hash })), next: z.int().optional() }),
        },
      },
    },
    async ({ query }) => {
      const { after = 0, limit = PAGE } = query;
      const rows = await audit.rows(after, limit);
      return {
        items: rows.map(({ entry, hash: own }) => ({ entry, hash: own })),
        next: rows.length === limit ? Number(rows.at(-1)?.sequence) : undefined,
      };
    },
  );

  api.get(
    '/audit-log/verify',
    {
      schema: {
        tags,
        summary: 'Go over the whole chain',
        description:
          'With `count` and `hash`, as noted down earlier, also whether the log still holds what it held then.',
        querystring: z.object({
          count: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
          hash: hash.optional(),
        }),
        response: {
          200: z.object({
            intact: z.boolean(),
            entries: z.int(),
            head: headShape.describe('Note it down where the relay can not write.'),
            problems: z.array(z.object({ sequence: z.int(), problem: z.string(), text: z.string() })),
          }),
        },
      },
    },
    async ({ query }) => {
      if ((query.count === undefined) !== (query.hash === undefined)) {
        throw new Problem(400, 'count and hash belong together', { field: 'hash' });
      }
      return audit.verify(
        query.count === undefined || query.hash === undefined
          ? undefined
          : { count: query.count, hash: query.hash },
      );
    },
  );
}
