import type { Delivery } from '../spool/spool.ts';
import { Destination, type DestinationHost } from './destination.ts';
import type { Entry } from './entry.ts';
import type { Route, RouteTarget } from './route.ts';
import type { RouteTable } from './routes.ts';
import type { Hop, Transport } from './transport.ts';

export interface DestinationsOptions {
  routes: RouteTable;
  transports: Record<RouteTarget['kind'], Transport>;
  host: DestinationHost;
  /** It must not be forgotten although nothing waits for it: it is known why it takes nothing. */
  isKept(destination: Destination): boolean;
}

/** The destinations that something waits for or is connected to, each made when the first delivery needs it. */
export class Destinations {
  readonly #options: DestinationsOptions;
  readonly #current = new Map<string, Destination>();
  /** Of routes as they were, with connections still at work. */
  readonly #retired = new Set<Destination>();
  /** Those with something new; they are started together, so that one message's deliveries can share. */
  #fresh: Destination[] = [];

  constructor(options: DestinationsOptions) {
    this.#options = options;
  }

  /** Of the routes as they are. */
  get size(): number {
    return this.#current.size;
  }

  /** Of the routes as they are. A copy: some may be forgotten while they are gone through. */
  current(): Destination[] {
    return [...this.#current.values()];
  }

  /** Those of routes as they were among them. */
  all(): Destination[] {
    return [...this.#current.values(), ...this.#retired];
  }

  /** Where a delivery goes by the routes as they are. */
  of(delivery: Delivery, requireTls: boolean): Destination {
    const route = this.#options.routes.resolve(delivery);
    const key = keyOf(delivery, route, requireTls);
    let destination = this.#current.get(key);
    if (!destination) {
      const hop: Hop = { key, route, domain: delivery.domain, requireTls };
      destination = new Destination(hop, this.#options.transports[route.target.kind], this.#options.host);
      this.#current.set(key, destination);
    }
    return destination;
  }

  /** As `of`, of those that are there already; the row does not say whether the message requires TLS. */
  known(delivery: Delivery): Destination[] {
    const route = this.#options.routes.resolve(delivery);
    return [false, true].flatMap((requireTls) => this.#current.get(keyOf(delivery, route, requireTls)) ?? []);
  }

  push(entry: Entry, destination = this.of(entry.delivery, entry.requireTls)): void {
    destination.push(entry);
    if (destination.fresh) return;
    destination.fresh = true;
    if (this.#fresh.push(destination) === 1) queueMicrotask(this.#startFresh);
  }

  forget(destination: Destination): void {
    if (!destination.unused || this.#options.isKept(destination)) return;
    this.#retired.delete(destination);
    const { key } = destination.hop;
    if (this.#current.get(key) === destination) this.#current.delete(key);
  }

  /** The routes have changed: answers those there were. They finish what is being sent, and get nothing more. */
  retire(): Destination[] {
    const destinations = this.current();
    this.#current.clear();
    for (const destination of destinations) {
      if (destination.connections > 0) this.#retired.add(destination);
    }
    return destinations;
  }

  readonly #startFresh = (): void => {
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const destination of fresh) {
      destination.fresh = false;
      destination.kick();
    }
  };
}

function keyOf({ domain }: Delivery, route: Route, requireTls: boolean): string {
  return [route.name, route.target.kind === 'mx' ? domain : '', requireTls ? 'tls' : ''].join('|');
}
