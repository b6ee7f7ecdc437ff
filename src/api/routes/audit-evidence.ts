import type { Readable } from 'node:stream';
import { z } from 'zod';
import { attemptAudit } from '../audit-problem.ts';
import { uploadShape } from '../audit-shapes.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { flag, wholeNumber } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';

const tags = ['Direct Send audit'];
/** A request has two minutes: what is longer comes in parts. */
const LARGEST_PART = 1024 * 1024 * 1024;

const named = z.object({ file: z.string().min(1).max(160) });

/** Evidence that is sent to the relay. */
export function auditEvidenceRoutes(api: Api, context: ApiContext): void {
  const { uploads } = context.audit;

  api.get(
    '/audit/evidence',
    {
      schema: {
        tags,
        summary: 'List what was uploaded',
        response: { 200: z.object({ items: z.array(uploadShape) }) },
      },
    },
    async () => ({ items: await uploads.list() }),
  );

  void api.register(async (scope) => {
    // whatever it is, it goes to the disk as it comes
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    (scope as Api).post(
      '/audit/evidence/:file',
      {
        bodyLimit: LARGEST_PART,
        schema: {
          tags,
          summary: 'Upload a file of evidence, or a part of one',
          description:
            'The body is the file as it is: CSV, JSON, XML, mail, or an archive of them. A long file comes in parts: each with the `offset` where it begins, all but the last with `last=false`.',
          params: named,
          querystring: z.object({
            offset: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
            last: flag.default(true),
          }),
          response: { 201: uploadShape },
        },
      },
      async (request, reply) => {
        const { file } = request.params;
        if (request.body === undefined || request.body === null)
          throw new Problem(400, 'the body is empty: send the file as application/octet-stream');
        const stored = await attemptAudit(() =>
          uploads.append(file, request.body as Readable, request.query),
        );
        if (!stored.incomplete)
          recordChange(context, request, `evidence ${file} was uploaded (${stored.size} octets)`);
        return reply.code(201).send(stored);
      },
    );
  });

  api.delete(
    '/audit/evidence/:file',
    {
      schema: {
        tags,
        summary: 'Remove an uploaded file; what was read of it stays known',
        params: named,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { file } = request.params;
      if (!(await uploads.remove(file))) throw new Problem(404, 'there is no such file');
      recordChange(context, request, `evidence ${file} was removed`);
      return reply.code(204).send();
    },
  );
}
