import { isSafe } from './authorization.ts';
import { recordCall } from './changes.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import type { Api } from './scope.ts';

/**
 * Nothing is changed that the audit log does not hold: while it can not be written nothing is begun, and success is
 * told only when its entry is on stable storage.
 */
export function keepAudit(scope: Api, context: ApiContext): void {
  const { audit } = context.people;

  scope.addHook('preHandler', async (request) => {
    if (isSafe(request.method)) return;
    try {
      await audit.flush();
    } catch (error) {
      request.log.error({ err: error }, 'the audit log can not be written');
      throw new Problem(503, 'the audit log can not be written now, so nothing is changed', {
        retryAfter: 60,
      });
    }
  });

  scope.addHook('onSend', async (request, reply) => {
    if (isSafe(request.method) && !request.isRecorded) return;
    if (reply.statusCode >= 400) return;
    if (!request.isRecorded && request.routeOptions.config.open !== true) recordCall(context, request);
    try {
      await audit.flush();
    } catch (error) {
      request.log.error({ err: error }, 'the audit log can not be written');
      throw new Problem(
        503,
        'it was done, but the audit log could not be written; nothing more is changed until it can',
        { retryAfter: 60 },
      );
    }
  });
}
