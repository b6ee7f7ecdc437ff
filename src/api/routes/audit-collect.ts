import { z } from 'zod';
import { PARTS } from '../../audit/collect/collection.ts';
import { attemptAudit } from '../audit-problem.ts';
import { collectStatusShape, collectPlanShape, collectPlanFields } from '../audit-shapes.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import type { EventStreams } from '../event-stream.ts';
import { flag } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';

const tags = ['Direct Send audit'];

/** Evidence that the relay fetches from Microsoft Graph itself. */
export function auditCollectRoutes(api: Api, context: ApiContext, streams: EventStreams): void {
  const { collector } = context.audit;

  api.get(
    '/audit/collect',
    {
      schema: {
        tags,
        summary: 'How far the collection is, or how the last one ended',
        querystring: z.object({
          follow: flag
            .optional()
            .describe('Answers with server-sent events: the state now, and each change.'),
        }),
        response: { 200: collectStatusShape },
      },
    },
    async (request, reply) => {
      if (!request.query.follow)
        return { ...collector.status, isSet: (await collector.plan()) !== undefined };
      streams.start(request, reply, (send) => collector.follow(send));
      return reply;
    },
  );

  api.post(
    '/audit/collect',
    {
      schema: {
        tags,
        summary: 'Fetch evidence now, as the settings say',
        description: 'What was fetched before is not asked for again. It is read by the next run.',
        body: z.strictObject({
          parts: z.array(z.enum(PARTS)).min(1).max(PARTS.length).optional().describe('Only these.'),
          days: z.int().min(1).max(90).optional(),
        }),
        response: { 202: collectStatusShape },
      },
    },
    async (request, reply) => {
      const status = await attemptAudit(() => collector.start(request.body));
      recordChange(context, request, 'a collection of evidence for the Direct Send audit was started', {
        after: request.body,
      });
      return reply.code(202).send(status);
    },
  );

  api.delete(
    '/audit/collect',
    {
      schema: {
        tags,
        summary: 'Stop the collection; what was fetched is kept, and the next one goes on from there',
        response: { 200: collectStatusShape },
      },
    },
    async (request) => {
      if (await collector.stop())
        recordChange(context, request, 'the collection of evidence for the Direct Send audit was stopped');
      return collector.status;
    },
  );

  api.get(
    '/audit/collect/settings',
    {
      schema: {
        tags,
        summary: 'What is fetched, with which application, and when; never its secret',
        response: { 200: collectPlanShape },
      },
    },
    async () => {
      const plan = await collector.plan();
      if (!plan) throw new Problem(404, 'nobody has said yet what to fetch');
      return plan;
    },
  );

  api.put(
    '/audit/collect/settings',
    {
      // whoever sets the application chooses whose mail this machine reads
      config: { role: 'owner' },
      schema: {
        tags,
        summary: 'Say what is fetched, with which application, and when',
        description:
          'The credential is kept sealed. Without `secret` and `certificate` the one that is there stays, for the same tenant and application.',
        body: collectPlanFields,
        response: { 200: collectPlanShape },
      },
    },
    async (request) => {
      const { secret, certificate, key, passphrase, ...plan } = request.body;
      if (secret !== undefined && certificate !== undefined)
        throw new Problem(400, 'give a secret or a certificate, not both', { field: 'certificate' });
      const before = await collector.plan();
      const credential =
        secret !== undefined
          ? { kind: 'secret' as const, secret }
          : certificate !== undefined
            ? {
                kind: 'certificate' as const,
                certificate,
                // the two are often in one text
                key: key ?? certificate,
                ...(passphrase !== undefined && { passphrase }),
              }
            : undefined;
      const after = await attemptAudit(() => collector.keep(plan, credential));
      recordChange(context, request, 'the collection of evidence for the Direct Send audit was set', {
        before,
        after: { ...after, ...(credential && { credential: `a new ${credential.kind}` }) },
      });
      return after;
    },
  );

  api.delete(
    '/audit/collect/settings',
    {
      config: { role: 'owner' },
      schema: {
        tags,
        summary: 'Forget application, secret and schedule; what was fetched stays',
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      if (!(await collector.forget())) throw new Problem(404, 'nobody has said yet what to fetch');
      recordChange(context, request, 'the collection of evidence for the Direct Send audit was taken away');
      return reply.code(204).send();
    },
  );
}
