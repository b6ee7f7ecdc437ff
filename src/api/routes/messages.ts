import { z } from 'zod';
import type { MessageQuery } from '../../journal/messages/message-query.ts';
import { DIRECTIONS, type MessageRow, MESSAGE_STATES } from '../../journal/messages/message-row.ts';
import { isRefusalCode } from '../../refusals.ts';
import { canonicalNetwork } from '../../sources/network-index.ts';
import { line } from '../../sources/source-fields.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { eventPageShape, listShape, type messageShape, storyShape } from '../message-shapes.ts';
import { nameOfMessage, readMessage, refusalEvent, rowOf } from '../message-story.ts';
import { mayUseSourceId, refuseForeign } from '../own-sources.ts';
import { cursor, messageId, PAGE, pageSize, readCursor, time, writeCursor } from '../parameters.ts';
import type { Principal } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { countShape } from '../shapes.ts';
import { showDelivery, showEvent } from '../views.ts';
import { ownSources } from './overview.ts';

/** Several words with commas. */
function several<T extends string>(words: readonly T[]) {
  return line(200)
    .transform((text, context) => {
      const named = text.split(',').map((word) => word.trim());
      const known = named.filter((word): word is T => words.some((one) => one === word));
      if (known.length === named.length) return known;
      context.addIssue({ code: 'custom', message: `is none of ${words.join(', ')}` });
      return z.NEVER;
    })
    .optional();
}

const query = z.object({
  q: line(200)
    .optional()
    .describe('A part of senders, recipients, subject or Message-ID; from three characters on it is quick.'),
  from: line(320)
    .optional()
    .describe('Envelope or header sender: an address, `@domain`, or a part of one; `<>` for notices.'),
  to: line(320).optional().describe('Recipient: an address, `@domain`, or a part of one.'),
  subject: line(200).optional().describe('A part of it.'),
  message: line(260).optional().describe('Identifier in the spool or its beginning, or a Message-ID.'),
  source: z.string().max(100).optional().describe('Name or identifier.'),
  network: z.string().max(64).optional().describe("The client's address, or a CIDR block."),
  code: line(10).optional().describe('Refusal code.'),
  state: several(MESSAGE_STATES).describe(`One or several, with commas: ${MESSAGE_STATES.join(', ')}.`),
  direction: several(DIRECTIONS).describe(`One or several, with commas: ${DIRECTIONS.join(', ')}.`),
  since: time.optional().describe('RFC 3339, or milliseconds since the epoch.'),
  until: time.optional(),
  limit: pageSize,
  cursor,
});

/** A message by the name that lists give it. */
const messageName = z
  .string()
  .max(40)
  .regex(
    /^(?:[0-9A-Za-z]{11}|refusal-\d{1,15})$/,
    'is no message identifier (11 letters and digits, or refusal-NUMBER)',
  );

