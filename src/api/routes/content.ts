import { z } from 'zod';
import { contentRoutes } from '../content-routes.ts';
import type { ApiContext } from '../context.ts';
import { messageId } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';

/** Reading messages of the spool: those that wait, and those that are held, whyever and from wherever they came. */
export function spoolContentRoutes(api: Api, context: ApiContext): void {
  contentRoutes(api, context, {
    tags: ['Messages'],
    path: '/messages/:message',
    params: z.object({ message: messageId }),
    async find({ message }) {
      const [[delivery], payload] = await Promise.all([
        context.spool.list({ message }, 1),
        context.spool.payload(message),
      ]);
      if (!payload) {
        throw new Problem(
          404,
          `message ${message} is not kept: it has left the spool, or was never in it; its story (postern why ${message}) tells what became of it`,
        );
      }
      const { head, body } = payload;
      return { name: `message ${message}`, source: delivery?.source, head, body };
    },
  });
}
