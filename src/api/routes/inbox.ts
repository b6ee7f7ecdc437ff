import { z } from 'zod';
import { line } from '../../sources/source-fields.ts';
import { recordChange } from '../changes.ts';
import { contentRoutes } from '../content-routes.ts';
import type { ApiContext } from '../context.ts';
import type { EventStreams } from '../event-stream.ts';
import { cursor, flag, PAGE, pageSize, readCursor, wholeNumber, writeCursor } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { countShape, inboxShape, page } from '../shapes.ts';
import { showInboxEntry } from '../views.ts';

const parameters = z.object({ id: wholeNumber(0, Number.MAX_SAFE_INTEGER) });

/** The sandbox inbox: what would have left. */
export function inboxRoutes(api: Api, context: ApiContext, streams: EventStreams): void {
  const tags = ['Inbox'];

  const find = async (id: number) => {
    const found = await context.inbox.content(id);
    if (!found) throw new Problem(404, `there is no message ${id} in the inbox`);
    return found;
  };

  api.get(
    '/inbox',
    {
      schema: {
        tags,
        summary: 'List the sandbox inbox, newest first, or follow it',
        querystring: z.object({
          search: line(200)
            .optional()
            .describe('Part of subject, From field, envelope sender or a recipient.'),
          source: z.string().max(100).optional().describe('Name or identifier.'),
          limit: pageSize,
          cursor,
          follow: flag.optional().describe('As they arrive; all of them.'),
        }),
        response: { 200: page(inboxShape) },
      },
    },
    async (request, reply) => {
      if (request.query.follow) {
        streams.start(request, reply, (send) =>
          context.inbox.onArrival((entry) => send(showInboxEntry(context, entry))),
        );
        return reply;
      }
      const { limit = PAGE, search, source } = request.query;
      const rows = await context.inbox.list(limit + 1, {
        before: readCursor(z.int(), request.query.cursor),
        // the messages of one that is gone, and those of the relay itself, have its identifier still
        source: source === undefined ? undefined : (context.sources.byName(source)?.id ?? source),
        search,
      });
      const items = rows.slice(0, limit);
      const next = rows.length > limit ? writeCursor(items.at(-1)?.id) : undefined;
      return { items: items.map((entry) => showInboxEntry(context, entry)), next };
    },
  );

  api.get(
    '/inbox/:id',
    {
      schema: {
        tags,
        summary: 'Show a message: who it was for, and whether its signatures verify',
        description: 'What is in it: GET /inbox/{id}/content.',
        params: parameters,
        response: {
          200: z.object({
            entry: inboxShape,
            signatures: z.array(
              z.object({
                domain: z.string(),
                selector: z.string(),
                result: z.string(),
                reason: z.string().optional(),
              }),
            ),
          }),
        },
      },
    },
    async ({ params }) => {
      const { entry, content } = await find(params.id);
      return {
        entry: showInboxEntry(context, entry),
        signatures: await context.verifySignatures(content),
      };
    },
  );

  contentRoutes(api, context, {
    tags,
    path: '/inbox/:id',
    params: parameters,
    async find({ id }) {
      const { entry, content } = await find(id);
      const body = { kind: 'memory', bytes: content } as const;
      return { name: `inbox message ${id}`, source: entry.source, head: Buffer.alloc(0), body };
    },
  });

  api.delete(
    '/inbox',
    { schema: { tags, summary: 'Empty the inbox', response: { 200: countShape } } },
    async (request) => {
      const count = await context.inbox.clear();
      recordChange(context, request, `inbox emptied of ${count} messages`, { after: { count } });
      return { count };
    },
  );
}
