import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

const MOST_STREAMS = 100;
/** A reader that lets this much pile up is too slow, and is let go; it can come back by its last `id`. */
const MOST_WAITING = 1024 * 1024;
const KEEP_ALIVE_MS = 15_000;

/** Server-sent events (HTML standard, section 9.2), of bounded number and memory. */
export class EventStreams {
  readonly #open = new Set<() => void>();

  /**
   * Answers a request with a stream that lasts until the client goes.
   * @param subscribe is given the function that sends; answers the one that ends the subscription.
   */
  start(
    request: FastifyRequest,
    reply: FastifyReply,
    subscribe: (send: (event: { id: number }) => void) => () => void,
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
    const unsubscribe = subscribe((event) => {
      raw.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
      if (raw.writableLength > MOST_WAITING) end();
    });
    const keepAlive = setInterval(() => raw.write(': \n\n'), KEEP_ALIVE_MS);
    keepAlive.unref();
    const end = () => {
      if (!this.#open.delete(end)) return;
      clearInterval(keepAlive);
      unsubscribe();
      raw.destroy();
    };
    this.#open.add(end);
    raw.on('error', end);
    request.raw.on('close', end);
    raw.on('close', end);
  }

  endAll(): void {
    for (const end of this.#open) end();
  }
}
