import { z } from 'zod';
import { line } from '../../sources/source-fields.ts';
import { LruMap } from '../../submission/lru-map.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { refuseOld } from '../fresh-sign-in.ts';
import { passkeyShape } from '../people-shapes.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { Site } from '../site.ts';
import { Tickets } from '../tickets.ts';

/** My passkeys. */
export function passkeyRoutes(api: Api, context: ApiContext): void {
  const tags = ['Own account'];
  const { people: rooms } = context;
  const tickets = new Tickets(context, new Site(rooms.publicUrl), new LruMap<true>(10_000));
  const config = { role: 'anyone', enrolment: true } as const;

  api.get(
    '/me/passkeys',
    {
      config,
      schema: {
        tags,
        summary: 'List my passkeys',
        response: { 200: z.object({ items: z.array(passkeyShape) }) },
      },
    },
    async ({ principal }) => ({
      items: principal.person === undefined ? [] : await rooms.passkeys.list(principal.person),
    }),
  );

  api.post(
    '/me/passkeys/challenge',
    {
      config,
      schema: {
        tags,
        summary: 'Begin to add a passkey: options for navigator.credentials.create',
        response: { 200: z.looseObject({ challenge: z.string() }) },
      },
    },
    async (request, reply) => {
      const { person } = await refuseOld(context, request);
      const row = await rooms.people.row(person);
      if (!row) throw new Problem(404, 'the account is gone');
      const options = await rooms.passkeys.registration(row);
      tickets.give(request, reply, `passkey-of-${person}`, options.challenge);
      return { ...options };
    },
  );

  api.post(
    '/me/passkeys',
    {
      config,
      schema: {
        tags,
        summary: 'Add a passkey',
        body: z.strictObject({
          name: line(60).min(1),
          response: z.looseObject({ id: z.string().max(2000) }).describe('What the browser has answered.'),
        }),
        response: { 201: passkeyShape },
      },
    },
    async (request, reply) => {
      const { person } = await refuseOld(context, request);
      const challenge = tickets.take(request, reply, `passkey-of-${person}`);
      const { name, response } = request.body;
      const passkey = await rooms.passkeys.add(person, name, challenge, response);
      recordChange(context, request, `passkey ${name} added`, { after: { id: passkey.id } });
      return reply.code(201).send(passkey);
    },
  );

  api.delete(
    '/me/passkeys/:passkey',
    {
      config: { role: 'anyone' },
      schema: {
        tags,
        summary: 'Remove a passkey',
        params: z.object({ passkey: z.string().max(300) }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { person } = await refuseOld(context, request);
      const { passkey } = request.params;
      if (!(await rooms.passkeys.remove(person, passkey))) throw new Problem(404, 'there is no such passkey');
      recordChange(context, request, 'passkey removed', { before: { id: passkey } });
      return reply.code(204).send();
    },
  );
}
