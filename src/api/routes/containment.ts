import { z } from 'zod';
import { byUrgency, type Watched } from '../../containment/containment.ts';
import { maySend, SOURCE_STATES } from '../../sources/lifecycle.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { cursor, PAGE, pageSize, readCursor, writeCursor } from '../parameters.ts';
import type { Api } from '../scope.ts';
import { page } from '../shapes.ts';
import { causeOf } from './source-lifecycle.ts';
import { findSource, sourceParameters } from './sources.ts';

const level = z.enum(['none', 'alert', 'slow', 'hold', 'suspend']);
const mode = z.enum(['off', 'watch', 'act']);

export const containedShape = z.object({
  source: z.string(),
  sourceName: z.string(),
  level,
  levelAt: z.number().describe('Since when, milliseconds since the epoch.'),
  mode: mode.describe('`act` takes the steps, `watch` only tells.'),
  ownMode: mode.optional().describe('Absent: the mode of the relay.'),
  deviations: z
    .array(z.object({ kind: z.string(), points: z.number(), text: z.string() }))
    .describe('What is unusual, in plain words.'),
  held: z.number().optional().describe('Deliveries that wait for the answer; at most 1000 are counted.'),
});

export const normalShape = containedShape.extend({
  normal: z.object({
    since: z.number().describe('First message, milliseconds since the epoch.'),
    days: z.number().describe('Days with messages.'),
    messages: z.number(),
    ripe: z.boolean().describe('Enough is known to judge it.'),
    networks: z.array(z.string()),
    domains: z.array(z.string()).describe('Domains that it writes to.'),
    hours: z
      .array(z.number())
      .describe('Hours with messages, by hour of the day (UTC): 24 of working days, 24 of the weekend.'),
    busiest: z
      .object({ messages: z.number(), newDomains: z.number(), octets: z.number(), largest: z.number() })
      .describe('Of the hours of the last four weeks.'),
    failureShare: z.number().describe('0 to 1.'),
  }),
});

const place = z.object({ level, levelAt: z.number(), source: z.string().max(100) });

const MOST_COUNTED = 1000;

/** What each source usually does, and what was done about what is unusual. */
export function containmentRoutes(api: Api, context: ApiContext): void {
  const tags = ['Containment'];

  const show = async (watched: Watched): Promise<z.infer<typeof containedShape>> => {
    const { source, deviations, levelAt } = watched;
    const held = await context.spool.list({ source, hold: 'containment' }, MOST_COUNTED);
    return {
      source,
      sourceName: context.sources.byId(source)?.name ?? source,
      level: watched.level,
      levelAt,
      mode: context.containment.modeOf(watched),
      ownMode: watched.mode,
      deviations: deviations.map((one) => ({ ...one })),
      held: held.length,
    };
  };

  api.get(
    '/containment',
    {
      schema: {
        tags,
        summary: 'Sources that do what they do not usually do, the worst first',
        querystring: z.object({ limit: pageSize, cursor }),
        response: { 200: page(containedShape) },
      },
    },
    async ({ query }) => {
      const after = readCursor(place, query.cursor);
      const all = context.containment.contained();
      const left = after ? all.filter((watched) => byUrgency(watched, after) > 0) : all;
      const shown = left.slice(0, query.limit ?? PAGE);
      const items: z.infer<typeof containedShape>[] = [];
      // one after another: each reads up to a thousand deliveries
      for (const watched of shown) items.push(await show(watched));
      const last = shown.at(-1);
      const next = last && shown.length < left.length ? writeCursor(place.parse(last)) : undefined;
      return { items, next };
    },
  );

  api.get(
    '/sources/:name/normal',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'What a source usually does, and what is unusual now',
        params: sourceParameters,
        response: { 200: normalShape },
      },
    },
    async ({ params }) => {
      const source = findSource(context, params.name);
      const watched = await context.containment.watched(source.id);
      const { normal } = watched;
      return {
        ...(await show(watched)),
        normal: {
          since: normal.since,
          days: normal.days,
          messages: normal.messages,
          ripe: context.containment.isRipe(watched),
          networks: normal.networks,
          domains: normal.domains,
          hours: [...normal.hours],
          busiest: normal.busiest,
          failureShare: normal.failureShare,
        },
      };
    },
  );

  api.post(
    '/sources/:name/containment',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'Answer for what is unusual: it was expected, or it is an attack',
        description:
          'Expected: it is usual from now on, and what was held is released; a source that was suspended stays so until it is enabled. Attack: nothing of it is learnt, the source is suspended, and what was held is deleted unless it is to be kept.',
        params: sourceParameters,
        body: z.strictObject({
          answer: z.enum(['expected', 'attack']),
          held: z.enum(['release', 'delete', 'keep']).optional().describe('What was held.'),
        }),
        response: {
          200: z.object({
            released: z.number(),
            deleted: z.number(),
            state: z.enum(SOURCE_STATES).describe('Of the source, now.'),
          }),
        },
      },
    },
    async (request) => {
      const source = findSource(context, request.params.name);
      const { answer } = request.body;
      const held = request.body.held ?? (answer === 'expected' ? 'release' : 'delete');
      if (answer === 'expected') await context.containment.expected(source.id);
      else {
        // first the source: what is held must not be joined by more
        if (maySend(source.state)) {
          const cause = causeOf(request, 'unusual sending: it was an attack');
          await context.sources.edit(source.id, { state: 'suspended' }, undefined, cause);
        }
        await context.containment.attack(source.id);
      }
      const which = { source: source.id, hold: 'containment' } as const;
      const released = held === 'release' ? await context.spool.release(which, context.clock.now()) : 0;
      const deleted = held === 'delete' ? await context.spool.remove(which) : 0;
      recordChange(context, request, `unusual sending of ${source.name}: ${answer}`, {
        source: source.id,
        after: { answer, released, deleted },
      });
      const { state } = context.sources.byId(source.id) ?? source;
      return { released, deleted, state };
    },
  );

  api.put(
    '/sources/:name/containment/mode',
    {
      schema: {
        tags,
        summary: 'Set how a source is watched',
        params: sourceParameters,
        body: z.strictObject({ mode: mode.nullable().describe('null: the mode of the relay.') }),
        response: { 200: containedShape },
      },
    },
    async (request) => {
      const source = findSource(context, request.params.name);
      await context.containment.setMode(source.id, request.body.mode ?? undefined);
      recordChange(
        context,
        request,
        `containment of ${source.name}: ${request.body.mode ?? 'as the relay'}`,
        {
          source: source.id,
          after: { mode: request.body.mode },
        },
      );
      return show(await context.containment.watched(source.id));
    },
  );
}
