import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../submission/network.ts';
import type { ApiContext } from './context.ts';
import { isSafe, mayCall, mayUseSource, neededRole, type Principal } from './principal.ts';
import { Problem, sendProblem } from './problem.ts';
import type { Site } from './site.ts';

const FAILURES = 10;
const WINDOW_MS = 10 * 60 * 1000;
const MOST_NETWORKS = 10_000;

/** The administrator token: what the first account is made with, and the way back in when there is no other. */
const ROOT: Principal = { kind: 'root', id: 'root', name: 'administrator token', role: 'owner' };

/**
 * Counts wrong tokens by network (an IPv4 address, an IPv6 /64). A right token always passes: with 256 bits it can
 * not be guessed, and nobody shall lock an administrator out by guessing.
 */
export class FailureLimit {
  readonly #context: Pick<ApiContext, 'clock'>;
  readonly #failures = new Map<string, { count: number; until: number }>();

  constructor(context: Pick<ApiContext, 'clock'>) {
    this.#context = context;
  }

  /** Counts one failure; answers the seconds to wait when there have been too many, 0 otherwise. */
  fail(address: string): number {
    const now = this.#context.clock.monotonic();
    const network = networkOf(address);
    let entry = this.#failures.get(network);
    if (!entry || entry.until <= now) {
      if (this.#failures.size >= MOST_NETWORKS) this.#failures.clear();
      entry = { count: 0, until: now + WINDOW_MS };
      this.#failures.set(network, entry);
    }
    entry.count++;
    return entry.count > FAILURES ? Math.ceil((entry.until - now) / 1000) : 0;
  }
}

/**
 * An `onRequest` hook, so that nothing of the body is read from somebody who is not let in: finds out who asks, and
 * whether the route is for them.
 */
export function authorize(context: ApiContext, site: Site, limit: FailureLimit) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const unsafe = !isSafe(request.method);
    if (request.routeOptions.config.open) {
      if (unsafe) site.refuseForeign(request, false);
      return undefined;
    }
    const principal = await identify(context, site, request);
    if (!principal) return unknown(context, limit, request, reply);
    request.principal = principal;
    if (principal.session && unsafe) site.refuseForeign(request, true);
    const problem = refusalOf(context, request);
    return problem && sendProblem(reply, problem);
  };
}

/**
 * Asks of a request that was let in whether it would be now: of what lasts longer than a question. `principal` of it
 * is what the caller may do at this moment.
 */
export function stillAuthorized(context: ApiContext, site: Site) {
  return async (request: FastifyRequest): Promise<boolean> => {
    const principal = await identify(context, site, request, false);
    if (!principal) return false;
    request.principal = principal;
    return refusalOf(context, request) === undefined;
  };
}

/** By the bearer token when there is one, else by the cookie: never by the other when one of them is wrong. */
async function identify(
  context: ApiContext,
  site: Site,
  request: FastifyRequest,
  isUse = true,
): Promise<Principal | undefined> {
  const { identities } = context.people;
  if (request.headers.authorization !== undefined) {
    const token = bearerOf(request);
    if (token === undefined) return undefined;
    return context.administrator.verify(token) ? ROOT : identities.byToken(token, request.ip);
  }
  const session = site.cookie(request, 'postern');
  return session === undefined ? undefined : identities.bySession(session, isUse);
}

function unknown(
  context: ApiContext,
  limit: FailureLimit,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const refusal = new Problem(
    401,
    'nobody is signed in: POST /api/v1/session, or show a token. The administrator token is in the file admin-token of the data folder',
  );
  const { authorization, cookie } = request.headers;
  // a session that is over is no guess
  if (authorization === undefined && cookie !== undefined) return sendProblem(reply, refusal);
  const wait = limit.fail(request.ip);
  if (wait > 0) {
    return sendProblem(
      reply,
      new Problem(429, `too many requests with a wrong token; wait ${wait} s, or show a right one`, {
        retryAfter: wait,
      }),
    );
  }
  context.journal.write({
    type: 'authentication-failure',
    listener: 'api',
    network: request.ip,
    text: authorization === undefined ? 'no token and no session' : 'wrong token',
    detail: { method: request.method, path: request.routeOptions.url },
  });
  return sendProblem(reply, refusal);
}

/** Why the caller may not call this route, for this source; undefined when it may. */
function refusalOf(context: ApiContext, request: FastifyRequest): Problem | undefined {
  const { principal, routeOptions } = request;
  const { config, schema } = routeOptions;
  if (context.people.requireSecondFactor && principal.session?.strong === false && !config.enrolment) {
    return new Problem(
      403,
      'set up a second factor first: an authenticator app (POST /api/v1/me/totp) or a passkey (POST /api/v1/me/passkeys)',
    );
  }
  const group = schema?.tags?.[0];
  // every program may ask who it is
  if (principal.groups && group !== 'Session' && !principal.groups.includes(group ?? '')) {
    return new Problem(403, `this token is for ${principal.groups.join(', ')} only`);
  }
  if (!mayCall(principal, request.method, config)) {
    const needed = neededRole(config, request.method);
    return new Problem(
      403,
      `this needs the role ${needed}; ${principal.name} has the role ${principal.role}`,
    );
  }
  if (principal.sources === undefined || config.ownSource === undefined) return undefined;
  const name = (request.params as Record<string, string>)[config.ownSource] ?? '';
  const source = context.sources.byName(name) ?? context.sources.byId(name);
  // as for one that is not there: whose sources exist is nothing for others
  if (source && mayUseSource(principal, source)) return undefined;
  return new Problem(404, `there is no source ${JSON.stringify(name)}`);
}

/** RFC 6750 §2.1; undefined without one. A header of unreasonable length counts as none. */
export function bearerOf(request: FastifyRequest): string | undefined {
  const { authorization = '' } = request.headers;
  if (authorization.length > 4096) return undefined;
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
}
