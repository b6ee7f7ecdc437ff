import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { refuse, type Reply } from '../smtp/reply.ts';
import type { Identity } from '../sources/source.ts';
import { bearerOf } from './authorization.ts';
import type { ApiContext, ApiOptions, HttpSubmission } from './context.ts';
import { Problem, problemOf, refusalProblem, sendProblem } from './problem.ts';
import type { Api } from './scope.ts';
import { composeJson, composeRaw } from './send-message.ts';
import { type SendBody, sendBody, sendQuery } from './send-request.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends; set once the key was accepted. */
    sender?: Identity;
    /** Octets that are reserved for this request's body. */
    reservedOctets: number;
    /** SHA-256 over what was asked, for the idempotency key. */
    fingerprint: string;
  }
}

/** JSON text is held as octets, as text and as values; a message is held once, and as it is taken. */
const COPIES = 3;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The send API: the way in for applications that speak HTTP. Same source, same policy, same refusal codes as over
 * SMTP; 202 is said only when the message is on stable storage.
 */
export function sendRoutes(api: Api, context: ApiContext, options: ApiOptions): void {
  const { gate, idempotency } = context;
  // base64 makes four octets of three, and JSON wants some for itself
  const bodyLimit = Math.ceil(options.messageBytes * 1.4) + 65_536;

  api.decorateRequest('reservedOctets', 0);
  api.decorateRequest('fingerprint', '');

  api.addHook('onRequest', async (request, reply) => {
    const key = bearerOf(request);
    const sender = key === undefined ? refuse('A302') : await gate.authenticateKey(key, request.ip);
    if (!isIdentity(sender)) return sendProblem(reply, refusalProblem(sender));
    request.sender = sender;
    const length = Number(request.headers['content-length']);
    if (!Number.isSafeInteger(length)) {
      return sendProblem(
        reply,
        new Problem(411, 'send a Content-Length, so that memory can be set aside for the message'),
      );
    }
    // at most half: a large message shall not have to wait until nothing else arrives
    const octets = Math.min(length * COPIES, options.memoryBytes / 2);
    if (!gate.reserveMemory(octets)) return sendProblem(reply, refusalProblem(refuse('X903')));
    request.reservedOctets = octets;
    return undefined;
  });
  const release = (request: FastifyRequest) => {
    gate.releaseMemory(request.reservedOctets);
    request.reservedOctets = 0;
  };
  api.addHook('onResponse', async (request) => release(request));
  api.addHook('onRequestAbort', async (request) => release(request));

  api.removeAllContentTypeParsers();
  api.addContentTypeParser(
    ['application/json', 'message/rfc822'],
    { parseAs: 'buffer' },
    (request, body, done) => {
      const octets = body as Buffer;
      request.fingerprint = createHash('sha256')
        .update(`${request.headers['content-type']}\n${request.url}\n`)
        .update(octets)
        .digest('hex');
      if (isRaw(request)) return done(null, octets);
      try {
        done(null, JSON.parse(octets.toString('utf8')));
      } catch (error) {
        done(new Problem(400, `the body is no JSON: ${(error as Error).message}`, { code: 'M609' }));
      }
    },
  );

  api.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, request);
    const { extras, status, message } = problem;
    if (status === 400) return sendProblem(reply, new Problem(400, message, { code: 'M609', ...extras }));
    if (status === 413) return sendProblem(reply, new Problem(413, message, { code: 'M601', ...extras }));
    return sendProblem(reply, problem);
  });

  api.post(
    '/v1/messages',
    {
      bodyLimit,
      // a raw message is no JSON to validate
      validatorCompiler: (route) => (data: unknown) =>
        Buffer.isBuffer(data) ? { value: data } : validatorCompiler(route as never)(data),
      schema: {
        tags: ['Send'],
        summary: 'Send a message',
        description:
          'With the API key of a source as bearer token. JSON, or a whole message as message/rfc822 (then the query may give the envelope). 202 means that the message is on stable storage. The same Idempotency-Key with the same request gives the same answer for 24 hours, and sends once.',
        security: [{ apiKey: [] }],
        headers: z.object({
          'idempotency-key': z
            .string()
            .regex(IDEMPOTENCY_KEY, 'is no key of 1 to 255 printable characters')
            .optional(),
        }),
        querystring: sendQuery,
        body: sendBody,
        response: {
          202: z.object({ id: z.string().describe('Identifier of the message in queue and journal.') }),
        },
      },
    },
    async (request, reply) => {
      const identity = request.sender;
      if (!identity) throw new Problem(401, 'the API key is missing');
      const submission = { ...compose(request), identity, address: request.ip, tls: tlsOf(request) };
      const key = request.headers['idempotency-key'];
      if (key === undefined) return answer(reply, await submit(submission));

      const source = identity.source.id;
      const claim = await idempotency.claim(source, key, request.fingerprint);
      if (claim.kind === 'in-progress') {
        throw new Problem(409, 'a request with this Idempotency-Key is in progress', { retryAfter: 1 });
      }
      if (claim.kind === 'mismatch') {
        throw new Problem(422, 'this Idempotency-Key was used for another request', {
          field: 'Idempotency-Key',
        });
      }
      if (claim.kind === 'answered') {
        return answer(
          reply.header('idempotency-replayed', 'true'),
          JSON.parse(claim.remembered.answer) as { id: string },
        );
      }
      let accepted: { id: string };
      try {
        // a refusal is not kept: when its cause is gone, the same request may succeed
        accepted = await submit(submission);
      } catch (error) {
        idempotency.release(source, key);
        throw error;
      }
      try {
        await idempotency.complete(source, key, request.fingerprint, {
          status: 202,
          answer: JSON.stringify(accepted),
        });
      } catch (error) {
        // the message is taken: to say otherwise would make the client send it again
        request.log.error({ err: error }, 'an idempotency key could not be kept');
      }
      return answer(reply, accepted);
    },
  );

  function compose(request: FastifyRequest) {
    const now = context.clock.now();
    return isRaw(request)
      ? composeRaw(request.body as Buffer, request.query as z.infer<typeof sendQuery>, options)
      : composeJson(request.body as SendBody, options, {
          at: now,
          hostname: options.hostname,
          random: context.random,
        });
  }

  /** @throws Problem for a refusal */
  async function submit(submission: HttpSubmission): Promise<{ id: string }> {
    const result = await gate.submit(submission);
    if ('id' in result) return { id: result.id };
    throw refusalProblem(result);
  }
}

function answer(reply: FastifyReply, accepted: { id: string }): FastifyReply {
  return reply.code(202).send(accepted);
}

function isIdentity(result: Identity | Reply): result is Identity {
  return 'source' in result;
}

function isRaw(request: FastifyRequest): boolean {
  return /^message\/rfc822\s*(?:;|$)/i.test(request.headers['content-type'] ?? '');
}

function tlsOf(request: FastifyRequest): HttpSubmission['tls'] {
  const socket = request.raw.socket as Partial<TLSSocket>;
  if (!socket.encrypted || !socket.getProtocol || !socket.getCipher) return undefined;
  return `${socket.getProtocol() ?? 'TLS'} ${socket.getCipher().name}`;
}
