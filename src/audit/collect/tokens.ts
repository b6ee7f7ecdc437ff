import type { Clock } from '../../platform/clock.ts';
import { CollectError, quoted } from './collect-error.ts';
import type { AppCredential } from './credential.ts';
import { isRecord } from './evidence-folder.ts';
import type { Http, HttpAnswer } from './http.ts';

/** An application of Entra ID that was registered for the audit. */
export interface AppRegistration {
  /** GUID, or a verified domain of the tenant. */
  tenant: string;
  /** Application (client) ID. */
  clientId: string;
  credential: AppCredential;
}

/** A token request that failed for now. */
export class SignInDisturbed extends Error {
  readonly retryAfter?: string;

  constructor(message: string, retryAfter?: string) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

/** Before its end a token is renewed: a long answer must not outlive it. */
const MARGIN_MS = 300_000;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Access tokens of one app registration, by the client credentials grant (RFC 6749 §4.4). They are kept in memory only. */
export class Tokens {
  readonly #app: AppRegistration;
  readonly #http: Http;
  readonly #clock: Clock;
  readonly #tenantUrl: string;
  readonly #url: string;
  /** By resource; there are two at most. */
  readonly #held = new Map<string, { token: string; until: number }>();

  /** @param loginUrl such as `https://login.microsoftonline.com` */
  constructor(app: AppRegistration, loginUrl: string, http: Http, clock: Clock) {
    this.#app = app;
    this.#http = http;
    this.#clock = clock;
    this.#tenantUrl = `${loginUrl}/${encodeURIComponent(app.tenant)}`;
    this.#url = `${this.#tenantUrl}/oauth2/v2.0/token`;
  }

  /**
   * @param resource such as `https://graph.microsoft.com`
   * @throws CollectError when there will be none; SignInDisturbed when there may be one later
   */
  async get(resource: string, signal?: AbortSignal): Promise<string> {
    const held = this.#held.get(resource);
    if (held && held.until > this.#clock.monotonic()) return held.token;
    const asked = this.#clock.monotonic();
    const fields = {
      client_id: this.#app.clientId,
      scope: `${resource}/.default`,
      grant_type: 'client_credentials',
      ...(await this.#app.credential.fields(this.#url, this.#clock.now())),
    };
    let answer: HttpAnswer;
    try {
      answer = await this.#http.send({
        method: 'POST',
        url: this.#url,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams(fields).toString(),
        timeoutMs: 30_000,
        signal,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new SignInDisturbed(`the sign-in service can not be reached: ${reasonOf(error)}`);
    }
    const said = parsed(answer.body);
    if (answer.status === 200) {
      const { access_token: token, expires_in: seconds } = said ?? {};
      if (typeof token !== 'string' || token === '') {
        throw new SignInDisturbed('the sign-in service answered without a token');
      }
      const lasts = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : 3_600_000;
      this.#held.set(resource, { token, until: asked + Math.max(lasts - MARGIN_MS, lasts / 2) });
      return token;
    }
    if (answer.status === 429 || answer.status >= 500) {
      throw new SignInDisturbed(`the sign-in service answered ${answer.status}`, answer.retryAfter);
    }
    throw this.#refusal(answer.status, said);
  }

  /**
   * The tenant's GUID, which not every service can do without. The issuer of the tenant's tokens tells it.
   * @throws CollectError
   */
  async tenantId(signal?: AbortSignal): Promise<string> {
    if (GUID.test(this.#app.tenant)) return this.#app.tenant;
    const url = `${this.#tenantUrl}/v2.0/.well-known/openid-configuration`;
    let answer: HttpAnswer;
    try {
      answer = await this.#http.send({ method: 'GET', url, timeoutMs: 30_000, signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new CollectError('unreachable', `the sign-in service can not be reached: ${reasonOf(error)}`);
    }
    const issuer = String(parsed(answer.body)?.['issuer']);
    const found = issuer.split('/').find((part) => GUID.test(part));
    if (found === undefined) {
      throw new CollectError(
        'refused',
        `nobody tells the identifier of ${this.#app.tenant}; give it as --tenant`,
      );
    }
    return found;
  }

  /** The service did not take the token: the next is a new one. */
  forget(resource: string): void {
    this.#held.delete(resource);
  }

  secrets(): string[] {
    return [...this.#app.credential.secrets(), ...[...this.#held.values()].map(({ token }) => token)];
  }

  #refusal(status: number, said: Record<string, unknown> | undefined): CollectError {
    const text = typeof said?.['error_description'] === 'string' ? said['error_description'] : '';
    const code = /AADSTS\d+/.exec(text)?.[0] ?? '';
    const advice = ADVICE[code];
    // the rest of the text is trace numbers
    const quote = quoted(text.split(/\r?\n| Trace ID:/, 1)[0] ?? '', this.secrets());
    return new CollectError(
      'sign-in-refused',
      advice
        ? `${advice} (${code})`
        : `the sign-in of application ${this.#app.clientId} was refused${quote === '' ? ` (${status})` : `: ${quote}`}`,
    );
  }
}

const ADVICE: Record<string, string | undefined> = {
  AADSTS7000215:
    'the client secret is wrong; give its value, which the portal shows once, and not its identifier (Secret ID)',
  AADSTS7000222: 'the client secret has expired; make a new one under "Certificates & secrets"',
  AADSTS700016: 'the tenant has no such application; look at --client-id and --tenant',
  AADSTS90002: 'there is no such tenant; look at --tenant',
  AADSTS900023: 'that is no tenant; give its identifier or one of its domains',
  AADSTS700027:
    'the certificate is not registered with the application, or has expired; upload it under "Certificates & secrets"',
  AADSTS7000112:
    'the application is disabled in the tenant; an administrator enables it under "Enterprise applications"',
  AADSTS500011: 'the tenant does not have this service; leave that part out with --only',
  AADSTS53003:
    'a Conditional Access policy for workload identities blocks the sign-in; run from an allowed place',
};

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The system's reason behind `fetch failed`, with its code. */
export function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  const { code, message: inner } = (cause ?? {}) as NodeJS.ErrnoException;
  return quoted(code ?? inner ?? message);
}
