/** What the tests of this room share. */
import type { JournalEvent } from '../journal/event.ts';
import { NO_TRAITS } from '../message/content.ts';
import type { Random } from '../platform/random.ts';
import type { RecipientResult, Transaction } from '../smtp/client/transaction.ts';
import type { NewMessage } from '../spool/spool.ts';
import type { Route } from './route.ts';
import { type RouteTable, SANDBOX_ROUTE } from './routes.ts';
import { compileRoutes, isMixed } from './table.ts';
import type { Carrier, Hop, Opened, Transport } from './transport.ts';

/** No jitter. */
export const EVEN: Random = { bytes: (count) => Buffer.alloc(count, 7), fraction: () => 0.5 };

export function route(name: string, changes: Partial<Route> = {}): Route {
  return {
    name,
    match: {},
    target: { kind: 'mx', port: 25 },
    tls: 'none',
    connections: 10,
    messagesPerConnection: 100,
    ...changes,
  };
}

export class FixedRoutes implements RouteTable {
  readonly sandboxed = new Set<string>();
  #routes: Route[];
  #listeners: (() => void)[] = [];
  constructor(...routes: Route[]) {
    this.#routes = routes;
  }
  list(): Route[] {
    return this.#routes;
  }
  byName(name: string): Route | undefined {
    return this.#routes.find((route) => route.name === name);
  }
  resolve(key: { source: string; domain: string; from: string; route?: string }): Route {
    if (this.sandboxed.has(key.source)) return SANDBOX_ROUTE;
    const own = key.route === undefined ? undefined : this.byName(key.route);
    if (own) return own;
    return compileRoutes(this.#routes)(key) ?? SANDBOX_ROUTE;
  }
  isMixed(domain: string): boolean {
    return this.sandboxed.size > 0 || isMixed(this.#routes, domain);
  }
  set(route: Route): Promise<void> {
    this.#routes = [...this.#routes.filter(({ name }) => name !== route.name), route];
    for (const listener of this.#listeners) listener();
    return Promise.resolve();
  }
  remove(name: string): Promise<void> {
    this.#routes = this.#routes.filter((route) => route.name !== name);
    return Promise.resolve();
  }
  onChange(listener: () => void): () => void {
    this.#listeners.push(listener);
    return () => {};
  }
}

export class EventLog {
  readonly events: JournalEvent[] = [];
  write(event: JournalEvent): void {
    this.events.push(event);
  }
  of(type: JournalEvent['type']): JournalEvent[] {
    return this.events.filter((event) => event.type === type);
  }
}

let last = 0;

export function newMessage(changes: Partial<NewMessage> & { to?: string[] } = {}): NewMessage {
  const { to = ['b@example.net'], ...rest } = changes;
  return {
    id: `M${String(++last).padStart(10, '0')}`,
    receivedAt: 1_700_000_000_000,
    source: 'src_a',
    head: Buffer.from('Message-ID: <one@example.com>\r\nSubject: x\r\n\r\n'),
    body: { kind: 'memory', bytes: Buffer.from('hello\r\n') },
    traits: NO_TRAITS,
    envelope: {
      from: 'a@example.com',
      recipients: to.map((address) => ({ address })),
      smtpUtf8: false,
      body: '7bit',
      requireTls: false,
    },
    ...rest,
  };
}

/** A transport whose behaviour is a function; what was carried is kept. */
export class FakeTransport implements Transport {
  readonly opened: string[] = [];
  readonly carried: { message: string; to: string[]; hop: string; carrier: number }[] = [];
  open_ = 0;
  mostOpen = 0;
  quits = 0;
  /** Answers undefined for a hop that can be reached. */
  failure: (hop: Hop) => Partial<Extract<Opened, { kind: 'failed' }>> | undefined = () => undefined;
  /** How each recipient of a transaction ends; a promise holds the transaction up. */
  result: (transaction: Transaction, address: string) => RecipientResult | Promise<RecipientResult> = () => ({
    kind: 'delivered',
    reply: '250 2.0.0 ok',
  });

  async open(hop: Hop): Promise<Opened> {
    this.opened.push(hop.key);
    await Promise.resolve();
    const failure = this.failure(hop);
    if (failure) {
      return {
        kind: 'failed',
        permanent: false,
        reply: 'no route to host',
        destination: hop.route.name,
        ...failure,
      };
    }
    this.mostOpen = Math.max(this.mostOpen, ++this.open_);
    return { kind: 'open', carrier: this.#carrier(hop, this.opened.length) };
  }

  #carrier(hop: Hop, number: number): Carrier {
    return {
      destination: `${hop.route.name}/fake`,
      closed: false,
      onIdleClose: () => {},
      run: async (next) => {
        for (let taken = next(); taken; taken = next()) {
          const { recipients, message = '' } = taken;
          const to = recipients.map(({ address }) => address);
          this.carried.push({ message, to, hop: hop.key, carrier: number });
          const results: RecipientResult[] = [];
          for (const address of to) results.push(await this.result(taken, address));
          taken.finish({ recipients: results, dsnPassedOn: false, eightBitUnannounced: false });
        }
        return 'idle';
      },
      quit: () => {
        this.quits++;
        this.open_--;
        return Promise.resolve();
      },
      destroy: () => {},
    };
  }
}
