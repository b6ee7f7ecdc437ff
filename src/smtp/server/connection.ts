import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Enrolled } from '../../platform/roster.ts';
import { refuse } from '../reply.ts';
import type { Wire } from './flow.ts';
import type { TlsFacts } from './handler.ts';
import { canonicalAddress } from './limits.ts';
import { parseProxyHeader } from './proxy.ts';
import type { ListenerRules } from './rules.ts';
import { Session } from './session.ts';
import type { ListenerTls } from './tls.ts';

/** What a connection needs from the server that accepted it. */
export interface ConnectionHost {
  clock: Clock;
  /** Names a session. */
  newId(): string;
  /** Takes a place for a client; false if its network has too many. */
  admit(address: string): boolean;
  release(address: string): void;
  /** The connection is over, and its session has been told. */
  done(connection: Connection): void;
}

export interface ConnectionSetup {
  rules: ListenerRules;
  tls: ListenerTls | undefined;
  /** TLS comes before SMTP. */
  implicit: boolean;
  /** The peer is a load balancer: a PROXY header comes before everything. */
  proxied: boolean;
}

// A client that does not read this much of replies is not waited for in memory
const UNREAD_REPLIES = 65536;
const HANDSHAKE_MS = 30_000;
const PROXY_HEADER_MS = 10_000;
// After the last reply: long enough for it to arrive, and for the client to close first
const LINGER_MS = 2_000;

/** One TCP connection: PROXY header, TLS, and the socket's side of a session's flow. */
export class Connection implements Wire, Enrolled {
  place = -1;
  session: Session;
  readonly #host: ConnectionHost;
  readonly #setup: ConnectionSetup;
  /** The socket as accepted; under TLS it carries what `#socket` says. */
  readonly #raw: Socket;
  #socket: Socket;
  #stage: 'proxy' | 'handshake' | 'session' | 'over' = 'session';
  #stageSince: number;
  #header: Buffer = Buffer.alloc(0);
  #admitted: string | undefined;
  #lingering: Timer | undefined;
  #unsent = false;

  constructor(host: ConnectionHost, setup: ConnectionSetup, socket: Socket) {
    this.#host = host;
    this.#setup = setup;
    this.#raw = socket;
    this.#socket = socket;
    this.#stageSince = host.clock.monotonic();
    this.session = this.#newSession(canonicalAddress(socket.remoteAddress ?? '::'), socket.remotePort ?? 0);
    // Every error is followed by 'close', which says all that matters
    socket.on('error', () => undefined);
    socket.once('close', () => this.#closed());
  }

  /** Begins; the connection is refused at once if the server is `full`. */
  start(full: boolean): void {
    if (full) this.#refuse('C102');
    else if (this.#setup.proxied) {
      this.#stage = 'proxy';
      this.#raw.on('data', this.#onHeader);
      this.#raw.once('end', this.#onEnd);
    } else this.#admit();
  }

  /** Called every second or so. */
  tick(): void {
    const elapsed = this.#host.clock.monotonic() - this.#stageSince;
    if (this.#stage === 'proxy' && elapsed >= PROXY_HEADER_MS) {
      this.session.rejectSilently(refuse('C115', 'no PROXY header came in 10 seconds'));
    } else if (this.#stage === 'handshake' && elapsed >= HANDSHAKE_MS) {
      const text = 'the handshake was not complete after 30 seconds';
      this.session.tlsFailed({ code: 'ERR_TLS_HANDSHAKE_TIMEOUT', text });
    } else if (this.#stage === 'session') this.session.tick();
  }

  /** The server stops: nothing new is begun. */
  shutdown(): void {
    if (this.#stage === 'session') this.session.shutdown();
    else this.session.rejectSilently(refuse('C114'), 'shutdown');
  }

  // Admission

  readonly #onHeader = (chunk: Buffer): void => {
    this.#header = this.#header.length > 0 ? Buffer.concat([this.#header, chunk]) : chunk;
    const header = parseProxyHeader(this.#header);
    if (header.kind === 'incomplete') return;
    this.#raw.removeListener('data', this.#onHeader);
    this.#raw.removeListener('end', this.#onEnd);
    if (header.kind === 'malformed') {
      this.#stage = 'session';
      this.#refuse('C115', header.fault);
      return;
    }
    const { client } = header;
    if (client) this.session = this.#newSession(canonicalAddress(client.address), client.port);
    const rest = this.#header.subarray(header.length);
    this.#header = rest.subarray(0, 0);
    this.#raw.pause();
    if (rest.length > 0) this.#raw.unshift(rest);
    this.#admit();
  };

  #admit(): void {
    const { address } = this.session;
    if (!this.#host.admit(address)) {
      this.#refuse('C101');
      return;
    }
    this.#admitted = address;
    if (this.#setup.implicit) this.#handshake();
    else {
      this.#attach(this.#raw);
      this.session.open();
    }
  }

  #refuse(code: 'C101' | 'C102' | 'C115', particulars?: string): void {
    // Before TLS, what is said in the clear would not be understood
    if (this.#setup.implicit) this.session.rejectSilently(refuse(code, particulars));
    else this.session.reject(refuse(code, particulars));
  }

  #newSession(address: string, port: number): Session {
    return new Session(this.#setup.rules, this, this.#host.newId(), address, port);
  }

  // TLS

  startTls(): void {
    const socket = this.#raw;
    socket.pause();
    socket.removeListener('data', this.#onData);
    socket.removeListener('end', this.#onEnd);
    socket.removeListener('drain', this.#onDrain);
    this.#handshake();
  }

  #handshake(): void {
    this.#stage = 'handshake';
    this.#stageSince = this.#host.clock.monotonic();
    this.#setup.tls?.accept(this.#raw, this.session.address, {
      succeeded: (secured, facts) => this.#secured(secured, facts),
      failed: (failure) => this.session.tlsFailed(failure),
    });
  }

  #secured(socket: Socket, facts: TlsFacts): void {
    if (this.#stage === 'over') return;
    socket.allowHalfOpen = true;
    socket.on('error', () => undefined);
    this.#socket = socket;
    this.#attach(socket);
    this.session.encrypted(facts);
  }

  // The session's socket

  #attach(socket: Socket): void {
    this.#stage = 'session';
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.once('end', this.#onEnd);
    socket.resume();
  }

  readonly #onData = (chunk: Buffer): void => this.session.receive(chunk);

  readonly #onDrain = (): void => {
    if (!this.#unsent) return;
    this.#unsent = false;
    this.session.drained();
  };

  readonly #onEnd = (): void => {
    if (this.#stage === 'session') this.session.inputEnded();
    else this.drop();
  };

  send(text: string): boolean {
    if (!this.#socket.writable) return true;
    this.#socket.write(text);
    this.#unsent = this.#socket.writableLength > UNREAD_REPLIES;
    return !this.#unsent;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (this.#stage === 'session') this.#socket.resume();
  }

  end(): void {
    if (this.#lingering) return;
    this.#socket.end();
    // A socket that is closed with octets unread is reset, and the reply may be lost: read and drop them
    this.#socket.resume();
    this.#lingering = this.#host.clock.after(LINGER_MS, () => this.drop());
  }

  drop(): void {
    this.#socket.destroy();
    this.#raw.destroy();
  }

  #closed(): void {
    this.#stage = 'over';
    this.#lingering?.cancel();
    if (this.#admitted !== undefined) this.#host.release(this.#admitted);
    this.session.disconnected('client-closed');
    this.#host.done(this);
  }
}
