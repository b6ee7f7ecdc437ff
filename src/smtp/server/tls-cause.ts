import type { TlsFailure } from './handler.ts';

/** Why a handshake failed, as far as it matters for what to do. */
export type TlsCause =
  /** The client speaks no version that is accepted. */
  | 'version'
  /** No cipher suite, or no group, in common. */
  | 'cipher'
  /** The client does not trust the relay's certificate, or can not read it. */
  | 'certificate'
  /** What came was no TLS. */
  | 'no-tls'
  /** The client gave up without a word, or took too long. */
  | 'left'
  | 'other';

/** From OpenSSL's reason, and from what the client offered and would have been given. */
export function tlsCause({ code, offeredVersions, oldestAccepted }: TlsFailure): TlsCause {
  if (/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|VERSION_TOO_(?:LOW|HIGH)/.test(code)) return 'version';
  // an old client is told `protocol version`, and often answers with a plain end
  const best = offeredVersions?.at(-1);
  if (best !== undefined && oldestAccepted !== undefined && rank(best) < rank(oldestAccepted))
    return 'version';
  if (
    /NO_SHARED_CIPHER|NO_CIPHERS|SHARED_GROUP|SUITABLE_(?:KEY_SHARE|GROUP|SIGNATURE)|DH_KEY_TOO|INSUFFICIENT_SECURITY/.test(
      code,
    )
  ) {
    return 'cipher';
  }
  // alerts of the client about what it was shown (RFC 8446 §6.2)
  if (
    /UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(?:UNKNOWN|EXPIRED|REVOKED)|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED/.test(
      code,
    )
  ) {
    return 'certificate';
  }
  if (
    /HTTP_REQUEST|HTTPS_PROXY|WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|PACKET_LENGTH|BAD_RECORD_TYPE/.test(code)
  )
    return 'no-tls';
  if (/ECONNRESET|EPIPE|TIMEOUT/.test(code)) return 'left';
  return 'other';
}

const ORDER = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

const rank = (version: string): number => ORDER.indexOf(version);
