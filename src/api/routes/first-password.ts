import { z } from 'zod';
import { emailAddress, personFields } from '../../people/person.ts';
import { FailureLimit } from '../authorization.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { password, startedShape } from '../people-shapes.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { SignIns } from '../sign-ins.ts';

/** The links with which an account gets its first password. */
export function firstPasswordRoutes(api: Api, context: ApiContext): void {
  const tags = ['Session'];
  const { people: rooms } = context;
  const signIns = new SignIns(context);
  const { site } = signIns;
  const guesses = new FailureLimit(context);

  api.post(
    '/session/invitation',
    {
      config: { open: true },
      schema: {
        tags,
        summary: 'Set the first password with an invitation',
        body: z.strictObject({ invitation: z.string().max(200), password }),
        response: { 200: z.object({ email: z.string() }) },
      },
    },
    async (request) => {
      site.refuseClear(request);
      const { invitation, password: chosen } = request.body;
      const person = await rooms.people.acceptInvitation(invitation, chosen);
      if (!person) {
        const wait = guesses.fail(request.ip);
        if (wait > 0) throw new Problem(429, 'too many wrong invitations', { retryAfter: wait });
        throw new Problem(403, 'the invitation is wrong, used up, or over; ask an owner for another');
      }
      signIns.record(request, person, 'password set with an invitation');
      return { email: person.email };
    },
  );

  api.post(
    '/session/setup-link',
    {
      config: { role: 'owner' },
      schema: {
        tags,
        summary: 'Make a link with which an owner account is made, once, within the hour',
        description: 'Only with the administrator token of the data folder. An earlier link ends.',
        response: {
          200: z.object({
            token: z.string().describe('Shown this once; POST /session/setup takes it.'),
            expiresAt: z.number().describe('Milliseconds since the epoch.'),
          }),
        },
      },
    },
    async (request) => {
      if (request.principal.kind !== 'root') {
        throw new Problem(403, 'this is for the administrator token; owners invite people: POST /people');
      }
      recordChange(context, request, 'link for an owner account made');
      return rooms.setupLinks.make();
    },
  );

  api.post(
    '/session/setup',
    {
      config: { open: true },
      schema: {
        tags,
        summary: 'Make an owner account with a one-time link, and sign in',
        description: 'Sets the session cookie.',
        body: z.strictObject({
          token: z.string().max(200),
          email: emailAddress,
          name: personFields.shape.name,
          password,
        }),
        response: { 200: startedShape },
      },
    },
    async (request, reply) => {
      site.refuseClear(request);
      const { token, password: chosen, ...fields } = request.body;
      const person = await rooms.setupLinks.use(token, () =>
        rooms.people.addWithPassword({ ...fields, role: 'owner', sources: [] }, chosen),
      );
      if (!person) {
        const wait = guesses.fail(request.ip);
        if (wait > 0) throw new Problem(429, 'too many wrong links', { retryAfter: wait });
        throw new Problem(403, 'the link is wrong, used up, or over; make another: postern console');
      }
      signIns.record(request, person, 'owner account made with a one-time link');
      return signIns.begin(request, reply, person, 'password');
    },
  );
}
