import { ApiProblem, NoConnection, type ProblemDetails } from './problem.ts';
import type { Paths } from './schema.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
/** Paths of the API, as its OpenAPI document names them, without `/api/v1`. */
export type PathWith<M extends Method> = {
  [P in keyof Paths]: M extends keyof Paths[P] ? P : never;
}[keyof Paths];
type Operation<P extends keyof Paths, M extends Method> = M extends keyof Paths[P] ? Paths[P][M] : never;
type Part<O, K extends string> = K extends keyof O ? O[K] : undefined;
export type AnswerOf<P extends keyof Paths, M extends Method> = Part<Operation<P, M>, 'answer'>;
export type BodyOf<P extends keyof Paths, M extends Method> = Part<Operation<P, M>, 'body'>;
export type ParamsOf<P extends keyof Paths, M extends Method> = Part<Operation<P, M>, 'params'>;
/** On the wire all is text; here numbers and booleans are numbers and booleans as well. */
type Loose<T> = string extends T ? T | number | boolean : 'true' extends T ? T | boolean : T;
type LooseFields<Q> = Q extends object ? { [K in keyof Q]: Loose<Q[K]> } : undefined;
export type QueryOf<P extends keyof Paths, M extends Method> = LooseFields<Part<Operation<P, M>, 'query'>>;

export interface RequestOptions<P extends keyof Paths, M extends Method> {
  params?: ParamsOf<P, M>;
  query?: QueryOf<P, M>;
  body?: BodyOf<P, M>;
  /** Sent as If-Match: the change is made only to what was seen. */
  etag?: string;
  signal?: AbortSignal;
}

export interface Tagged<T> {
  data: T;
  etag: string | undefined;
}

/** What the client tells and asks of the page around it. */
export interface ClientHooks {
  /** The session is over. Resolves when somebody has signed in again; rejects when the page is left. */
  onSignedOut(): Promise<void>;
  /** A request has not been answered, or was again. */
  onConnection(isThere: boolean): void;
}

/** Pauses before a GET that found nobody is tried again, milliseconds. */
const RETRIES = [300, 1000, 2500];

/** The relay's REST API. Every failure comes as `ApiProblem` or `NoConnection`. */
export class ApiClient {
  readonly #hooks: ClientHooks;

  constructor(hooks: ClientHooks) {
    this.#hooks = hooks;
  }

  async get<P extends PathWith<'get'>>(
    path: P,
    options: RequestOptions<P, 'get'> = {},
  ): Promise<AnswerOf<P, 'get'>> {
    return (await this.getTagged(path, options)).data;
  }

  /** With the ETag, for a change that follows. */
  getTagged<P extends PathWith<'get'>>(
    path: P,
    options: RequestOptions<P, 'get'> = {},
  ): Promise<Tagged<AnswerOf<P, 'get'>>> {
    return this.send('get', path, options);
  }

  async post<P extends PathWith<'post'>>(path: P, options: RequestOptions<P, 'post'> = {}) {
    return (await this.send('post', path, options)).data;
  }

  async put<P extends PathWith<'put'>>(path: P, options: RequestOptions<P, 'put'> = {}) {
    return (await this.send('put', path, options)).data;
  }

  async patch<P extends PathWith<'patch'>>(path: P, options: RequestOptions<P, 'patch'> = {}) {
    return (await this.send('patch', path, options)).data;
  }

  async delete<P extends PathWith<'delete'>>(path: P, options: RequestOptions<P, 'delete'> = {}) {
    return (await this.send('delete', path, options)).data;
  }

  async send<M extends Method, P extends PathWith<M>>(
    method: M,
    path: P,
    { params, query, body, etag, signal }: RequestOptions<P, M>,
  ): Promise<Tagged<AnswerOf<P, M>>> {
    const response = await this.request(method, addressOf(path, params as object | undefined, query), {
      body,
      etag,
      signal,
    });
    const data = response.status === 204 ? undefined : await contentOf(response);
    return { data: data as AnswerOf<P, M>, etag: response.headers.get('etag') ?? undefined };
  }

  /** For what is no JSON. `address` begins with `/api/v1`. */
  async request(
    method: string,
    address: string,
    {
      body,
      etag,
      signal,
      contentType,
    }: { body?: unknown; etag?: string; signal?: AbortSignal; contentType?: string } = {},
  ): Promise<Response> {
    const isBinary = body instanceof Blob || body instanceof ArrayBuffer;
    const init: RequestInit = {
      method: method.toUpperCase(),
      signal,
      credentials: 'same-origin',
      headers: {
        // no page of another site can send this
        'x-postern-request': '1',
        ...(body === undefined
          ? {}
          : { 'content-type': contentType ?? (isBinary ? 'application/octet-stream' : 'application/json') }),
        ...(etag === undefined ? {} : { 'if-match': etag }),
      },
      body:
        body === undefined
          ? undefined
          : isBinary || typeof body === 'string'
            ? (body as BodyInit)
            : JSON.stringify(body),
    };
    for (;;) {
      const response = await this.#fetch(address, init);
      if (response.ok) return response;
      const problem = await problemOf(response);
      // a wrong password is an answer, not the end of a session
      const isSignIn = method !== 'get' && address.startsWith('/api/v1/session');
      if (problem.status !== 401 || isSignIn) throw problem;
      await this.#hooks.onSignedOut();
      signal?.throwIfAborted();
    }
  }

  /** What reads is tried again: it changes nothing. What writes may have arrived, and is left to whoever wrote it. */
  async #fetch(address: string, init: RequestInit): Promise<Response> {
    const pauses = init.method === 'GET' ? [...RETRIES] : [];
    for (;;) {
      try {
        const response = await fetch(address, init);
        this.#hooks.onConnection(true);
        return response;
      } catch (error) {
        if (init.signal?.aborted) throw error;
        this.#hooks.onConnection(false);
        const pause = pauses.shift();
        if (pause === undefined) throw new NoConnection(error);
        await new Promise((resolve) => setTimeout(resolve, pause));
        init.signal?.throwIfAborted();
      }
    }
  }
}

/** `/sources/{name}` with its parameters, and what is set of the query. */
export function addressOf(path: string, params?: object, query?: object): string {
  const values = (params ?? {}) as Record<string, string | number | undefined>;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values[name] ?? '')),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `/api/v1${filled}${text === '' ? '' : `?${text}`}`;
}

async function contentOf(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  return type.includes('json') ? response.json() : response.text();
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  try {
    return new ApiProblem((await response.json()) as ProblemDetails, retryAfter);
  } catch {
    // a proxy in between has answered
    const { status, statusText } = response;
    return new ApiProblem(
      { status, title: statusText, detail: `the answer was ${status} ${statusText}` },
      retryAfter,
    );
  }
}
