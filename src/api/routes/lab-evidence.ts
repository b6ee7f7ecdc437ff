import { z } from 'zod';
import type { Lab } from '../../lab/lab.ts';
import { attempt } from '../lab-problem.ts';
import { labConnectorType, labReportType, labTraceDetailShape, labTraceShape } from '../lab-shapes.ts';
import { time, wholeNumber } from '../parameters.ts';
import type { Api } from '../scope.ts';

const tags = ['Lab'];
const address = z.string().max(320);

/** Message trace and reports of what has really happened in a lab, as Exchange Online would tell it. */
export function labEvidenceRoutes(api: Api, lab: Lab): void {
  api.get(
    '/lab/trace',
    {
      schema: {
        tags,
        summary: 'Get-MessageTraceV2: a row for each recipient, newest first',
        querystring: z.object({
          sender: address.optional().describe('`*@contoso.test` takes a domain.'),
          recipient: address.optional(),
          status: labTraceShape.shape.Status.optional(),
          messageId: z.string().max(998).optional(),
          messageTraceId: z.string().max(40).optional(),
          fromIp: z.string().max(64).optional(),
          subject: z.string().max(256).optional(),
          start: time.optional(),
          end: time.optional(),
          resultSize: wholeNumber(1, 5000).optional().describe('1000 without it.'),
        }),
        response: { 200: z.object({ items: z.array(labTraceShape) }) },
      },
    },
    async ({ query }) => ({ items: lab.trace(query) }),
  );

  api.get(
    '/lab/trace/:messageTraceId/:recipient',
    {
      schema: {
        tags,
        summary: 'Get-MessageTraceDetailV2: the events of one row, oldest first',
        params: z.object({ messageTraceId: z.string().max(40), recipient: address }),
        response: { 200: z.object({ items: z.array(labTraceDetailShape) }) },
      },
    },
    async ({ params }) => ({ items: lab.traceDetail(params.messageTraceId, params.recipient) }),
  );

  api.get(
    '/lab/historical-search',
    {
      schema: {
        tags,
        summary: 'Start-HistoricalSearch: a report as CSV',
        description: 'UTF-16, little endian, without a byte order mark, as it comes from Microsoft.',
        querystring: z.object({
          reportTitle: z.string().min(1).max(100).default('report'),
          reportType: labReportType,
          connectorType: labConnectorType.optional(),
          direction: z.enum(['All', 'Received', 'Sent']).optional(),
          senderAddress: address.optional(),
          recipientAddress: address.optional(),
          start: time.optional(),
          end: time.optional(),
        }),
        response: { 200: { description: 'The report', content: { 'text/csv': { schema: z.any() } } } },
      },
    },
    async ({ query }, reply) => {
      const { fileName, csv } = await attempt(() => lab.historicalSearch(query));
      return reply
        .type('text/csv; charset=utf-16le')
        .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`)
        .send(csv);
    },
  );
}
