import { CollectError } from './collect-error.ts';

export interface HttpRequest {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** For the whole answer, in milliseconds. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  /** As it came: seconds, or a date. */
  retryAfter?: string;
  body: string;
}

/** All that the collectors know of HTTP. */
export interface Http {
  /**
   * One request, one whole answer, whatever its status. Redirects are not followed: a token must not travel on.
   * @throws CollectError `too-large`; other errors mean that there was no whole answer
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

const TIMEOUT_MS = 120_000;
/** 5000 rows of a trace are 4 MB; 10,000 of a hunt are 40. */
const MOST_OCTETS = 96 * 2 ** 20;

/** HTTP over the platform's `fetch`, with bounds on time and size; compressed answers are counted unpacked. */
export class FetchHttp implements Http {
  readonly #mostOctets: number;

  constructor(mostOctets = MOST_OCTETS) {
    this.#mostOctets = mostOctets;
  }

  async send({
    method,
    url,
    headers,
    body,
    timeoutMs = TIMEOUT_MS,
    signal,
  }: HttpRequest): Promise<HttpAnswer> {
    const limit = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, {
      method,
      headers,
      body,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const chunks: Uint8Array[] = [];
    let octets = 0;
    for await (const chunk of response.body ?? []) {
      octets += chunk.length;
      if (octets > this.#mostOctets) {
        // leaving the loop ends the connection
        throw new CollectError('too-large', `an answer of more than ${this.#mostOctets} octets was cut off`);
      }
      chunks.push(chunk);
    }
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after') ?? undefined,
      body: Buffer.concat(chunks).toString('utf8'),
    };
  }
}
