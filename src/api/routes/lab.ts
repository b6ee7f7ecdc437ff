import { z } from 'zod';
import type { Lab } from '../../lab/lab.ts';
import { recordChange } from '../changes.ts';
import { contentRoutes } from '../content-routes.ts';
import type { ApiContext } from '../context.ts';
import { attempt } from '../lab-problem.ts';
import {
  labConnectorShape,
  labDomainShape,
  labFolder,
  labMailboxShape,
  labMessageShape,
  labRecordType,
  labSettingShape,
  labStatusShape,
  labTenantShape,
} from '../lab-shapes.ts';
import { PAGE, pageSize, readCursor, writeCursor } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { page } from '../shapes.ts';
import { labEvidenceRoutes } from './lab-evidence.ts';

const tags = ['Lab'];
const name = z.string().min(1).max(200);
const tenant = z.object({ tenant: name.optional().describe('Name of the tenant; the first without it.') });

/** A lab: tenants, their settings, mailboxes and messages. Only there when this relay is one of a lab. */
export function labRoutes(api: Api, context: ApiContext): void {
  const { lab } = context;
  if (!lab) return;
  statusRoutes(api, context, lab);
  settingRoutes(api, context, lab);
  messageRoutes(api, context, lab);
  labEvidenceRoutes(api, lab);
}

function statusRoutes(api: Api, context: ApiContext, lab: Lab): void {
  api.get(
    '/lab',
    { schema: { tags, summary: 'Where the lab listens', response: { 200: labStatusShape } } },
    async () => statusOf(lab),
  );

  api.get(
    '/lab/tenants',
    {
      schema: {
        tags,
        summary: 'The organisations of the lab',
        response: { 200: z.object({ items: z.array(labTenantShape) }) },
      },
    },
    async () => ({ items: [...lab.tenants()] }),
  );

  api.post(
    '/lab/reset',
    { schema: { tags, summary: 'Make everything as at the first start', response: { 200: labStatusShape } } },
    async (request) => {
      await lab.reset();
      recordChange(context, request, 'the lab was reset');
      return statusOf(lab);
    },
  );

  api.put(
    '/lab/dns/:name/:type',
    {
      schema: {
        tags,
        summary: 'Set all records of one name and type; none removes them',
        params: z.object({ name: z.string().max(255), type: labRecordType }),
        body: z.strictObject({ values: z.array(z.string().max(4000)).max(50) }),
        response: { 200: z.object({ values: z.array(z.string()) }) },
      },
    },
    async (request) => {
      const { params, body } = request;
      const before = [...lab.dns.get(params.name, params.type)];
      await attempt(() => lab.dns.set(params.name, params.type, ...body.values));
      const after = [...lab.dns.get(params.name, params.type)];
      recordChange(context, request, `lab: ${params.type} of ${params.name}`, { before, after });
      return { values: after };
    },
  );
}

