import fastifySwagger from '@fastify/swagger';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyServerOptions,
  type RouteOptions,
} from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { keepAudit } from './audit-hooks.ts';
import { authorize, FailureLimit, stillAuthorized } from './authorization.ts';
import type { ApiContext, ApiOptions } from './context.ts';
import { EventStreams } from './event-stream.ts';
import { consolePages } from './console.ts';
import { handoverPages } from './handover-page.ts';
import { neededRole } from './principal.ts';
import { Problem, problemOf, sendProblem } from './problem.ts';
import { Proxies } from './proxies.ts';
import { referencePage } from './reference-page.ts';
import { alertRoutes } from './routes/alerts.ts';
import { auditRoutes } from './routes/audit.ts';
import { auditLogRoutes } from './routes/audit-log.ts';
import { configurationRoutes } from './routes/configuration.ts';
import { containmentRoutes } from './routes/containment.ts';
import { spoolContentRoutes } from './routes/content.ts';
import { credentialRoutes } from './routes/credentials.ts';
import { digestRoutes } from './routes/digest.ts';
import { discoveryRoutes } from './routes/discovery.ts';
import { domainRoutes } from './routes/domains.ts';
import { edgeListRoutes } from './routes/edge-lists.ts';
import { edgeTrafficRoutes } from './routes/edge-traffic.ts';
import { edgeRoutes } from './routes/edge.ts';
import { eventRoutes } from './routes/events.ts';
import { explanationRoutes } from './routes/explanations.ts';
import { handoverRoutes } from './routes/handovers.ts';
import { historyRoutes } from './routes/history.ts';
import { compatibilityRoutes } from './routes/compatibility.ts';
import { exceptionRoutes } from './routes/exceptions.ts';
import { firstPasswordRoutes } from './routes/first-password.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { planRoutes } from './routes/plan.ts';
import { policyTestRoutes } from './routes/policy-tests.ts';
import { overviewRoutes } from './routes/overview.ts';
import { messageRoutes } from './routes/messages.ts';
import { organisationSignInRoutes } from './routes/organisation-sign-in.ts';
import { ownAccountRoutes } from './routes/own-account.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { peopleRoutes } from './routes/people.ts';
import { queueRoutes } from './routes/queue.ts';
import { refusalRoutes } from './routes/refusals.ts';
import { reportRoutes } from './routes/reports.ts';
import { rotationRoutes } from './routes/rotations.ts';
import { routeRoutes } from './routes/routes.ts';
import { recertificationRoutes } from './routes/recertification.ts';
import { sessionRoutes } from './routes/session.ts';
import { sourceActivityRoutes } from './routes/source-activity.ts';
import { sourceExchangeRoutes } from './routes/source-exchange.ts';
import { sourceLifecycleRoutes } from './routes/source-lifecycle.ts';
import { sourceRequestRoutes } from './routes/source-requests.ts';
import { sourceRoutes } from './routes/sources.ts';
import { statusRoutes } from './routes/status.ts';
import { tokenRoutes } from './routes/tokens.ts';
import type { Api, RouteGroup } from './scope.ts';
import { sendRoutes } from './send.ts';
import { Site } from './site.ts';

/** What an administrator writes is small; messages have a limit of their own. */
const ADMINISTRATION_BYTES = 1024 * 1024;

const ADMINISTRATION: RouteGroup[] = [
  sessionRoutes,
  firstPasswordRoutes,
  organisationSignInRoutes,
  ownAccountRoutes,
  passkeyRoutes,
  peopleRoutes,
  tokenRoutes,
  auditLogRoutes,
  sourceRoutes,
  sourceExchangeRoutes,
  sourceActivityRoutes,
  sourceLifecycleRoutes,
  sourceRequestRoutes,
  recertificationRoutes,
  credentialRoutes,
  rotationRoutes,
  handoverRoutes,
  domainRoutes,
  discoveryRoutes,
  routeRoutes,
  queueRoutes,
  edgeRoutes,
  edgeListRoutes,
  edgeTrafficRoutes,
  eventRoutes,
  inboxRoutes,
  spoolContentRoutes,
  messageRoutes,
  explanationRoutes,
  refusalRoutes,
  exceptionRoutes,
  compatibilityRoutes,
  statusRoutes,
  configurationRoutes,
  planRoutes,
  historyRoutes,
  policyTestRoutes,
  containmentRoutes,
  alertRoutes,
  digestRoutes,
  auditRoutes,
  overviewRoutes,
  reportRoutes,
];

/** Loaded only where there is a lab: a relay in production has none. */
async function labGroups({ lab }: ApiContext): Promise<RouteGroup[]> {
  if (!lab) return [];
  const [{ labRoutes }, { labActorRoutes }, { labTourRoutes }] = await Promise.all([
    import('./routes/lab.ts'),
    import('./routes/lab-actors.ts'),
    import('./routes/lab-tour.ts'),
  ]);
  return [labRoutes, labActorRoutes, labTourRoutes];
}

