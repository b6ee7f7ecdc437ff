import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import { repeat } from '../platform/repeat.ts';
import { Problem } from './problem.ts';

const MOST_STREAMS = 100;
/** A reader that lets this much pile up is too slow, and is let go; it can come back by its last `id`. */
const MOST_WAITING = 1024 * 1024;
const KEEP_ALIVE_MS = 15_000;
/** How long, at most, a stream outlives what it was opened with. */
const CHECK_MS = 3000;

/** Server-sent events (HTML standard, section 9.2), of bounded number and memory. */
export class EventStreams {
  readonly #open = new Set<() => void>();
  readonly #clock: Clock;
  readonly #isAuthorized: (request: FastifyRequest) => Promise<boolean>;

  /** @param isAuthorized whether the request would be let in now */
  constructor(clock: Clock, isAuthorized: (request: FastifyRequest) => Promise<boolean>) {
    this.#clock = clock;
    this.#isAuthorized = isAuthorized;
  }

  /**
   * Answers a request with a stream that lasts until the client goes, or its session or token ends.
   * @param subscribe is given the function that sends; answers the one that ends the subscription.
   * @param mayStill whether who asks may still see this, where that is more than calling the route
   */
  start(
    request: FastifyRequest,
    reply: FastifyReply,
    subscribe: (send: (event: { id: number }) => void) => () => void,
    mayStill: () => boolean = () => true,
  ): void {
    if (this.#open.size >= MOST_STREAMS)
      throw new Problem(503, 'too many clients follow already', { retryAfter: 60 });
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    raw.write(': following\n\n');
    const fail = (error: unknown) => {
      request.log.error({ err: error }, 'a stream of events has failed');
      end();
    };
    const unsubscribe = subscribe((event) => {
      raw.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
      if (raw.writableLength > MOST_WAITING) end();
    });
    const keepAlive = repeat(this.#clock, KEEP_ALIVE_MS, () => void raw.write(': \n\n'), fail);
    const check = repeat(
      this.#clock,
      CHECK_MS,
      async () => {
        if (!((await this.#isAuthorized(request)) && mayStill())) end();
      },
      fail,
    );
    const end = () => {
      if (!this.#open.delete(end)) return;
      void keepAlive();
      void check();
      unsubscribe();
      raw.destroy();
    };
    this.#open.add(end);
    raw.on('error', end);
    request.raw.on('close', end);
    raw.on('close', end);
    // gone while it was asked who this is: `close` was before us
    if (raw.destroyed) end();
  }

  endAll(): void {
    for (const end of this.#open) end();
  }
}
