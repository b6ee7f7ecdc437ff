import { X509Certificate } from 'node:crypto';
import type { TlsFacts } from '../smtp/server/handler.ts';
import type { Credential } from '../sources/source.ts';

/** A client's certificate, as credentials name it. */
export interface ClientCertificate {
  /** 32 octets in upper-case hexadecimal with colons. */
  fingerprint256: string;
  /** RFC 4514: `CN=scanner-1,O=Corp,C=DE`, as `openssl x509 -subject -nameopt RFC2253` prints it. */
  subject: string;
  /** The chain ends at a CA that the listener trusts. */
  verified: boolean;
  /** Wall times, milliseconds. */
  validFrom: number;
  validTo: number;
}

/** The certificate that the client has proved to hold in its handshake, or undefined. */
export function clientCertificate(tls: TlsFacts | undefined): ClientCertificate | undefined {
  const raw = tls?.certificate?.raw;
  if (!tls || !raw) return undefined;
  const certificate = new X509Certificate(raw);
  return {
    fingerprint256: certificate.fingerprint256,
    subject: distinguishedName(certificate.subject ?? ''),
    verified: tls.certificateVerified,
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
  };
}

/** Node writes one relative name a line, escaped as in RFC 4514; that RFC puts the last one first (§2.1). */
function distinguishedName(lines: string): string {
  return lines.split('\n').reverse().join(',');
}

/** Why this certificate does not satisfy the condition at `now`, or undefined when it does. */
export function certificateMismatch(
  condition: NonNullable<Credential['certificate']>,
  certificate: ClientCertificate | undefined,
  now: number,
): string | undefined {
  if (!certificate) return 'no client certificate was presented';
  if ('fingerprint256' in condition) {
    // a pinned certificate needs no chain: the handshake has proved that the client holds its key
    if (condition.fingerprint256.toUpperCase() !== certificate.fingerprint256) {
      return 'the client certificate is another one';
    }
  } else if (!certificate.verified) {
    return 'the client certificate does not come from a trusted CA';
  } else if (condition.subject !== certificate.subject) {
    return 'the client certificate names another subject';
  }
  if (now < certificate.validFrom || now > certificate.validTo) {
    return 'the client certificate is not valid at this time';
  }
  return undefined;
}
