import { z } from 'zod';
import { digestFields } from '../../alerts/digests.ts';
import { mailAddress } from '../../sources/source-fields.ts';
import { difference, recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';

/** The regular mail to owners of sources. */
export function digestRoutes(api: Api, context: ApiContext): void {
  const tags = ['Alerts'];

  api.get(
    '/owner-digest',
    { schema: { tags, summary: 'Show when owners get a digest', response: { 200: digestFields } } },
    async () => context.digests.get(),
  );

  api.put(
    '/owner-digest',
    {
      schema: {
        tags,
        summary: 'Set when owners get a digest; what is not named becomes the standard',
        body: digestFields,
        response: { 200: digestFields },
      },
    },
    async (request) => {
      const before = context.digests.get();
      const after = await context.digests.set(request.body);
      recordChange(
        context,
        request,
        `digest to owners ${after.enabled ? 'is on' : 'is off'}`,
        difference(before, after),
      );
      return after;
    },
  );

  api.get(
    '/owner-digest/preview',
    {
      schema: {
        tags,
        summary: 'Show the digest that an owner would get of the time until now',
        querystring: z.object({ owner: mailAddress }),
        response: { 200: z.object({ subject: z.string(), text: z.string() }) },
      },
    },
    async ({ query }) => {
      const mail = await context.digests.preview(query.owner);
      if (!mail) throw new Problem(404, `${query.owner} owns no source`, { field: 'owner' });
      return mail;
    },
  );
}
