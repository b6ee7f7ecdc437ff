import { z } from 'zod';
import { canonicalRecipient, safeSenderFields } from '../../edge/fields.ts';
import { type ListedRecipient, recipientsOfCsv, recipientsOfJson } from '../../edge/recipient-file.ts';
import { acceptedDomain } from '../../edge/tenant.ts';
import { domainOf } from '../../message/envelope.ts';
import { line } from '../../sources/source-fields.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { withCsvBodies } from '../csv-body.ts';
import { recipientShape, safeSenderShape } from '../edge-shapes.ts';
import { cursor, flag, PAGE, pageSize, readCursor, writeCursor } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { page } from '../shapes.ts';

const LARGEST_FILE = 16 * 1024 * 1024;
const MOST_ERRORS = 1000;
/** Lines that are read before others get their turn on the thread. */
const LINES_A_TURN = 2000;

const tags = ['Edge'];

const importResult = z.object({
  found: z.int().describe('Different addresses of accepted domains.'),
  added: z.int(),
  removed: z.int(),
  total: z.int().describe('How many are listed then.'),
  foreign: z.int().describe('Addresses of other domains, which were left out.'),
  written: z.boolean().describe('False after a dry run.'),
  errors: z
    .array(z.object({ line: z.int(), detail: z.string() }))
    .describe('The first thousand, which were left out.'),
});

/** Known recipients, and safe senders. */
export function edgeListRoutes(api: Api, context: ApiContext): void {
  recipientRoutes(api, context);
  importRoute(api, context);
  safeSenderRoutes(api, context);
}

