import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

interface Grant {
  challenge: string;
  nonce: string;
  redirectUri: string;
}

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/**
 * An OpenID provider of a test: discovery, authorization code flow with PKCE, ID tokens in RS256. Its user agrees to
 * everything; `claims` says who they are, `spoil` makes an answer wrong.
 */
export class OpenIdProvider {
  readonly clientId = 'postern';
  readonly clientSecret = 'the secret of the client';
  claims: Record<string, unknown> = {};
  spoil: { nonce?: string; audience?: string; issuer?: string; otherKey?: boolean } = {};
  /** Requests to the token endpoint that were refused. */
  refused: string[] = [];
  readonly #grants = new Map<string, Grant>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.writeHead(500).end());
  });
  readonly #keys: { own: KeyPair; other: KeyPair };

  private constructor(keys: { own: KeyPair; other: KeyPair }) {
    this.#keys = keys;
  }

  static async start(): Promise<OpenIdProvider> {
    const provider = new OpenIdProvider({
      own: await generateKeyPair('RS256', { extractable: true }),
      other: await generateKeyPair('RS256'),
    });
    await new Promise<void>((resolve) => provider.#server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.issuer);
    if (url.pathname === '/.well-known/openid-configuration') {
      return json(response, 200, {
        issuer: this.issuer,
        authorization_endpoint: `${this.issuer}/authorize`,
        token_endpoint: `${this.issuer}/token`,
        jwks_uri: `${this.issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
      });
    }
    if (url.pathname === '/keys') {
      const key = await exportJWK(this.#keys.own.publicKey);
      return json(response, 200, { keys: [{ ...key, kid: 'k1', alg: 'RS256', use: 'sig' }] });
    }
    if (url.pathname === '/authorize') return this.#authorize(url, response);
    if (url.pathname === '/token') return this.#token(await bodyOf(request), response);
    response.writeHead(404).end();
  }

  #authorize({ searchParams: asked }: URL, response: ServerResponse): void {
    const code = randomBytes(16).toString('base64url');
    const redirectUri = asked.get('redirect_uri') ?? '';
    this.#grants.set(code, {
      challenge: asked.get('code_challenge') ?? '',
      nonce: asked.get('nonce') ?? '',
      redirectUri,
    });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    response.writeHead(302, { location: back.href }).end();
  }

  async #token(asked: URLSearchParams, response: ServerResponse): Promise<void> {
    const code = asked.get('code') ?? '';
    const grant = this.#grants.get(code);
    this.#grants.delete(code);
    const verifier = createHash('sha256')
      .update(asked.get('code_verifier') ?? '')
      .digest('base64url');
    const problem =
      (asked.get('client_id') !== this.clientId && 'client') ||
      (asked.get('client_secret') !== this.clientSecret && 'secret') ||
      (!grant && 'code') ||
      (grant?.challenge !== verifier && 'verifier') ||
      (grant?.redirectUri !== asked.get('redirect_uri') && 'redirect_uri');
    if (problem || !grant) {
      this.refused.push(String(problem));
      return json(response, 400, { error: 'invalid_grant' });
    }
    const { nonce = grant.nonce, audience = this.clientId, issuer = this.issuer, otherKey } = this.spoil;
    const idToken = await new SignJWT({ nonce, ...this.claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign((otherKey ? this.#keys.other : this.#keys.own).privateKey);
    json(response, 200, { access_token: 'at', token_type: 'Bearer', expires_in: 60, id_token: idToken });
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}
