import net from 'node:net';
import { type SecureContext, createSecureContext, getCACertificates } from 'node:tls';
import type { Clock } from '../platform/clock.ts';
import type { Dialer } from '../platform/dialer.ts';
import type { Disk } from '../platform/disk.ts';
import type { Random } from '../platform/random.ts';
import type { Resolver } from '../platform/resolver.ts';
import { OpenError, openSession } from '../smtp/client/open.ts';
import { escapeText } from '../smtp/client/reply-parser.ts';
import type { ClientSession } from '../smtp/client/session.ts';
import type { TlsDemand } from '../smtp/client/tls.ts';
import {
  type ClientTimeouts,
  DEFAULT_CLIENT_TIMEOUTS,
  type Transaction,
} from '../smtp/client/transaction.ts';
import { type HostsFound, type MxOptions, mailHosts } from './mx.ts';
import type { Route } from './route.ts';
import type { Carrier, Hop, Opened, OpenFailure, Transport } from './transport.ts';

/** Decides what is asked of TLS for one host of one destination; MTA-STS and DANE come in here. */
export type DecideTls = (hop: Hop, host: string) => TlsDemand | Promise<TlsDemand>;

/** The route's own word, which a message that requires TLS can only make stricter. */
const tlsOfRoute: DecideTls = (hop) => ({ mode: hop.requireTls ? 'verified' : hop.route.tls });

export interface SmtpTransportOptions extends Omit<MxOptions, 'self'> {
  /** What this relay is called, and where it listens on a port, to see loops. */
  self: { names: ReadonlySet<string>; addresses(port: number): ReadonlySet<string> };
  dialer: Dialer;
  resolver: Resolver;
  clock: Clock;
  random: Random;
  disk: Disk;
  /** What this relay calls itself in EHLO. */
  hostname: string;
  timeouts?: Partial<ClientTimeouts>;
  decideTls?: DecideTls;
  /** PEM of roots that are trusted besides the built-in ones. */
  trustedRoots?: string[];
  localAddress?: string;
}

interface Candidate {
  host: string;
  address: string;
  port: number;
}

/** A session as the scheduler sees it. */
class SmtpCarrier implements Carrier {
  readonly destination: string;
  readonly network: string;
  readonly tls: string | undefined;
  readonly #session: ClientSession;

  constructor(session: ClientSession, route: Route) {
    const { host, address, tls } = session.facts;
    this.#session = session;
    this.destination = `${route.name}/${host}`;
    this.network = address;
    this.tls = tls && `${tls.version} ${tls.cipher}`;
  }

  get closed(): boolean {
    return this.#session.closed;
  }

  set onIdleClose(callback: () => void) {
    this.#session.onIdleClose = callback;
  }

  run(next: () => Transaction | undefined): Promise<'idle' | 'closed'> {
    return this.#session.run(next);
  }

  quit(): Promise<void> {
    return this.#session.quit();
  }

  destroy(text: string): void {
    this.#session.destroy(text);
  }
}

/**
 * Opens SMTP sessions: finds the hosts, then tries each address until one takes us (RFC 5321 §5.1).
 * What goes wrong with a connection is never permanent: one wrong certificate or password must not bounce
 * a whole queue. Only DNS decides for good, and a message's own demand.
 */
export class SmtpTransport implements Transport {
  readonly #options: SmtpTransportOptions;
  readonly #timeouts: ClientTimeouts;
  readonly #contexts = new WeakMap<Route, SecureContext>();
  #context: SecureContext | undefined;

  constructor(options: SmtpTransportOptions) {
    this.#options = options;
    this.#timeouts = { ...DEFAULT_CLIENT_TIMEOUTS, ...options.timeouts };
  }

  async open(hop: Hop): Promise<Opened> {
    const found = await this.#candidates(hop);
    if (!Array.isArray(found)) {
      return { ...found, permanent: found.code !== undefined, kind: 'failed', destination: hop.route.name };
    }
    let failure: OpenFailure | undefined;
    for (const candidate of found) {
      const opened = await this.#try(hop, candidate);
      if (opened.kind === 'open') return opened;
      // only what is wrong for good with every host is wrong with the destination
      if (!failure || failure.permanent || !opened.permanent) failure = opened;
    }
    failure ??= { permanent: false, reply: 'the route has no host', destination: hop.route.name };
    return { kind: 'failed', ...failure };
  }

