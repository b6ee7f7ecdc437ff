import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { Failure, usage } from './failure.ts';

const DEFAULT_ADDRESS = 'http://127.0.0.1:8025';
const PATIENCE_MS = 60_000;

export interface ConnectionOptions {
  /** What starts it, for who finds nobody there. */
  startedBy?: string;
  api?: string;
  token?: string;
  data?: string;
}

/** Where the relay's API is and what opens it: options before environment before the files that `start` writes. */
export interface Connection {
  address: string;
  token?: string;
  dataFolder: string;
  /** The token came from the data folder, so a new one belongs there too. */
  tokenFile?: string;
  startedBy: string;
}

export async function findConnection(
  options: ConnectionOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Connection> {
  const dataFolder = await dataFolderOf(options.data, environment);
  const file = path.join(dataFolder, 'admin-token');
  const given = options.token ?? environment['POSTERN_TOKEN'];
  const address =
    options.api ??
    environment['POSTERN_API'] ??
    readLine(path.join(dataFolder, 'api-address')) ??
    DEFAULT_ADDRESS;
  if (!URL.canParse(address) || !/^https?:/.test(address)) {
    throw usage(`${address} is no address of the API; write it as ${DEFAULT_ADDRESS}`);
  }
  trustOwnCertificate(dataFolder);
  return {
    address: address.replace(/\/+$/, ''),
    token: given ?? readLine(file),
    dataFolder,
    tokenFile: given === undefined ? file : undefined,
    startedBy: options.startedBy ?? 'postern start',
  };
}

/** The relay's API for commands. Every failure comes as a Failure in one line. */
export class ApiClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async get<T>(target: string, query: Record<string, string | number | undefined> = {}): Promise<T> {
    return (await this.getWithTag<T>(target, query)).value;
  }

  async getWithTag<T>(
    target: string,
    query: Record<string, string | number | undefined> = {},
  ): Promise<{ value: T; tag?: string }> {
    const response = await this.#ask('GET', withQuery(target, query));
    return { value: await json<T>(response), tag: response.headers.get('etag') ?? undefined };
  }

  async send<T>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    target: string,
    body?: unknown,
    tag?: string,
  ): Promise<T> {
    const response = await this.#ask(method, target, { body, tag });
    return response.status === 204 ? (undefined as T) : json<T>(response);
  }

  async raw(target: string, query: Record<string, string | number | undefined> = {}): Promise<Buffer> {
    return Buffer.from(await (await this.#ask('GET', withQuery(target, query))).arrayBuffer());
  }

  /** Sends a file as it is. */
  async upload<T>(
    target: string,
    query: Record<string, string | number | undefined>,
    text: string,
    type: string,
  ): Promise<T> {
    return json<T>(await this.#ask('POST', withQuery(target, query), { text, type }));
  }

  /** Items of all pages, at most `limit` together. */
  async list<T>(
    target: string,
    query: Record<string, string | number | undefined>,
    limit: number,
  ): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const size = Math.min(500, limit - items.length);
      const page = await this.get<{ items: T[]; next?: string }>(target, { ...query, limit: size, cursor });
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined && items.length < limit);
    return items;
  }

  /**
   * Resolves when the relay has begun to listen for the caller; then each server-sent event comes, until the relay
   * ends it, which is a Failure.
   */
  async follow<T>(
    target: string,
    query: Record<string, string | number | undefined>,
  ): Promise<AsyncGenerator<T>> {
    const response = await this.#ask('GET', withQuery(target, { ...query, follow: 'true' }), { patience: 0 });
    return this.#eventsOf<T>(response);
  }

  async *#eventsOf<T>(response: Response): AsyncGenerator<T> {
    let rest = '';
    const decoder = new TextDecoder();
    let reason = '';
    try {
      for await (const chunk of response.body ?? []) {
        rest += decoder.decode(chunk as Uint8Array, { stream: true });
        for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
          const line = rest.slice(0, end);
          rest = rest.slice(end + 1);
          if (line.startsWith('data: ')) yield JSON.parse(line.slice(6)) as T;
        }
      }
    } catch (error) {
      reason = ` (${reasonOf(error)})`;
    }
    throw new Failure(`the relay at ${this.#connection.address} has ended the connection${reason}`);
  }

  async #ask(
    method: string,
    target: string,
    {
      body,
      tag,
      patience = PATIENCE_MS,
      text = body === undefined ? undefined : JSON.stringify(body),
      type = 'application/json',
    }: { body?: unknown; tag?: string; patience?: number; text?: string; type?: string } = {},
  ): Promise<Response> {
    const { address, token, startedBy } = this.#connection;
    if (token === undefined) {
      throw new Failure(
        `no administrator token: there is no file ${path.join(this.#connection.dataFolder, 'admin-token')} that this user can read. "${startedBy}" makes one; if it runs in another folder, name its data folder with --data, or give the token in POSTERN_TOKEN`,
      );
    }
    let response: Response;
    try {
      response = await fetch(`${address}/api/v1${target}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'x-postern-request': '1',
          ...(text === undefined ? {} : { 'content-type': type }),
          ...(tag === undefined ? {} : { 'if-match': tag }),
        },
        body: text,
        signal: patience > 0 ? AbortSignal.timeout(patience) : undefined,
      });
    } catch (error) {
      throw new Failure(
        `the relay does not answer at ${address} (${reasonOf(error)}). Start it with "${startedBy}", or say where it is with --api or POSTERN_API`,
      );
    }
    if (response.ok) return response;
    throw await failureOf(response, address, token);
  }
}

async function failureOf(response: Response, address: string, token: string): Promise<Failure> {
  const text = await response.text();
  let problem: { detail?: string; code?: string } | undefined;
  if (/json/.test(response.headers.get('content-type') ?? '')) problem = JSON.parse(text) as typeof problem;
  if (response.status === 401 && token.startsWith('pst_token_')) {
    return new Failure(
      `the relay at ${address} does not take this token: it is over, was revoked, or its person may not sign in any more. With the administrator token "postern token list" shows what there is, and "postern token add" makes another`,
      1,
      problem,
    );
  }
  if (response.status === 401) {
    return new Failure(
      `the relay at ${address} does not take this administrator token. It is in the file admin-token of its data folder: name that with --data, or give the token in POSTERN_TOKEN`,
      1,
      problem,
    );
  }
  const detail = problem?.detail ?? `the relay answered ${response.status}`;
  return new Failure(problem?.code ? `${problem.code}: ${detail}` : detail, 1, problem);
}

async function json<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

function withQuery(target: string, query: Record<string, string | number | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? target : `${target}?${text}`;
}

/** fetch hides the system's reason in `cause`. */
function reasonOf(error: unknown): string {
  const { cause, name, message } = error as Error & {
    cause?: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] };
  };
  if (name === 'TimeoutError') return `no answer in ${PATIENCE_MS / 1000} s`;
  return cause?.code ?? cause?.errors?.[0]?.code ?? cause?.message ?? message;
}

async function dataFolderOf(option: string | undefined, environment: NodeJS.ProcessEnv): Promise<string> {
  const fallback = path.resolve(option ?? environment['POSTERN_DATA'] ?? 'data');
  if (option !== undefined || environment['POSTERN_DATA'] !== undefined) return fallback;
  if (environment['POSTERN_CONFIG'] === undefined && !existsSync('postern.toml')) return fallback;
  // reading a configuration takes longer than most commands, so it is loaded only where there is one
  const { ConfigError, loadConfig } = await import('../config/load.ts');
  try {
    return loadConfig({ environment }).data;
  } catch (error) {
    // a configuration that is broken must not keep anybody from administering a relay that runs
    if (error instanceof ConfigError) return fallback;
    throw error;
  }
}

/** The self-signed certificate that `start` made, which no authority vouches for. */
function trustOwnCertificate(dataFolder: string): void {
  const file = path.join(dataFolder, 'tls-certificate.pem');
  if (!existsSync(file)) return;
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(file, 'utf8')]);
}

function readLine(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw error;
  }
}
