import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LruMap } from '../../submission/lru-map.ts';
import { NotLetIn, type SignInState } from '../../people/organisation-sign-in.ts';
import { emailAddress, personFields } from '../../people/person.ts';
import type { Role } from '../../people/role.ts';
import type { SignInMethod } from '../../people/sessions.ts';
import type { PersonRow } from '../../store/people-rows.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { FailureLimit } from '../authorization.ts';
import { password, whoShape } from '../people-shapes.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { Site } from '../site.ts';
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

const providerShape = z.object({ name: z.string(), label: z.string() });

/** Signing in and out. */
export function sessionRoutes(api: Api, context: ApiContext): void {
  const tags = ['Session'];
  const { people: rooms } = context;
  const site = new Site(rooms.publicUrl);
  const tickets = new Tickets(context, site, new LruMap<true>(10_000));
  const guesses = new FailureLimit(context);
  const started = z.object({ person: whoShape });

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
        response: { 200: started },
      },
    },
    async (request, reply) => {
      site.refuseClear(request);
      const result = await rooms.signIn.attempt({ ...request.body, address: request.ip });
      if ('refused' in result) {
        if (result.refused !== 'code-needed')
          failed(request, result.refused, { account: request.body.email });
        throw REFUSED[result.refused]();
      }
      return begin(request, reply, result.person, result.method);
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
      record(request, person, 'password set with an invitation');
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
        response: { 200: started },
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
      record(request, person, 'owner account made with a one-time link');
      return begin(request, reply, person, 'password');
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
        response: { 200: started },
      },
    },
    async (request, reply) => {
      const challenge = tickets.take(request, reply, 'passkey-sign-in');
      const id = await rooms.passkeys.verify(challenge, request.body.response);
      const person = id === undefined ? undefined : await rooms.people.row(id);
      if (person?.state !== 'active') {
        failed(request, 'wrong');
        throw new Problem(401, 'this passkey is not known here');
      }
      return begin(request, reply, person, 'passkey');
    },
  );

  api.get(
    '/session/oidc',
    {
      config: { open: true },
      schema: {
        tags,
        summary: 'The sign-ins of the organisation',
        response: { 200: z.object({ items: z.array(providerShape) }) },
      },
    },
    async () => ({ items: rooms.organisation.list() }),
  );

  const providerParameters = z.object({ provider: z.string().max(40) });

  api.get(
    '/session/oidc/:provider',
    {
      config: { open: true },
      schema: {
        tags,
        summary: "Sign in with the organisation's account: sends the browser there",
        params: providerParameters,
        response: { 302: z.undefined() },
      },
    },
    async (request, reply) => {
      site.refuseClear(request);
      const { url, state } = await orProblem(request, () =>
        rooms.organisation.begin(request.params.provider),
      );
      tickets.give(request, reply, 'oidc', JSON.stringify(state));
      return reply.redirect(url.href, 302);
    },
  );

  api.get(
    '/session/oidc/:provider/callback',
    {
      config: { open: true },
      schema: {
        tags,
        summary: "Where the organisation's sign-in sends the browser back to",
        params: providerParameters,
        response: { 303: z.undefined() },
      },
    },
    async (request, reply) => {
      const state = JSON.parse(tickets.take(request, reply, 'oidc')) as SignInState;
      // an answer of one provider must not pass for that of another (RFC 9700 §4.4)
      if (state.provider !== request.params.provider) throw new Problem(400, 'begin the sign-in again');
      const query = request.url.slice(request.url.indexOf('?'));
      const { person, changed } = await orProblem(request, () => rooms.organisation.finish(state, query));
      if (changed !== undefined) record(request, person, changed);
      await begin(request, reply, person, 'oidc');
      return reply.redirect('/', 303);
    },
  );

  /** @throws Problem 403 for who may not sign in */
  async function orProblem<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NotLetIn)) throw error;
      failed(request, error.message, { cause: causesOf(error) });
      throw new Problem(403, error.message);
    }
  }

  /** Whatever session the browser had ends: nobody can have planted the new one. */
  async function begin(
    request: FastifyRequest,
    reply: FastifyReply,
    person: Pick<PersonRow, 'id' | 'name' | 'email' | 'role'>,
    method: SignInMethod,
  ) {
    const before = site.cookie(request, 'postern');
    if (before !== undefined) {
      const found = await rooms.sessions.find(before);
      if (found) await rooms.sessions.end(found.session.hash);
    }
    const agent = request.headers['user-agent'] ?? '';
    const value = await rooms.sessions.start(person.id, method, { network: request.ip, agent });
    await rooms.people.signedIn(person.id, request.ip);
    site.setCookie(request, reply, 'postern', value);
    context.journal.write({
      type: 'authentication',
      listener: 'api',
      network: request.ip,
      text: `${person.email} has signed in (${method})`,
      detail: { by: person.email, byId: person.id, method },
    });
    record(request, person, `signed in (${method})`);
    const { id, name, email, role } = person;
    const kind = 'person' as const;
    return { person: { kind, id, name, email, role: role as Role, secondFactor: method !== 'password' } };
  }

  function record(
    request: FastifyRequest,
    { id, name, email }: { id: string; name: string; email: string },
    action: string,
  ): void {
    rooms.audit.append({
      actor: { kind: 'person', id, name: `${name} <${email}>` },
      network: request.ip,
      action,
    });
    request.isRecorded = true;
  }

  function failed(
    request: FastifyRequest,
    reason: string,
    detail: { account?: string; cause?: string } = {},
  ): void {
    context.journal.write({
      type: 'authentication-failure',
      listener: 'api',
      network: request.ip,
      text: `sign-in refused: ${reason}`,
      detail,
    });
  }
}

/** What lies behind an error, for administrators: texts alone, as what hangs on them may hold what is nobody's business. */
function causesOf({ cause }: Error): string | undefined {
  const texts: string[] = [];
  for (let error = cause; error instanceof Error && texts.length < 4; error = error.cause) {
    texts.push(error.message || ((error as NodeJS.ErrnoException).code ?? error.name));
  }
  return texts.length === 0 ? undefined : texts.join(': ').slice(0, 500);
}
