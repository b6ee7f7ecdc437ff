import { z } from 'zod';
import { eventType } from '../../alerts/rule.ts';
import type { EventFilter, EventType } from '../../journal/event.ts';
import { canonicalNetwork } from '../../sources/network-index.ts';
import { line } from '../../sources/source-fields.ts';
import type { ApiContext } from '../context.ts';
import type { EventStreams } from '../event-stream.ts';
import { cursor, flag, messageId, PAGE, pageSize, readCursor, time, writeCursor } from '../parameters.ts';
import { mayUseSourceId, refuseForeign } from '../own-sources.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { eventShape, page } from '../shapes.ts';
import { showEvent } from '../views.ts';

const query = z.object({
  type: line(200)
    .optional()
    .describe(`One or several, with commas: ${eventType.options.join(', ')}.`),
  source: z.string().max(100).optional().describe('Name or identifier.'),
  session: line(64).optional(),
  message: messageId.optional(),
  network: z.string().max(64).optional().describe('An address, or a CIDR block.'),
  code: line(40).optional().describe('Refusal code, or the word of an alarm.'),
  from: line(320).optional(),
  to: line(320).optional(),
  outcome: line(40).optional(),
  since: time.optional().describe('RFC 3339, or milliseconds since the epoch.'),
  until: time.optional(),
  limit: pageSize,
  cursor,
  follow: flag.optional().describe('Answers with server-sent events: every event from now on that matches.'),
});

/** The journal: one fact an event. */
export function eventRoutes(api: Api, context: ApiContext, streams: EventStreams): void {
  const filterOf = (fields: z.infer<typeof query>): EventFilter => {
    const types = fields.type?.split(',').map((text) => text.trim());
    const unknown = types?.find((text) => !eventType.options.some((type) => type === text));
    if (unknown !== undefined) {
      throw new Problem(
        400,
        `type: there is no event type ${JSON.stringify(unknown)}; there are ${eventType.options.join(', ')}`,
        { field: 'type' },
      );
    }
    if (fields.network !== undefined && canonicalNetwork(fields.network) === undefined) {
      throw new Problem(400, 'network: is no address or CIDR block', { field: 'network' });
    }
    const { session, message, network, from, to, outcome, since, until } = fields;
    return {
      types: types as EventType[] | undefined,
      source:
        fields.source === undefined
          ? undefined
          : (context.sources.byName(fields.source)?.id ?? fields.source),
      // refusal codes are taken in either case; the words of alarms are lower case
      code: fields.code && /^[a-z]\d{3}$/i.test(fields.code) ? fields.code.toUpperCase() : fields.code,
      session,
      message,
      network,
      from,
      to,
      outcome,
      since,
      until,
    };
  };

  api.get(
    '/events',
    {
      config: { ownSources: true },
      schema: {
        tags: ['Events'],
        summary: 'Search events, newest first, or follow them',
        querystring: query,
        response: { 200: page(eventShape) },
      },
    },
    async (request, reply) => {
      const filter = filterOf(request.query);
      refuseForeign(context, request.principal, filter.source);
      if (request.query.follow) {
        streams.start(
          request,
          reply,
          (send) => context.journal.follow(filter, (event) => send(showEvent(context, event))),
          () => mayUseSourceId(context, request.principal, filter.source),
        );
        return reply;
      }
      const limit = request.query.limit ?? PAGE;
      const rows = await context.journal.search(filter, limit + 1, readCursor(z.int(), request.query.cursor));
      const items = rows.slice(0, limit);
      const next = rows.length > limit ? writeCursor(items.at(-1)?.id) : undefined;
      return { items: items.map((event) => showEvent(context, event)), next };
    },
  );
}
