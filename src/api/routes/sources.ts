import { z } from 'zod';
import { SOURCE_STATES } from '../../sources/lifecycle.ts';
import {
  CREDENTIAL_KINDS,
  credentialKind,
  lastUseOf,
  nextEndOf,
  type SearchFacts,
  searchSources,
} from '../../sources/search.ts';
import { orderedSources, SOURCE_ORDERS, type SourceOrder } from '../../sources/source-order.ts';
import { line, network, sourceChanges, sourceFields, tag } from '../../sources/source-fields.ts';
import { DEFAULT_POLICY, type Source, type SourcePolicy } from '../../sources/source.ts';
import { difference, recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import {
  cursor,
  etagOf,
  flag,
  PAGE,
  pageSize,
  readCursor,
  time,
  wholeNumber,
  writeCursor,
} from '../parameters.ts';
import { mayUseSource } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { page, sourceShape } from '../shapes.ts';

export const sourceParameters = z.object({
  name: z.string().max(100).describe('Name or identifier of the source.'),
});

const policyChanges = sourceFields.shape.policy.partial();

/** Which sources are meant, in a query or a body. */
export const sourceFilter = z.object({
  search: line(100)
    .optional()
    .describe('Part of name, description, owner, contact, site, tag, notes, or of an address pattern.'),
  state: z.enum(SOURCE_STATES).optional(),
  owner: line(254).optional(),
  tag: tag.optional(),
  site: line(100).optional(),
  network: network.optional().describe('An address or block that a credential of the source names exactly.'),
  unusedSince: time
    .optional()
    .describe('No credential of the source was used since then, and it is older than that.'),
  brownOut: flag.optional().describe('Whether it is about to be retired.'),
  credential: z.enum(CREDENTIAL_KINDS).optional().describe('It has an active credential of this kind.'),
  expiresWithinDays: wholeNumber(0, 3650)
    .optional()
    .describe('One of its credentials ends within so many days, or has ended.'),
  contained: flag.optional().describe('Whether it was noticed to do what it does not usually do.'),
});

const orderedPlace = z.tuple([z.union([z.string(), z.number()]), z.string()]);
const ORDERS = ['name', ...SOURCE_ORDERS] as const;

const newSource = sourceFields.omit({ request: true }).extend({
  description: sourceFields.shape.description.default(''),
  owner: sourceFields.shape.owner.default(''),
  policy: policyChanges.default({}).describe('Fields that are absent take their default.'),
});

/** Fields of the policy that are absent stay as they are. */
const edits = sourceChanges
  .omit({ state: true, request: true, brownOut: true })
  .extend({ policy: policyChanges.optional() });

/** @throws Problem 404 */
export function findSource(context: ApiContext, name: string): Source {
  const source = context.sources.byName(name) ?? context.sources.byId(name);
  if (!source) throw new Problem(404, `there is no source ${JSON.stringify(name)}`);
  return source;
}

/** Sources: who may send, and what. */
export function sourceRoutes(api: Api, context: ApiContext): void {
  const tags = ['Sources'];

  api.get(
    '/default-policy',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'What a new source may do as far as nobody says otherwise',
        response: { 200: sourceShape.shape.policy },
      },
    },
    async () => DEFAULT_POLICY,
  );

  api.get(
    '/sources',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'List or search sources, in the order of their names or another',
        querystring: sourceFilter.extend({
          sort: z
            .enum(ORDERS.flatMap((order) => [order, `-${order}` as const]))
            .default('name')
            .describe('With a minus: the other way round.'),
          limit: pageSize,
          cursor,
        }),
        response: { 200: page(sourceShape) },
      },
    },
    async ({ query, principal }) => {
      const { limit, cursor: from, sort, ...filter } = query;
      const common = {
        most: limit ?? PAGE,
        visible: (source: Source) => mayUseSource(principal, source),
        facts: searchFacts(context),
      };
      if (sort === 'name') {
        const after = readCursor(z.string(), from);
        const { items, more } = searchSources(context.sources, filter, { ...common, after });
        return {
          items: items.map((source) => showSource(context, source)),
          next: more ? writeCursor(items.at(-1)?.name) : undefined,
        };
      }
      const [key, name] = readCursor(orderedPlace, from) ?? [];
      const { items, next } = orderedSources(context.sources, filter, {
        ...common,
        order: sort.replace('-', '') as SourceOrder,
        descending: sort.startsWith('-'),
        after: key === undefined || name === undefined ? undefined : { key, name },
      });
      return {
        items: items.map((source) => showSource(context, source)),
        next: next && writeCursor([next.key, next.name]),
      };
    },
  );

  api.post(
    '/sources',
    { schema: { tags, summary: 'Add a source', body: newSource, response: { 201: sourceShape } } },
    async (request, reply) => {
      const { body } = request;
      const policy = { ...structuredClone(DEFAULT_POLICY), ...body.policy };
      const source = await context.sources.add({ ...body, policy });
      recordChange(context, request, `source ${source.name} added`, { source: source.id, after: source });
      return reply
        .code(201)
        .header('etag', etagOf(source.version))
        .header('location', `/api/v1/sources/${source.name}`)
        .send(showSource(context, source));
    },
  );

  api.get(
    '/sources/:name',
    {
      config: { ownSource: 'name' },
      schema: { tags, summary: 'Show a source', params: sourceParameters, response: { 200: sourceShape } },
    },
    async ({ params }, reply) => {
      const source = findSource(context, params.name);
      return reply.header('etag', etagOf(source.version)).send(showSource(context, source));
    },
  );

  api.patch(
    '/sources/:name',
    {
      schema: {
        tags,
        summary: 'Edit a source',
        description: 'With If-Match, only when the source still is at that version (412 otherwise).',
        params: sourceParameters,
        headers: z.object({ 'if-match': z.string().max(100).optional() }),
        body: edits,
        response: { 200: sourceShape },
      },
    },
    async (request, reply) => {
      const before = findSource(context, request.params.name);
      refuseStale(request.headers['if-match'], etagOf(before.version));
      const { policy, ...fields } = request.body;
      const merged: Partial<Source> = { ...fields };
      if (policy) merged.policy = { ...before.policy, ...(policy as Partial<SourcePolicy>) };
      // the version is given in any case: the merge was made with what `before` says
      const source = await context.sources.edit(before.id, merged, before.version);
      const changed = difference(before, source);
      recordChange(context, request, `source ${source.name} edited`, { source: source.id, ...changed });
      return reply.header('etag', etagOf(source.version)).send(showSource(context, source));
    },
  );

  api.delete(
    '/sources/:name',
    {
      schema: {
        tags,
        summary: 'Remove a source with its credentials',
        description: 'Its connections end. What it has sent and what still waits stays in the spool.',
        params: sourceParameters,
        headers: z.object({ 'if-match': z.string().max(100).optional() }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const source = findSource(context, request.params.name);
      refuseStale(request.headers['if-match'], etagOf(source.version));
      await context.sources.remove(source.id);
      recordChange(context, request, `source ${source.name} removed`, { source: source.id, before: source });
      return reply.code(204).send();
    },
  );
}

/** RFC 9110 §13.1.1 */
export function refuseStale(condition: string | undefined, current: string): void {
  if (condition === undefined || condition.trim() === '*') return;
  if (condition.split(',').some((tag) => tag.trim() === current)) return;
  throw new Problem(412, `it was changed in the meantime and is at version ${current} now; read it again`);
}

/** A source with what its credentials tell of it. */
export function showSource(context: ApiContext, source: Source): z.infer<typeof sourceShape> {
  const credentials = context.sources.credentials(source.id);
  const active = credentials.filter(({ state, canary }) => state === 'active' && !canary);
  const level = context.containment.levelOf(source.id);
  return {
    ...source,
    lastUsedAt: lastUseOf(credentials),
    credentialKinds: [...new Set(active.map(credentialKind))],
    nextExpiryAt: nextEndOf(credentials),
    contained: level === 'none' ? undefined : level,
  };
}

/** What searches ask besides the registry. */
export function searchFacts({ clock, containment }: ApiContext): SearchFacts {
  return { now: clock.now(), isContained: (source) => containment.levelOf(source) !== 'none' };
}
