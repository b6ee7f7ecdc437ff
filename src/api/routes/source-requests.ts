import { z } from 'zod';
import { line, sourceFields } from '../../sources/source-fields.ts';
import { DEFAULT_POLICY } from '../../sources/source.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { issueSecret } from '../issue-secret.ts';
import { etagOf } from '../parameters.ts';
import { mayUseSource } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { issuedShape, sourceShape } from '../shapes.ts';
import { showCredential } from '../views.ts';
import { causeOf } from './source-lifecycle.ts';
import { findSource, showSource, sourceParameters } from './sources.ts';

const newRequest = sourceFields
  .pick({ name: true, description: true, contact: true, site: true, tags: true, notes: true })
  .extend({
    description: sourceFields.shape.description.default(''),
    owner: sourceFields.shape.owner.optional().describe('Who asks, when it is absent.'),
    purpose: line(500).default('').describe('What it is for; read by whoever approves.'),
    from: sourceFields.shape.policy.shape.pairs.describe('Addresses that it wants to send as.'),
    recipients: sourceFields.shape.policy.shape.recipients.default({ allow: 'internal', patterns: [] }),
    credential: z.enum(['password', 'api-key']).default('password'),
  });

const decision = z.strictObject({ reason: line(400).default('') });

/** Sources that somebody asks for: a sandbox credential at once, mail to the world after a test and an approval. */
export function sourceRequestRoutes(api: Api, context: ApiContext): void {
  const tags = ['Source requests'];
  const { requests } = context.lifecycle;

  api.get(
    '/source-requests',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'Requests that nobody has decided yet',
        description: 'Their number is limited, so that one answer holds them all.',
        response: { 200: z.object({ items: z.array(sourceShape) }) },
      },
    },
    async ({ principal }) => ({
      items: requests
        .list()
        .filter((source) => mayUseSource(principal, source))
        .map((source) => showSource(context, source)),
    }),
  );

  api.post(
    '/source-requests',
    {
      config: { role: 'anyone' },
      schema: {
        tags,
        summary: 'Ask for a source; it may send into the sandbox inbox at once',
        body: newRequest,
        response: { 201: issuedShape.extend({ source: sourceShape }) },
      },
    },
    async (request, reply) => {
      const { principal } = request;
      const {
        from,
        recipients,
        purpose,
        credential: kind,
        owner = principal.email ?? '',
        ...fields
      } = request.body;
      if (principal.role === 'source-owner' && owner.toLowerCase() !== principal.email?.toLowerCase()) {
        throw new Problem(403, 'owner: you may ask for sources of your own only; leave it out', {
          field: 'owner',
        });
      }
      const policy = { ...structuredClone(DEFAULT_POLICY), pairs: from, recipients };
      const asked = await requests.add({ ...fields, owner, policy }, principal.name, purpose);
      const secret = await issueSecret(context, { kind, cramMd5: false, networks: [] });
      const credential = await context.sources
        .addCredential({
          source: asked.id,
          label: 'sandbox',
          state: 'active',
          networks: [],
          account: kind === 'password' ? asked.name : undefined,
          ...secret.stored,
        })
        .catch(async (error: unknown) => {
          // somebody else's account has the name: nothing of the request stays
          await context.sources.remove(asked.id);
          throw error;
        });
      const source = await requests.openSandbox(asked);
      recordChange(context, request, `source ${source.name} requested`, { source: source.id, after: source });
      return reply
        .code(201)
        .header('etag', etagOf(source.version))
        .header('location', `/api/v1/sources/${source.name}`)
        .send({
          source: showSource(context, source),
          credential: showCredential(credential),
          ...secret.shown,
        });
    },
  );

  for (const verb of ['approve', 'reject'] as const) {
    api.post(
      `/source-requests/:name/${verb}`,
      {
        schema: {
          tags,
          summary:
            verb === 'approve'
              ? 'Let a requested source send to the world; it has to have sent a test message'
              : 'Say no: the source is retired, its credentials are revoked',
          params: sourceParameters,
          body: decision.nullish(),
          response: { 200: sourceShape },
        },
      },
      async (request, reply) => {
        const before = findSource(context, request.params.name);
        const cause = causeOf(
          request,
          request.body?.reason || `request ${verb === 'approve' ? 'approved' : 'rejected'}`,
        );
        const source = await requests[verb](before, cause);
        return reply.header('etag', etagOf(source.version)).send(showSource(context, source));
      },
    );
  }
}
