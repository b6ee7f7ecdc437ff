import type { Clock } from '../platform/clock.ts';
import { RegistryError } from '../sources/registry.ts';
import { check } from '../sources/source-fields.ts';
import type { ControlStore } from '../store/control.ts';
import type { Seal } from '../store/seal.ts';
import { Serial } from '../store/serial.ts';
import { type Staged, writeEach } from '../store/staged.ts';
import { routeFields } from './route-fields.ts';
import type { Route } from './route.ts';
import { type RouteTable, SANDBOX_ROUTE } from './routes.ts';
import { compileRoutes, isMixed, type RouteChooser } from './table.ts';

const MOST_ROUTES = 1000;

/** The sources whose mail all goes to the sandbox, whatever the routes say. */
export interface Sandboxed {
  has(source: string): boolean;
  readonly size: number;
}

/** Many changes that hold together or not at all; see `StoredRouteTable.stage`. */
export interface RouteBatch {
  /** Added, or in the place of the one of the same name. */
  set: Route[];
  /** Names. */
  removed: string[];
}

/** The routes: in memory for the scheduler, in the control store for good, passwords and private keys sealed there. */
export class StoredRouteTable implements RouteTable {
  readonly #db: ControlStore;
  readonly #seal: Seal;
  readonly #clock: Clock;
  readonly #changes = new Serial();
  readonly #routes = new Map<string, Route>();
  readonly #sandboxed: Sandboxed;
  #choose: RouteChooser = () => undefined;
  readonly #listeners = new Set<() => void>();

  /** @param sandboxed tell `reconsider` when it has changed */
  constructor(db: ControlStore, seal: Seal, clock: Clock, sandboxed: Sandboxed = new Set<string>()) {
    this.#db = db;
    this.#seal = seal;
    this.#clock = clock;
    this.#sandboxed = sandboxed;
  }

  /** @throws when a secret was sealed under another key. */
  async open(): Promise<void> {
    for (const { name, definition } of await this.#db.selectFrom('routes').selectAll().execute()) {
      this.#routes.set(name, this.#unsealed(name, definition));
    }
    this.#choose = compileRoutes([...this.#routes.values()]);
  }

  list(): Route[] {
    return [...this.#routes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  byName(name: string): Route | undefined {
    return this.#routes.get(name);
  }

  resolve(delivery: { source: string; domain: string; from: string; route?: string }): Route {
    // before any rule: nothing that was set for others takes a source out of its sandbox
    if (delivery.source !== '' && this.#sandboxed.has(delivery.source)) return SANDBOX_ROUTE;
    const { route } = delivery;
    if (route === SANDBOX_ROUTE.name) return SANDBOX_ROUTE;
    return (route !== undefined && this.#routes.get(route)) || (this.#choose(delivery) ?? SANDBOX_ROUTE);
  }

  isMixed(domain: string): boolean {
    // any of them may have mail to any domain
    return this.#sandboxed.size > 0 || isMixed([...this.#routes.values()], domain);
  }

  set(route: Route, still?: (before: Route | undefined) => void): Promise<void> {
    return this.#changes.run(async () => {
      still?.(this.#routes.get(route.name));
      const valid = check(routeFields, route);
      this.#refuseAmbiguous(valid);
      await this.#write(this.#db, valid);
      this.#routes.set(valid.name, valid);
      this.#changed();
    });
  }

  remove(name: string, still?: (before: Route) => void): Promise<void> {
    return this.#changes.run(async () => {
      const before = this.#routes.get(name);
      if (!before) throw new RegistryError('not-found', `there is no route ${name}`);
      still?.(before);
      await this.#db.deleteFrom('routes').where('name', '=', name).execute();
      this.#routes.delete(name);
      this.#changed();
    });
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#changes.run(work);
  }

  stage({ set, removed }: RouteBatch): Staged {
    const after = new Map(this.#routes);
    for (const name of removed) {
      if (!after.delete(name)) throw new RegistryError('not-found', `there is no route ${name}`);
    }
    const valid = set.map((route) => check(routeFields, route));
    for (const route of valid) after.set(route.name, route);
    refuseSameConditions([...after.values()]);
    if (after.size > MOST_ROUTES) {
      throw new RegistryError('invalid', `there can be ${MOST_ROUTES} routes, not ${after.size}`, 'name');
    }
    return {
      write: async (transaction) => {
        await writeEach(removed, (name) =>
          transaction.deleteFrom('routes').where('name', '=', name).execute(),
        );
        await writeEach(valid, (route) => this.#write(transaction, route));
      },
      commit: () => {
        for (const name of removed) this.#routes.delete(name);
        for (const route of valid) this.#routes.set(route.name, route);
        if (removed.length + valid.length > 0) this.#changed();
      },
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #write(db: ControlStore, route: Route): Promise<void> {
    const row = { definition: this.#sealed(route), updated_at: this.#clock.now() };
    await db
      .insertInto('routes')
      .values({ name: route.name, ...row })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute();
  }

  /** What `inSandbox` says has changed: what waits is put before its new destination. */
  reconsider(): void {
    for (const listener of this.#listeners) listener();
  }

  #changed(): void {
    this.#choose = compileRoutes([...this.#routes.values()]);
    for (const listener of this.#listeners) listener();
  }

  /** Two routes of the same condition: the one that decides would be a matter of spelling. */
  #refuseAmbiguous(route: Route): void {
    const condition = conditionOf(route);
    for (const other of this.#routes.values()) {
      if (other.name !== route.name && conditionOf(other) === condition) {
        throw new RegistryError(
          'invalid',
          `route ${other.name} has the same condition; change or remove it`,
          'match',
        );
      }
    }
    if (this.#routes.size >= MOST_ROUTES && !this.#routes.has(route.name)) {
      throw new RegistryError('invalid', `there are ${MOST_ROUTES} routes already`, 'name');
    }
  }

  #sealed(route: Route): string {
    return JSON.stringify(withSecrets(route, (secret, purpose) => this.#seal.seal(secret, purpose)));
  }

  #unsealed(name: string, definition: string): Route {
    try {
      return withSecrets({ ...(JSON.parse(definition) as Route), name }, (text, purpose) =>
        this.#seal.open(text, purpose),
      );
    } catch (error) {
      throw new Error(
        `route ${name} can not be read: the sealing key is another one, or the control data was altered`,
        { cause: error },
      );
    }
  }
}

function refuseSameConditions(routes: Route[]): void {
  const known = new Map<string, Route>();
  for (const route of routes) {
    const condition = conditionOf(route);
    const other = known.get(condition);
    if (other) {
      throw new RegistryError(
        'invalid',
        `routes ${other.name} and ${route.name} have the same condition; change or remove one`,
        'match',
      );
    }
    known.set(condition, route);
  }
}

function conditionOf({ match }: Route): string {
  return JSON.stringify([match.source ?? '', match.recipientDomain ?? '', match.senderDomain ?? '']);
}

/** The route with each of its secrets changed; the purpose ties a sealed one to its place. */
function withSecrets(route: Route, change: (secret: string, purpose: string) => string): Route {
  if (route.target.kind !== 'smarthost') return route;
  const { authentication, clientCertificate } = route.target;
  return {
    ...route,
    target: {
      ...route.target,
      authentication: authentication && {
        ...authentication,
        password: change(authentication.password, `route:${route.name}:password`),
      },
      clientCertificate: clientCertificate && {
        ...clientCertificate,
        privateKey: change(clientCertificate.privateKey, `route:${route.name}:client-key`),
      },
    },
  };
}
