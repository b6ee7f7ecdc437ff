import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../submission/network.ts';
import type { ApiContext } from './context.ts';
import { Problem, sendProblem } from './problem.ts';

const FAILURES = 10;
const WINDOW_MS = 10 * 60 * 1000;
const MOST_NETWORKS = 10_000;

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

/** An `onRequest` hook, so that nothing of the body is read from somebody who shows no token. */
export function administratorOnly(context: ApiContext, limit: FailureLimit) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const token = bearerOf(request);
    if (token !== undefined && context.administrator.verify(token)) return undefined;
    const wait = limit.fail(request.ip);
    if (wait === 0) {
      context.journal.write({
        type: 'authentication-failure',
        listener: 'api',
        network: request.ip,
        text: token === undefined ? 'no administrator token' : 'wrong administrator token',
        detail: { method: request.method, path: request.routeOptions.url },
      });
    }
    return sendProblem(
      reply,
      wait > 0
        ? new Problem(429, 'too many requests with a wrong token', { retryAfter: wait })
        : new Problem(
            401,
            'the administrator token is missing or wrong; it is in the file admin-token of the data folder',
          ),
    );
  };
}

/** RFC 6750 §2.1; undefined without one. A header of unreasonable length counts as none. */
export function bearerOf(request: FastifyRequest): string | undefined {
  const { authorization = '' } = request.headers;
  if (authorization.length > 4096) return undefined;
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
}
