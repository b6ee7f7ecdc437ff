import type { SaslExchange } from '../../smtp/server/handler.ts';
import { bearerToken, keyValues, type TokenCheck, TokenExchange } from './oauthbearer.ts';

/**
 * XOAUTH2, the form that Google and Microsoft describe for their own servers: `user=NAME ^A auth=Bearer TOKEN
 * ^A ^A`, and a refusal as JSON, which the client answers with an empty line.
 */
export function xoauth2(check: TokenCheck): SaslExchange {
  return new TokenExchange(parse, { status: '401', schemes: 'bearer', scope: 'smtp' }, check);
}

function parse(text: string): { token: string; user: string } | undefined {
  const pairs = text.endsWith('\x01\x01') ? keyValues(text) : undefined;
  const token = bearerToken(pairs?.get('auth'));
  return token === undefined ? undefined : { token, user: pairs?.get('user') ?? '' };
}
