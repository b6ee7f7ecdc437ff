import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Cause, SOURCE_STATES } from '../../sources/lifecycle.ts';
import { searchSources } from '../../sources/search.ts';
import { brownOutPlan, line } from '../../sources/source-fields.ts';
import type { Source } from '../../sources/source.ts';
import { RegistryError } from '../../sources/registry.ts';
import { recordCall, recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { etagOf } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { sourceShape } from '../shapes.ts';
import { findSource, searchFacts, showSource, sourceFilter, sourceParameters } from './sources.ts';

/** Sources of one bulk change. */
const MOST_AT_ONCE = 10_000;
/** Names that the record of a bulk change holds; each source has an event of its own. */
const MOST_TOLD = 100;

const reason = line(400).default('').describe('Why; stands in the journal and at the source.');

export const retirementPlan = brownOutPlan.partial().extend({
  days: z
    .number()
    .min(0)
    .max(365)
    .optional()
    .describe(
      'Length of the brown-out; 0: retired at once. Without it, as `lifecycle` of the configuration says.',
    ),
});

const bulkChange = z.strictObject({
  names: z.array(z.string().max(100)).max(MOST_AT_ONCE).optional().describe('Names or identifiers.'),
  filter: sourceFilter.optional().describe('Or: all that match.'),
  state: z.enum(SOURCE_STATES),
  reason,
  dryRun: z.boolean().default(false),
  allOrNothing: z.boolean().default(false).describe('One that can not be changed keeps all as they are.'),
});

const bulkResult = z.object({
  changed: z.int(),
  unchanged: z.int().describe('Were in that state already.'),
  errors: z.array(z.object({ name: z.string(), detail: z.string() })),
  dryRun: z.boolean(),
});

/** Stopping something is never put off, whatever is full or broken. */
function isStop(body: unknown): boolean {
  const { state, dryRun = false } = body as { state: Source['state']; dryRun?: boolean };
  return state === 'suspended' && !dryRun;
}

function notStored(who: string): Problem {
  return new Problem(
    503,
    `${who} stopped: connections have ended and new ones are refused. But the control data take no writes (is the disk full?), so this holds until the relay restarts only; it is tried again every 10 seconds, and the journal says when it is stored`,
    { done: true, retryAfter: 60 },
  );
}

/** Who asks, as the cause of a change. */
export function causeOf(request: FastifyRequest, why: string): Cause {
  return { by: request.principal.name, reason: why };
}

/** States of sources: who may send, what is stopped, what is on its way out. Each change is an event with its cause. */
export function sourceLifecycleRoutes(api: Api, context: ApiContext): void {
  const tags = ['Sources'];
  const { retirement, retirementDefaults } = context.lifecycle;

  for (const [verb, state] of [
    ['disable', 'suspended'],
    ['enable', 'active'],
  ] as const) {
    api.post(
      `/sources/:name/${verb}`,
      {
        config: verb === 'disable' ? { ownSource: 'name', emergency: true } : {},
        schema: {
          tags,
          summary:
            verb === 'disable'
              ? 'Suspend a source at once: its connections end, new ones are refused, its messages are held'
              : 'Let a source send again; held messages wait for POST /queue/release',
          params: sourceParameters,
          body: z.strictObject({ reason }).nullish(),
          response: { 200: sourceShape },
        },
      },
      async (request, reply) => {
        const source = await moveTo(request, request.params.name, state, request.body?.reason ?? '');
        return reply.header('etag', etagOf(source.version)).send(showSource(context, source));
      },
    );
  }

  api.post(
    '/sources/:name/state',
    {
      config: { emergency: isStop },
      schema: {
        tags,
        summary: 'Move a source to another state of its life',
        params: sourceParameters,
        body: z.strictObject({ state: z.enum(SOURCE_STATES), reason }),
        response: { 200: sourceShape },
      },
    },
    async (request, reply) => {
      const { state, reason: why } = request.body;
      const source = await moveTo(request, request.params.name, state, why);
      return reply.header('etag', etagOf(source.version)).send(showSource(context, source));
    },
  );

  api.post(
    '/sources/states',
    {
      config: { emergency: isStop },
      schema: {
        tags,
        summary: 'Move many sources to another state',
        body: bulkChange,
        response: { 200: bulkResult },
      },
    },
    async (request) => {
      const { names, filter, state, reason: why, dryRun, allOrNothing } = request.body;
      const chosen = choose(names, filter);
      const errors: z.infer<typeof bulkResult>['errors'] = [...chosen.errors];
      const moving = chosen.sources.filter((source) => source.state !== state);
      const stopped = () => allOrNothing && errors.length > 0;
      const cause = causeOf(request, why);
      let after: (Source | undefined)[];
      try {
        after = await context.sources.applyAll(
          moving.map(({ id }) => ({ edit: id, changes: { state } })),
          cause,
          ({ message }, index) => void errors.push({ name: moving[index]?.name ?? '', detail: message }),
          () => !dryRun && !stopped(),
        );
      } catch (error) {
        if (state !== 'suspended' || dryRun) throw error;
        request.log.error({ err: error }, 'sources are stopped, but the control data took no write');
        return stopOneByOne(request, moving, cause);
      }
      if (stopped() && !dryRun) throw nothingChanged(errors);
      const changed = stopped() ? 0 : after.filter((source) => source !== undefined).length;
      if (changed > 0 && !dryRun) {
        const told = { state, reason: why, filter, names: names?.slice(0, MOST_TOLD) };
        recordChange(context, request, `${changed} sources moved to ${state}`, { after: told });
      }
      return {
        changed,
        unchanged: chosen.sources.length - moving.length,
        errors: errors.slice(0, 1000),
        dryRun,
      };
    },
  );

  api.post(
    '/sources/:name/retire',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'Retire a source, after a brown-out in which some of its attempts are answered 4xx',
        params: sourceParameters,
        body: retirementPlan.extend({ reason }),
        response: { 200: sourceShape },
      },
    },
    async (request, reply) => {
      const { reason: why, ...plan } = request.body;
      const source = await retirement.begin(
        findSource(context, request.params.name),
        { ...retirementDefaults, ...plan },
        causeOf(request, why || `${request.principal.name} said so`),
      );
      return reply.header('etag', etagOf(source.version)).send(showSource(context, source));
    },
  );

  api.post(
    '/sources/:name/keep',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'End the brown-out of a source that is still needed',
        params: sourceParameters,
        body: z.strictObject({ reason }).nullish(),
        response: { 200: sourceShape },
      },
    },
    async (request, reply) => {
      const before = findSource(context, request.params.name);
      const source = await retirement.keep(before, causeOf(request, request.body?.reason ?? ''));
      return reply.header('etag', etagOf(source.version)).send(showSource(context, source));
    },
  );

  async function moveTo(
    request: FastifyRequest,
    name: string,
    state: Source['state'],
    why: string,
  ): Promise<Source> {
    const before = findSource(context, name);
    if (state === 'suspended') {
      const { source, stored } = await context.sources.suspend(before.id, causeOf(request, why));
      if (stored) return source;
      recordCall(context, request);
      throw notStored(`source ${source.name} is`);
    }
    if (before.state === state) return before;
    return context.sources.edit(before.id, { state }, undefined, causeOf(request, why));
  }

  /** Where the store has not taken them together: those that may be stopped are, in memory at least. */
  async function stopOneByOne(
    request: FastifyRequest,
    sources: readonly Source[],
    cause: Cause,
  ): Promise<z.infer<typeof bulkResult>> {
    let changed = 0;
    const errors: z.infer<typeof bulkResult>['errors'] = [];
    let isStored = true;
    for (const { id, name } of sources) {
      try {
        isStored = (await context.sources.suspend(id, cause)).stored && isStored;
        changed++;
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        errors.push({ name, detail: error.message });
      }
    }
    recordChange(context, request, `${changed} sources moved to suspended`, {
      after: { reason: cause.reason },
    });
    if (!isStored) throw notStored(`${changed} sources are`);
    return { changed, unchanged: 0, errors: errors.slice(0, 1000), dryRun: false };
  }

  function choose(
    names: string[] | undefined,
    filter: z.infer<typeof sourceFilter> | undefined,
  ): { sources: Source[]; errors: { name: string; detail: string }[] } {
    if ((names === undefined) === (filter === undefined)) {
      throw new Problem(400, 'say which sources: names, or a filter', { field: 'names' });
    }
    if (filter) return { sources: matching(context, filter), errors: [] };
    const sources = new Set<Source>();
    const errors: { name: string; detail: string }[] = [];
    for (const name of names ?? []) {
      const source = context.sources.byName(name) ?? context.sources.byId(name);
      if (source) sources.add(source);
      else errors.push({ name, detail: 'there is no such source' });
    }
    return { sources: [...sources], errors };
  }
}

/** @throws Problem 400 when a filter without conditions would take everything, or when there are too many */
export function matching(context: ApiContext, filter: z.infer<typeof sourceFilter>): Source[] {
  if (Object.values(filter).every((condition) => condition === undefined)) {
    throw new Problem(400, 'filter: names no condition; that would be every source', { field: 'filter' });
  }
  const { items, more } = searchSources(context.sources, filter, {
    most: MOST_AT_ONCE,
    visible: () => true,
    facts: searchFacts(context),
  });
  if (more)
    throw new Problem(400, `more than ${MOST_AT_ONCE} sources match; narrow the filter`, { field: 'filter' });
  return items;
}

function nothingChanged(errors: { name: string; detail: string }[]): Problem {
  const [first] = errors;
  return new Problem(409, `nothing was changed: ${first?.name}: ${first?.detail}`, {
    errors: errors.slice(0, 100).map(({ name, detail }) => ({ field: name, detail })),
  });
}