function settingRoutes(api: Api, context: ApiContext, lab: Lab): void {
  const settings = z.object({ items: z.array(labSettingShape) });

  api.get(
    '/lab/settings',
    { schema: { tags, summary: 'Settings of a tenant', querystring: tenant, response: { 200: settings } } },
    async ({ query }) => attempt(() => ({ items: lab.settings(query.tenant) })),
  );

  api.patch(
    '/lab/settings',
    {
      schema: {
        tags,
        summary: 'Change settings of a tenant',
        description: 'An object of names and values, such as `{"RejectDirectSend": true}`.',
        querystring: tenant,
        body: z
          .record(name, z.union([z.boolean(), z.string().max(1000), z.array(z.string().max(255)).max(200)]))
          .refine((given) => Object.keys(given).length > 0, { error: 'names no setting' }),
        response: { 200: settings },
      },
    },
    async (request) => {
      const { query, body } = request;
      const items = [];
      for (const [given, value] of Object.entries(body)) {
        const setting = await attempt(() => lab.set(given, value, query.tenant));
        recordChange(context, request, `lab: ${setting.name} set`, { after: { value: setting.value } });
        items.push(setting);
      }
      return { items };
    },
  );

  api.get(
    '/lab/connectors',
    {
      schema: {
        tags,
        summary: 'Inbound connectors of a tenant',
        querystring: tenant,
        response: { 200: z.object({ items: z.array(labConnectorShape) }) },
      },
    },
    async ({ query }) => ({ items: [...findTenant(lab, query.tenant).connectors] }),
  );

  api.put(
    '/lab/connectors/:name',
    {
      schema: {
        tags,
        summary: 'Add a connector, or change fields of one',
        params: z.object({ name }),
        querystring: tenant,
        body: labConnectorShape.omit({ name: true }).partial().strict(),
        response: { 200: labConnectorShape },
      },
    },
    async (request) => {
      const { params, query, body } = request;
      const connector = await attempt(() => lab.setConnector({ ...body, name: params.name }, query.tenant));
      recordChange(context, request, `lab: connector ${connector.name} set`, { after: connector });
      return connector;
    },
  );

  api.delete(
    '/lab/connectors/:name',
    {
      schema: {
        tags,
        summary: 'Remove a connector',
        params: z.object({ name }),
        querystring: tenant,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await attempt(() => lab.removeConnector(request.params.name, request.query.tenant));
      recordChange(context, request, `lab: connector ${request.params.name} removed`);
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/lab/domains',
    {
      schema: {
        tags,
        summary: 'Accepted domains of a tenant',
        querystring: tenant,
        response: { 200: z.object({ items: z.array(labDomainShape) }) },
      },
    },
    async ({ query }) => ({ items: [...findTenant(lab, query.tenant).domains] }),
  );

  api.put(
    '/lab/domains/:name',
    {
      schema: {
        tags,
        summary: 'Add an accepted domain, or change one',
        params: z.object({ name }),
        querystring: tenant,
        body: labDomainShape.omit({ name: true }).partial().strict(),
        response: { 200: z.object({ items: z.array(labDomainShape) }) },
      },
    },
    async (request) => {
      const { params, query, body } = request;
      await attempt(() => lab.setDomain({ ...body, name: params.name }, query.tenant));
      recordChange(context, request, `lab: accepted domain ${params.name} set`, { after: body });
      return { items: [...findTenant(lab, query.tenant).domains] };
    },
  );
}

function messageRoutes(api: Api, context: ApiContext, lab: Lab): void {
  const parameters = z.object({ id: z.string().regex(/^[0-9a-f]{12}$/, 'is no identifier of a message') });

  api.get(
    '/lab/mailboxes',
    {
      schema: {
        tags,
        summary: 'Mailboxes, with how much lies in them',
        response: { 200: z.object({ items: z.array(labMailboxShape) }) },
      },
    },
    async () => ({
      items: lab.mailboxes().map((mailbox) => {
        const messages = lab.messages({ mailbox: mailbox.address });
        const count = (folder: string): number => messages.filter((one) => one.folder === folder).length;
        return { ...mailbox, inbox: count('Inbox'), junk: count('Junk'), quarantine: count('Quarantine') };
      }),
    }),
  );

  api.get(
    '/lab/messages',
    {
      schema: {
        tags,
        summary: 'Messages in mailboxes, newest first',
        querystring: z.object({
          mailbox: z.string().max(320).optional(),
          folder: labFolder.optional(),
          limit: pageSize,
          cursor: z.string().max(500).optional(),
        }),
        response: { 200: page(labMessageShape) },
      },
    },
    async ({ query }) => {
      const limit = query.limit ?? PAGE;
      const after = readCursor(z.string(), query.cursor);
      const all = lab.messages({ mailbox: query.mailbox, folder: query.folder });
      const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      const items = all.slice(from, from + limit);
      const next = from + limit < all.length ? writeCursor(items.at(-1)?.id) : undefined;
      return { items, next };
    },
  );

  api.get(
    '/lab/messages/:id',
    {
      schema: {
        tags,
        summary: 'Show a message, and what the front door found',
        description: 'What is in it: GET /lab/messages/{id}/content.',
        params: parameters,
        response: { 200: z.object({ entry: labMessageShape }) },
      },
    },
    async ({ params }) => {
      const { entry } = await attempt(() => lab.content(params.id));
      return { entry };
    },
  );

  contentRoutes(api, context, {
    tags,
    path: '/lab/messages/:id',
    params: parameters,
    async find({ id }) {
      const { content } = await attempt(() => lab.content(id));
      return { name: `lab message ${id}`, head: Buffer.alloc(0), body: { kind: 'memory', bytes: content } };
    },
  });
}

function statusOf(lab: Lab) {
  const { folder, language, frontDoor, relay, dns } = lab;
  return {
    folder,
    language,
    frontDoor,
    relay,
    dns: { address: dns.address },
    messages: lab.messages().length,
  };
}

function findTenant(lab: Lab, wanted: string | undefined) {
  const [first] = lab.tenants();
  const found =
    wanted === undefined
      ? first
      : lab.tenants().find((one) => one.name.toLowerCase() === wanted.toLowerCase());
  if (!found) throw new Problem(404, `there is no tenant ${wanted}`, { field: 'tenant' });
  return found;
}
