import net from 'node:net';
import tls from 'node:tls';
import type { Clock } from '../../platform/clock.ts';

/** What is asked of TLS on one connection. Decided for each destination and host. */
export interface TlsDemand {
  /** none: do not even ask. opportunistic: where offered, whoever answers. verified: or not at all. */
  mode: 'none' | 'opportunistic' | 'verified';
  /** TLS from the first octet (RFC 8314 §3.3), no STARTTLS. */
  implicit?: boolean;
  /**
   * Names that the certificate may have instead of the host's. Their match replaces the host name check,
   * the chain is verified all the same.
   */
  names?: string[];
  /** Replaces the checks of chain and name, for trust that comes from elsewhere (DANE). Answers what is wrong. */
  verify?: (socket: tls.TLSSocket) => Error | undefined;
  /** Client certificate and trusted roots. */
  context?: tls.SecureContext;
}

/** The handshake failed, or the certificate is not good enough. */
export class TlsError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Resolves with the encrypted socket; rejects with TlsError, the socket then being destroyed. */
export function secure(
  socket: net.Socket,
  host: string,
  demand: TlsDemand,
  clock: Clock,
  timeoutMs: number,
): Promise<tls.TLSSocket> {
  const standard = demand.mode === 'verified' && demand.verify === undefined;
  return new Promise((resolve, reject) => {
    const secured = tls.connect({
      socket,
      // RFC 6066 §3: no addresses in SNI
      servername: net.isIP(host) ? undefined : host,
      host,
      secureContext: demand.context,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: standard,
      checkServerIdentity: (name, certificate) =>
        demand.names === undefined
          ? tls.checkServerIdentity(name, certificate)
          : demand.names.some((candidate) => !tls.checkServerIdentity(candidate, certificate))
            ? undefined
            : new TlsError(
                'ERR_TLS_CERT_ALTNAME_INVALID',
                `certificate is not for ${demand.names.join(', ')}`,
              ),
    });
    const fail = (error: Error & { code?: string }): void => {
      timer.cancel();
      secured.removeAllListeners();
      // what OpenSSL still has to say after this is of no interest
      secured.on('error', () => {});
      secured.destroy();
      socket.destroy();
      reject(new TlsError(error.code ?? 'ERR_TLS', error.message));
    };
    const timer = clock.after(timeoutMs, () => fail(new TlsError('ETIMEDOUT', 'the handshake timed out')));
    secured.once('error', fail);
    secured.once('close', () => fail(new TlsError('ECONNRESET', 'connection closed in the handshake')));
    secured.once('secureConnect', () => {
      const wrong = demand.verify?.(secured);
      if (wrong) return fail(wrong);
      timer.cancel();
      secured.removeListener('error', fail);
      secured.removeAllListeners('close');
      return resolve(secured);
    });
  });
}
