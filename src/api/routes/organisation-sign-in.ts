import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LruMap } from '../../submission/lru-map.ts';
import { NotLetIn, type SignInState } from '../../people/organisation-sign-in.ts';
import type { ApiContext } from '../context.ts';
import { providerShape } from '../people-shapes.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { SignIns } from '../sign-ins.ts';
import { Tickets } from '../tickets.ts';

/** Signing in with the organisation's account. */
export function organisationSignInRoutes(api: Api, context: ApiContext): void {
  const tags = ['Session'];
  const { people: rooms } = context;
  const signIns = new SignIns(context);
  const { site } = signIns;
  const tickets = new Tickets(context, site, new LruMap<true>(10_000));

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
      if (changed !== undefined) signIns.record(request, person, changed);
      await signIns.begin(request, reply, person, 'oidc');
      return reply.redirect('/', 303);
    },
  );

  /** @throws Problem 403 for who may not sign in */
  async function orProblem<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NotLetIn)) throw error;
      signIns.failed(request, error.message, { cause: causesOf(error) });
      throw new Problem(403, error.message);
    }
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
