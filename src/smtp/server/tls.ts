import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { parseClientHello } from './client-hello.ts';
import type { TlsFacts, TlsFailure } from './handler.ts';

/** What the server presents, as `tls.createSecureContext` takes it. TLS 1.2 is the floor unless `minVersion` says otherwise. */
export interface ServerTlsOptions extends tls.SecureContextOptions {
  /** Ask clients for a certificate; it is the handler that judges it. */
  requestCert?: boolean;
}

/** Told once how a handshake went. */
export interface HandshakeObserver {
  succeeded(socket: tls.TLSSocket, facts: TlsFacts): void;
  failed(failure: TlsFailure): void;
}

/**
 * The TLS of one listener. Each has its own context with its own ticket keys and session id context: a session
 * begun at a listener that trusts more can not be resumed at one that trusts less. A reload makes new keys as
 * well, so that no resumed session outlives the trust it was verified under.
 */
export class ListenerTls {
  readonly #server: tls.Server;
  readonly #sessionIdContext: string;
  readonly #handshakes = new Map<string, HandshakeObserver>();

  constructor(name: string, options: ServerTlsOptions) {
    // OpenSSL takes 32 octets
    this.#sessionIdContext = createHash('sha256').update(name).digest('hex').slice(0, 32);
    this.#server = tls.createServer({
      ...this.#complete(options),
      requestCert: options.requestCert ?? false,
      rejectUnauthorized: false,
    });
    this.#server.on('secureConnection', (socket: tls.TLSSocket) => {
      this.#take(keyOf(socket))?.succeeded(socket, factsOf(socket, options.requestCert ?? false));
    });
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: tls.TLSSocket) => {
      this.#take(keyOf(socket))?.failed({ code: error.code ?? 'ERR_SSL', text: firstLine(error.message) });
    });
  }

  /** Puts another certificate into force for handshakes from now on. Throws if it can not be used. */
  reload(options: ServerTlsOptions): void {
    this.#server.setSecureContext(this.#complete(options));
  }

  /** Expects a handshake on `socket`, which nobody else may read from now on. */
  accept(socket: Socket, observer: HandshakeObserver): void {
    const key = keyOf(socket);
    let hello: ReturnType<typeof parseClientHello>;
    this.#handshakes.set(key, {
      succeeded: (secured, facts) => observer.succeeded(secured, facts),
      failed: (failure) => observer.failed({ ...failure, ...hello }),
    });
    // Who leaves without a word, such as a health check, has failed at nothing
    const left = (): void => {
      socket.destroy();
    };
    socket.once('end', left);
    // Before all others, so that a session learns of the failure before it learns of its end
    socket.prependOnceListener('close', () => {
      const pending = this.#take(key);
      if (hello) pending?.failed({ code: 'ECONNRESET', text: 'the client left during the handshake' });
    });
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.removeListener('end', left);
      hello = parseClientHello(first);
      socket.unshift(first);
      // A client that leaves in mid-handshake would not be noticed otherwise
      socket.allowHalfOpen = false;
      // The documented way to bring a connection of one's own to a tls.Server
      this.#server.emit('connection', socket);
    });
    socket.resume();
  }

  #complete(options: ServerTlsOptions): tls.TlsOptions {
    const { requestCert: _, ...context } = options;
    return { minVersion: 'TLSv1.2', ...context, sessionIdContext: this.#sessionIdContext };
  }

  #take(key: string): HandshakeObserver | undefined {
    const observer = this.#handshakes.get(key);
    this.#handshakes.delete(key);
    return observer;
  }
}

/** What tells one live connection of a listener from all others, before and after it is wrapped. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`;
}

function factsOf(socket: tls.TLSSocket, requested: boolean): TlsFacts {
  const serverName = (socket as { servername?: string | false }).servername;
  const certificate = requested ? socket.getPeerCertificate(true) : undefined;
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    serverName: serverName || undefined,
    // Node answers an empty object when there is none
    certificate: certificate && Object.keys(certificate).length > 0 ? certificate : undefined,
    certificateVerified: requested && socket.authorized,
    socket,
  };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
