import { X509Certificate } from 'node:crypto';
import type { TlsFacts } from '../smtp/server/handler.ts';

/** More names than a certificate of a mail server has. */
const MOST_NAMES = 200;

/**
 * The names that a client has proved to hold: common name and DNS names of its certificate, lower case. Empty
 * without a certificate, or when its chain leads to no trusted root or it is not valid now.
 */
export function certificateNames(tls: TlsFacts | undefined): string[] {
  const raw = tls?.certificate?.raw;
  if (!raw || !tls?.certificateVerified) return [];
  const { subject, subjectAltName } = new X509Certificate(raw);
  const commonNames = [...(subject ?? '').matchAll(/^CN=(.+)$/gm)].map(([, name = '']) => name);
  // a name with a comma in it is quoted, and is none that a mail server has
  const dnsNames = [...(subjectAltName ?? '').matchAll(/(?:^|, )DNS:([^,"]+)/g)].map(([, name = '']) => name);
  return [...new Set([...dnsNames, ...commonNames].map((name) => name.trim().toLowerCase()))]
    .filter((name) => /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/.test(name))
    .slice(0, MOST_NAMES);
}
