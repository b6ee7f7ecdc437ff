import type { FastifyRequest } from 'fastify';
import { recordCall } from './changes.ts';
import type { ApiContext } from './context.ts';
import { isSafe } from './principal.ts';
import { Problem } from './problem.ts';
import type { Api } from './scope.ts';

/**
 * Nothing is changed that the audit log does not hold: while it can not be written nothing is begun, and success is
 * told only when its entry is on stable storage. What stops something is done all the same: its entry is kept until
 * the log can be written, and whoever asked hears that it is not there yet.
 */
export function keepAudit(scope: Api, context: ApiContext): void {
  const { audit } = context.people;

  scope.addHook('preHandler', async (request) => {
    if (isSafe(request.method)) return;
    try {
      // not only what waits: a change whose answer is a secret that is shown once can not be asked for again
      await audit.assertWritable();
    } catch (error) {
      request.log.error({ err: error }, 'the audit log can not be written');
      if (isEmergency(request) && audit.hasRoom) return;
      throw new Problem(
        503,
        'the audit log can not be written now, so nothing is changed; the journal has the cause (postern log --type alarm)',
        { retryAfter: 60 },
      );
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
        'it was done, but the audit log could not be written; until it can, nothing is changed but what stops a source, a credential or a token',
        { done: true, retryAfter: 60 },
      );
    }
  });

  scope.addHook('onClose', async ({ log }) => {
    try {
      await audit.flush();
    } catch (error) {
      log.error(
        { err: error },
        'the relay ends with entries that the audit log did not take; the journal has them',
      );
    }
  });
}

function isEmergency({ body, routeOptions }: FastifyRequest): boolean {
  const { emergency = false } = routeOptions.config;
  return typeof emergency === 'function' ? emergency(body) : emergency;
}
