import { z } from 'zod';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { refuseToken } from '../fresh-sign-in.ts';
import type { Api } from '../scope.ts';

/** How the relay is, and the administrator's token. */
export function statusRoutes(api: Api, context: ApiContext): void {
  const tags = ['Relay'];

  api.get(
    '/status',
    {
      schema: {
        tags,
        summary: 'Version, listeners, spool',
        response: {
          200: z.object({
            version: z.string(),
            hostname: z.string(),
            startedAt: z.number(),
            uptimeSeconds: z.number(),
            data: z.string(),
            listeners: z.array(z.object({ name: z.string(), address: z.string(), tls: z.string() })),
            spool: z.object({
              messages: z.number(),
              queued: z.number(),
              held: z.number(),
              bytes: z.number(),
              oldestAt: z.number().optional(),
            }),
            sources: z.record(z.string(), z.int()).describe('How many are in each state.'),
            domains: z.int(),
            routes: z.int(),
            messageIndex: z
              .object({
                messages: z.number(),
                behind: z.number().describe('Events of the journal that it has not read yet.'),
                building: z.boolean().describe('It reads an existing journal: searches find only a part.'),
                progress: z.number().describe('Share of the journal that it has read, 0 to 1.'),
                trouble: z.string().optional(),
              })
              .describe('What message search knows.'),
            obstacles: z.array(z.string()).describe('What keeps the relay from accepting mail now.'),
          }),
        },
      },
    },
    async () => {
      const status = context.status();
      const sources = context.sources.list();
      const states: Record<string, number> = { active: 0 };
      for (const { state } of sources) states[state] = (states[state] ?? 0) + 1;
      return {
        ...status,
        uptimeSeconds: Math.max(0, Math.round((context.clock.now() - status.startedAt) / 1000)),
        spool: await context.spool.statistics(),
        sources: states,
        domains: context.domains.list().length,
        routes: context.routes.list().length,
        messageIndex: context.messages.status(),
        obstacles: context.obstacles(),
      };
    },
  );

  api.post(
    '/token/rotate',
    {
      config: { role: 'owner' },
      schema: {
        tags,
        summary: 'Make a new administrator token; the old one ends at once',
        response: { 200: z.object({ token: z.string().describe('Shown this once.') }) },
      },
    },
    async (request) => {
      refuseToken(request, 'make the administrator token');
      const token = await context.administrator.rotate();
      recordChange(context, request, 'administrator token rotated');
      return { token };
    },
  );
}
