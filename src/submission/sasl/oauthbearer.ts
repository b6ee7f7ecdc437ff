import type { Reply } from '../../smtp/reply.ts';
import type { SaslExchange, SaslStep } from '../../smtp/server/handler.ts';
import { malformed, textOf } from './malformed.ts';

/** What follows from a token; `user` is the name that the client gave with it. */
export type TokenCheck = (token: string, user: string) => Promise<SaslStep>;

/** RFC 7628 §3.1: key=value pairs, each ended by a ^A. */
export function keyValues(text: string): Map<string, string> | undefined {
  if (!text.endsWith('\x01')) return undefined;
  const pairs = new Map<string, string>();
  for (const pair of text.split('\x01')) {
    if (pair === '') continue;
    const [, key, value] = /^([A-Za-z]+)=([\x09\x0a\x0d\x20-\x7e]*)$/.exec(pair) ?? [];
    if (key === undefined || value === undefined || pairs.has(key)) return undefined;
    pairs.set(key, value);
  }
  return pairs;
}

/** The token of `Bearer TOKEN` (RFC 6750 §2.1). */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
}

/**
 * The part that OAUTHBEARER and XOAUTH2 share: a token is refused with a challenge that says why, and the
 * exchange fails when the client has answered that.
 */
export class TokenExchange implements SaslExchange {
  readonly #parse: (text: string) => { token: string; user: string } | undefined;
  readonly #refusal: Buffer;
  readonly #check: TokenCheck;
  #failed: Reply | undefined;

  constructor(
    parse: (text: string) => { token: string; user: string } | undefined,
    refusal: Record<string, string>,
    check: TokenCheck,
  ) {
    this.#parse = parse;
    this.#refusal = Buffer.from(JSON.stringify(refusal));
    this.#check = check;
  }

  async step(response: Buffer | undefined): Promise<SaslStep> {
    if (this.#failed) return { kind: 'failure', reply: this.#failed };
    if (!response) return { kind: 'challenge', data: Buffer.alloc(0) };
    const text = textOf(response);
    const found = text === undefined ? undefined : this.#parse(text);
    if (!found) return malformed('the message with the token can not be read');
    const step = await this.#check(found.token, found.user);
    // what is no fault of the token is said at once
    if (step.kind !== 'failure' || step.reply.refusal !== 'A301') return step;
    this.#failed = step.reply;
    return { kind: 'challenge', data: this.#refusal };
  }
}

/** OAUTHBEARER, RFC 7628. */
export function oauthBearer(check: TokenCheck): SaslExchange {
  // §3.2.2: the least that the challenge must say
  return new TokenExchange(parse, { status: 'invalid_token' }, check);
}

/** §3.1: a GS2 header without channel binding, ^A, key=value pairs, ^A. */
function parse(text: string): { token: string; user: string } | undefined {
  const [, user = '', rest] = /^[ny],(?:a=([^,]+))?,\x01(.*\x01)\x01$/s.exec(text) ?? [];
  const token = rest === undefined ? undefined : bearerToken(keyValues(rest)?.get('auth'));
  return token === undefined
    ? undefined
    : { token, user: user.replaceAll('=2C', ',').replaceAll('=3D', '=') };
}
