import type { TlsFacts } from '../smtp/server/handler.ts';

/** TLS in the words of the service: `TLS1_3` and the name that IANA gave to the cipher suite. */
export function tlsOf(tls: TlsFacts | undefined): { tls?: { version: string; cipher: string } } {
  if (!tls) return {};
  const { standardName } = (tls.socket.getCipher() as { standardName?: string } | undefined) ?? {};
  return {
    tls: {
      version: tls.version.replace('TLSv', 'TLS').replace('.', '_'),
      cipher: standardName ?? tls.cipher,
    },
  };
}
