import { z } from 'zod';
import { decodeOctets } from '../../message/headers.ts';
import { bodyLength } from '../../message/content.ts';
import { line } from '../../sources/source-fields.ts';
import { EDGE_SOURCE, UNPROVEN_EDGE_SOURCE } from '../../edge/acceptance.ts';
import type { WaitingGroup } from '../../deliver/waiting.ts';
import type { DeliveryFilter, HoldReason } from '../../spool/spool.ts';
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

const HOLDS = [
  'operator',
  'limit',
  'source',
  'alignment',
  'containment',
  'approval',
  'quarantine',
] as const satisfies HoldReason[];

const filterFields = {
  message: messageId.optional(),
  source: z.string().max(100).optional().describe('Name or identifier.'),
  domain: line(255).optional().describe('Domain of the recipients.'),
  from: line(320).optional().describe('Envelope sender.'),
  state: z.enum(['queued', 'held']).optional(),
  hold: z.enum(HOLDS).optional(),
};

const selection = z.strictObject({
  ...filterFields,
  all: z.boolean().default(false).describe('Needed when no condition is given.'),
});

/** What the spool has in place of a source: mail of the relay itself, and of the internet. */
const SOURCELESS = ['', EDGE_SOURCE, UNPROVEN_EDGE_SOURCE];
const MOST_GROUPS = 1000;
const at = z.number().describe('Milliseconds since the epoch.');
const sleepShape = z.object({
  since: at.describe('When it failed first.'),
  until: at.describe('When it is tried again.'),
  failures: z.int().describe('In a row.'),
  reply: z.string(),
});

const waitingGroupShape = z
  .object({
    domain: z.string(),
    route: z.string().describe('The route that it takes as the routes are now.'),
    deliveries: z.int(),
    bytes: z.number().describe('Octets of their messages.'),
    oldestAt: at,
    nextAttemptAt: at,
    attempts: z.int().describe('The most that one of them had.'),
    untried: z.int().describe('Of those, not tried yet.'),
    reasons: z
      .array(z.object({ reply: z.string(), deliveries: z.int() }))
      .describe(
        'What the last attempts ended with, the most frequent first; replies that differ in numbers only are one.',
      ),
    asleep: sleepShape
      .optional()
      .describe('The destination takes nothing now; what waits behind it is not tried one by one.'),
  })
  .meta({ id: 'WaitingGroup' });

const heldGroupShape = z
  .object({
    hold: z.enum(HOLDS),
    source: z
      .string()
      .describe('Identifier; without `sourceName`: written by the relay, or from the internet.'),
    sourceName: z.string().optional(),
    deliveries: z.int(),
    bytes: z.number(),
    oldestAt: at,
    reply: z.string().optional().describe('What was said of it last.'),
  })
  .meta({ id: 'HeldGroup' });

export const groupsShape = z.object({
  at: at.describe('Of when this is: where very much waits, some seconds old.'),
  total: z.object({ deliveries: z.int(), groups: z.int() }).describe('Of what is queued and asked for.'),
  groups: z.array(waitingGroupShape).describe('At most 1000, the most first.'),
  unreachable: z
    .array(sleepShape.extend({ route: z.string(), deliveries: z.int(), domains: z.array(z.string()) }))
    .describe('Destinations that take nothing now, with what waits for them.'),
  held: z.array(heldGroupShape),
  leftOut: z.int().describe('Deliveries beyond what can be kept apart.'),
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
    '/queue-groups',
    {
      schema: {
        tags,
        summary:
          'What waits, by recipient domain and route, and what is held, by reason and source; the most first',
        querystring: z.object({
          domain: line(255).optional().describe('A part of the domain.'),
          route: line(64).optional().describe('Name of the route.'),
        }),
        response: { 200: groupsShape },
      },
    },
    async ({ query }) => {
      const { at, groups, held, leftOut } = await context.waiting.view();
      const part = query.domain?.toLowerCase();
      const wanted = groups.filter(
        ({ domain, route }) =>
          (part === undefined || domain.includes(part)) &&
          (query.route === undefined || route === query.route),
      );
      return {
        at,
        total: { deliveries: sum(wanted), groups: wanted.length },
        groups: wanted.slice(0, MOST_GROUPS),
        unreachable: unreachableOf(wanted),
        held: held.slice(0, MOST_GROUPS).map((one) => ({
          ...one,
          sourceName: SOURCELESS.includes(one.source)
            ? undefined
            : (context.sources.byId(one.source)?.name ?? one.source),
        })),
        leftOut,
      };
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
          `there is no message ${message} in the spool any more; its story (postern why ${message}) tells what became of it`,
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
        const { source } = fields;
        if (source !== undefined && !source.startsWith('src_') && !SOURCELESS.includes(source))
          findSource(context, source);
        const filter = filterOf(fields);
        const count = await {
          hold: () => context.spool.hold(filter, 'operator'),
          release: () => context.spool.release(filter, context.clock.now()),
          retry: () => context.spool.retry(filter, context.clock.now()),
          delete: () => context.spool.remove(filter),
        }[verb]();
        context.waiting.forget();
        recordChange(context, request, `${count} deliveries ${PAST[verb]}`, {
          source: filter.source,
          after: { filter, count },
        });
        return { count };
      },
    );
  }
}

const MOST_DOMAINS = 20;
const MOST_UNREACHABLE = 50;

function sum(groups: WaitingGroup[]): number {
  return groups.reduce((count, { deliveries }) => count + deliveries, 0);
}

/** One entry for each destination: by MX the domain, otherwise all that takes the route. */
function unreachableOf(groups: WaitingGroup[]): z.infer<typeof groupsShape>['unreachable'] {
  const found = new Map<string, z.infer<typeof groupsShape>['unreachable'][number]>();
  for (const { domain, route, deliveries, asleep } of groups) {
    if (!asleep) continue;
    const key = `${route} ${asleep.since} ${asleep.until} ${asleep.reply}`;
    const known = found.get(key) ?? { ...asleep, route, deliveries: 0, domains: [] };
    known.deliveries += deliveries;
    if (known.domains.length < MOST_DOMAINS) known.domains.push(domain);
    found.set(key, known);
  }
  return [...found.values()].sort((a, b) => b.deliveries - a.deliveries).slice(0, MOST_UNREACHABLE);
}
