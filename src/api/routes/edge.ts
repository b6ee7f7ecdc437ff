import { z } from 'zod';
import { advise } from '../../edge/advice.ts';
import { connectorShape, domainFields, settingsFields } from '../../edge/fields.ts';
import { decide } from '../../edge/front-door.ts';
import { OPEN_QUESTIONS, type OpenQuestion } from '../../edge/open-questions.ts';
import { isPostmaster } from '../../edge/recipients/addresses.ts';
import type { AcceptedDomain, InboundConnector } from '../../edge/tenant.ts';
import { tellerOf } from '../../french/french.ts';
import { parseAddress, addressText } from '../../platform/ip-address.ts';
import { comparable } from '../../policy/pattern.ts';
import { line } from '../../sources/source-fields.ts';
import { difference, recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import {
  acceptedDomainShape,
  edgeDecisionShape,
  edgeSettingsShape,
  edgeStatusShape,
  inboundConnectorShape,
} from '../edge-shapes.ts';
import { showDecision, showOpen } from '../edge-views.ts';
import { contentTags, language } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { refuseStale } from './sources.ts';

const condition = z.object({ 'if-match': z.string().max(100).optional() });
const named = z.object({ name: z.string().max(300) });
const tags = ['Edge'];

const questionFields = z.strictObject({
  address: line(64)
    .refine((text) => parseAddress(text) !== undefined, 'is no IP address such as 192.0.2.1')
    .describe('Of the client.'),
  certificateNames: z
    .array(
      line(255)
        .min(1)
        .transform((name) => name.toLowerCase()),
    )
    .max(200)
    .default([])
    .describe('Names in the certificate of the client, if it shows one that leads to a trusted authority.'),
  tls: z.boolean().optional().describe('Absent: with a certificate, yes.'),
  sender: line(320).describe('Envelope sender; empty, or <>, for the null sender.'),
  recipient: line(320),
  recipientExists: z.boolean().optional().describe('Absent: what the list of recipients says.'),
});

/** The front door: who the organization is, who may send into it, and what it would decide. */
export function edgeRoutes(api: Api, context: ApiContext): void {
  statusRoutes(api, context);
  settingsRoutes(api, context);
  domainRoutes(api, context);
  connectorRoutes(api, context);
}

function statusRoutes(api: Api, context: ApiContext): void {
  const { directory, listeners, refuseAt, recipientHealth, checksHealth } = context.edge;

  api.get(
    '/edge/status',
    {
      schema: {
        tags,
        summary: 'What the edge is set to, and how it is',
        querystring: z.object({ language }),
        response: { 200: edgeStatusShape },
      },
    },
    async ({ query }) => {
      const tell = tellerOf(query.language);
      const checks = checksHealth();
      const { tenant, recipients } = directory;
      const { sources, unavailableSince } = recipientHealth();
      return {
        tenant: { id: tenant.id, name: tenant.name },
        listeners: context.status().listeners.filter(({ name }) => listeners.includes(name)),
        settings: directory.settings(),
        refuseAt,
        domains: tenant.domains.length,
        connectors: {
          total: tenant.connectors.length,
          enabled: tenant.connectors.filter(({ enabled }) => enabled).length,
        },
        safeSenders: directory.safeSenders().length,
        recipients: { listed: recipients.size, sources, unavailableSince },
        checks: {
          ...checks,
          blocklists: checks.blocklists.map(({ problem, ...one }) => ({
            ...one,
            problem: problem && tell(problem),
          })),
        },
        advice: advise(tenant, recipients, {
          listeners: listeners.length,
          listOnly: sources.every(({ name }) => name === 'list'),
        }).map(tell),
        openQuestions: showOpen(Object.keys(OPEN_QUESTIONS) as OpenQuestion[]),
      };
    },
  );

  api.post(
    '/edge/decide',
    {
      config: { role: 'auditor' },
      schema: {
        tags,
        summary: 'Ask what the front door would decide',
        description:
          'By the settings alone: nobody is connected to, nothing is looked up and nothing is sent. Blocklists, limits, and what a message proves come on top.',
        body: questionFields,
        response: { 200: edgeDecisionShape },
      },
    },
    async ({ body }) => {
      const { certificateNames, tls = certificateNames.length > 0 } = body;
      const address = parseAddress(body.address);
      const from = body.sender === '' || body.sender === '<>' ? undefined : partsOf('sender', body.sender);
      const to = partsOf('recipient', body.recipient);
      const recipient = `${to.local}@${to.domain}`;
      const recipientExists =
        body.recipientExists ??
        (isPostmaster(directory.tenant, recipient) || directory.recipients.has(recipient));
      const decision = decide(directory.tenants(), {
        client: { address: address ? addressText(address) : body.address, tls, certificateNames },
        senderDomain: from?.domain ?? '',
        recipientDomain: to.domain,
        recipientExists,
      });
      return showDecision(decision, { recipient, recipientExists }, refuseAt);
    },
  );
}

function settingsRoutes(api: Api, context: ApiContext): void {
  const { directory } = context.edge;
  const tagOf = contentTags(context.random);

  api.get(
    '/edge/settings',
    { schema: { tags, summary: 'Show the settings of the edge', response: { 200: edgeSettingsShape } } },
    async (_request, reply) => {
      const settings = directory.settings();
      return reply.header('etag', tagOf(settings)).send(settings);
    },
  );

  api.patch(
    '/edge/settings',
    {
      schema: {
        tags,
        summary: 'Change settings of the edge; they count at once',
        headers: condition,
        body: settingsFields.partial(),
        response: { 200: edgeSettingsShape },
      },
    },
    async (request, reply) => {
      const before = directory.settings();
      refuseStale(request.headers['if-match'], tagOf(before));
      await directory.setSettings({ ...before, ...request.body });
      const after = directory.settings();
      const changed = difference(before, after);
      const text = Object.entries(changed.after).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
      recordChange(context, request, `edge set: ${text.join(', ') || 'nothing new'}`, changed);
      return reply.header('etag', tagOf(after)).send(after);
    },
  );
}

function domainRoutes(api: Api, context: ApiContext): void {
  const { directory } = context.edge;
  const tagOf = contentTags(context.random);
  const show = (domain: AcceptedDomain) => ({
    ...domain,
    recipients: directory.recipients.countOf(domain.name),
  });
  const find = (name: string): AcceptedDomain => {
    const { name: canonical } = domainFields.safeParse({ name }).data ?? { name };
    const domain = directory.domain(canonical);
    if (!domain) throw new Problem(404, `there is no accepted domain ${JSON.stringify(name)}`);
    return domain;
  };

  api.get(
    '/edge/domains',
    {
      schema: {
        tags,
        summary: 'List accepted domains',
        response: { 200: z.object({ items: z.array(acceptedDomainShape) }) },
      },
    },
    async () => ({ items: directory.tenant.domains.map(show) }),
  );

  api.get(
    '/edge/domains/:name',
    {
      schema: {
        tags,
        summary: 'Show an accepted domain',
        params: named,
        response: { 200: acceptedDomainShape },
      },
    },
    async ({ params }, reply) => {
      const domain = find(params.name);
      return reply.header('etag', tagOf(domain)).send(show(domain));
    },
  );

  api.put(
    '/edge/domains/:name',
    {
      schema: {
        tags,
        summary: 'Accept mail for a domain, or change how',
        params: named,
        headers: condition,
        body: domainFields.omit({ name: true }),
        response: { 200: acceptedDomainShape },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { name: canonical = name } = domainFields.safeParse({ name }).data ?? {};
      const before = directory.domain(canonical);
      refuseStaleOrAbsent(request.headers['if-match'], before && tagOf(before), `accepted domain ${name}`);
      const after = await directory.setDomain({ ...request.body, name });
      recordChange(
        context,
        request,
        `accepted domain ${after.name} ${before ? 'changed' : 'added'}`,
        before ? difference(before, after) : { after },
      );
      return reply.header('etag', tagOf(after)).send(show(after));
    },
  );

  api.delete(
    '/edge/domains/:name',
    {
      schema: {
        tags,
        summary: 'Accept nothing more for a domain',
        params: named,
        headers: condition,
        querystring: z.object({
          recipients: z
            .enum(['keep', 'remove'])
            .default('keep')
            .describe('A domain that has listed recipients is removed with `remove` only.'),
        }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const before = find(request.params.name);
      refuseStale(request.headers['if-match'], tagOf(before));
      const count = await directory.removeDomain(before.name, request.query.recipients === 'remove');
      const more = count > 0 ? `, with ${count} listed recipients` : '';
      recordChange(context, request, `accepted domain ${before.name} removed${more}`, { before });
      return reply.code(204).send();
    },
  );
}

function connectorRoutes(api: Api, context: ApiContext): void {
  const { directory } = context.edge;
  const tagOf = contentTags(context.random);
  const show = (connector: InboundConnector): z.infer<typeof inboundConnectorShape> => ({
    ...connector,
    senderDomains: [...connector.senderDomains],
    senderAddresses: [...connector.senderAddresses],
  });
  const find = (name: string): InboundConnector => {
    const connector = directory.connector(name);
    if (!connector) throw new Problem(404, `there is no connector ${JSON.stringify(name)}`);
    return connector;
  };

  api.get(
    '/edge/connectors',
    {
      schema: {
        tags,
        summary: 'List inbound connectors',
        response: { 200: z.object({ items: z.array(inboundConnectorShape) }) },
      },
    },
    async () => ({ items: directory.tenant.connectors.map(show) }),
  );

  api.get(
    '/edge/connectors/:name',
    {
      schema: {
        tags,
        summary: 'Show an inbound connector',
        params: named,
        response: { 200: inboundConnectorShape },
      },
    },
    async ({ params }, reply) => {
      const connector = find(params.name);
      return reply.header('etag', tagOf(connector)).send(show(connector));
    },
  );

  api.put(
    '/edge/connectors/:name',
    {
      schema: {
        tags,
        summary: 'Add an inbound connector, or replace the one of that name',
        params: named,
        headers: condition,
        body: connectorShape.omit({ name: true }),
        response: { 200: inboundConnectorShape },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const before = directory.connector(name);
      refuseStaleOrAbsent(request.headers['if-match'], before && tagOf(before), `connector ${name}`);
      const { requireTls = request.body.type === 'partner', ...body } = request.body;
      const after = await directory.setConnector({ ...body, requireTls, name });
      recordChange(
        context,
        request,
        `connector ${after.name} ${before ? 'replaced' : 'added'}`,
        before ? difference(before, after) : { after },
      );
      return reply.header('etag', tagOf(after)).send(show(after));
    },
  );

  api.delete(
    '/edge/connectors/:name',
    {
      schema: {
        tags,
        summary: 'Remove an inbound connector',
        params: named,
        headers: condition,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const before = find(request.params.name);
      refuseStale(request.headers['if-match'], tagOf(before));
      await directory.removeConnector(before.name);
      recordChange(context, request, `connector ${before.name} removed`, { before });
      return reply.code(204).send();
    },
  );
}

/** @throws Problem 412 when the condition is for another version, or for what is not there any more */
function refuseStaleOrAbsent(condition: string | undefined, current: string | undefined, what: string): void {
  if (current !== undefined) refuseStale(condition, current);
  else if (condition !== undefined) throw new Problem(412, `there is no ${what}`);
}

/** @throws Problem 400 */
function partsOf(field: string, text: string): { local: string; domain: string } {
  const address = comparable(text.replace(/^<(.*)>$/, '$1'));
  if (address) return address;
  throw new Problem(400, `${field}: is no address such as ann@contoso.com`, { field });
}
