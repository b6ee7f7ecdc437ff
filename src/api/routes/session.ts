import { z } from 'zod';
import { emailAddress } from '../../people/person.ts';
import { LruMap } from '../../submission/lru-map.ts';
import type { ApiContext } from '../context.ts';
import { password, providerShape, startedShape, whoShape } from '../people-shapes.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { SignIns } from '../sign-ins.ts';
import { Tickets } from '../tickets.ts';

const REFUSED = {
  // one text for an unknown address, a disabled account and a wrong password: nobody learns who has an account
  wrong: () => new Problem(401, 'the address, the password or the code is wrong'),
  'code-needed': () =>
    new Problem(401, 'code: enter the code of your authenticator, or a recovery code', { field: 'code' }),
  locked: () =>
    new Problem(
      429,
      'too many wrong sign-ins; wait 15 minutes, or sign in with a passkey or from where you have signed in before',
      { retryAfter: 900 },
    ),
  overloaded: () => new Problem(503, 'too many people sign in at this moment; try again', { retryAfter: 5 }),
};

/** Who is signed in; signing in with what this relay keeps itself, and out. */
export function sessionRoutes(api: Api, context: ApiContext): void {
  const tags = ['Session'];
  const { people: rooms } = context;
  const signIns = new SignIns(context);
  const { site } = signIns;
  const tickets = new Tickets(context, site, new LruMap<true>(10_000));

  api.get(
    '/session',
    {
      config: { role: 'anyone', enrolment: true },
      schema: { tags, summary: 'Who is signed in', response: { 200: whoShape } },
    },
    async ({ principal }) => {
      const { kind, id, name, role, email, session, groups } = principal;
      return { kind, id, name, role, email, groups: groups?.slice(), secondFactor: session?.strong };
    },
  );

  api.get(
    '/session/state',
    {
      config: { open: true },
      schema: {
        tags,
        summary: 'Who is signed in, if somebody is, and how one signs in here',
        description: 'Of a session alone; a token asks GET /session.',
        response: {
          200: z.object({
            who: whoShape.optional(),
            mustEnrol: z.boolean().describe('A second factor has to be set up before anything else.'),
            providers: z.array(providerShape).describe('The sign-ins of the organisation.'),
            lab: z.boolean().optional().describe('This relay is one of a lab; told to who is signed in.'),
          }),
        },
      },
    },
    async (request) => {
      const cookie = site.cookie(request, 'postern');
      const found = cookie === undefined ? undefined : await rooms.identities.bySession(cookie, true);
      const providers = rooms.organisation.list();
      if (!found) return { mustEnrol: false, providers };
      const { kind, id, role, email, session } = found;
      const name = (await rooms.people.row(id))?.name ?? found.name;
      const who = { kind, id, name, role, email, secondFactor: session?.strong };
      const mustEnrol = rooms.requireSecondFactor && session?.strong === false;
      return { who, mustEnrol, providers, lab: context.lab !== undefined };
    },
  );

  api.post(
    '/session',
    {
      config: { open: true },
      schema: {
        tags,
        summary: 'Sign in with a password, and a code where an authenticator is set up',
        description: 'Sets the session cookie.',
        body: z.strictObject({ email: emailAddress, password, code: z.string().min(1).max(40).optional() }),
        response: { 200: startedShape },
      },
    },
    async (request, reply) => {
      site.refuseClear(request);
      const result = await rooms.signIn.attempt({ ...request.body, address: request.ip });
      if ('refused' in result) {
        if (result.refused !== 'code-needed')
          signIns.failed(request, result.refused, { account: request.body.email });
        throw REFUSED[result.refused]();
      }
      return signIns.begin(request, reply, result.person, result.method);
    },
  );

  api.delete(
    '/session',
    {
      config: { role: 'anyone', enrolment: true },
      schema: { tags, summary: 'Sign out', response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const { session } = request.principal;
      if (session) await rooms.sessions.end(session.hash);
      site.setCookie(request, reply, 'postern', '', 0);
      return reply.code(204).send();
    },
  );

  api.post(
    '/session/passkey/challenge',
    {
      config: { open: true },
      schema: {
        tags,
        summary: 'Begin to sign in with a passkey: options for navigator.credentials.get',
        response: { 200: z.looseObject({ challenge: z.string() }) },
      },
    },
    async (request, reply) => {
      site.refuseClear(request);
      const options = await rooms.passkeys.request();
      tickets.give(request, reply, 'passkey-sign-in', options.challenge);
      return { ...options };
    },
  );

  api.post(
    '/session/passkey',
    {
      config: { open: true },
      schema: {
        tags,
        summary: 'Sign in with a passkey',
        body: z.strictObject({
          response: z.looseObject({ id: z.string().max(2000) }).describe('What the browser has answered.'),
        }),
        response: { 200: startedShape },
      },
    },
    async (request, reply) => {
      const challenge = tickets.take(request, reply, 'passkey-sign-in');
      const id = await rooms.passkeys.verify(challenge, request.body.response);
      const person = id === undefined ? undefined : await rooms.people.row(id);
      if (person?.state !== 'active') {
        signIns.failed(request, 'wrong');
        throw new Problem(401, 'this passkey is not known here');
      }
      return signIns.begin(request, reply, person, 'passkey');
    },
  );
}
