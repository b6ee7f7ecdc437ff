import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import { CollectError, quoted } from './collect-error.ts';
import { isRecord } from './evidence-folder.ts';
import type { Http, HttpAnswer } from './http.ts';
import { type Pace, pause } from './pace.ts';
import { reasonOf, SignInDisturbed, type Tokens } from './tokens.ts';

export interface ServiceRequest {
  method: 'GET' | 'POST';
  url: string;
  /** Whose token it takes, such as `https://graph.microsoft.com`. */
  resource: string;
  /** What the app registration must have been granted for it. */
  permission: string;
  body?: unknown;
  headers?: Record<string, string>;
  pace?: Pace;
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface ServiceContext {
  http: Http;
  tokens: Tokens;
  clock: Clock;
  random: Random;
  /** Told of each wait that is not the pace itself, before it begins. */
  waiting?: (text: string, ms: number) => void;
}

/** Where the service does not say how long: its own documents speak of a window of five minutes. */
const THROTTLE_WAITS_MS = [60_000, 180_000, 300_000];
const MOST_THROTTLED = 20;
const LONGEST_WAIT_MS = 1_800_000;
const MOST_FAILURES = 6;
const FIRST_WAIT_MS = 2000;

/** The application that Microsoft's message trace runs as; a tenant that never used it has no principal of it. */
const TRACE_SERVICE = '8bd644d1-64a1-4d4b-ae52-2e0cbf64e373';

/** The service refused this question, and said why in its own words. */
export class ServiceRefusal extends CollectError {
  readonly status: number;
  /** The service's error code, such as `BadRequest`. */
  readonly serviceCode: string;
  readonly serviceText: string;

  constructor(status: number, serviceCode: string, serviceText: string) {
    super('refused', `the service answered ${status}: ${serviceText || serviceCode || 'no reason given'}`);
    this.status = status;
    this.serviceCode = serviceCode;
    this.serviceText = serviceText;
  }
}

/** Asks Microsoft's services: tokens, pace, throttling and disturbances are settled here. */
export class ServiceClient {
  readonly #context: ServiceContext;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  /**
   * One question, and the JSON object that answers it. What may pass by itself is waited for.
   * @throws CollectError; the signal's reason when that was given
   */
  async ask(request: ServiceRequest): Promise<Record<string, unknown>> {
    const { tokens } = this.#context;
    let failures = 0;
    let throttled = 0;
    let renewed = false;
    for (;;) {
      const attempt = await this.#attempt(request);
      if ('object' in attempt) return attempt.object;
      const { answer, reason, retryAfter } = attempt;
      if (answer?.status === 401) {
        this.#refuseUnknownService(answer);
        // a token can end early: it was revoked, or consent was given meanwhile
        if (renewed) throw this.#unauthorised(answer, request);
        renewed = true;
        tokens.forget(request.resource);
        continue;
      }
      if (answer?.status === 403) throw this.#forbidden(answer, request);
      if (answer?.status === 429) {
        if (++throttled > MOST_THROTTLED) throw unreachable('the service throttles without an end');
        const wait = this.#told(retryAfter) ?? THROTTLE_WAITS_MS[Math.min(throttled, 3) - 1] ?? 0;
        request.pace?.hold(wait);
        await this.#wait('the service throttles', wait, request.signal);
        continue;
      }
      if (answer && !isDisturbance(answer.status)) throw this.#refusal(answer);
      if (++failures >= MOST_FAILURES) throw unreachable(reason);
      const backoff = FIRST_WAIT_MS * 2 ** (failures - 1) * (0.75 + this.#context.random.fraction() / 2);
      await this.#wait(reason, this.#told(retryAfter) ?? backoff, request.signal);
    }
  }

  async #attempt(
    request: ServiceRequest,
  ): Promise<
    { object: Record<string, unknown> } | { answer?: HttpAnswer; reason: string; retryAfter?: string }
  > {
    const { http, tokens } = this.#context;
    const { signal, body } = request;
    let answer: HttpAnswer;
    try {
      const token = await tokens.get(request.resource, signal);
      await request.pace?.take(signal);
      answer = await http.send({
        method: request.method,
        url: request.url,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
          authorization: `Bearer ${token}`,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        timeoutMs: request.timeoutMs,
        signal,
      });
    } catch (error) {
      if (signal?.aborted || error instanceof CollectError) throw error;
      if (error instanceof SignInDisturbed) return { reason: error.message, retryAfter: error.retryAfter };
      return { reason: `no answer: ${reasonOf(error)}` };
    }
    const { status, retryAfter } = answer;
    if (status < 200 || status > 299) return { answer, reason: `the service answered ${status}`, retryAfter };
    let object: unknown;
    try {
      object = JSON.parse(answer.body);
    } catch {
      return { reason: 'the answer was cut off' };
    }
    if (!isRecord(object)) throw unreachable('the answer is no JSON object');
    return { object };
  }

