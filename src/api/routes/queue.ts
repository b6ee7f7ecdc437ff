import { z } from 'zod';
import { decodeOctets } from '../../message/headers.ts';
import { bodyLength } from '../../message/content.ts';
import { line } from '../../sources/source-fields.ts';
import type { DeliveryFilter } from '../../spool/spool.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { cursor, messageId, PAGE, pageSize, readCursor, writeCursor } from '../parameters.ts';
import { mayUseSourceId, refuseForeign } from '../own-sources.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { countShape, deliveryShape, page } from '../shapes.ts';
import { showDelivery } from '../views.ts';
import { findSource } from './sources.ts';

const MOST_HEAD = 64 * 1024;

const filterFields = {
  message: messageId.optional(),
  source: z.string().max(100).optional().describe('Name or identifier.'),
  domain: line(255).optional().describe('Domain of the recipients.'),
  from: line(320).optional().describe('Envelope sender.'),
  state: z.enum(['queued', 'held']).optional(),
  hold: z
    .enum(['operator', 'limit', 'source', 'alignment', 'containment', 'approval', 'quarantine'])
    .optional(),
};

const selection = z.strictObject({
  ...filterFields,
  all: z.boolean().default(false).describe('Needed when no condition is given.'),
});

const place = z.object({ message: z.string(), part: z.int() });

const PAST = { hold: 'held', release: 'released', retry: 'set to be tried now', delete: 'deleted' } as const;

/** The spool: what was taken and is not yet finished. */
export function queueRoutes(api: Api, context: ApiContext): void {
  const tags = ['Queue'];

  const filterOf = (fields: Omit<z.infer<typeof selection>, 'all'>): DeliveryFilter => {
    // identifiers are shown in upper and lower case alike
    const { message, source, domain, ...same } = fields;
    return {
      ...same,
      message,
      domain: domain?.toLowerCase(),
      source: source === undefined ? undefined : (context.sources.byName(source)?.id ?? source),
    };
  };

  api.get(
    '/queue',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'List deliveries',
        querystring: z.object({ ...filterFields, limit: pageSize, cursor }),
        response: { 200: page(deliveryShape) },
      },
    },
    async ({ query, principal }) => {
      const { limit = PAGE, cursor: after, ...fields } = query;
      refuseForeign(context, principal, filterOf(fields).source);
      const rows = await context.spool.list(filterOf(fields), limit + 1, readCursor(place, after));
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      const next =
        rows.length > limit && last ? writeCursor({ message: last.message, part: last.part }) : undefined;
      return { items: items.map((one) => showDelivery(context, one)), next };
    },
  );

  api.get(
    '/queue/:message',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'Show a message with its deliveries and its header section',
        params: z.object({ message: messageId }),
        response: {
          200: z.object({
            deliveries: z.array(deliveryShape),
            head: z.string().describe('The header section; the body is not shown.'),
            bodySize: z.number(),
          }),
        },
      },
    },
    async ({ params, principal }) => {
      const { message } = params;
      const deliveries = await context.spool.list({ message }, 500);
      const own = deliveries.every(({ source }) => mayUseSourceId(context, principal, source));
      const payload = own && deliveries.length > 0 ? await context.spool.payload(message) : undefined;
      if (!payload)
        throw new Problem(
          404,
          `there is no message ${message} in the spool; GET /messages/${message}/why tells what became of it`,
        );
      return {
        deliveries: deliveries.map((one) => showDelivery(context, one)),
        head: decodeOctets(payload.head.subarray(0, MOST_HEAD)),
        bodySize: bodyLength(payload.body),
      };
    },
  );

  for (const verb of ['hold', 'release', 'retry', 'delete'] as const) {
    api.post(
      `/queue/${verb}`,
      {
        schema: {
          tags,
          summary: {
            hold: 'Hold deliveries',
            release: 'Release held deliveries',
            retry: 'Try deliveries now',
            delete: 'Delete deliveries; nobody is told',
          }[verb],
          body: selection,
          response: { 200: countShape },
        },
      },
      async (request) => {
        const { all, ...fields } = request.body;
        if (!all && Object.values(fields).every((value) => value === undefined)) {
          throw new Problem(400, 'name a condition, or say all: true');
        }
        // a name that is misspelt must not select nothing in silence
        if (fields.source !== undefined && !fields.source.startsWith('src_'))
          findSource(context, fields.source);
        const filter = filterOf(fields);
        const count = await {
          hold: () => context.spool.hold(filter, 'operator'),
          release: () => context.spool.release(filter, context.clock.now()),
          retry: () => context.spool.retry(filter, context.clock.now()),
          delete: () => context.spool.remove(filter),
        }[verb]();
        recordChange(context, request, `${count} deliveries ${PAST[verb]}`, {
          source: filter.source,
          after: { filter, count },
        });
        return { count };
      },
    );
  }
}
