import type { Clock } from '../platform/clock.ts';
import { RegistryError } from '../sources/registry.ts';
import { check } from '../sources/source-fields.ts';
import type { ControlStore } from '../store/control.ts';
import type { Seal } from '../store/seal.ts';
import { Serial } from '../store/serial.ts';
import { routeFields } from './route-fields.ts';
import type { Route } from './route.ts';
import { type RouteTable, SANDBOX_ROUTE } from './routes.ts';
import { compileRoutes, type RouteChooser } from './table.ts';

const MOST_ROUTES = 1000;

/** The routes: in memory for the scheduler, in the control store for good, passwords and private keys sealed there. */
export class StoredRouteTable implements RouteTable {
  readonly #db: ControlStore;
  readonly #seal: Seal;
  readonly #clock: Clock;
  readonly #changes = new Serial();
  readonly #routes = new Map<string, Route>();
  #choose: RouteChooser = () => undefined;
  readonly #listeners = new Set<() => void>();

  constructor(db: ControlStore, seal: Seal, clock: Clock) {
    this.#db = db;
    this.#seal = seal;
    this.#clock = clock;
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

  resolve(delivery: { source: string; domain: string; from: string }): Route {
    return this.#choose(delivery) ?? SANDBOX_ROUTE;
  }

  set(route: Route): Promise<void> {
    return this.#changes.run(async () => {
      const valid = check(routeFields, route);
      this.#refuseAmbiguous(valid);
      const row = { definition: this.#sealed(valid), updated_at: this.#clock.now() };
      await this.#db
        .insertInto('routes')
        .values({ name: valid.name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
      this.#routes.set(valid.name, valid);
      this.#changed();
    });
  }

  remove(name: string): Promise<void> {
    return this.#changes.run(async () => {
      if (!this.#routes.has(name)) throw new RegistryError('not-found', `there is no route ${name}`);
      await this.#db.deleteFrom('routes').where('name', '=', name).execute();
      this.#routes.delete(name);
      this.#changed();
    });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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
