import { createLocalJWKSet, errors, type JWSHeaderParameters } from 'jose';
import type { Clock } from '../platform/clock.ts';

/** What is known of one issuer of tokens. */
export interface TrustedIssuer {
  /** Exactly as tokens say it in `iss`: one tenant, never a whole cloud. */
  issuer: string;
  /** What tokens must say in `aud`. */
  audience: string | string[];
  /** Where its keys are; absent: OpenID Connect Discovery says. */
  jwksUri?: string;
}

/** The issuer's keys could not be had: nothing can be said about its tokens now. */
export class IssuerUnavailableError extends Error {}

export type HttpGet = (url: string, init: RequestInit) => Promise<Response>;

/** How long keys are used before they are asked for again, milliseconds. */
const FRESH_MS = 600_000;
/** How long they are used when the issuer does not answer. */
const STALE_MS = 86_400_000;
/** The least time between two questions to the issuer, whoever sends tokens with made-up key identifiers. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 5000;
const MAX_OCTETS = 262_144;
/** The only hosts whose keys may be fetched without TLS. */
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

type KeySet = ReturnType<typeof createLocalJWKSet>;
type Key = Awaited<ReturnType<KeySet>>;

/** The public keys of one issuer: fetched when needed, kept for a while, asked for again with restraint. */
export class IssuerKeys {
  readonly #trusted: TrustedIssuer;
  readonly #clock: Clock;
  readonly #get: HttpGet;
  #keys: KeySet | undefined;
  #fetchedAt = 0;
  #askedAt: number | undefined;
  #asking: Promise<void> | undefined;
  #failure = '';

  constructor(trusted: TrustedIssuer, clock: Clock, get: HttpGet) {
    this.#trusted = trusted;
    this.#clock = clock;
    this.#get = get;
  }

  /**
   * The key that the header of a token names.
   *
   * @throws IssuerUnavailableError when there are no keys; JOSEError when none, or several, match.
   */
  async key(header: JWSHeaderParameters): Promise<Key> {
    if (!this.#keys || this.#age() > FRESH_MS) await this.#ask();
    if (!this.#keys || this.#age() > STALE_MS) throw new IssuerUnavailableError(this.#failure);
    try {
      return await this.#keys(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // the issuer may have changed its keys since
      const before: KeySet = this.#keys;
      await this.#ask();
      if (this.#keys === before) throw error;
      return this.#keys(header);
    }
  }

  #age(): number {
    return this.#clock.monotonic() - this.#fetchedAt;
  }

  async #ask(): Promise<void> {
    const now = this.#clock.monotonic();
    if (!this.#asking) {
      if (this.#askedAt !== undefined && now - this.#askedAt < COOLDOWN_MS) return;
      this.#askedAt = now;
      this.#asking = this.#fetch();
    }
    await this.#asking;
  }

  async #fetch(): Promise<void> {
    try {
      const document = await this.#json(this.#trusted.jwksUri ?? (await this.#discover()));
      this.#keys = createLocalJWKSet(document as unknown as Parameters<typeof createLocalJWKSet>[0]);
      this.#fetchedAt = this.#clock.monotonic();
    } catch (error) {
      // told by the error of whoever needs the keys
      this.#failure = `keys of ${this.#trusted.issuer} could not be fetched: ${reasonOf(error)}`;
    } finally {
      this.#asking = undefined;
    }
  }

  /** OpenID Connect Discovery 1.0 §4. */
  async #discover(): Promise<string> {
    const { issuer } = this.#trusted;
    const document = await this.#json(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    // §4.3: it must speak for this very issuer
    if (document.issuer !== issuer) throw new Error('the discovery document names another issuer');
    const uri = document.jwks_uri;
    if (typeof uri !== 'string') throw new Error('the discovery document names no jwks_uri');
    return uri;
  }

  /** A JSON object, bounded in time and size; a redirect would be trust in somebody else. */
  async #json(url: string): Promise<Record<string, unknown>> {
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'https:' && !LOOPBACK.has(hostname)) throw new Error(`${url} is not https`);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#get(url, {
      signal,
      redirect: 'error',
      headers: { accept: 'application/json' },
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`${url} answered ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    let octets = 0;
    for await (const chunk of response.body ?? []) {
      octets += chunk.length;
      if (octets > MAX_OCTETS) throw new Error(`${url} answered with more than ${MAX_OCTETS} octets`);
      chunks.push(chunk);
    }
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value !== 'object' || value === null) throw new Error(`${url} did not answer with an object`);
    return value as Record<string, unknown>;
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}
