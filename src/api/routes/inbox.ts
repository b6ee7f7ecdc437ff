import { z } from 'zod';
import { viewMessage } from '../../message/view.ts';
import { recordChange } from '../changes.ts';
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
        querystring: z.object({ limit: pageSize, cursor, follow: flag.optional() }),
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
      const limit = request.query.limit ?? PAGE;
      const rows = await context.inbox.list(limit + 1, readCursor(z.int(), request.query.cursor));
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
        summary: 'Show a message: headers, text, attachments, and whether its signatures verify',
        params: parameters,
        response: {
          200: z.object({
            entry: inboxShape,
            headers: z.array(z.object({ name: z.string(), value: z.string() })),
            text: z.string().optional(),
            html: z.string().optional(),
            attachments: z.array(
              z.object({
                filename: z.string(),
                contentType: z.string(),
                size: z.number(),
                disposition: z.string(),
                contentId: z.string().optional(),
              }),
            ),
            truncated: z.boolean(),
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
        ...viewMessage(content),
        signatures: await context.verifySignatures(content),
      };
    },
  );

  api.get(
    '/inbox/:id/raw',
    {
      schema: {
        tags,
        summary: 'The message as it would have left',
        params: parameters,
        response: { 200: { description: 'The octets', content: { 'message/rfc822': { schema: z.any() } } } },
      },
    },
    async ({ params }, reply) => {
      const { content } = await find(params.id);
      return reply
        .type('message/rfc822')
        .header('content-disposition', `attachment; filename="${params.id}.eml"`)
        .send(content);
    },
  );

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
