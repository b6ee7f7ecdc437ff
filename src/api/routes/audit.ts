import { z } from 'zod';
import type { AuditDesk } from '../../audit/desk/desk.ts';
import { EXPORTS, exported } from '../../audit/export/formats.ts';
import { auditScript } from '../../audit/script.ts';
import { FIELD_NAMES } from '../../audit/evidence/fields.ts';
import { LANGUAGES } from '../../audit/report/texts.ts';
import { attemptAudit } from '../audit-problem.ts';
import { auditShape, fileShape, runShape } from '../audit-shapes.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import type { EventStreams } from '../event-stream.ts';
import { cursor, flag, PAGE, pageSize, readCursor, wholeNumber, writeCursor } from '../parameters.ts';
import type { Api } from '../scope.ts';
import { page } from '../shapes.ts';
import { auditAnswerRoutes } from './audit-answers.ts';
import { auditCollectRoutes } from './audit-collect.ts';
import { auditEvidenceRoutes } from './audit-evidence.ts';

const tags = ['Direct Send audit'];
const domain = z.string().min(1).max(255);
const moment = z.number().min(0).max(8.64e15).describe('Milliseconds since the epoch.');

/** The Direct Send audit: evidence in, an answer out. */
export function auditRoutes(api: Api, context: ApiContext, streams: EventStreams): void {
  auditEvidenceRoutes(api, context);
  auditCollectRoutes(api, context, streams);
  runRoutes(api, context, streams);
  auditAnswerRoutes(api, context);
  resultRoutes(api, context.audit);
}

function runRoutes(api: Api, context: ApiContext, streams: EventStreams): void {
  const { audit } = context;

  api.get(
    '/audit/run',
    {
      schema: {
        tags,
        summary: 'How far the run is, or how the last one ended',
        querystring: z.object({
          follow: flag
            .optional()
            .describe('Answers with server-sent events: the state now, and each change.'),
        }),
        response: { 200: runShape },
      },
    },
    async (request, reply) => {
      if (!request.query.follow) return { ...audit.state, answeredAt: await audit.answeredAt() };
      streams.start(request, reply, (send) => audit.follow(send));
      return reply;
    },
  );

  api.post(
    '/audit/run',
    {
      schema: {
        tags,
        summary: 'Read the evidence and answer',
        description:
          'It runs on its own thread. What earlier runs have read is not read again. Without `folders` it reads what was uploaded.',
        body: z.strictObject({
          folders: z.array(z.string().min(1).max(4096)).max(50).optional().describe('Of `[audit] folders`.'),
          domains: z
            .array(domain)
            .max(5000)
            .optional()
            .describe(
              'Accepted domains; `*.contoso.com` with its subdomains. Default: as the evidence, an earlier run, or the edge has them.',
            ),
          internalRelay: z.array(domain).max(5000).optional(),
          mapping: z
            .partialRecord(z.enum(FIELD_NAMES), z.string().min(1).max(200))
            .optional()
            .describe('Which column is which field, for tables that are not understood: `{field: column}`.'),
          dateOrder: z.enum(['day-first', 'month-first']).optional(),
          from: moment.optional(),
          to: moment.optional(),
          switchedAt: moment.optional().describe('When the rule was switched on, or senders were moved.'),
          mxElsewhere: z.boolean().optional(),
          ptr: z
            .boolean()
            .optional()
            .describe(
              'Ask reverse DNS for the names of addresses; only where `[audit] reverseDns` allows it.',
            ),
        }),
        response: { 202: runShape },
      },
    },
    async (request, reply) => {
      const { mapping, ...rest } = request.body;
      const state = await attemptAudit(() =>
        audit.start({ ...rest, ...(mapping && { mappings: [{ columns: mapping }] }) }),
      );
      recordChange(context, request, 'a run of the Direct Send audit was started', {
        after: { folders: rest.folders ?? 'uploaded', domains: rest.domains?.slice(0, 50) },
      });
      return reply.code(202).send(state);
    },
  );

  api.delete(
    '/audit/run',
    { schema: { tags, summary: 'Stop the run; what was read is kept', response: { 200: runShape } } },
    async (request) => {
      if (await audit.stop()) recordChange(context, request, 'the run of the Direct Send audit was stopped');
      return audit.state;
    },
  );
}

function resultRoutes(api: Api, audit: AuditDesk): void {
  api.get(
    '/audit',
    { schema: { tags, summary: 'The answer of the last run', response: { 200: auditShape } } },
    async () => {
      const { answer, files, organisation, ...rest } = await attemptAudit(() => audit.answer());
      return {
        ...rest,
        domains: [...organisation.tenant.domains],
        rejectDirectSend: organisation.tenant.organization.rejectDirectSend,
        gates: answer.gates,
        coverage: answer.coverage,
        senders: answer.senders.length,
        campaigns: answer.campaigns.length,
        files: files.length,
        ...(answer.after && {
          after: {
            ...answer.after,
            // what has no time has no first and last
            refused: answer.after.refused.map((one) => ({
              ...one,
              first: Number.isFinite(one.first) ? one.first : null,
              last: Number.isFinite(one.last) ? one.last : null,
            })),
          },
        }),
      };
    },
  );

  api.get(
    '/audit/files',
    {
      schema: {
        tags,
        summary: 'What became of each file of evidence',
        querystring: z.object({ limit: pageSize, cursor }),
        response: { 200: page(fileShape) },
      },
    },
    async ({ query }) => {
      const { files } = await attemptAudit(() => audit.answer());
      const limit = query.limit ?? PAGE;
      const start = readCursor(z.int().min(0), query.cursor) ?? 0;
      const next = start + limit < files.length ? writeCursor(start + limit) : undefined;
      return { items: files.slice(start, start + limit), next };
    },
  );

  api.get(
    '/audit/script',
    {
      schema: {
        tags,
        summary: 'The PowerShell that gathers the evidence in Exchange Online; it only reads',
        querystring: z.object({
          days: wholeNumber(1, 90).default(90).describe('How far back it looks.'),
        }),
      },
    },
    async ({ query }, reply) =>
      reply
        .header('content-disposition', 'attachment; filename="postern-audit.ps1"')
        .type('text/plain; charset=utf-8')
        .send(auditScript({ days: query.days })),
  );

  api.get(
    '/audit/export',
    {
      schema: {
        tags,
        summary: 'The result as a file',
        description:
          '`html` is the report, `sources` is for POST /sources/import, `connectors` is PowerShell to read and run. Cells that a spreadsheet would take for a formula begin with an apostrophe.',
        querystring: z.object({
          format: z.enum(EXPORTS).default('json'),
          language: z.enum(LANGUAGES).default('en').describe('Of the report.'),
        }),
      },
    },
    async ({ query }, reply) => {
      const stored = await attemptAudit(() => audit.answer());
      const { text, type, name } = await exported(stored, query.format, query.language);
      return (
        reply
          .header('content-disposition', `attachment; filename="${name}"`)
          // a browser that opens it all the same runs and loads nothing
          .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
          .type(type)
          .send(text)
      );
    },
  );
}
