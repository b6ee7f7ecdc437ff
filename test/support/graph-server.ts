import { X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import type { Clock } from '../../src/platform/clock.ts';

/** A row of the message trace, as Graph sends it. */
export interface TraceRow {
  id: string;
  messageId: string;
  receivedDateTime: string;
  senderAddress: string;
  recipientAddress: string;
  subject: string;
  status: string;
  fromIP: string;
  toIP: string;
  size: number;
}

/** What the next request but those to the sign-in gets instead of its answer. */
export type Fault =
  | 'truncated'
  | 'hung-up'
  | 'no-answer'
  | 'unavailable'
  | 'token-revoked'
  | 'throttled'
  | 'stale-page';

export interface Asked {
  method: string;
  path: string;
  /** Decoded. */
  query: Record<string, string>;
  body: string;
  status: number;
}

export const TENANT_ID = '11111111-2222-4333-8444-555555555555';
export const TENANT_DOMAIN = 'contoso.onmicrosoft.com';
export const CLIENT_ID = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const DAY = 86_400_000;
const TRACES = '/v1.0/admin/exchange/tracing/messageTraces';

/**
 * Microsoft's sign-in, Graph and the Exchange Online Admin API as far as the collectors use them, on loopback: limits,
 * windows, pages and errors as they are documented or were measured.
 */
export class GraphServer {
  secret = 'Xq8~the-secret-of-the-app';
  /** PEM of the certificate that is registered. */
  certificate?: string;
  granted = new Set([
    'ExchangeMessageTrace.Read.All',
    'ThreatHunting.Read.All',
    'Domain.Read.All',
    'Exchange.ManageAsAppV2',
  ]);
  servicePrincipal = true;
  hasDefender = true;
  /** Requests in five minutes, trace and details together. */
  limit = 100;
  /** Rows of one hunt; beyond, the service refuses. */
  mostHunted = 100_000;
  rows: TraceRow[] = [];
  details = new Map<string, unknown[]>();
  events: Record<string, unknown>[] = [];
  domains: unknown[] = [{ id: 'contoso.com', isVerified: true, supportedServices: ['Email'] }];
  acceptedDomains: unknown[] = [
    { DomainName: 'contoso.com', DomainType: 'Authoritative', MatchSubDomains: false },
  ];
  organisation: Record<string, unknown> = { Name: TENANT_DOMAIN, RejectDirectSend: false };
  faults: Fault[] = [];
  /** Called after each answer, with the number of requests until then. */
  answered: (count: number) => void = () => undefined;
  asked: Asked[] = [];
  tokens = 0;
  readonly #clock: Clock;
  #taken: number[] = [];
  #valid = new Set<string>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  static async start(clock: Clock): Promise<GraphServer> {
    const server = new GraphServer(clock);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Requests for the trace itself, pages included. */
  get traceRequests(): Asked[] {
    return this.asked.filter(({ path }) => path === TRACES);
  }

  get detailRequests(): Asked[] {
    return this.asked.filter(({ path }) => path.includes('/getDetailsByRecipient'));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const body = await bodyOf(request);
    const { pathname: path } = url;
    if (path.endsWith('/oauth2/v2.0/token')) return this.#token(path, new URLSearchParams(body), response);
    if (path.endsWith('/.well-known/openid-configuration')) {
      return json(response, 200, { issuer: `https://login.microsoftonline.com/${TENANT_ID}/v2.0` });
    }
    const asked: Asked = {
      method: request.method ?? '',
      path: decodeURIComponent(path),
      query: Object.fromEntries(url.searchParams),
      body,
      status: 0,
    };
    this.asked.push(asked);
    response.once('finish', () => {
      asked.status = response.statusCode;
      this.answered(this.asked.length);
    });
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (this.#spoil(token, url, response)) return;
    if (token === undefined || !this.#valid.has(token)) {
      return refuse(
        response,
        401,
        'InvalidAuthenticationToken',
        'Access token has expired or is not yet valid.',
      );
    }
    this.#route(asked, url, response);
  }

  #route(asked: Asked, url: URL, response: ServerResponse): void {
    const { path, body } = asked;
    if (path.startsWith(TRACES)) {
      if (!this.servicePrincipal) {
        return refuse(
          response,
          401,
          'UnknownError',
          'Service principal-less authentication failed: The service principal for App ID 8bd644d1-64a1-4d4b-ae52-2e0cbf64e373 was not found.',
        );
      }
      if (!this.#may('ExchangeMessageTrace.Read.All', response) || !this.#within(response)) return;
      return path === TRACES ? this.#traces(url, response) : this.#details(path, response);
    }
    if (path === '/v1.0/security/runHuntingQuery') {
      if (this.#may('ThreatHunting.Read.All', response)) this.#hunt(body, response);
      return;
    }
    if (path === '/v1.0/domains') {
      if (this.#may('Domain.Read.All', response)) json(response, 200, { value: this.domains });
      return;
    }
    if (path === `/adminapi/v2.0/${TENANT_ID}/AcceptedDomain`) {
      if (this.#may('Exchange.ManageAsAppV2', response)) json(response, 200, { value: this.acceptedDomains });
      return;
    }
    if (path === `/adminapi/v2.0/${TENANT_ID}/OrganizationConfig`) {
      if (this.#may('Exchange.ManageAsAppV2', response)) json(response, 200, { value: [this.organisation] });
      return;
    }
    refuse(response, 404, 'ResourceNotFound', `no ${path}`);
  }

  async #token(path: string, form: URLSearchParams, response: ServerResponse): Promise<void> {
    const wrong = (code: string, text: string): void =>
      json(response, code === 'AADSTS90002' ? 400 : 401, {
        error: 'invalid_client',
        error_description: `${code}: ${text} Trace ID: 0000 Correlation ID: 0000`,
      });
    if (![TENANT_ID, TENANT_DOMAIN].includes(path.split('/')[1] ?? '')) {
      return wrong('AADSTS90002', `Tenant '${path.split('/')[1]}' not found.`);
    }
    if (form.get('client_id') !== CLIENT_ID) return wrong('AADSTS700016', 'Application was not found.');
    const assertion = form.get('client_assertion');
    if (assertion !== null) {
      const registered = new X509Certificate(this.certificate ?? '');
      try {
        const { protectedHeader, payload } = await jwtVerify(assertion, registered.publicKey, {
          algorithms: ['PS256'],
          audience: `${this.url}${path}`,
          issuer: CLIENT_ID,
          subject: CLIENT_ID,
          requiredClaims: ['jti', 'exp', 'nbf'],
          currentDate: new Date(this.#clock.now()),
        });
        const thumbprint = Buffer.from(registered.fingerprint256.replaceAll(':', ''), 'hex').toString(
          'base64url',
        );
        if (protectedHeader['x5t#S256'] !== thumbprint || (payload.exp ?? 0) - (payload.nbf ?? 0) > 600)
          throw new Error();
      } catch {
        return wrong(
          'AADSTS700027',
          'The certificate with identifier used to sign the client assertion is not registered.',
        );
      }
    } else if (form.get('client_secret') !== this.secret) {
      // some refusals repeat what they were given
      return wrong('AADSTS7000299', `Secret '${form.get('client_secret')}' is not one of ours.`);
    }
    const token = `token-${++this.tokens}`;
    this.#valid.add(token);
    json(response, 200, { token_type: 'Bearer', expires_in: 3599, access_token: token });
  }

  /** Whether a fault took the place of the answer. */
  #spoil(token: string | undefined, url: URL, response: ServerResponse): boolean {
    const [fault] = this.faults;
    if (fault === undefined || (fault === 'stale-page' && !url.searchParams.has('$skiptoken'))) return false;
    this.faults.shift();
    switch (fault) {
      case 'truncated':
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"value":[{"id":"a","messag');
        return true;
      case 'hung-up':
        response.socket?.destroy();
        return true;
      case 'no-answer':
        return true;
      case 'unavailable':
        refuse(response, 503, 'ServiceUnavailable', 'The service is temporarily unavailable.');
        return true;
      case 'throttled':
        response.setHeader('retry-after', '17');
        refuse(
          response,
          429,
          'TooManyRequests',
          'Your recent queries have surpassed the permitted limit, please try again later.',
        );
        return true;
      case 'stale-page':
        refuse(response, 400, 'BadRequest', 'Skip token is not valid any more.');
        return true;
      case 'token-revoked':
        if (token !== undefined) this.#valid.delete(token);
        return false;
    }
  }

  #may(permission: string, response: ServerResponse): boolean {
    if (this.granted.has(permission)) return true;
    refuse(response, 403, 'Forbidden', 'Insufficient privileges to complete the operation.');
    return false;
  }

  #within(response: ServerResponse): boolean {
    const now = this.#clock.now();
    this.#taken = this.#taken.filter((at) => at > now - 300_000);
    if (this.#taken.length >= this.limit) {
      response.setHeader('retry-after', String(Math.ceil(((this.#taken[0] ?? now) + 300_000 - now) / 1000)));
      refuse(
        response,
        429,
        'TooManyRequests',
        'Your recent queries have surpassed the permitted limit, please try again later.',
      );
      return false;
    }
    this.#taken.push(now);
    return true;
  }

  #traces(url: URL, response: ServerResponse): void {
    const filter = url.searchParams.get('$filter') ?? '';
    const from = Date.parse(/receivedDateTime ge (\S+)/.exec(filter)?.[1] ?? '');
    const to = Date.parse(/receivedDateTime le (\S+)/.exec(filter)?.[1] ?? '');
    const bad = (text: string): void => refuse(response, 400, 'BadRequest', text);
    if (Number.isNaN(to)) return bad('EndDate is required when a StartDate is entered.');
    if (Number.isNaN(from)) return bad('StartDate is required when an EndDate is entered.');
    if (to - from > 10 * DAY)
      return bad("The interval between StartDate and EndDate can't be longer than 10 days.");
    if (from < this.#clock.now() - 90 * DAY) return bad('StartDate must be within the last 90 days.');
    const top = Number(url.searchParams.get('$top') ?? 1000);
    if (!(top >= 1 && top <= 5000)) return bad('$top must be from 1 to 5000.');
    const found = this.rows
      .filter(
        ({ receivedDateTime }) => Date.parse(receivedDateTime) >= from && Date.parse(receivedDateTime) <= to,
      )
      .sort(
        (a, b) =>
          Date.parse(b.receivedDateTime) - Date.parse(a.receivedDateTime) ||
          (a.recipientAddress < b.recipientAddress ? -1 : 1),
      );
    const start = Number(url.searchParams.get('$skiptoken') ?? 0);
    const next = new URL(url);
    next.searchParams.set('$skiptoken', String(start + top));
    json(response, 200, {
      '@odata.context': `${this.url}/v1.0/$metadata`,
      ...(start + top < found.length ? { '@odata.nextLink': next.href } : {}),
      value: found.slice(start, start + top),
    });
  }

  #details(path: string, response: ServerResponse): void {
    const [, id, recipient] =
      /messageTraces\/([^/]+)\/getDetailsByRecipient\(recipientAddress='((?:[^']|'')*)'\)$/.exec(path) ?? [];
    if (id === undefined || recipient === undefined) {
      return refuse(response, 400, 'BadRequest', `Syntax error in '${path}'.`);
    }
    json(response, 200, { value: this.details.get(`${id} ${recipient.replaceAll("''", "'")}`) ?? [] });
  }

  #hunt(body: string, response: ServerResponse): void {
    const { Query: query } = JSON.parse(body) as { Query: string };
    const bad = (text: string): void => refuse(response, 400, 'BadRequest', text);
    if (!this.hasDefender)
      return bad("'where' operator: Failed to resolve table expression named 'EmailEvents'");
    const from = Date.parse(/Timestamp >= datetime\(([^)]+)\)/.exec(query)?.[1] ?? '');
    const to = Date.parse(/Timestamp < datetime\(([^)]+)\)/.exec(query)?.[1] ?? '');
    const take = Number(/\| take (\d+)/.exec(query)?.[1] ?? Infinity);
    if (from < this.#clock.now() - 30 * DAY) return bad('Data is available for the last 30 days.');
    const found = this.events.filter(
      ({ Timestamp: at }) => Date.parse(String(at)) >= from && Date.parse(String(at)) < to,
    );
    const results = found.slice(0, take);
    if (results.length > this.mostHunted) return bad('Query execution has exceeded the allowed result size.');
    json(response, 200, { schema: [{ name: 'Timestamp', type: 'DateTime' }], results });
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  json(response, status, { error: { code, message, innerError: { date: '2026-01-01T00:00:00' } } });
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