/** Every message that came in, found by what people remember of it, and each with its story. */
export function messageRoutes(api: Api, context: ApiContext): void {
  const tags = ['Messages'];

  const show = (row: MessageRow): z.infer<typeof messageShape> => ({
    ...row,
    id: nameOfMessage(row),
    sourceName: row.source === undefined ? undefined : (context.sources.byId(row.source)?.name ?? row.source),
  });

  const queryOf = (fields: z.infer<typeof query>, principal: Principal): MessageQuery => {
    const { q, from, to, subject, message, network, code, state, direction, since, until } = fields;
    const source =
      fields.source === undefined ? undefined : (context.sources.byName(fields.source)?.id ?? fields.source);
    if (source !== undefined) refuseForeign(context, principal, source);
    if (network !== undefined && canonicalNetwork(network) === undefined)
      throw new Problem(400, 'network: is no address or CIDR block', { field: 'network' });
    const wanted = code?.toUpperCase();
    if (wanted !== undefined && !isRefusalCode(wanted))
      throw new Problem(400, `code: there is no refusal code ${JSON.stringify(code)}`, { field: 'code' });
    return {
      sources: source === undefined ? ownSources(context, principal) : [source],
      directions: direction,
      states: state,
      code: wanted,
      from: from === '<>' ? '' : from,
      to,
      subject,
      message,
      network: network === undefined ? undefined : canonicalNetwork(network),
      text: q,
      since,
      until,
    };
  };
  api.get(
    '/messages',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'Search messages, newest first',
        querystring: query,
        response: { 200: listShape },
      },
    },
    async ({ query: fields, principal }) => {
      const wanted = queryOf(fields, principal);
      const limit = fields.limit ?? PAGE;
      const below = readCursor(z.int(), fields.cursor);
      const { rows, next, reached } = await context.messages.find(wanted, limit, below);
      const whole = below === undefined && next === undefined;
      const total = whole
        ? { count: rows.length, more: false }
        : below === undefined
          ? await context.messages.count(wanted)
          : undefined;
      return {
        items: rows.map(show),
        next: next === undefined ? undefined : writeCursor(next),
        reached,
        total,
      };
    },
  );

  api.get(
    '/messages/:message',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'A message with its whole story',
        params: z.object({ message: messageName }),
        response: { 200: storyShape },
      },
    },
    async ({ params, principal }) => {
      const event = refusalEvent(params.message);
      const id = event === undefined ? messageId.safeParse(params.message) : undefined;
      const found =
        id?.success === false ? undefined : await readMessage(context, event ?? { message: id?.data ?? '' });
      if (!found || !mayUseSourceId(context, principal, found.row.source))
        throw new Problem(
          404,
          `nothing is known of a message ${params.message}; the journal may have aged it out`,
        );
      const { row, events, omitted, deliveries, summary, transcript, content } = found;
      return {
        message: show(row),
        summary,
        events: events.map((one) => showEvent(context, one)),
        omitted,
        deliveries: deliveries.map((one) => showDelivery(context, one)),
        transcript,
        content,
      };
    },
  );

  api.get(
    '/messages/:message/events',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'The events of a message, oldest first',
        description: 'All of them, page by page: a story leaves some out where there are too many.',
        params: z.object({ message: messageId }),
        querystring: z.object({ limit: pageSize, cursor }),
        response: { 200: eventPageShape },
      },
    },
    async ({ params: { message }, query: { limit = PAGE, cursor: text }, principal }) => {
      const { journal } = context;
      await journal.flush();
      const [{ events: first }, { events, count }] = await Promise.all([
        journal.ofMessage(message, PAGE),
        journal.ofMessage(message, limit, readCursor(z.int(), text)),
      ]);
      const row = rowOf(context, first);
      if (!row || !mayUseSourceId(context, principal, row.source))
        throw new Problem(404, `nothing is known of a message ${message}; the journal may have aged it out`);
      const last = events.at(-1);
      return {
        items: events.map((one) => showEvent(context, one)),
        next: last !== undefined && count > events.length ? writeCursor(last.id) : undefined,
      };
    },
  );

  api.post(
    '/messages/:message/reroute',
    {
      schema: {
        tags,
        summary: 'Give what waits of a message a route of its own, and try it now',
        params: z.object({ message: messageId }),
        body: z.strictObject({
          route: z
            .string()
            .min(1)
            .max(64)
            .nullable()
            .describe('Name of a route, or `sandbox`; null: by the rules again.'),
        }),
        response: { 200: countShape },
      },
    },
    async (request) => {
      const { message } = request.params;
      const { route } = request.body;
      const waiting = await context.spool.list({ message }, 500);
      const [first] = waiting;
      if (!first) throw new Problem(404, `nothing of message ${message} waits in the spool`);
      if (route !== null && route !== 'sandbox' && !context.routes.byName(route))
        throw new Problem(400, `route: there is no route ${JSON.stringify(route)}`, { field: 'route' });
      if (route !== null && context.routes.resolve({ ...first, route }).name !== route)
        throw new Problem(
          409,
          'the source of this message is in the sandbox: nothing of it leaves by another route',
        );
      const count = await context.spool.reroute({ message }, route ?? undefined, context.clock.now());
      context.waiting.forget();
      const to = route === null ? 'the route that the rules say' : `route ${route}`;
      recordChange(context, request, `message ${message} rerouted to ${to}`, {
        source: first.source === '' ? undefined : first.source,
        before: { route: first.route ?? null },
        after: { message, route, count },
      });
      return { count };
    },
  );
}
