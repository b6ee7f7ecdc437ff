import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LruMap } from '../submission/lru-map.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import type { Site } from './site.ts';

const LIFE_MS = 600_000;

const ticket = z.strictObject({ purpose: z.string(), value: z.string(), id: z.string(), until: z.number() });

/**
 * What a sign-in has to remember between its two requests, kept by the browser: sealed, for ten minutes, for one use.
 * So a stranger who begins a million sign-ins costs the relay no memory.
 */
export class Tickets {
  readonly #context: Pick<ApiContext, 'seal' | 'clock' | 'random'>;
  readonly #site: Site;
  readonly #used: LruMap<true>;

  /** @param used those that were taken; more than it holds within ten minutes nobody takes */
  constructor(context: Pick<ApiContext, 'seal' | 'clock' | 'random'>, site: Site, used: LruMap<true>) {
    this.#context = context;
    this.#site = site;
    this.#used = used;
  }

  give(request: FastifyRequest, reply: FastifyReply, purpose: string, value: string): void {
    const { seal, clock, random } = this.#context;
    const id = random.bytes(16).toString('base64url');
    const text = JSON.stringify({ purpose, value, id, until: clock.now() + LIFE_MS });
    this.#site.setCookie(request, reply, 'postern-sign-in', seal.seal(text, 'sign-in'), LIFE_MS / 1000);
  }

  /** @throws Problem 400 when there is none, or it is over, used, or for something else */
  take(request: FastifyRequest, reply: FastifyReply, purpose: string): string {
    const { clock } = this.#context;
    const found = this.#open(this.#site.cookie(request, 'postern-sign-in'));
    this.#site.setCookie(request, reply, 'postern-sign-in', '', 0);
    const left = found ? found.until - clock.now() : 0;
    // left more than its whole life: the clock was set back
    if (!found || found.purpose !== purpose || left <= 0 || left > LIFE_MS || this.#used.get(found.id)) {
      throw new Problem(400, 'this took too long, or was begun in another browser; begin again');
    }
    this.#used.set(found.id, true);
    return found.value;
  }

  #open(text: string | undefined): z.infer<typeof ticket> | undefined {
    if (text === undefined) return undefined;
    try {
      return ticket.parse(JSON.parse(this.#context.seal.open(text, 'sign-in')));
    } catch {
      // sealed by somebody else, or cut
      return undefined;
    }
  }
}
