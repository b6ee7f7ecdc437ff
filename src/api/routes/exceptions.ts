import { TRIPLE_DES } from '../../smtp/server/weak-peers.ts';
import { getCiphers } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { inNetworks } from '../../submission/network.ts';
import {
  DAY_MS,
  describeException,
  type Exception,
  EXCEPTION_KIND_NAMES,
  exceptionFields,
  extensionFields,
} from '../../sources/exceptions/exception.ts';
import type { Source } from '../../sources/source.ts';
import { difference, recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { mayUseSourceId } from '../own-sources.ts';
import { cursor, etagOf, PAGE, pageSize, readCursor, wholeNumber, writeCursor } from '../parameters.ts';
import { mayUseSource, type Principal } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { page } from '../shapes.ts';
import { findSource, refuseStale } from './sources.ts';

const at = z.number().describe('Milliseconds since the epoch.');

export const exceptionShape = z
  .object({
    id: z.string(),
    kind: z.enum(EXCEPTION_KIND_NAMES),
    source: z.string().optional(),
    sourceName: z.string().optional(),
    networks: z.array(z.string()),
    owner: z.string(),
    reason: z.string(),
    text: z.string().describe('What it allows, and to whom.'),
    createdAt: at,
    createdBy: z.string(),
    endsAt: at,
    state: z.enum(['open', 'ended', 'closed']),
    endedAt: at.optional(),
    endedBy: z.string().optional(),
    uses: z.int(),
    lastUsedAt: at.optional(),
    lastUsedFrom: z.string().optional(),
    version: z.int(),
  })
  .meta({ id: 'Exception' });

const newException = exceptionFields.extend({
  owner: exceptionFields.shape.owner.optional().describe('Absent: the owner of the source.'),
});

const parameters = z.object({ id: z.string().max(40) });
const condition = z.object({ 'if-match': z.string().max(100).optional() });

/** Exceptions: what is weak and allowed all the same, for whom, why, and until when. */
export function exceptionRoutes(api: Api, context: ApiContext): void {
  const tags = ['Exceptions'];

  const find = async (id: string): Promise<Exception> => {
    const exception = await context.exceptions.find(id);
    if (!exception) throw new Problem(404, `there is no exception ${JSON.stringify(id)}`);
    return exception;
  };

  /** What somebody may not see is not there for them. */
  const visibleSource = (name: string, principal: Principal): Source => {
    const source = findSource(context, name);
    if (mayUseSource(principal, source)) return source;
    throw new Problem(404, `there is no source ${JSON.stringify(name)}`);
  };

  api.get(
    '/exceptions',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'List exceptions, in the order of their identifiers',
        querystring: z.object({
          state: z.enum(['open', 'ended', 'closed', 'all']).default('open'),
          kind: z.enum(EXCEPTION_KIND_NAMES).optional(),
          source: z
            .string()
            .max(100)
            .optional()
            .describe('Name or identifier: its own, and those for the networks of its credentials.'),
          unusedDays: wholeNumber(1, 366).optional().describe('Not used for so many days.'),
          limit: pageSize,
          cursor,
        }),
        response: { 200: page(exceptionShape) },
      },
    },
    async ({ query, principal }) => {
      const most = query.limit ?? PAGE;
      const source = query.source === undefined ? undefined : visibleSource(query.source, principal);
      const networks = source
        ? context.sources.credentials(source.id).flatMap((credential) => credential.networks)
        : [];
      const unusedSince =
        query.unusedDays === undefined ? Infinity : context.clock.now() - query.unusedDays * DAY_MS;
      const wanted = (exception: Exception): boolean =>
        mayUseSourceId(context, principal, exception.source) &&
        (query.kind === undefined || exception.kind === query.kind) &&
        (exception.lastUsedAt ?? exception.createdAt) <= unusedSince &&
        (source === undefined ||
          exception.source === source.id ||
          networks.some((block) => inNetworks(block.split('/')[0] ?? '', exception.networks)));
      const state = query.state === 'all' ? undefined : query.state;
      const items: Exception[] = [];
      let after = readCursor(z.string(), query.cursor) ?? '';
      for (;;) {
        const found = await context.exceptions.page(state, after, PAGE);
        for (const exception of found) {
          if (wanted(exception)) {
            if (items.length === most) {
              return { items: items.map((one) => show(context, one)), next: writeCursor(after) };
            }
            items.push(exception);
          }
          after = exception.id;
        }
        if (found.length < PAGE) return { items: items.map((one) => show(context, one)) };
      }
    },
  );

  api.post(
    '/exceptions',
    {
      schema: {
        tags,
        summary: 'Allow something weak until a day',
        description:
          'Old TLS and no TLS are for networks, CRAM-MD5 for a source. The owner is warned 30, 7 and 1 days before the end.',
        body: newException,
        response: { 201: exceptionShape },
      },
    },
    async (request, reply) => {
      const { body } = request;
      if (body.kind === '3des' && !TRIPLE_DES.some((name) => getCiphers().includes(name.toLowerCase()))) {
        throw new Problem(
          409,
          'kind: the OpenSSL of this Node.js was built without 3DES; no exception brings it back',
          { field: 'kind' },
        );
      }
      const exception = await makeException(context, request, body);
      return reply
        .code(201)
        .header('etag', etagOf(exception.version))
        .header('location', `/api/v1/exceptions/${exception.id}`)
        .send(show(context, exception));
    },
  );

  api.get(
    '/exceptions/:id',
    {
      config: { ownSources: true },
      schema: { tags, summary: 'Show an exception', params: parameters, response: { 200: exceptionShape } },
    },
    async ({ params, principal }, reply) => {
      const exception = await find(params.id);
      if (!mayUseSourceId(context, principal, exception.source)) {
        throw new Problem(404, `there is no exception ${JSON.stringify(params.id)}`);
      }
      return reply.header('etag', etagOf(exception.version)).send(show(context, exception));
    },
  );

  api.patch(
    '/exceptions/:id',
    {
      schema: {
        tags,
        summary: 'Give an open exception another end, and say why',
        params: parameters,
        headers: condition,
        body: extensionFields,
        response: { 200: exceptionShape },
      },
    },
    async (request, reply) => {
      const before = await find(request.params.id);
      refuseStale(request.headers['if-match'], etagOf(before.version));
      const condition = request.headers['if-match'] === undefined ? undefined : before.version;
      const after = await context.exceptions.extend(before.id, request.body, condition);
      const shown = show(context, after);
      recordChange(
        context,
        request,
        `exception ${after.id} lasts until ${new Date(after.endsAt).toISOString()}: ${shown.text}`,
        {
          source: after.source,
          ...difference(show(context, before), shown),
        },
      );
      return reply.header('etag', etagOf(after.version)).send(shown);
    },
  );

  api.delete(
    '/exceptions/:id',
    {
      schema: {
        tags,
        summary: 'Close an exception at once; connections that live by it end within a second',
        params: parameters,
        headers: condition,
        response: { 200: exceptionShape },
      },
    },
    async (request) => {
      const before = await find(request.params.id);
      refuseStale(request.headers['if-match'], etagOf(before.version));
      return closeException(context, request, before);
    },
  );
}

