import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** A header that no page of another site can send: it would have to ask first, and this API never says yes. */
export const OWN_REQUEST = 'x-postern-request';

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;
const VALUE = /^[A-Za-z0-9._-]{1,4000}$/;

export type CookieName = 'postern' | 'postern-sign-in';

/** How the API is seen from a browser: what is its own site, and how cookies are kept on it. */
export class Site {
  readonly #publicUrl: URL | undefined;

  /** @param publicUrl where people open the relay, when that is not what the request says (a proxy that ends TLS) */
  constructor(publicUrl: URL | undefined) {
    this.#publicUrl = publicUrl;
  }

  /** @throws Problem 403 where a cookie would go over the network in clear */
  refuseClear(request: FastifyRequest): void {
    if (this.#isSecure(request) || LOOPBACK.test(request.ip)) return;
    throw new Problem(
      403,
      'sign in over HTTPS: set api.tls = true; where a proxy ends TLS, name its network in api.trustedProxies and let it send X-Forwarded-Proto',
    );
  }

  /**
   * Cookies come along whoever made the browser send the request. So what changes something must come from a page of
   * this site: with a header that other sites can not set, and with its own origin (RFC 6454 §7).
   * @param strict an origin must be there: browsers always send it with what is not GET
   * @throws Problem 403
   */
  refuseForeign(request: FastifyRequest, strict: boolean): void {
    if (request.headers[OWN_REQUEST] === undefined) {
      throw new Problem(
        403,
        `the header ${OWN_REQUEST} is missing; pages and programs send it with the value 1`,
      );
    }
    const { origin } = request.headers;
    if (origin === undefined ? !strict : this.#isOwn(request, origin)) return;
    throw new Problem(403, 'the request does not come from a page of this relay');
  }

  cookie(request: FastifyRequest, name: CookieName): string | undefined {
    const wanted = this.#named(request, name);
    const header = request.headers.cookie ?? '';
    if (header.length > 16_384) return undefined;
    for (const pair of header.split(';')) {
      const [key, value] = pair.trim().split('=', 2);
      if (key === wanted && value !== undefined && VALUE.test(value)) return value;
    }
    return undefined;
  }

  /** @param seconds absent: until the browser is closed; 0: removes it */
  setCookie(
    request: FastifyRequest,
    reply: FastifyReply,
    name: CookieName,
    value: string,
    seconds?: number,
  ): void {
    const parts = [`${this.#named(request, name)}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
    if (this.#isSecure(request)) parts.push('Secure');
    if (seconds !== undefined) parts.push(`Max-Age=${seconds}`);
    const before = reply.getHeader('set-cookie');
    const cookie = parts.join('; ');
    reply.header('set-cookie', before === undefined ? cookie : [before, cookie].flat());
  }

  /** `__Host-`: only this host has set it, over TLS (RFC 6265bis §4.1.3.2). Without TLS no browser would take it. */
  #named(request: FastifyRequest, name: CookieName): string {
    return this.#isSecure(request) ? `__Host-${name}` : name;
  }

  #isSecure(request: FastifyRequest): boolean {
    return request.protocol === 'https' || this.#publicUrl?.protocol === 'https:';
  }

  #isOwn(request: FastifyRequest, origin: string): boolean {
    return origin === this.#publicUrl?.origin || origin === `${request.protocol}://${request.host}`;
  }
}
