import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../platform/clock.ts';
import { type HttpGet, IssuerKeys, IssuerUnavailableError, type TrustedIssuer } from './issuer-keys.ts';

export type TokenFinding =
  | { kind: 'valid'; issuer: string; clientId: string }
  | { kind: 'invalid'; reason: string }
  /** The issuer could not be asked for its keys. */
  | { kind: 'unavailable'; reason: string };

/** Signatures only; never `none`, and never an HMAC, whose key could be the issuer's public one (RFC 8725 §3.1). */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const LEEWAY_SECONDS = 30;
/** RFC 4954 §4 bounds a response at 12288 octets of base64. */
const MAX_TOKEN = 9216;
/** Where issuers put the client: OpenID Connect and Keycloak, Microsoft's first version, RFC 9068. */
const CLIENT_CLAIMS = ['azp', 'appid', 'client_id'] as const;

/** Checks access tokens (RFC 9068, RFC 7519) of the issuers that were configured, and of no other. */
export class TokenVerifier {
  readonly #clock: Clock;
  readonly #issuers = new Map<string, { trusted: TrustedIssuer; keys: IssuerKeys }>();

  constructor(issuers: readonly TrustedIssuer[], clock: Clock, get: HttpGet = fetch) {
    this.#clock = clock;
    for (const trusted of issuers) {
      this.#issuers.set(trusted.issuer, { trusted, keys: new IssuerKeys(trusted, clock, get) });
    }
  }

  /** Whether any issuer is trusted at all. */
  get enabled(): boolean {
    return this.#issuers.size > 0;
  }

  /** Who the token was issued to, once its signature, issuer, audience and time are found right. */
  async verify(token: string): Promise<TokenFinding> {
    if (token.length > MAX_TOKEN) return { kind: 'invalid', reason: 'the token is too long' };
    try {
      // read before it is checked, to know whose keys to check it with; jwtVerify compares it again
      const issuer = decodeJwt(token).iss;
      const known = issuer === undefined ? undefined : this.#issuers.get(issuer);
      if (!known) return { kind: 'invalid', reason: 'the issuer of the token is not trusted' };
      const { payload } = await jwtVerify(token, (header) => known.keys.key(header), {
        issuer: known.trusted.issuer,
        audience: known.trusted.audience,
        algorithms: ALGORITHMS,
        clockTolerance: LEEWAY_SECONDS,
        requiredClaims: ['exp'],
        currentDate: new Date(this.#clock.now()),
      });
      const clientId = clientOf(payload);
      if (clientId === undefined) return { kind: 'invalid', reason: 'the token names no client, or two' };
      return { kind: 'valid', issuer: known.trusted.issuer, clientId };
    } catch (error) {
      if (error instanceof IssuerUnavailableError) return { kind: 'unavailable', reason: error.message };
      if (error instanceof errors.JOSEError)
        return { kind: 'invalid', reason: `${error.code}: ${error.message}` };
      throw error;
    }
  }
}

function clientOf(payload: JWTPayload): string | undefined {
  const named = new Set(CLIENT_CLAIMS.map((claim) => payload[claim]).filter((value) => value !== undefined));
  const [client] = named;
  return named.size === 1 && typeof client === 'string' && client !== '' ? client : undefined;
}