/**
 * The HTTP server: administration under /api/v1, the send API, metrics and health. Nothing listens yet; call
 * `listen`, and `close` to end it with its streams.
 */
export async function buildApi(
  context: ApiContext,
  options: ApiOptions,
  loggerInstance?: FastifyBaseLogger,
): Promise<Api> {
  const proxies = new Proxies(options.proxies ?? { trustedProxies: [], proxyHeader: 'x-forwarded' });
  const settings: FastifyServerOptions = {
    ...(proxies.any && { trustProxy: (address: string) => proxies.trusts(address) }),
    bodyLimit: ADMINISTRATION_BYTES,
    // a slow client must not hold a connection for ever (headers, then the whole request)
    requestTimeout: 120_000,
    connectionTimeout: 300_000,
    keepAliveTimeout: 10_000,
    forceCloseConnections: true,
    loggerInstance,
    // the path may hold what is nobody's business, and one line a request would be all that a log holds
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 300, ignoreTrailingSlash: true },
    // what the router refuses before any handler: a path that is too long or malformed
    frameworkErrors: (error, request, reply) => {
      void sendProblem(reply, problemOf(error, request));
    },
    ...(options.tls ? { https: { ...options.tls, minVersion: 'TLSv1.2' } } : {}),
  };
  const api = Fastify(settings) as unknown as Api;
  const site = new Site(context.people.publicUrl);
  const streams = new EventStreams(context.clock, stillAuthorized(context, site));
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  api.setErrorHandler((error, request, reply) => sendProblem(reply, problemOf(error, request)));
  api.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, new Problem(404, 'there is nothing at this path; see /docs')),
  );
  if (proxies.any) api.addHook('onRequest', async (request) => proxies.settle(request));
  api.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  api.addHook('preClose', async () => streams.endAll());

  await api.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Postern',
        version: context.status().version,
        description:
          'A secure email relay. Errors are application/problem+json (RFC 9457). Administration takes a token or a session, sending the API key of a source.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API token (`pst_token_...`), or the administrator token of the data folder.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-postern',
            description:
              'Set by POST /api/v1/session. What is not GET needs the header `x-postern-request: 1` and an Origin of this relay as well. (Without TLS, on loopback only, the cookie is named `postern`.)',
          },
          apiKey: { type: 'http', scheme: 'bearer', description: 'The API key of a source.' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });

  const authorized = authorize(context, site, new FailureLimit(context));
  api.decorateRequest('principal');
  api.decorateRequest('isRecorded', false);
  if (options.onRoute) api.addHook('onRoute', options.onRoute);

  await api.register(
    async (scope) => {
      scope.addHook('onRequest', authorized);
      // also what is not there is told to administrators only
      scope.setNotFoundHandler({ preHandler: authorized }, (_request, reply) =>
        sendProblem(reply, new Problem(404, 'there is nothing at this path; see /docs')),
      );
      keepAudit(scope, context);
      const partNames = new Set<string>();
      scope.decorate('partNames', partNames);
      scope.addHook('onRoute', (route) => {
        if (!route.schema) return;
        const [part] = route.schema.tags ?? [];
        if (part !== undefined) partNames.add(part);
        // a new one: routes may share theirs
        route.schema = {
          ...route.schema,
          security: route.config?.open ? [] : [{ token: [] }, { session: [] }],
          description: [route.schema.description, accessInWords(route)].filter(Boolean).join(' '),
        };
      });
      for (const group of [...ADMINISTRATION, ...(await labGroups(context))]) group(scope, context, streams);
    },
    { prefix: '/api/v1' },
  );
  await api.register(async (scope) => sendRoutes(scope as Api, context, options));
  await api.register(async (scope) => handoverPages(scope as Api, context));
  await api.register(async (scope) => {
    if (!options.metricsOpen) scope.addHook('onRequest', authorized);
    scope.get('/metrics', { config: { role: 'auditor' }, schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(await context.metricsText()),
    );
  });
  openRoutes(api, context);
  if (options.console) consolePages(api, options.console);
  await api.ready();
  return api;
}

/** Who may call a route, for the reference. */
function accessInWords({ config = {}, method }: RouteOptions): string {
  if (config.open) return 'Open to everybody.';
  if (config.role === 'anyone') return 'For whoever has signed in.';
  const role = neededRole(config, String(method));
  const own = config.ownSource !== undefined || config.ownSources ? ', or source owner for their own' : '';
  return `Needs the role ${role}${own}.`;
}

/** What anybody may ask who can reach the port: nothing of it tells of sources or mail. */
function openRoutes(api: Api, context: ApiContext): void {
  api.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'alive' }));
  api.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const ready = context.obstacles().length === 0;
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' });
  });
  api.get('/openapi.json', { schema: { hide: true } }, async () => api.swagger());
  api.get('/docs', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      )
      .send(referencePage(api.swagger() as Parameters<typeof referencePage>[0])),
  );
}