function show(context: ApiContext, exception: Exception): z.infer<typeof exceptionShape> {
  const { warned: _, ...same } = exception;
  const sourceName =
    exception.source === undefined ? undefined : context.sources.byId(exception.source)?.name;
  return { ...same, sourceName, text: describeException(exception, sourceName) };
}

/** What a request says that makes the exception together with what needs it. */
export const cramException = z.strictObject({
  reason: exceptionFields.shape.reason,
  endsAt: exceptionFields.shape.endsAt,
  owner: newException.shape.owner,
});

/**
 * CRAM-MD5 needs a password that can be read back: only by an exception, which may come with the request. Answers
 * the one that was made for it.
 * @throws Problem 409 that says how to make one
 */
export async function requireCramException(
  context: ApiContext,
  request: FastifyRequest,
  source: Source,
  wanted: z.infer<typeof cramException> | undefined,
): Promise<Exception | undefined> {
  if (context.exceptions.forSource('cram-md5', source.id)) return undefined;
  if (!wanted) {
    throw new Problem(
      409,
      `cramMd5: needs an exception, because the password is kept recoverable; say why and until when, or: postern exception add cram-md5 --source ${source.name} --reason WHY --until DATE`,
      { field: 'cramMd5' },
    );
  }
  const fields = { ...wanted, kind: 'cram-md5' as const, source: source.name, networks: [] };
  return makeException(context, request, fields);
}

/** @throws RegistryError when it is over already */
export async function closeException(
  context: ApiContext,
  request: FastifyRequest,
  before: Exception,
): Promise<z.infer<typeof exceptionShape>> {
  const closed = await context.exceptions.end(before.id, request.principal.name);
  const shown = show(context, closed);
  recordChange(context, request, `exception ${closed.id} closed: ${shown.text}`, {
    source: closed.source,
    before: { state: before.state },
    after: { state: closed.state },
  });
  return shown;
}

async function makeException(
  context: ApiContext,
  request: FastifyRequest,
  fields: z.infer<typeof newException>,
): Promise<Exception> {
  const source = fields.source === undefined ? undefined : findSource(context, fields.source);
  const owner = fields.owner ?? source?.owner;
  if (!owner) {
    throw new Problem(400, 'owner: is missing: who answers for it, and is warned before it ends?', {
      field: 'owner',
    });
  }
  const wanted = { ...fields, owner, source: source?.id };
  const exception = await context.exceptions.add(wanted, request.principal.name);
  const shown = show(context, exception);
  recordChange(context, request, `exception ${exception.id} made: ${shown.text}`, {
    source: exception.source,
    after: shown,
  });
  return exception;
}
