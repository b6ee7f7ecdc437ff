/**
 * The SMTP server (RFC 5321 and the extensions that EHLO names): listeners, and the bounds that hold for all
 * of their connections together. Call `listen`, and `close` once; mail goes to the handler.
 */
import { type AddressInfo, Server, type Socket } from 'node:net';
import { type Clock, type Timer, systemClock } from '../../platform/clock.ts';
import { type Random, systemRandom } from '../../platform/random.ts';
import { Roster } from '../../platform/roster.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import type { LineEndings } from './data.ts';
import type { CredentialKind, SessionView, SmtpHandler } from './handler.ts';
import { NetworkCounter, NetworkList, type ServerLimits, networkOf } from './limits.ts';
import type { ListenerRules } from './rules.ts';
import { ListenerTls, type ServerTlsOptions } from './tls.ts';
import type { Voice } from './voice.ts';
import type { WeakPeers } from './weak-peers.ts';

export type { LineEndings } from './data.ts';
export type { ServerLimits } from './limits.ts';
export type { ServerTlsOptions } from './tls.ts';

export interface ListenerOptions {
  /** Appears in the journal; unique. */
  name: string;
  host: string;
  /** 0 takes any free one. */
  port: number;
  tls: 'none' | 'starttls' | 'starttls-required' | 'implicit';
  credentials: CredentialKind[];
  /** Offers AUTH without TLS too: only for a fenced network. */
  plainAuthentication: boolean;
  lineEndings: LineEndings;
}

export interface SmtpServerOptions {
  /** What the server calls itself in greeting and EHLO. */
  hostname: string;
  listeners: ListenerOptions[];
  limits: ServerLimits;
  /** Without it, STARTTLS is not offered, and listeners that need TLS are an error. */
  tls?: ServerTlsOptions;
  /** Networks of load balancers, in CIDR notation: they must send a PROXY header, and nobody else may. */
  proxyFrom: string[];
  /** Which addresses may have weaker TLS, or none; absent: nobody. */
  weakPeers?: WeakPeers;
  /** Of another server, for one that stands in for it; absent: its own. */
  voice?: Voice;
  handler: SmtpHandler;
  clock?: Clock;
  random?: Random;
}

export interface ListeningAt {
  name: string;
  host: string;
  port: number;
  tls: ListenerOptions['tls'];
}

interface Listener {
  options: ListenerOptions;
  server: Server;
  tls: ListenerTls | undefined;
}

const TICK_MS = 1000;
/** Octets that Node.js reads ahead of a paused connection; five hundred of them may be paused. */
const READ_AHEAD = 16_384;

export class SmtpServer {
  readonly #options: SmtpServerOptions;
  readonly #clock: Clock;
  readonly #host: ConnectionHost;
  readonly #proxies: NetworkList;
  readonly #listeners: Listener[];
  readonly #connections = new Roster<Connection>();
  #ticker: Timer | undefined;
  /** Resolves `close` when the last connection is gone. */
  #emptied: (() => void) | undefined;

  /** Throws if the options contradict each other or the certificate can not be used. */
  constructor(options: SmtpServerOptions) {
    const clock = options.clock ?? systemClock;
    const random = options.random ?? systemRandom;
    this.#options = options;
    this.#clock = clock;
    this.#proxies = new NetworkList(options.proxyFrom);
    const networks = new NetworkCounter(options.limits.connectionsPerNetwork);
    this.#host = {
      clock,
      newId: () => random.bytes(8).toString('hex'),
      admit: (address) => networks.enter(networkOf(address)),
      release: (address) => networks.leave(networkOf(address)),
      done: (connection) => {
        this.#connections.delete(connection);
        if (this.#connections.size === 0) this.#emptied?.();
      },
    };
    this.#listeners = options.listeners.map((listener) => this.#newListener(listener));
  }

  /** The sessions that are open, in no order. */
  get sessions(): Iterable<SessionView> {
    return this.#connections.all().map(({ session }) => session);
  }

  /** Opens all listeners, or none: then it rejects with the system's error. */
  async listen(): Promise<ListeningAt[]> {
    const opened = await Promise.allSettled(this.#listeners.map((listener) => open(listener)));
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed) {
      for (const { server } of this.#listeners) server.close();
      throw failed.reason;
    }
    this.#tick();
    return opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  /**
   * Accepts nothing more, says 421 to whoever is idle, lets messages in progress finish, and after `graceMs`
   * milliseconds drops what is left. Resolves when every connection is closed.
   */
  async close(graceMs: number): Promise<void> {
    for (const { server } of this.#listeners) server.close();
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    if (this.#connections.size > 0) {
      for (const connection of this.#connections.all()) connection.shutdown();
      const grace = this.#clock.after(graceMs, () => {
        for (const connection of this.#connections.all()) connection.session.forsake();
      });
      await emptied;
      grace.cancel();
    }
    this.#ticker?.cancel();
  }

  /**
   * Puts another certificate into force for new handshakes, on every listener that has TLS. `requestCert`
   * stays as it was. Throws, and changes no listener, if the certificate can not be used.
   */
  setTls(options: ServerTlsOptions): void {
    // A listener of no name tries the certificate out first
    const trial = new ListenerTls('', options);
    trial.reload(options);
    for (const { tls } of this.#listeners) tls?.reload(options);
  }

  #newListener(options: ListenerOptions): Listener {
    const { tls: tlsOptions, hostname, limits, handler, weakPeers, voice } = this.#options;
    const implicit = options.tls === 'implicit';
    if ((implicit || options.tls === 'starttls-required') && !tlsOptions) {
      throw new RangeError(`listener ${options.name} requires TLS, and there is no certificate`);
    }
    const tls =
      tlsOptions && options.tls !== 'none' ? new ListenerTls(options.name, tlsOptions, weakPeers) : undefined;
    const rules: ListenerRules = {
      hostname,
      limits,
      handler,
      clock: this.#clock,
      weakPeers,
      voice,
      lineEndings: options.lineEndings,
      startTls:
        options.tls === 'starttls-required'
          ? 'required'
          : options.tls === 'starttls' && tls
            ? 'offered'
            : 'none',
      listener: {
        name: options.name,
        credentials: new Set(options.credentials),
        plainAuthentication: options.plainAuthentication,
      },
    };
    // Half-open: a client that closes its side after QUIT, or after its message, still gets the replies
    const server = new Server(
      { allowHalfOpen: true, noDelay: true, highWaterMark: READ_AHEAD },
      (socket: Socket) => {
        const peer = socket.remoteAddress;
        if (peer === undefined) {
          socket.destroy();
          return;
        }
        const proxied = this.#proxies.contains(peer.replace(/%.*$/, ''));
        const connection = new Connection(this.#host, { rules, tls, implicit, proxied }, socket);
        this.#connections.add(connection);
        connection.start(this.#connections.size > limits.connections);
      },
    );
    return { options, server, tls };
  }

  #tick(): void {
    this.#ticker = this.#clock.after(TICK_MS, () => {
      for (const connection of this.#connections.all()) connection.tick();
      this.#tick();
    });
  }
}

function open({ options, server }: Listener): Promise<ListeningAt> {
  const { name, host, port, tls } = options;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      // A later error, such as EMFILE on accept, ends no listener
      server.on('error', () => undefined);
      resolve({ name, host, port: (server.address() as AddressInfo).port, tls });
    });
  });
}
