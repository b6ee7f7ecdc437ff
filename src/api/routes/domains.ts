import { z } from 'zod';
import type { SigningDomain } from '../../authentication/dkim/domain.ts';
import { toALabels } from '../../message/address-list.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { domainRecordShape, domainShape, keyCheckShape, keyShape } from '../shapes.ts';
import { showDomain, showDomainRecords, showKey, showKeyChecks } from '../views.ts';

const parameters = z.object({ domain: z.string().max(255) });
const keyParameters = parameters.extend({ selector: z.string().max(63) });
const selector = z.string().min(1).max(63).optional().describe('Chosen by the relay when it is absent.');

/** Domains that the relay signs for, and their keys. */
export function domainRoutes(api: Api, context: ApiContext): void {
  const tags = ['Domains'];

  const find = (name: string): SigningDomain => {
    const domain = context.domains.byName(toALabels(name) ?? name);
    if (!domain) throw new Problem(404, `there is no domain ${JSON.stringify(name)}`);
    return domain;
  };

  api.get(
    '/domains',
    {
      schema: {
        tags,
        summary: 'List signing domains',
        response: { 200: z.object({ items: z.array(domainShape) }) },
      },
    },
    async () => ({ items: context.domains.list().map(showDomain) }),
  );

  api.post(
    '/domains',
    {
      schema: {
        tags,
        summary: 'Add a domain; its first key is made, and signs at once',
        body: z.strictObject({
          name: z.string().min(1).max(255),
          selector,
          internal: z.boolean().default(true).describe('Mail to its addresses counts as internal.'),
          ed25519: z.boolean().default(false).describe('Makes an Ed25519 key beside the RSA key.'),
        }),
        response: { 201: domainShape },
      },
    },
    async (request, reply) => {
      const { name, ...options } = request.body;
      const domain = await context.domains.add(name, options);
      recordChange(context, request, `domain ${domain.name} added`, {
        after: { internal: domain.internal, keys: domain.keys.map((key) => key.selector) },
      });
      return reply.code(201).header('location', `/api/v1/domains/${domain.name}`).send(showDomain(domain));
    },
  );

  api.get(
    '/domains/:domain',
    {
      schema: {
        tags,
        summary: 'Show a domain with the records to publish',
        params: parameters,
        response: { 200: domainShape },
      },
    },
    async ({ params }) => showDomain(find(params.domain)),
  );

  api.get(
    '/domains/:domain/records',
    {
      schema: {
        tags,
        summary: 'Every record to publish, DKIM, SPF and DMARC, and what DNS says of it now',
        params: parameters,
        response: { 200: z.object({ at: z.number(), items: z.array(domainRecordShape) }) },
      },
    },
    async ({ params }) => {
      const domain = find(params.domain);
      const check = await context.checkDomain(domain);
      return { at: check.at, items: showDomainRecords(domain, check, context.status().hostname) };
    },
  );

  api.post(
    '/domains/:domain/check',
    {
      schema: {
        tags,
        summary: 'Look up the published records now',
        params: parameters,
        response: {
          200: z.object({
            domain: domainShape,
            checks: z.array(keyCheckShape),
          }),
        },
      },
    },
    async ({ params }) => {
      const check = await context.checkDomain(find(params.domain));
      return { domain: showDomain(find(params.domain)), checks: showKeyChecks(check) };
    },
  );

  api.delete(
    '/domains/:domain',
    {
      schema: {
        tags,
        summary: 'Remove a domain with its keys',
        params: parameters,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const domain = find(request.params.domain);
      await context.domains.remove(domain.name);
      recordChange(context, request, `domain ${domain.name} removed`, {
        before: { internal: domain.internal, keys: domain.keys.map((key) => key.selector) },
      });
      return reply.code(204).send();
    },
  );

  api.post(
    '/domains/:domain/keys',
    {
      schema: {
        tags,
        summary: 'Add a key in the stage "next": to be published before it signs',
        params: parameters,
        body: z.strictObject({
          selector,
          algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']).default('rsa-sha256'),
        }),
        response: { 201: keyShape },
      },
    },
    async (request, reply) => {
      const { name } = find(request.params.domain);
      const key = await context.domains.addKey(name, request.body);
      recordChange(context, request, `key ${key.selector} of domain ${name} added`, {
        after: { selector: key.selector, algorithm: key.algorithm, stage: key.stage },
      });
      return reply.code(201).send(showKey(name, key));
    },
  );

  api.post(
    '/domains/:domain/keys/:selector/activate',
    {
      schema: {
        tags,
        summary: 'Let a key sign; the active one of the same algorithm retires',
        description: 'Refused (409) while its record was not seen to be published, unless `force` is true.',
        params: keyParameters,
        body: z.strictObject({ force: z.boolean().default(false) }),
        response: { 200: domainShape },
      },
    },
    async (request) => {
      const domain = find(request.params.domain);
      const key = domain.keys.find((one) => one.selector === request.params.selector);
      if (!key)
        throw new Problem(404, `domain ${domain.name} has no key ${JSON.stringify(request.params.selector)}`);
      if (!request.body.force && key.publishedAt === undefined && key.stage === 'next') {
        const { records } = await context.checkDomain(domain);
        const check = records.find((record) => record.selector === key.selector);
        if (check?.status !== 'ok') {
          throw new Problem(
            409,
            `${check?.text} Mail would go out with signatures that nobody can verify: publish the record first, or force it`,
          );
        }
      }
      const changed = await context.domains.activateKey(domain.name, key.selector);
      recordChange(context, request, `key ${key.selector} of domain ${domain.name} activated`, {
        before: { keys: domain.keys.map((one) => [one.selector, one.stage]) },
        after: { keys: changed.keys.map((one) => [one.selector, one.stage]) },
      });
      return showDomain(changed);
    },
  );

  api.delete(
    '/domains/:domain/keys/:selector',
    {
      schema: {
        tags,
        summary: 'Remove a key that no longer signs',
        params: keyParameters,
        response: { 200: domainShape },
      },
    },
    async (request) => {
      const { name } = find(request.params.domain);
      const changed = await context.domains.removeKey(name, request.params.selector);
      recordChange(context, request, `key ${request.params.selector} of domain ${name} removed`);
      return showDomain(changed);
    },
  );
}
