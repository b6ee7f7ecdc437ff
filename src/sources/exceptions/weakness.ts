import type { ExceptionKind } from './exception.ts';

/** What is known of a session when it is asked which exceptions it lives by. */
export interface SessionFacts {
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`; absent without TLS. */
  tls?: string;
  /** How it authenticated; absent before. */
  method?: string;
  /** What its listener asks of everybody. */
  listener: ListenerTerms;
}

export interface ListenerTerms {
  /** Nothing but STARTTLS before TLS. */
  requiresTls: boolean;
  /** Takes passwords without TLS from everybody who can reach it, by its configuration. */
  plainAuthentication: boolean;
}

/** Names of suites in which the server's RSA key, not an exchange, protects the session (RFC 5246 §7.4.7.1). */
const RSA_KEY_EXCHANGE = /\bTLS_RSA_WITH_/;

/** What a session does that nobody may do without an exception; empty for most. */
export function weaknessesOf({ tls, method, listener }: SessionFacts): ExceptionKind[] {
  const found: ExceptionKind[] = [];
  if (tls === undefined) {
    const secret = method !== undefined && method !== 'network';
    if (listener.requiresTls || (secret && !listener.plainAuthentication)) found.push('no-tls');
  } else {
    const [version, cipher = ''] = tls.split(' ');
    if (version === 'TLSv1') found.push('tls-1.0');
    if (version === 'TLSv1.1') found.push('tls-1.1');
    if (RSA_KEY_EXCHANGE.test(cipher)) found.push('rsa-key-exchange');
    if (cipher.includes('3DES')) found.push('3des');
  }
  if (method === 'CRAM-MD5') found.push('cram-md5');
  return found;
}
