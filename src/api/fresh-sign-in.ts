import type { FastifyRequest } from 'fastify';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';

const FRESH_MS = 15 * 60_000;

/**
 * What decides who can sign in is changed by who has just done so: not by a token, and not by who finds a browser open.
 * @throws Problem 403
 */
export function refuseOld(context: ApiContext, request: FastifyRequest): { person: string; session: string } {
  const { person, session } = request.principal;
  if (person === undefined || !session) {
    throw new Problem(403, 'this is for people who have signed in, and not for tokens');
  }
  if (Math.abs(context.clock.now() - session.createdAt) > FRESH_MS) {
    throw new Problem(403, 'sign in again first: this needs a sign-in of the last 15 minutes');
  }
  return { person, session: session.hash };
}