  async #wait(reason: string, ms: number, signal?: AbortSignal): Promise<void> {
    this.#context.waiting?.(reason, ms);
    await pause(this.#context.clock, ms, signal);
  }

  /** RFC 9110 §10.2.3: seconds, or a date. */
  #told(header: string | undefined): number | undefined {
    if (header === undefined) return undefined;
    const text = header.trim();
    const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - this.#context.clock.now();
    return Number.isFinite(ms) ? Math.min(Math.max(ms, 1000), LONGEST_WAIT_MS) : undefined;
  }

  #refusal(answer: HttpAnswer): ServiceRefusal {
    const { code, message } = errorOf(answer);
    const secrets = this.#context.tokens.secrets();
    return new ServiceRefusal(answer.status, quoted(code, secrets), quoted(message, secrets));
  }

  #refuseUnknownService(answer: HttpAnswer): void {
    if (!/service principal-?less|service principal for app id .* was not found/i.test(answer.body)) return;
    throw new CollectError(
      'service-principal-missing',
      `the tenant does not know Microsoft's message trace service yet. An administrator makes it known once, in PowerShell: Connect-MgGraph -Scopes Application.ReadWrite.All; New-MgServicePrincipal -AppId ${TRACE_SERVICE} - then wait some minutes and collect again`,
    );
  }

  #unauthorised(answer: HttpAnswer, request: ServiceRequest): CollectError {
    const { serviceText, serviceCode } = this.#refusal(answer);
    return new CollectError(
      'permission-missing',
      `the service does not take the token (401${serviceText || serviceCode ? `: ${serviceText || serviceCode}` : ''}); the app registration needs the application permission ${request.permission}, with admin consent`,
    );
  }

  #forbidden(answer: HttpAnswer, request: ServiceRequest): CollectError {
    const { serviceText } = this.#refusal(answer);
    return new CollectError(
      'permission-missing',
      `the app registration needs the application permission ${request.permission}, with admin consent (403${serviceText ? `: ${serviceText}` : ''})`,
    );
  }
}

function isDisturbance(status: number): boolean {
  return status === 408 || status === 425 || status >= 500;
}

function unreachable(reason: string): CollectError {
  return new CollectError(
    'unreachable',
    `${reason}; what was collected is kept, and the same command continues from there`,
  );
}

/** The error of an OData answer; empty strings when there is none to be read. */
function errorOf({ body }: HttpAnswer): { code: string; message: string } {
  try {
    const value: unknown = JSON.parse(body);
    const error = isRecord(value) && isRecord(value['error']) ? value['error'] : {};
    const text = (name: string): string => (typeof error[name] === 'string' ? error[name] : '');
    return { code: text('code'), message: text('message') };
  } catch {
    return { code: '', message: '' };
  }
}

/**
 * An address that the service told to go on at, when it is one of the service itself.
 * @throws CollectError when it leads elsewhere: the token is for nobody else
 */
export function nextLink(object: Record<string, unknown>, baseUrl: string): string | undefined {
  const link = object['@odata.nextLink'];
  if (link === undefined || link === null || link === '') return undefined;
  if (typeof link !== 'string' || link.length > 16_000 || !URL.canParse(link)) {
    throw unreachable('the address of the next page is none');
  }
  if (new URL(link).origin !== new URL(baseUrl).origin) {
    throw new CollectError(
      'refused',
      `the next page would be at ${quoted(new URL(link).origin)}, which is not the service`,
    );
  }
  return link;
}

/** The objects in `value`, or under another name. */
export function rowsOf(object: Record<string, unknown>, name = 'value'): Record<string, unknown>[] {
  const rows = object[name];
  if (!Array.isArray(rows)) throw unreachable(`the answer has no list named ${name}`);
  return rows.filter(isRecord);
}
