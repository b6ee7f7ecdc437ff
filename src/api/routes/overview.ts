import { z } from 'zod';
import { OTHERS, PLACES } from '../../journal/traffic/names.ts';
import { WINDOWS } from '../../journal/traffic/periods.ts';
import { AttentionBoard } from '../attention/board.ts';
import type { ApiContext } from '../context.ts';
import type { EventStreams } from '../event-stream.ts';
import { mayUseSourceId } from '../own-sources.ts';
import { healthOf, setupOf } from '../health.ts';
import { countedOrNot } from '../overview-counts.ts';
import { firstMessageShape, type Overview, overviewShape } from '../overview-shapes.ts';
import { OverviewTicker } from '../overview-ticker.ts';
import { flag } from '../parameters.ts';
import { mayUseSource, type Principal } from '../principal.ts';
import { explainCode, Problem } from '../problem.ts';
import type { Api } from '../scope.ts';

const MOST_WAITING = 20;
const BACKLOG_KEPT_MS = 5000;

/** How things are, on one page. */
export function overviewRoutes(api: Api, context: ApiContext, streams: EventStreams): void {
  const board = new AttentionBoard(context);
  const ticker = new OverviewTicker(context, board, (error) =>
    api.log.error({ err: error }, 'the overview can not be told'),
  );
  const waiting = waitingOf(context);

  api.get(
    '/overview',
    {
      config: { ownSources: true },
      schema: {
        tags: ['Overview'],
        summary: 'How much mail there is, what became of it, and what needs attention',
        description:
          'Source owners see what is counted of their own sources. With `follow` server-sent events of the minute in progress (OverviewLive), once a second while something changes.',
        querystring: z.object({
          window: z.enum(WINDOWS).default('24h').describe('How far back.'),
          follow: flag.optional().describe('Answers with server-sent events.'),
        }),
        response: { 200: overviewShape },
      },
    },
    async (request, reply) => {
      const { query, principal } = request;
      if (query.follow) {
        const scope = principal.sources && ((id: string) => mayUseSourceId(context, request.principal, id));
        streams.start(request, reply, (send) => ticker.follow(scope, send));
        return reply;
      }
      const now = context.clock.now();
      const own = ownSources(context, principal);
      const [{ counted, missing }, items, statistics, backlog, health] = await Promise.all([
        countedOrNot(context.traffic, query.window, now, own),
        board.items(),
        own === undefined ? context.spool.statistics() : undefined,
        own === undefined ? waiting() : undefined,
        own === undefined ? healthOf(context) : undefined,
      ]);
      const { window, series, totals, before, sourceCount, directions } = counted;
      return {
        at: now,
        window: query.window,
        since: window.since,
        until: window.until,
        step: window.step,
        series,
        totals,
        before,
        sources: counted.sources.map(({ source, counts }) => ({
          source,
          ...nameOf(context, source),
          counts,
        })),
        sourceCount,
        directions,
        refusals: counted.codes.map(({ code, count }) => {
          const { text, remedy } = explainCode(code) ?? {};
          return { code, count, text, remedy };
        }),
        spool: statistics,
        waiting: backlog,
        health,
        setup: own === undefined ? setupOf(context, totals.accepted) : undefined,
        behind: context.traffic.behind,
        missing: missing.length > 0 ? ['counts' as const] : undefined,
        attention: [
          ...missing,
          ...(own === undefined
            ? items
            : items.filter(({ source }) => source !== undefined && own.includes(source))),
        ],
      };
    },
  );

  api.get(
    '/first-message',
    {
      // the account in it can send, as any that an operator could make
      config: { role: 'operator' },
      schema: {
        tags: ['Overview'],
        summary: 'Commands that send a first message from the machine of the relay',
        response: { 200: firstMessageShape },
      },
    },
    async () => {
      const lines = context.trial.firstMessage();
      if (!lines) throw new Problem(404, 'the source to try things with is gone or stopped');
      return lines;
    },
  );
}

/** Identifiers of what a caller may see; undefined: everything. */
export function ownSources({ sources }: ApiContext, principal: Principal): string[] | undefined {
  if (principal.sources === undefined) return undefined;
  return sources
    .list()
    .filter((source) => mayUseSource(principal, source))
    .map(({ id }) => id);
}

/** Also of sources that are gone, and of what is counted under no source. */
export function nameOf({ sources }: ApiContext, id: string): { sourceName: string; state?: string } {
  const source = sources.byId(id);
  if (source) return { sourceName: source.name, state: source.state };
  return { sourceName: id === OTHERS ? 'others' : (PLACES.get(id) ?? id) };
}

/** Recipient domains with the most that waits; looked up once for all who ask within seconds. */
function waitingOf({ clock, health }: ApiContext): () => Promise<NonNullable<Overview['waiting']>> {
  let kept: { until: number; rows: Promise<NonNullable<Overview['waiting']>> } | undefined;
  const read = async (): Promise<NonNullable<Overview['waiting']>> => {
    const backlog = (await health.backlog()).sort((a, b) => b.queued - a.queued).slice(0, MOST_WAITING);
    const why = new Map<string, { reply: string; retryAt: number }>();
    for (const { domains, reply, until } of health.unreachable())
      for (const domain of domains) why.set(domain, { reply, retryAt: until });
    return backlog.map((one) => ({ ...one, ...why.get(one.domain) }));
  };
  return () => {
    const now = clock.monotonic();
    if (kept && kept.until > now) return kept.rows;
    const rows = read();
    kept = { until: now + BACKLOG_KEPT_MS, rows };
    rows.catch(() => (kept = undefined));
    return rows;
  };
}