function recipientRoutes(api: Api, context: ApiContext): void {
  const { directory } = context.edge;
  const addressed = z.object({ address: z.string().max(300) });

  api.get(
    '/edge/recipients',
    {
      schema: {
        tags,
        summary: 'List or search the listed recipients, in the order of their addresses',
        querystring: z.object({
          search: line(320).optional().describe('Part of the address.'),
          domain: line(253).optional(),
          limit: pageSize,
          cursor,
        }),
        response: { 200: page(recipientShape) },
      },
    },
    async ({ query }) => {
      const limit = query.limit ?? PAGE;
      const found = await directory.recipients.page({
        search: query.search,
        domain: query.domain?.toLowerCase(),
        after: readCursor(z.string().max(400), query.cursor),
        limit: limit + 1,
      });
      const items = found.slice(0, limit);
      const next = found.length > limit ? writeCursor(items.at(-1)) : undefined;
      return { items: items.map((address) => ({ address })), next };
    },
  );

  api.get(
    '/edge/recipients/:address',
    {
      schema: {
        tags,
        summary: 'Whether a recipient is listed',
        params: addressed,
        response: { 200: recipientShape },
      },
    },
    async ({ params }) => {
      const address = canonicalRecipient(params.address);
      if (address === undefined || !directory.recipients.has(address))
        throw new Problem(404, `${JSON.stringify(params.address)} is not among the listed recipients`);
      return { address };
    },
  );

  api.put(
    '/edge/recipients/:address',
    {
      schema: {
        tags,
        summary: 'List a recipient',
        params: addressed,
        response: { 200: recipientShape },
      },
    },
    async (request) => {
      const { address: text } = request.params;
      const address = canonicalRecipient(text);
      if (address === undefined)
        throw new Problem(400, `address: ${JSON.stringify(text)} is no address such as ann@contoso.com`, {
          field: 'address',
        });
      if (!acceptedDomain(directory.tenant, domainOf(address))) {
        const domain = domainOf(address);
        throw new Problem(
          400,
          `address: ${domain} is no accepted domain; add it first (postern edge domain add ${domain})`,
          { field: 'address' },
        );
      }
      const added = await directory.recipients.add(address);
      recordChange(context, request, `recipient ${address} ${added ? 'listed' : 'was listed already'}`);
      return { address };
    },
  );

  api.delete(
    '/edge/recipients/:address',
    {
      schema: {
        tags,
        summary: 'Take a recipient off the list',
        params: addressed,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { address } = request.params;
      await directory.recipients.remove(address);
      recordChange(context, request, `recipient ${canonicalRecipient(address)} taken off the list`);
      return reply.code(204).send();
    },
  );
}

function importRoute(api: Api, context: ApiContext): void {
  const { directory } = context.edge;

  withCsvBodies(api, LARGEST_FILE, (scope) => {
    scope.post(
      '/edge/recipients/import',
      {
        bodyLimit: LARGEST_FILE,
        schema: {
          tags,
          summary: 'List many recipients',
          description:
            'The body is CSV (text/csv) or a JSON list: plain addresses, or rows with the columns that Exchange exports (PrimarySmtpAddress, EmailAddresses, proxyAddresses).',
          querystring: z.object({
            replace: flag
              .default(false)
              .describe('What is listed of the domains in the file, and is not in it, goes.'),
            dryRun: flag.default(false).describe('Say what would happen, and change nothing.'),
          }),
          body: z.union([z.string(), z.array(z.unknown())]),
          response: { 200: importResult },
        },
      },
      async (request) => {
        const { body, query } = request;
        const { replace, dryRun } = query;
        const { addresses, foreign, errors } = await readRecipients(
          typeof body === 'string' ? recipientsOfCsv(body) : recipientsOfJson(body),
          (domain) => acceptedDomain(directory.tenant, domain) !== undefined,
        );
        if (addresses.length === 0) {
          const [first] = errors;
          throw new Problem(
            422,
            foreign > 0
              ? `none of the ${foreign} addresses is of an accepted domain; add the domain first (postern edge domain add)`
              : `the file names no recipient${first ? `: line ${first.line}: ${first.detail}` : ''}`,
          );
        }
        const change = await directory.recipients.change(addresses, { replace, dryRun });
        if (!dryRun) {
          recordChange(
            context,
            request,
            `recipients imported: ${change.added} added, ${change.removed} removed, ${change.total} listed`,
          );
        }
        return {
          found: addresses.length,
          ...change,
          foreign,
          written: !dryRun,
          errors: errors.slice(0, MOST_ERRORS),
        };
      },
    );
  });
}

async function readRecipients(
  listed: Iterable<ListedRecipient> | AsyncIterable<ListedRecipient>,
  isOwn: (domain: string) => boolean,
): Promise<{ addresses: string[]; foreign: number; errors: { line: number; detail: string }[] }> {
  const addresses = new Set<string>();
  const errors: { line: number; detail: string }[] = [];
  let foreign = 0;
  let count = 0;
  for await (const { line, address, error } of listed) {
    if (++count % LINES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (error !== undefined) {
      if (errors.length < MOST_ERRORS) errors.push({ line, detail: error });
    } else if (isOwn(domainOf(address))) addresses.add(address);
    else foreign++;
  }
  return { addresses: [...addresses], foreign, errors };
}

function safeSenderRoutes(api: Api, context: ApiContext): void {
  const { directory } = context.edge;
  const named = z.object({ entry: z.string().max(300) });

  api.get(
    '/edge/safe-senders',
    {
      schema: {
        tags,
        summary: 'List safe senders',
        description: 'They count only for mail whose author DMARC proves.',
        response: { 200: z.object({ items: z.array(safeSenderShape) }) },
      },
    },
    async () => ({ items: [...directory.safeSenders()] }),
  );

  api.put(
    '/edge/safe-senders/:entry',
    {
      schema: {
        tags,
        summary: 'Add a safe sender, or change its note',
        params: named,
        body: safeSenderFields.omit({ entry: true }),
        response: { 200: safeSenderShape },
      },
    },
    async (request) => {
      const after = await directory.setSafeSender({ entry: request.params.entry, note: request.body.note });
      recordChange(context, request, `safe sender ${after.entry} set`, { after });
      return after;
    },
  );

  api.delete(
    '/edge/safe-senders/:entry',
    { schema: { tags, summary: 'Remove a safe sender', params: named, response: { 204: z.undefined() } } },
    async (request, reply) => {
      const before = await directory.removeSafeSender(request.params.entry);
      recordChange(context, request, `safe sender ${before.entry} removed`, { before });
      return reply.code(204).send();
    },
  );
}
