import { z } from 'zod';
import { type Teller, tellerOf } from '../../french/french.ts';
import type { Advice } from '../../notices/change.ts';
import { LANGUAGES } from '../../notices/notice-text.ts';
import type { ExplainedGroup, RefusalGroup } from '../../notices/refusal-report.ts';
import { isRefusalCode } from '../../refusals.ts';
import { canonicalNetwork } from '../../sources/network-index.ts';
import { line } from '../../sources/source-fields.ts';
import type { ApiContext } from '../context.ts';
import { mayUseSourceId, refuseForeign } from '../own-sources.ts';
import { cursor, language, PAGE, pageSize, readCursor, time, writeCursor } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { eventShape } from '../shapes.ts';
import { showEvent } from '../views.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

const adviceShape = z
  .object({
    cause: z.string().describe('What exactly was refused.'),
    change: z.object({
      kind: z
        .enum(['command', 'configuration', 'device'])
        .describe(
          'A command that is ready to be run, a setting of the configuration file, or what to do at the device.',
        ),
      line: z.string(),
    }),
    caution: z.string().optional().describe('What to think of before.'),
    foreign: z
      .string()
      .optional()
      .describe('Not a domain of the organization: the change would let it send as one of this domain.'),
  })
  .meta({ id: 'RefusalAdvice' });

const groupShape = z
  .object({
    group: z.string().describe('Source or network, a colon, and the code.'),
    source: z.string().optional(),
    sourceName: z.string().optional(),
    network: z.string().optional().describe('Where nobody was recognized.'),
    code: z.string(),
    text: z.string().describe('What the client was told.'),
    explanation: z.string(),
    count: z.int(),
    first: z.number().describe('Milliseconds since the epoch.'),
    last: z.number(),
    example: eventShape.optional().describe('The latest.'),
    advice: adviceShape,
  })
  .meta({ id: 'RefusalGroup' });

const transcriptShape = z
  .object({
    session: z.string(),
    at: z.number(),
    network: z.string(),
    port: z.int(),
    listener: z.string(),
    source: z.string().optional(),
    sourceName: z.string().optional(),
    hello: z.string(),
    tls: z.string().optional(),
    ending: z.string().describe('Empty while the session goes on.'),
    lines: z.array(
      z.object({
        at: z.number().describe('Milliseconds since the session began.'),
        by: z.enum(['client', 'server', 'relay']),
        text: z.string(),
      }),
    ),
    omitted: z.int().describe('Lines that are left out after the beginning.'),
    messages: z.int().describe('Messages that were accepted; of those without a refusal no line is kept.'),
  })
  .meta({ id: 'Transcript' });

const detailsShape = groupShape.extend({
  particulars: z
    .array(z.object({ text: z.string(), count: z.int(), last: z.number() }))
    .describe('What was refused, among the newest events.'),
  events: z.array(eventShape),
  transcript: transcriptShape.optional().describe('Of the newest session that has one.'),
});

const noticeShape = z.object({
  to: z.string(),
  language: z.enum(LANGUAGES),
  subject: z.string(),
  text: z.string(),
});

const place = z.object({ last: z.number(), count: z.number().optional(), group: z.string().max(500) });
type Sort = 'last' | 'count';
const period = {
  since: time.optional().describe('RFC 3339, or milliseconds since the epoch; seven days ago without it.'),
  until: time.optional(),
};
const groupName = z.object({ group: z.string().max(300) });

