import type { FastifyRequest } from 'fastify';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';

const FRESH_MS = 15 * 60_000;

/**
 * What decides who can sign in is changed by who has just done so: not by a token, and not by who finds a browser open.
 * Where a second factor is required, who has one shows it first: else a stolen password could add a factor of its own.
 * @throws Problem 403
 */
export async function refuseOld(
  { clock, people }: ApiContext,
  request: FastifyRequest,
): Promise<{ person: string; session: string }> {
  const { person, session } = request.principal;
  if (person === undefined || !session) {
    throw new Problem(403, 'this is for people who have signed in, and not for tokens');
  }
  if (Math.abs(clock.now() - session.createdAt) > FRESH_MS) {
    throw new Problem(403, 'sign in again first: this needs a sign-in of the last 15 minutes', {
      needs: 'sign-in',
    });
  }
  if (people.requireSecondFactor && !session.strong && (await people.passkeys.list(person)).length > 0) {
    throw new Problem(403, 'sign in with your passkey first; who has lost it asks an owner for a reset', {
      needs: 'sign-in',
    });
  }
  return { person, session: session.hash };
}

/**
 * A token that leaks could make itself last for ever, or get around what it is limited to.
 * @param what in words, after "a token can not"
 * @throws Problem 403
 */
export function refuseToken({ principal }: FastifyRequest, what: string): void {
  if (principal.kind === 'token')
    throw new Problem(403, `a token can not ${what}: sign in, or use the administrator token`);
}
