import { z } from 'zod';
import { ANSWERS, type Round } from '../../sources/recertification-store.ts';
import { DAY_MS } from '../../sources/retirement.ts';
import { line } from '../../sources/source-fields.ts';
import type { ApiContext } from '../context.ts';
import { cursor, PAGE, pageSize, readCursor, writeCursor } from '../parameters.ts';
import { mayUseSource } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { page, sourceShape } from '../shapes.ts';
import { matching, retirementPlan } from './source-lifecycle.ts';
import { findSource, showSource, sourceFilter, sourceParameters } from './sources.ts';

const at = z.number().describe('Milliseconds since the epoch.');
const MOST_SHOWN = 200;

const roundShape = z
  .object({
    id: z.string(),
    title: z.string(),
    filter: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    plan: z.object({ days: z.number(), share: z.number(), hours: z.array(z.int()) }),
    startedAt: at,
    startedBy: z.string(),
    deadline: at,
    remindedAt: at.optional(),
    closedAt: at.optional(),
    counts: z
      .object({ waiting: z.int(), keep: z.int(), 'not-mine': z.int(), retire: z.int() })
      .describe('Sources by answer.'),
  })
  .meta({ id: 'Recertification' });

const answerShape = z.object({
  source: z.string(),
  sourceName: z.string(),
  owner: z.string(),
  state: z.string(),
  brownOut: z.boolean(),
  answer: z.enum(['waiting', ...ANSWERS]),
  answeredAt: at.optional(),
  answeredBy: z.string().optional(),
  comment: z.string(),
});

const newRound = z.strictObject({
  title: line(100).min(1),
  filter: sourceFilter,
  days: z.number().min(0.01).max(365).default(30).describe('Time that owners have to answer.'),
  plan: retirementPlan.default({}).describe('What happens to sources that nobody keeps.'),
  dryRun: z.boolean().default(false),
});

const roundParameters = z.object({ id: z.string().max(40) });

/** Recertification: owners are asked whether their sources are still needed. */
export function recertificationRoutes(api: Api, context: ApiContext): void {
  const tags = ['Recertification'];
  const { recertification, recertificationStore: store, retirementDefaults } = context.lifecycle;

  const show = async (round: Round): Promise<z.infer<typeof roundShape>> => ({
    ...round,
    filter: round.filter as Record<string, string | number | boolean>,
    counts: await store.counts(round.id),
  });
  const find = async (id: string): Promise<Round> => {
    const round = await store.round(id);
    if (!round) throw new Problem(404, `there is no recertification ${JSON.stringify(id)}`);
    return round;
  };

  api.get(
    '/recertifications',
    {
      schema: {
        tags,
        summary: `The newest ${MOST_SHOWN} recertifications`,
        response: { 200: z.object({ items: z.array(roundShape) }) },
      },
    },
    async () => ({ items: await Promise.all((await store.rounds(MOST_SHOWN)).map(show)) }),
  );

  api.post(
    '/recertifications',
    {
      schema: {
        tags,
        summary: 'Ask the owners of all sources that match whether they are still needed',
        description:
          'Each owner gets one mail. After the deadline what nobody keeps goes into a brown-out, then is retired.',
        body: newRound,
        response: {
          200: z
            .object({ sources: z.int(), owners: z.int(), withoutOwner: z.int() })
            .describe('Of a dry run.'),
          201: roundShape,
        },
      },
    },
    async (request, reply) => {
      const { title, filter, days, plan, dryRun } = request.body;
      const sources = matching(context, filter);
      if (dryRun) {
        const owners = new Set(
          sources.map(({ owner }) => owner.toLowerCase()).filter((owner) => owner !== ''),
        );
        const withoutOwner = sources.filter(({ owner }) => owner === '').length;
        return reply.code(200).send({ sources: sources.length, owners: owners.size, withoutOwner });
      }
      const deadline = Math.round(context.clock.now() + days * DAY_MS);
      const round = await recertification.start(
        { title, filter, deadline, plan: { ...retirementDefaults, ...plan } },
        sources,
        request.principal.name,
      );
      return reply
        .code(201)
        .header('location', `/api/v1/recertifications/${round.id}`)
        .send(await show(round));
    },
  );

  api.get(
    '/recertifications/:id',
    {
      schema: {
        tags,
        summary: 'Show a recertification',
        params: roundParameters,
        response: { 200: roundShape },
      },
    },
    async ({ params }) => show(await find(params.id)),
  );

  api.get(
    '/recertifications/:id/answers',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'What was answered of each source',
        params: roundParameters,
        querystring: z.object({ limit: pageSize, cursor }),
        response: { 200: page(answerShape) },
      },
    },
    async ({ params, query, principal }) => {
      const round = await find(params.id);
      const most = query.limit ?? PAGE;
      const answers = await store.answers(round.id, most + 1, readCursor(z.string(), query.cursor));
      const shown = answers.slice(0, most);
      return {
        items: shown.flatMap((answer) => {
          const source = context.sources.byId(answer.source);
          if (!source || !mayUseSource(principal, source)) return [];
          const { name, owner, state, brownOut } = source;
          return [{ ...answer, sourceName: name, owner, state, brownOut: brownOut !== undefined }];
        }),
        next: answers.length > most ? writeCursor(shown.at(-1)?.source) : undefined,
      };
    },
  );

  api.delete(
    '/recertifications/:id',
    {
      schema: {
        tags,
        summary: 'Cancel a recertification; brown-outs that it began go on',
        params: roundParameters,
        response: { 200: roundShape },
      },
    },
    async (request) => {
      await recertification.cancel(await find(request.params.id), request.principal.name);
      return show(await find(request.params.id));
    },
  );

  api.post(
    '/sources/:name/recertification',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'Answer of a source whether it is still needed',
        params: sourceParameters,
        body: z.strictObject({ answer: z.enum(ANSWERS), comment: line(400).default('') }),
        response: { 200: sourceShape },
      },
    },
    async (request) => {
      const { answer, comment } = request.body;
      const source = findSource(context, request.params.name);
      return showSource(
        context,
        await recertification.answer(source, answer, comment, request.principal.name),
      );
    },
  );
}
