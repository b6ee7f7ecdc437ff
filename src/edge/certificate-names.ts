import { X509Certificate } from 'node:crypto';
import type { TlsFacts } from '../smtp/server/handler.ts';
import type { ServerCertificates } from './server-certificate.ts';

/** More names than a certificate of a mail server has. */
const MOST_NAMES = 200;

/**
 * The names that a client has proved to hold: common name and DNS names of its certificate, lower case. Empty
 * without a certificate, or when its chain leads to no trusted root or it is not valid now.
 * @param servers judges certificates that are for servers only; absent: they prove nothing
 */
export function certificateNames(
  tls: TlsFacts | undefined,
  servers?: Pick<ServerCertificates, 'fault'>,
): string[] {
  const raw = tls?.certificate?.raw;
  if (!raw || unverifiedCertificate(tls, servers) !== undefined) return [];
  const { subject, subjectAltName } = new X509Certificate(raw);
  const commonNames = [...(subject ?? '').matchAll(/^CN=(.+)$/gm)].map(([, name = '']) => name);
  // a name with a comma in it is quoted, and is none that a mail server has
  const dnsNames = [...(subjectAltName ?? '').matchAll(/(?:^|, )DNS:([^,"]+)/g)].map(([, name = '']) => name);
  return [...new Set([...dnsNames, ...commonNames].map((name) => name.trim().toLowerCase()))]
    .filter((name) => /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/.test(name))
    .slice(0, MOST_NAMES);
}

/** Why the certificate that the client showed proves nothing; undefined without one, and for one that does. */
export function unverifiedCertificate(
  tls: TlsFacts | undefined,
  servers?: Pick<ServerCertificates, 'fault'>,
): string | undefined {
  if (!tls?.certificate || tls.certificateVerified) return undefined;
  // declared an Error, and a code of OpenSSL in truth
  const code = String(tls.socket.authorizationError);
  if (code === 'INVALID_PURPOSE' && servers) return servers.fault(tls.certificate);
  return REASONS[code] ?? code.toLowerCase().replaceAll('_', ' ');
}

const REASONS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  INVALID_PURPOSE: 'it is for servers only, and not for clients (extended key usage without clientAuth)',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not trusted (tls.clientCa)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not trusted (tls.clientCa)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'it came without its intermediate certificates, or its authority is not trusted',
};
