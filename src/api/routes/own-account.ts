import { z } from 'zod';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { refuseOld } from '../fresh-sign-in.ts';
import { password, personShape, sessionShape } from '../people-shapes.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { countShape } from '../shapes.ts';

const code = z.string().min(6).max(40);
const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()).describe('Shown this once.') });

/** What everybody does with their own account. */
export function ownAccountRoutes(api: Api, context: ApiContext): void {
  const tags = ['Own account'];
  const { people: rooms } = context;
  const config = { role: 'anyone', enrolment: true } as const;

  /** @throws Problem 409 for who signs in with the organisation's account */
  const withPassword = async (id: string) => {
    const row = await rooms.people.row(id);
    if (row && row.password !== null) return row;
    throw new Problem(
      409,
      'this account has no password here: it signs in with a passkey or the organisation',
    );
  };

  api.get(
    '/me',
    { config, schema: { tags, summary: 'My account', response: { 200: personShape } } },
    async ({ principal }) => {
      if (principal.person === undefined) throw new Problem(404, 'a token has no account');
      const { sources, ...person } = await rooms.people.find(principal.person);
      return { ...person, sources: sources.map((id) => context.sources.byId(id)?.name ?? id) };
    },
  );

  api.get(
    '/me/sessions',
    {
      config,
      schema: {
        tags,
        summary: 'Where I am signed in',
        response: { 200: z.object({ items: z.array(sessionShape) }) },
      },
    },
    async ({ principal }) => {
      const rows = principal.person === undefined ? [] : await rooms.sessions.list(principal.person);
      return {
        items: rows.map((row) => ({
          // a part of the hash names a session, and opens none
          id: row.hash.slice(0, 16),
          method: row.method,
          createdAt: row.created_at,
          usedAt: row.used_at,
          expiresAt: row.expires_at,
          network: row.network,
          agent: row.agent,
          current: row.hash === principal.session?.hash,
        })),
      };
    },
  );

  api.delete(
    '/me/sessions',
    { config, schema: { tags, summary: 'End all my other sessions', response: { 200: countShape } } },
    async (request) => {
      const { person, session } = request.principal;
      const count = person === undefined ? 0 : await rooms.sessions.endAll(person, session?.hash);
      recordChange(context, request, `${count} other sessions ended`);
      return { count };
    },
  );

  api.put(
    '/me/password',
    {
      config,
      schema: {
        tags,
        summary: 'Change my password; all my sessions end',
        body: z.strictObject({ password }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { person } = await refuseOld(context, request);
      await withPassword(person);
      await rooms.people.setPassword(person, request.body.password);
      recordChange(context, request, 'own password changed');
      return reply.code(204).send();
    },
  );

  api.post(
    '/me/totp',
    {
      config,
      schema: {
        tags,
        summary: 'Begin to set up an authenticator app; it counts once a code of it was confirmed',
        response: {
          200: z.object({
            secret: z.string().describe('For typing.'),
            uri: z.string().describe('For a QR code.'),
          }),
        },
      },
    },
    async (request) => {
      const { person } = await refuseOld(context, request);
      const enrolment = await rooms.codes.begin(await withPassword(person), 'Postern');
      recordChange(context, request, 'setting up of an authenticator begun');
      return enrolment;
    },
  );

  api.post(
    '/me/totp/confirm',
    {
      config,
      schema: {
        tags,
        summary: 'Confirm the authenticator with its first code; all my sessions end',
        body: z.strictObject({ code }),
        response: { 200: recoveryCodes },
      },
    },
    async (request) => {
      const { person } = await refuseOld(context, request);
      const codes = await rooms.codes.confirm(await withPassword(person), request.body.code);
      if (!codes) {
        throw new Problem(
          400,
          'code: is not the one that the authenticator shows now; look whether its clock is right',
          { field: 'code' },
        );
      }
      await rooms.sessions.endAll(person);
      recordChange(context, request, 'authenticator set up');
      return { recoveryCodes: codes };
    },
  );

  api.delete(
    '/me/totp',
    {
      config: { role: 'anyone' },
      schema: { tags, summary: 'Remove the authenticator', response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const { person } = await refuseOld(context, request);
      await rooms.codes.remove(person);
      recordChange(context, request, 'authenticator removed');
      return reply.code(204).send();
    },
  );

  api.post(
    '/me/recovery-codes',
    {
      config: { role: 'anyone' },
      schema: {
        tags,
        summary: 'Make new recovery codes; the old ones end',
        response: { 200: recoveryCodes },
      },
    },
    async (request) => {
      const { person } = await refuseOld(context, request);
      if ((await withPassword(person)).totp === null) throw new Problem(409, 'set up an authenticator first');
      const codes = await rooms.codes.renewRecoveryCodes(person);
      recordChange(context, request, 'recovery codes renewed');
      return { recoveryCodes: codes };
    },
  );
}
