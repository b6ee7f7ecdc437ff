import { createHash, type X509Certificate } from 'node:crypto';
import type { TlsFacts } from '../smtp/server/handler.ts';

/** Channel bindings that a SCRAM client may name (RFC 5802 §6). */
export type BindingType = 'tls-exporter' | 'tls-server-end-point';

export function isBindingType(name: string): name is BindingType {
  return name === 'tls-exporter' || name === 'tls-server-end-point';
}

/** The octets that tie an exchange to this TLS connection, or undefined when there are none of this type. */
export function channelBinding(tls: TlsFacts, type: BindingType): Buffer | undefined {
  if (type === 'tls-exporter') {
    // RFC 9266 §4.2: before TLS 1.3 only with the extended master secret, which Node does not tell
    if (tls.version !== 'TLSv1.3') return undefined;
    return tls.socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  }
  const certificate = tls.socket.getX509Certificate();
  return certificate && endPointHash(certificate);
}

/** Whether any channel binding can be had on this connection. */
export function hasChannelBinding(tls: TlsFacts): boolean {
  return tls.version === 'TLSv1.3' || channelBinding(tls, 'tls-server-end-point') !== undefined;
}

/** RFC 5929 §4.1: the certificate under the hash of its signature, SHA-256 in place of MD5 and SHA-1. */
function endPointHash(certificate: X509Certificate): Buffer | undefined {
  const [, bits] =
    /(?:sha-?|RSA-SHA)(1|224|256|384|512)(?!\d)/i.exec(certificate.signatureAlgorithm ?? '') ?? [];
  const md5 = /md5/i.test(certificate.signatureAlgorithm ?? '');
  if (!bits && !md5) return undefined;
  const hash = !bits || bits === '1' ? 'sha256' : `sha${bits}`;
  return createHash(hash).update(certificate.raw).digest();
}
