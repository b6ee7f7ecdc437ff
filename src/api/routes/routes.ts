import { z } from 'zod';
import type { Route } from '../../deliver/route.ts';
import { routeFields } from '../../deliver/route-fields.ts';
import { chooseRoute, inOrder } from '../../deliver/table.ts';
import { toALabels } from '../../message/address-list.ts';
import { mailAddress } from '../../sources/source-fields.ts';
import { difference, recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { contentTags } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { routeShape } from '../shapes.ts';
import { showRoute } from '../views.ts';
import { findSource, refuseStale } from './sources.ts';

const parameters = z.object({ name: z.string().max(64) });
const condition = z.object({ 'if-match': z.string().max(100).optional() });

/** Routes: how recipients are reached. Without one, all mail goes to the sandbox inbox. */
export function routeRoutes(api: Api, context: ApiContext): void {
  const tags = ['Routes'];

  const find = (name: string): Route => {
    const route = context.routes.byName(name);
    if (!route) throw new Problem(404, `there is no route ${JSON.stringify(name)}`);
    return route;
  };
  const tagOf = contentTags(context.random);

  api.get(
    '/routes',
    {
      schema: {
        tags,
        summary: 'List routes, in the order in which they are tried',
        response: { 200: z.object({ items: z.array(routeShape) }) },
      },
    },
    async () => ({ items: inOrder(context.routes.list()).map((route) => showRoute(context, route)) }),
  );

  api.get(
    '/route-choice',
    {
      schema: {
        tags,
        summary: 'Which route mail would take now',
        querystring: z.object({
          recipient: mailAddress,
          sender: mailAddress.optional().describe('Envelope sender.'),
          source: z.string().max(64).optional().describe('Name or identifier.'),
        }),
        response: {
          200: z.object({
            domain: z.string().describe('Of the recipient, as routes see it.'),
            route: routeShape
              .optional()
              .describe('Absent: no route matches, and the sandbox inbox keeps it.'),
          }),
        },
      },
    },
    async ({ query }) => {
      const { recipient, sender = '', source } = query;
      const written = recipient.slice(recipient.lastIndexOf('@') + 1);
      const domain = toALabels(written) ?? written.toLowerCase();
      const route = chooseRoute(context.routes.list(), {
        source: source === undefined ? '' : findSource(context, source).id,
        domain,
        from: sender,
      });
      return { domain, route: route && showRoute(context, route) };
    },
  );

  api.get(
    '/routes/:name',
    { schema: { tags, summary: 'Show a route', params: parameters, response: { 200: routeShape } } },
    async ({ params }, reply) => {
      const route = find(params.name);
      return reply.header('etag', tagOf(route)).send(showRoute(context, route));
    },
  );

  api.put(
    '/routes/:name',
    {
      schema: {
        tags,
        summary: 'Add a route, or replace the one of that name',
        description:
          'It takes effect on what already waits. `match.source` is the name or identifier of a source.',
        params: parameters,
        headers: condition,
        body: z.strictObject(routeFields.shape).omit({ name: true }),
        response: { 200: routeShape },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { name } = request.params;
      const ifMatch = request.headers['if-match'];
      let before: Route | undefined;
      const { source } = body.match;
      const match = {
        ...body.match,
        source: source === undefined ? undefined : findSource(context, source).id,
      };
      await context.routes.set({ ...body, name, match }, (replaced) => {
        before = replaced;
        if (replaced) refuseStale(ifMatch, tagOf(replaced));
        else if (ifMatch !== undefined) throw new Problem(412, `there is no route ${name}`);
      });
      const route = find(name);
      const shown = showRoute(context, route);
      recordChange(
        context,
        request,
        `route ${name} ${before ? 'replaced' : 'added'}`,
        before ? difference(showRoute(context, before), shown) : { after: shown },
      );
      return reply.header('etag', tagOf(route)).send(shown);
    },
  );

  api.delete(
    '/routes/:name',
    {
      schema: {
        tags,
        summary: 'Remove a route',
        params: parameters,
        headers: condition,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const before = find(request.params.name);
      await context.routes.remove(before.name, (removed) =>
        refuseStale(request.headers['if-match'], tagOf(removed)),
      );
      recordChange(context, request, `route ${before.name} removed`, { before: showRoute(context, before) });
      return reply.code(204).send();
    },
  );
}