  async #candidates(hop: Hop): Promise<Candidate[] | Extract<HostsFound, { kind: 'none' }>> {
    const { target } = hop.route;
    if (target.kind === 'smarthost') {
      // by name through the system, so that /etc/hosts counts, as administrators expect
      return target.hosts.map(({ host, port }) => ({ host, address: host, port }));
    }
    if (target.kind !== 'mx') return [];
    const { resolver, random, self } = this.#options;
    const found = await mailHosts(hop.domain, {
      resolver,
      random,
      self: { names: self.names, addresses: self.addresses(target.port) },
    });
    if (found.kind === 'none') return found;
    return found.hosts.flatMap(({ name, addresses }) =>
      addresses.map((address) => ({ host: name, address, port: target.port })),
    );
  }

  async #try(hop: Hop, candidate: Candidate): Promise<Opened> {
    const demand = await (this.#options.decideTls ?? tlsOfRoute)(hop, candidate.host);
    const { target } = hop.route;
    const implicit = target.kind === 'smarthost' && target.implicitTls;
    const context = demand.context ?? this.#contextOf(hop.route);
    const first = await this.#attempt(hop, candidate, { ...demand, implicit, context });
    const fallBack =
      first.kind === 'failed' &&
      first.tlsFailed &&
      demand.mode === 'opportunistic' &&
      !implicit &&
      !hop.requireTls;
    if (!fallBack) return first;
    // RFC 7435 §3: unauthenticated TLS protects from nobody who can break it, so plain is no worse
    return this.#attempt(hop, candidate, { mode: 'none' }, true);
  }

  async #attempt(
    hop: Hop,
    candidate: Candidate,
    tls: TlsDemand,
    downgraded = false,
  ): Promise<Opened & { tlsFailed?: boolean }> {
    const { host, address, port } = candidate;
    const { dialer, clock, random, disk, hostname, localAddress } = this.#options;
    const { target } = hop.route;
    const destination = `${hop.route.name}/${host}`;
    let reached = address;
    try {
      const socket = await dialer.connect({
        host: address,
        port,
        timeoutMs: this.#timeouts.connect,
        localAddress,
      });
      reached = socket.remoteAddress ?? address;
      const session = await openSession(socket, {
        clock,
        random,
        disk,
        hostname,
        host,
        address: reached,
        timeouts: this.#timeouts,
        // a password is never sent over a connection that has just lost its TLS
        login: target.kind === 'smarthost' && !downgraded ? target.authentication : undefined,
        tls,
      });
      if (target.kind === 'smarthost' && target.authentication && downgraded) {
        session.destroy('no TLS');
        return {
          kind: 'failed',
          permanent: false,
          reply: 'credentials are not sent without TLS',
          destination,
        };
      }
      if (hop.requireTls && !session.facts.extensions.requireTls) {
        await session.quit();
        return {
          kind: 'failed',
          permanent: true,
          code: 'D955',
          status: '5.7.30',
          reply: `${host} does not offer REQUIRETLS`,
          destination,
          network: reached,
        };
      }
      return { kind: 'open', carrier: new SmtpCarrier(session, hop.route) };
    } catch (error) {
      const tlsFailed = error instanceof OpenError && error.stage === 'tls';
      const strict = tlsFailed && tls.mode === 'verified';
      const text = error instanceof Error ? error.message : String(error);
      return {
        kind: 'failed',
        permanent: false,
        code: strict ? 'D954' : undefined,
        status:
          (error instanceof OpenError ? error.reply?.enhanced : undefined) ?? (strict ? '4.7.5' : '4.4.1'),
        reply: escapeText(text),
        destination,
        network: net.isIP(reached) ? reached : undefined,
        tlsFailed,
      };
    }
  }

  /** One context for each route: making one costs more than a handshake. */
  #contextOf(route: Route): SecureContext {
    const { target } = route;
    if (target.kind === 'smarthost' && target.clientCertificate) {
      let context = this.#contexts.get(route);
      if (!context) {
        const { certificate, privateKey } = target.clientCertificate;
        context = this.#newContext({ cert: certificate, key: privateKey });
        this.#contexts.set(route, context);
      }
      return context;
    }
    this.#context ??= this.#newContext({});
    return this.#context;
  }

  #newContext(options: { cert?: string; key?: string }): SecureContext {
    const roots = this.#options.trustedRoots ?? [];
    const ca = roots.length > 0 ? [...getCACertificates('default'), ...roots] : undefined;
    return createSecureContext({ ...options, ca, minVersion: 'TLSv1.2' });
  }
}
