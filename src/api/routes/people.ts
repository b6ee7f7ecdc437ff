import { z } from 'zod';
import { line } from '../../sources/source-fields.ts';
import { type Person, personFields } from '../../people/person.ts';
import { ROLES } from '../../people/role.ts';
import { difference, recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { refuseToken } from '../fresh-sign-in.ts';
import { etagOf } from '../parameters.ts';
import { invitationShape, personShape } from '../people-shapes.ts';
import type { Api } from '../scope.ts';
import { countShape } from '../shapes.ts';
import { findSource, refuseStale } from './sources.ts';

const parameters = z.object({ person: z.string().max(254).describe('E-mail address or identifier.') });
const owner = { role: 'owner' } as const;

/** People who may sign in. */
export function peopleRoutes(api: Api, context: ApiContext): void {
  const tags = ['People'];
  const { people: rooms } = context;

  /** Names of sources instead of identifiers; one that is gone stays as it is. */
  const show = (person: Person): z.infer<typeof personShape> => ({
    ...person,
    sources: person.sources.map((id) => context.sources.byId(id)?.name ?? id),
  });
  const identifiers = (names: string[]) => names.map((name) => findSource(context, name).id);

  api.get(
    '/people',
    {
      schema: {
        tags,
        summary: 'List people, in the order of their addresses',
        querystring: z.object({
          search: line(100).optional().describe('Part of name or address.'),
          role: z.enum(ROLES).optional(),
        }),
        response: { 200: z.object({ items: z.array(personShape) }) },
      },
    },
    async ({ query }) => {
      const wanted = query.search?.toLowerCase() ?? '';
      const items = (await rooms.people.list()).filter(
        ({ email, name, role }) =>
          (query.role === undefined || role === query.role) &&
          (email.includes(wanted) || name.toLowerCase().includes(wanted)),
      );
      return { items: items.map(show) };
    },
  );

  api.post(
    '/people',
    {
      config: owner,
      schema: {
        tags,
        summary: 'Add a person',
        description:
          'The answer holds an invitation, with which they set a password. Who signs in with the account of the organisation does not need it.',
        body: personFields,
        response: { 201: z.object({ person: personShape, ...invitationShape.shape }) },
      },
    },
    async (request, reply) => {
      const { body } = request;
      refuseToken(request, 'add people');
      const { id } = await rooms.people.add({ ...body, sources: identifiers(body.sources) });
      const invitation = await rooms.people.invite(id);
      const person = show(await rooms.people.find(id));
      recordChange(context, request, `person ${person.email} added as ${person.role}`, { after: person });
      return reply
        .code(201)
        .header('location', `/api/v1/people/${id}`)
        .header('etag', etagOf(person.version))
        .send({ person, ...invitation });
    },
  );

  api.get(
    '/people/:person',
    { schema: { tags, summary: 'Show a person', params: parameters, response: { 200: personShape } } },
    async ({ params }, reply) => {
      const person = await rooms.people.find(params.person);
      return reply.header('etag', etagOf(person.version)).send(show(person));
    },
  );

  api.patch(
    '/people/:person',
    {
      config: owner,
      schema: {
        tags,
        summary: 'Edit a person; a change of role, state or sources ends their sessions',
        description: 'With If-Match, only when nothing has changed since (412 otherwise).',
        params: parameters,
        headers: z.object({ 'if-match': z.string().max(100).optional() }),
        body: personFields
          .extend({ state: z.enum(['active', 'disabled']), sources: personFields.shape.sources.unwrap() })
          .partial(),
        response: { 200: personShape },
      },
    },
    async (request, reply) => {
      const { sources, ...fields } = request.body;
      const { email, role, state } = fields;
      // a program may keep somebody out, and no more
      if (email !== undefined || role !== undefined || sources || state === 'active') {
        refuseToken(request, 'change what people may do');
      }
      const before = await rooms.people.find(request.params.person);
      refuseStale(request.headers['if-match'], etagOf(before.version));
      const changes = { ...fields, ...(sources ? { sources: identifiers(sources) } : {}) };
      const after = await rooms.people.edit(before.id, changes, before.version);
      recordChange(context, request, `person ${after.email} edited`, difference(show(before), show(after)));
      return reply.header('etag', etagOf(after.version)).send(show(after));
    },
  );

  api.delete(
    '/people/:person',
    {
      config: owner,
      schema: {
        tags,
        summary: 'Remove a person with their sessions, passkeys and tokens',
        description: 'What they did stays in the audit log.',
        params: parameters,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const person = await rooms.people.find(request.params.person);
      await rooms.people.remove(person.id);
      recordChange(context, request, `person ${person.email} removed`, { before: show(person) });
      return reply.code(204).send();
    },
  );

  api.post(
    '/people/:person/invitation',
    {
      config: owner,
      schema: {
        tags,
        summary: 'Make a new invitation',
        description:
          'With `reset`, everything that they could sign in with is taken away: password, authenticator, passkeys, tokens, sessions, and the tie to the account of the organisation.',
        params: parameters,
        body: z.strictObject({ reset: z.boolean().default(false) }),
        response: { 200: invitationShape },
      },
    },
    async (request) => {
      refuseToken(request, 'invite people');
      const { reset } = request.body;
      const person = await rooms.people.find(request.params.person);
      const invitation = await rooms.people.invite(person.id, reset);
      recordChange(context, request, `person ${person.email} ${reset ? 'reset and ' : ''}invited again`);
      return invitation;
    },
  );

  api.post(
    '/people/:person/sign-out',
    {
      config: owner,
      schema: {
        tags,
        summary: 'End all sessions of a person',
        params: parameters,
        response: { 200: countShape },
      },
    },
    async (request) => {
      const person = await rooms.people.find(request.params.person);
      const count = await rooms.sessions.endAll(person.id);
      recordChange(context, request, `${count} sessions of ${person.email} ended`);
      return { count };
    },
  );
}