/** Who is refused, why, and what would change it. */
export function refusalRoutes(api: Api, context: ApiContext): void {
  const tags = ['Refusals'];
  const { refusalReport, ownerNotices } = context;
  const nameOf = (source: string | undefined) =>
    source === undefined ? undefined : context.sources.byId(source)?.name;
  const since = (given: number | undefined): number => given ?? context.clock.now() - WEEK_MS;

  // what is not in the shape is not written
  const show = ({ example, ...group }: ExplainedGroup, tell: Teller) => ({
    ...group,
    explanation: tell(group.explanation),
    advice: tellAdvice(group.advice, tell),
    sourceName: nameOf(group.source),
    example: example && showEvent(context, example),
  });

  api.get(
    '/refusal-groups',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'Refusals by source (or network) and code, each with what would change it',
        querystring: z.object({
          ...period,
          source: z.string().max(100).optional().describe('Name or identifier.'),
          network: z.string().max(64).optional().describe('An address, or a CIDR block.'),
          code: line(10).optional(),
          sort: z.enum(['last', 'count']).default('last').describe('The latest first, or the most frequent.'),
          limit: pageSize,
          cursor,
          language,
        }),
        response: {
          200: z.object({
            items: z.array(groupShape),
            next: z.string().optional(),
            complete: z.boolean().describe('Whether all refusals of the time could be counted.'),
          }),
        },
      },
    },
    async ({ query, principal }) => {
      const code = query.code?.toUpperCase();
      if (code !== undefined && !isRefusalCode(code)) {
        throw new Problem(400, `code: there is no refusal code ${JSON.stringify(query.code)}`, {
          field: 'code',
        });
      }
      if (query.network !== undefined && canonicalNetwork(query.network) === undefined) {
        throw new Problem(400, 'network: is no address or CIDR block', { field: 'network' });
      }
      const source =
        query.source === undefined ? undefined : (context.sources.byName(query.source)?.id ?? query.source);
      if (query.source !== undefined) refuseForeign(context, principal, source);
      const { network, until, limit = PAGE } = query;
      const tell = tellerOf(query.language);
      const { groups, complete } = await refusalReport.groups({
        since: since(query.since),
        until,
        source,
        network,
        code,
      });
      const mine = groups.filter((one) => mayUseSourceId(context, principal, one.source));
      const { sort } = query;
      if (sort === 'count') mine.sort((a, b) => compare(a, b, sort));
      const after = readCursor(place, query.cursor);
      const rest = after === undefined ? mine : mine.filter((one) => compare(after, one, sort) < 0);
      const items = rest.slice(0, limit);
      const last = items.at(-1);
      return {
        items: (await refusalReport.explain(items)).map((one) => show(one, tell)),
        next:
          rest.length > limit && last
            ? writeCursor({ last: last.last, count: last.count, group: last.group })
            : undefined,
        complete,
      };
    },
  );

  api.get(
    '/refusal-groups/:group',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'One group in full: what was refused, and what was said in the newest session',
        params: groupName,
        querystring: z.object({ ...period, language }),
        response: { 200: detailsShape },
      },
    },
    async ({ params, query, principal }) => {
      const { until } = query;
      const found = await refusalReport.show(params.group, { since: since(query.since), until });
      if (!found || !mayUseSourceId(context, principal, found.source)) throw noGroup(params.group);
      const { transcript, events, particulars, ...group } = found;
      const tell = tellerOf(query.language);
      return {
        ...show(group, tell),
        particulars: particulars.map((one) => ({ ...one, text: tell(one.text) })),
        events: events.map((event) => showEvent(context, event)),
        transcript: transcript && {
          ...transcript,
          lines: transcript.lines.map((one) => (one.by === 'relay' ? { ...one, text: tell(one.text) } : one)),
          sourceName: nameOf(transcript.source),
        },
      };
    },
  );

  api.get(
    '/refusal-groups/:group/notice',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'The mail that the owner of the source gets of it',
        params: groupName,
        querystring: z.object({ ...period, language: z.enum(LANGUAGES).optional() }),
        response: { 200: noticeShape },
      },
    },
    async ({ params, query, principal }) => {
      const { until, language } = query;
      const found = await refusalReport.show(params.group, { since: since(query.since), until });
      if (!found || !mayUseSourceId(context, principal, found.source)) throw noGroup(params.group);
      const source = found.source === undefined ? undefined : context.sources.byId(found.source);
      if (!source) throw new Problem(404, 'nobody was recognized, so that there is no owner to be told');
      return ownerNotices.preview(source, found, language);
    },
  );

  api.get(
    '/transcripts/:session',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'What was said in a session in which something was refused',
        params: z.object({ session: line(64) }),
        response: { 200: transcriptShape },
      },
    },
    async ({ params, principal }) => {
      const found = await refusalReport.transcript(params.session);
      if (!found || !mayUseSourceId(context, principal, found.source)) {
        throw new Problem(
          404,
          'there is no transcript of this session: nothing was refused, or it was aged out',
        );
      }
      return { ...found, sourceName: nameOf(found.source) };
    },
  );

  api.get(
    '/sources/:source/notices',
    {
      config: { ownSource: 'source' },
      schema: {
        tags,
        summary: 'What the owner of a source was told of its refusals',
        params: z.object({ source: z.string().max(100) }),
        querystring: z.object({ language }),
        response: {
          200: z.object({
            on: z.boolean().describe('Whether the owner is told.'),
            why: z.string().optional().describe('Why not.'),
            to: z.string(),
            language: z.enum(LANGUAGES),
            items: z.array(
              z.object({
                code: z.string(),
                toldAt: z.number().optional(),
                waiting: z.int().describe('Refusals since then.'),
                nextAt: z.number().optional().describe('When the owner is told of them at the earliest.'),
              }),
            ),
          }),
        },
      },
    },
    async ({ params, query }) => {
      const source = context.sources.byName(params.source) ?? context.sources.byId(params.source);
      if (!source) throw new Problem(404, `there is no source ${JSON.stringify(params.source)}`);
      const { why, ...state } = await ownerNotices.stateOf(source);
      return { ...state, why: why && tellerOf(query.language)(why) };
    },
  );
}

/** A command is the same in every language. */
function tellAdvice({ cause, change, caution, ...advice }: Advice, tell: Teller): Advice {
  const line = change.kind === 'command' ? change.line : tell(change.line);
  return {
    ...advice,
    cause: tell(cause),
    change: { ...change, line },
    ...(caution !== undefined && { caution: tell(caution) }),
  };
}

/** Below zero: `a` stands before `b`. */
function compare(
  a: z.infer<typeof place>,
  b: Pick<RefusalGroup, 'last' | 'count' | 'group'>,
  sort: Sort,
): number {
  const [first, second] = sort === 'count' ? [a.count ?? 0, b.count] : [a.last, b.last];
  if (first !== second) return second - first;
  return a.group === b.group ? 0 : a.group < b.group ? -1 : 1;
}

function noGroup(name: string): Problem {
  return new Problem(
    404,
    `there are no refusals ${JSON.stringify(name.slice(0, 100))} in this time; postern refusals lists what there is`,
  );
}
