import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { WINDOWS } from '../../journal/traffic/periods.ts';
import { SOURCE_STATES } from '../../sources/lifecycle.ts';
import { lastUseOf, nextEndOf } from '../../sources/search.ts';
import type { ApiContext } from '../context.ts';
import { countsShape, seriesShape } from '../overview-shapes.ts';
import { mayUseSource } from '../principal.ts';
import { explainCode } from '../problem.ts';
import type { Api } from '../scope.ts';
import { findSource, sourceParameters } from './sources.ts';

const DAY_MS = 86_400_000;
const EXPIRING_DAYS = 14;
const UNUSED_DAYS = 90;
const MOST_TAGS = 200;
const SOURCES_AT_A_TIME = 1000;
/** Deliveries that are counted one by one. */
const MOST_WAITING = 1000;

const activityShape = z
  .object({
    connections: z.int().describe('Open now.'),
    queued: z.int().describe('Deliveries that wait for their next attempt; at most 1000 are counted.'),
    held: z.int().describe('Deliveries that wait for a person; at most 1000 are counted.'),
    heldByStop: z.int().describe('Of these, those held because the source was stopped.'),
    window: z.enum(WINDOWS),
    step: z.number().describe('Milliseconds of one step of the series.'),
    series: seriesShape,
    totals: countsShape,
    before: countsShape.describe('Of the window before.'),
    refusals: z
      .array(
        z.object({
          code: z.string(),
          count: z.number(),
          text: z.string().optional(),
          remedy: z.string().optional(),
        }),
      )
      .describe('The most frequent first.'),
  })
  .meta({ id: 'SourceActivity' });

const sourceCountsShape = z
  .object({
    total: z.int(),
    states: z.object(
      Object.fromEntries(SOURCE_STATES.map((state) => [state, z.int()])) as Record<
        (typeof SOURCE_STATES)[number],
        z.ZodInt
      >,
    ),
    requests: z.int().describe('Requests that nobody has decided yet.'),
    contained: z.int(),
    expiring: z
      .int()
      .describe(`With a credential that ends within ${EXPIRING_DAYS} days, or has ended; not retired.`),
    unused: z.int().describe(`May send, and did not for ${UNUSED_DAYS} days.`),
    brownOut: z.int(),
    tags: z
      .array(z.object({ tag: z.string(), count: z.int() }))
      .describe(`The ${MOST_TAGS} most frequent, in the order of the alphabet.`),
  })
  .meta({ id: 'SourceCounts' });

/** What sources do now, and how many there are of each kind. */
export function sourceActivityRoutes(api: Api, context: ApiContext): void {
  const tags = ['Sources'];

  api.get(
    '/source-counts',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'How many sources there are, by state and tag',
        response: { 200: sourceCountsShape },
      },
    },
    async ({ principal }) => {
      const now = context.clock.now();
      const states = Object.fromEntries(SOURCE_STATES.map((state) => [state, 0])) as Record<
        (typeof SOURCE_STATES)[number],
        number
      >;
      const counts = { total: 0, requests: 0, contained: 0, expiring: 0, unused: 0, brownOut: 0 };
      const byTag = new Map<string, number>();
      let looked = 0;
      for (const source of context.sources.list()) {
        // fifty thousand of them must not hold up mail
        if (++looked % SOURCES_AT_A_TIME === 0) await nextTurn();
        if (!mayUseSource(principal, source)) continue;
        const credentials = context.sources.credentials(source.id);
        counts.total++;
        states[source.state]++;
        if (source.request) counts.requests++;
        if (source.brownOut) counts.brownOut++;
        if (context.containment.levelOf(source.id) !== 'none') counts.contained++;
        if (
          source.state !== 'retired' &&
          (nextEndOf(credentials) ?? Infinity) <= now + EXPIRING_DAYS * DAY_MS
        )
          counts.expiring++;
        if (
          source.state === 'active' &&
          (lastUseOf(credentials) ?? source.createdAt) < now - UNUSED_DAYS * DAY_MS
        )
          counts.unused++;
        for (const tag of source.tags) byTag.set(tag, (byTag.get(tag) ?? 0) + 1);
      }
      return {
        ...counts,
        states,
        tags: [...byTag]
          .sort(([, a], [, b]) => b - a)
          .slice(0, MOST_TAGS)
          .map(([tag, count]) => ({ tag, count }))
          .sort((a, b) => (a.tag < b.tag ? -1 : 1)),
      };
    },
  );

  api.get(
    '/sources/:name/activity',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'What a source does now, and what it did: connections, what waits, counts, refusals',
        params: sourceParameters,
        querystring: z.object({ window: z.enum(WINDOWS).default('24h').describe('How far back.') }),
        response: { 200: activityShape },
      },
    },
    async ({ params, query }) => {
      const { id } = findSource(context, params.name);
      const [counted, queued, held] = await Promise.all([
        context.traffic.overview(query.window, context.clock.now(), [id]),
        context.spool.list({ source: id, state: 'queued' }, MOST_WAITING),
        context.spool.list({ source: id, state: 'held' }, MOST_WAITING),
      ]);
      return {
        connections: context.connectionsOf(id),
        queued: queued.length,
        held: held.length,
        heldByStop: held.filter(({ hold }) => hold === 'source').length,
        window: query.window,
        step: counted.window.step,
        series: counted.series,
        totals: counted.totals,
        before: counted.before,
        refusals: counted.codes.map(({ code, count }) => {
          const { text, remedy } = explainCode(code) ?? {};
          return { code, count, text, remedy };
        }),
      };
    },
  );
}
