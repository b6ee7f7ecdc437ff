import { z } from 'zod';
import { line } from '../../sources/source-fields.ts';
import { nearest } from '../../platform/spelling.ts';
import { isAtLeast, ROLES } from '../../people/role.ts';
import type { ApiToken } from '../../people/tokens.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { refuseToken } from '../fresh-sign-in.ts';
import { tokenShape } from '../people-shapes.ts';
import { mayUseSource, type Principal } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { findSource } from './sources.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 730;

const newToken = z.strictObject({
  name: line(60).min(1).describe('For people: what uses it.'),
  role: z.enum(ROLES).describe('Not more than your own.'),
  sources: z
    .array(z.string().max(100))
    .min(1)
    .max(1000)
    .optional()
    .describe('Names or identifiers of the only sources that it is for.'),
  groups: z
    .array(line(60))
    .min(1)
    .max(50)
    .optional()
    .describe('Tags of the only routes that it is for, as in this document: `Sources`, `Queue`, ...'),
  expiresAt: z
    .int()
    .min(0)
    .optional()
    .describe('Milliseconds since the epoch; 90 days from now when it is absent, two years at most.'),
  shared: z
    .boolean()
    .default(false)
    .describe('Belongs to the relay and not to you: it lasts when you are gone. Owners only.'),
});

/** Tokens for programs. */
export function tokenRoutes(api: Api, context: ApiContext): void {
  const tags = ['Tokens'];
  const { people: rooms } = context;

  const show = async (token: ApiToken): Promise<z.infer<typeof tokenShape>> => {
    const person = token.person === undefined ? undefined : await rooms.people.row(token.person);
    return {
      ...token,
      person: person?.email,
      sources: token.sources?.map((id) => context.sources.byId(id)?.name ?? id),
    };
  };

  api.get(
    '/tokens',
    {
      config: { role: 'anyone' },
      schema: {
        tags,
        summary: 'List my tokens; owners see all of them',
        response: { 200: z.object({ items: z.array(tokenShape) }) },
      },
    },
    async ({ principal }) => {
      const tokens = (await rooms.tokens.list()).filter((token) => isOf(principal, token));
      return { items: await Promise.all(tokens.map(show)) };
    },
  );

  api.post(
    '/tokens',
    {
      config: { role: 'anyone' },
      schema: {
        tags,
        summary: 'Make a token',
        body: newToken,
        response: { 201: z.object({ token: tokenShape, secret: z.string().describe('Shown this once.') }) },
      },
    },
    async (request, reply) => {
      const { principal, body } = request;
      refuseToken(request, 'make tokens');
      if (!isAtLeast(principal.role, body.role)) {
        throw new Problem(403, `role: your own is ${principal.role}`, { field: 'role' });
      }
      if (body.shared && principal.role !== 'owner') {
        throw new Problem(403, 'shared: only owners make tokens of the relay', { field: 'shared' });
      }
      const now = context.clock.now();
      const expiresAt = body.expiresAt ?? now + 90 * DAY_MS;
      if (expiresAt > now + MOST_DAYS * DAY_MS) {
        throw new Problem(400, `expiresAt: is more than ${MOST_DAYS} days away`, { field: 'expiresAt' });
      }
      const owned = body.shared ? undefined : principal.person;
      if (body.role === 'source-owner' && owned === undefined && !body.sources) {
        throw new Problem(400, 'sources: name those that this token of a source owner is for', {
          field: 'sources',
        });
      }
      const parts = api.partNames;
      for (const [place, group] of (body.groups ?? []).entries()) {
        if (parts.has(group)) continue;
        const near = nearest(group, parts);
        throw new Problem(
          400,
          `groups: there is no part ${JSON.stringify(group)} of this API; ${near === undefined ? `there are ${[...parts].join(', ')}` : `did you mean ${near}?`}`,
          { field: `groups.${place}` },
        );
      }
      const { token, secret } = await rooms.tokens.add({
        name: body.name,
        role: body.role,
        person: owned,
        sources: body.sources?.map((name) => ownSource(principal, name)),
        groups: body.groups,
        expiresAt,
      });
      const shown = await show(token);
      recordChange(context, request, `token ${token.name} made`, { after: shown });
      return reply.code(201).send({ token: shown, secret });
    },
  );

  api.delete(
    '/tokens/:token',
    {
      config: { role: 'anyone', emergency: true },
      schema: {
        tags,
        summary: 'Revoke a token',
        params: z.object({ token: z.string().max(40) }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const token = await rooms.tokens.byId(request.params.token);
      if (!token || !isOf(request.principal, token)) {
        throw new Problem(404, `there is no token ${JSON.stringify(request.params.token)}`);
      }
      await rooms.tokens.revoke(token.id);
      recordChange(context, request, `token ${token.name} revoked`, { before: await show(token) });
      return reply.code(204).send();
    },
  );

  /** Which token somebody may see and revoke: their own, itself, and for owners every one. */
  function isOf({ kind, id, role, person, sources, groups }: Principal, token: ApiToken): boolean {
    if (role === 'owner' && !sources && !groups) return true;
    return kind === 'token' ? token.id === id : token.person !== undefined && token.person === person;
  }

  function ownSource(principal: Principal, name: string): string {
    const source = findSource(context, name);
    if (mayUseSource(principal, source)) return source.id;
    throw new Problem(404, `there is no source ${JSON.stringify(name)}`);
  }
}
