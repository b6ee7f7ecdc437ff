import http from 'node:http';
import { AddressRefused, connectOutside, type Outside } from './outside.ts';
import { ChannelError } from './channel.ts';

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  allowPrivate: boolean;
  ca?: string;
}

export interface PostAnswer {
  status: number;
  /** Of the body, at most 4 kB; the rest is not read. */
  text: string;
}

const TIMEOUT_MS = 10_000;
const MOST_ANSWER = 4096;
const LONGEST_WAIT_MS = 3_600_000;
/** Transient by their definition in RFC 9110, RFC 6585 and RFC 8470. */
const RETRIED = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Sends one POST over a connection of its own. A redirect is no success: it could lead anywhere.
 * @param retried statuses after which another attempt is worth it
 * @throws ChannelError for everything but 2xx
 */
export async function post(
  request: Post,
  outside: Outside,
  now: number,
  retried: ReadonlySet<number> = RETRIED,
): Promise<PostAnswer> {
  let answer: PostAnswer & { retryAfter?: string };
  try {
    answer = await exchange(request, outside);
  } catch (error) {
    if (error instanceof AddressRefused) throw new ChannelError(error.message, false, { cause: error });
    throw new ChannelError(reasonOf(error), true, { cause: error });
  }
  const { status, text } = answer;
  if (status >= 200 && status < 300) return { status, text };
  const redirect = status >= 300 && status < 400 ? ' (redirects are not followed)' : '';
  const said = text.trim() === '' ? '' : `: ${text.trim().slice(0, 200)}`;
  throw new ChannelError(`answered ${status}${redirect}${said}`, retried.has(status), {
    retryAfterMs: waitOf(answer.retryAfter, now),
  });
}

async function exchange(
  { url: text, headers, body, allowPrivate, ca }: Post,
  outside: Outside,
): Promise<PostAnswer & { retryAfter?: string }> {
  const url = new URL(text);
  const secure = url.protocol === 'https:';
  const socket = await connectOutside(
    {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || (secure ? 443 : 80)),
      tls: secure ? { ca } : undefined,
      allowPrivate,
      timeoutMs: TIMEOUT_MS,
    },
    outside,
  );
  return new Promise((resolve, reject) => {
    // TLS is done: what goes over the socket is HTTP either way
    const request = http.request({
      method: 'POST',
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, 'content-length': Buffer.byteLength(body), connection: 'close' },
      createConnection: () => socket,
      maxHeaderSize: 16_384,
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)),
      TIMEOUT_MS,
    );
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
    };
    request.once('error', (error) => {
      end();
      reject(error);
    });
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let octets = 0;
      const done = (): void => {
        end();
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).subarray(0, MOST_ANSWER).toString(),
          retryAfter: response.headers['retry-after'],
        });
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        octets += chunk.length;
        if (octets >= MOST_ANSWER) done();
      });
      response.once('end', done);
      // the status has come: a body that was cut off changes nothing of it
      response.once('error', done);
      response.once('aborted', done);
    });
    request.end(body);
  });
}

/** RFC 9110 §10.2.3: seconds, or a date; what is longer than an hour is an hour. */
function waitOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_WAIT_MS) : undefined;
}

export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
}
