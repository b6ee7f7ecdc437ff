import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { parseClientHello } from './client-hello.ts';
import type { TlsFacts, TlsFailure } from './handler.ts';
import { TRIPLE_DES, type WeakPeers, type WeakTls } from './weak-peers.ts';

/** What the server presents, as `tls.createSecureContext` takes it. TLS 1.2 is the floor unless `minVersion` says otherwise. */
export interface ServerTlsOptions extends tls.SecureContextOptions {
  /** Ask clients for a certificate; it is the handler that judges it. */
  requestCert?: boolean;
  /** The certificate that is shown to clients with weaker TLS, PEM; RSA. Absent: the same one. */
  weak?: { cert: string; key: string };
}

/** The oldest version where nothing else is said. */
const OLDEST = 'TLSv1.2';

/** Told once how a handshake went. */
export interface HandshakeObserver {
  succeeded(socket: tls.TLSSocket, facts: TlsFacts): void;
  failed(failure: TlsFailure): void;
}

/**
 * The TLS of one listener. Each has its own context with its own ticket keys and session id context: a session
 * begun at a listener that trusts more can not be resumed at one that trusts less. A reload makes new keys as
 * well, so that no resumed session outlives the trust it was verified under. The same separates the contexts of
 * clients with weaker TLS from all others: which one it is follows from the client's address, before it speaks.
 */
export class ListenerTls {
  readonly #name: string;
  readonly #requested: boolean;
  readonly #weakPeers: WeakPeers | undefined;
  readonly #server: tls.Server;
  readonly #handshakes = new Map<string, HandshakeObserver>();
  #options: ServerTlsOptions;
  /** One for each combination of weaknesses that was asked for since the last reload. */
  #weak = new Map<string, tls.Server>();

  constructor(name: string, options: ServerTlsOptions, weakPeers?: WeakPeers) {
    this.#name = name;
    this.#requested = options.requestCert ?? false;
    this.#weakPeers = weakPeers;
    this.#options = options;
    this.#server = this.#newServer(options, name);
  }

  /** Puts another certificate into force for handshakes from now on. Throws if it can not be used. */
  reload(options: ServerTlsOptions): void {
    if (options.weak) tls.createSecureContext(options.weak);
    this.#server.setSecureContext(contextOf(options, this.#name));
    this.#options = options;
    this.#weak = new Map();
  }

  /** Expects a handshake on `socket`, which nobody else may read from now on. @param address the client's, for weaker TLS */
  accept(socket: Socket, address: string, observer: HandshakeObserver): void {
    const key = keyOf(socket);
    let hello: ReturnType<typeof parseClientHello>;
    let oldestAccepted: string | undefined;
    this.#handshakes.set(key, {
      succeeded: (secured, facts) => observer.succeeded(secured, { ...facts, offered: hello }),
      failed: (failure) => observer.failed({ ...failure, ...hello, oldestAccepted }),
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
      const weakness = this.#weakPeers?.tls(address);
      const options = weakness ? weakened(this.#options, weakness) : this.#options;
      oldestAccepted = options.minVersion ?? OLDEST;
      // The documented way to bring a connection of one's own to a tls.Server
      this.#serverFor(options, weakness).emit('connection', socket);
    });
    socket.resume();
  }

  #serverFor(options: ServerTlsOptions, weakness: WeakTls | undefined): tls.Server {
    if (!weakness) return this.#server;
    const key = JSON.stringify([weakness.minVersion, weakness.rsaKeyExchange, weakness.tripleDes]);
    let server = this.#weak.get(key);
    if (!server) {
      server = this.#newServer(options, `${this.#name} ${key}`);
      this.#weak.set(key, server);
    }
    return server;
  }

  #newServer(options: ServerTlsOptions, id: string): tls.Server {
    const server = tls.createServer({
      ...contextOf(options, id),
      requestCert: this.#requested,
      rejectUnauthorized: false,
    });
    server.on('secureConnection', (socket: tls.TLSSocket) => {
      this.#take(keyOf(socket))?.succeeded(socket, factsOf(socket, this.#requested));
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: tls.TLSSocket) => {
      this.#take(keyOf(socket))?.failed({ code: error.code ?? 'ERR_SSL', text: firstLine(error.message) });
    });
    return server;
  }

  #take(key: string): HandshakeObserver | undefined {
    const observer = this.#handshakes.get(key);
    this.#handshakes.delete(key);
    return observer;
  }
}

/** @param id what no other context has: a session of another one can not be resumed in this */
function contextOf(options: ServerTlsOptions, id: string): tls.TlsOptions {
  const { requestCert: _, weak: __, ...context } = options;
  return {
    minVersion: OLDEST,
    ciphers: `${tls.DEFAULT_CIPHERS}:!kRSA`,
    ...context,
    // OpenSSL takes 32 octets
    sessionIdContext: createHash('sha256').update(id).digest('hex').slice(0, 32),
  };
}

function weakened(options: ServerTlsOptions, weakness: WeakTls): ServerTlsOptions {
  const { minVersion, rsaKeyExchange, tripleDes } = weakness;
  const suites = [
    tls.DEFAULT_CIPHERS,
    ...(tripleDes ? TRIPLE_DES.filter((name) => tls.getCiphers().includes(name.toLowerCase())) : []),
    ...(rsaKeyExchange ? [] : ['!kRSA']),
    // at level 1 and above OpenSSL 3 has no version before TLS 1.2, whose handshake is signed with SHA-1
    ...(minVersion === undefined ? [] : ['@SECLEVEL=0']),
  ];
  return {
    ...options,
    ...options.weak,
    minVersion: minVersion ?? OLDEST,
    ciphers: suites.join(':'),
  };
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
