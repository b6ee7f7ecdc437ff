import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ApiContext } from './context.ts';
import type { EventStreams } from './event-stream.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Tags of all routes of administration: what a token may be limited to. */
    partNames: ReadonlySet<string>;
  }
}

/** A part of the API: adds its routes to the server, acting on the context. */
export type RouteGroup = (api: Api, context: ApiContext, streams: EventStreams) => void;

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
