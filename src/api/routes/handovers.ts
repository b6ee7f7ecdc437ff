import { z } from 'zod';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { handoverShape } from '../shapes.ts';
import { findSource, sourceParameters } from './sources.ts';

/** Links that hand a secret over: what became of each, and the end of one. They are made with the secret. */
export function handoverRoutes(api: Api, context: ApiContext): void {
  const tags = ['Credentials'];
  const { handovers } = context.credentials;

  api.get(
    '/sources/:name/handovers',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'List the hand-over links of a source, the latest first',
        params: sourceParameters,
        response: { 200: z.object({ items: z.array(handoverShape) }) },
      },
    },
    async ({ params }) => ({ items: await handovers.of(findSource(context, params.name).id) }),
  );

  api.delete(
    '/sources/:name/handovers/:handover',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'Withdraw a link that was not used; its secret is destroyed',
        params: sourceParameters.extend({ handover: z.string().max(40) }),
        response: { 200: handoverShape },
      },
    },
    async (request) => {
      const { name, handover } = request.params;
      const source = findSource(context, name);
      const ended = await handovers.withdraw(source.id, handover);
      if (!ended) {
        throw new Problem(
          404,
          `source ${source.name} has no link ${JSON.stringify(handover)} that waits to be used`,
        );
      }
      recordChange(context, request, `hand-over link ${ended.id} of source ${source.name} withdrawn`, {
        source: source.id,
        before: { state: 'waiting' },
        after: { state: ended.state, credential: ended.credential },
      });
      return ended;
    },
  );
}
