import type { StoredDomainRegistry } from '../authentication/dkim/stored-domains.ts';
import type { StoredRouteTable } from '../deliver/stored-routes.ts';
import type { EventSink } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { RegistryError } from '../sources/registry.ts';
import type { StoredSourceRegistry } from '../sources/stored-registry.ts';
import type { ControlStore } from '../store/control.ts';
import type { Seal } from '../store/seal.ts';
import { batchesOf, type IssuedSecret, prepare, type RouteSecrets } from './applier.ts';
import { type Change, changesBetween, type Unnamed } from './changes.ts';
import type { DeclarationInput } from './declaration.ts';
import { exportDeclaration } from './export.ts';
import type { FateLimits } from './fate.ts';
import { History, type HistoryEntry } from './history.ts';
import { type PolicyTestResult, readPolicyTests, runPolicyTests } from './policy-tests.ts';
import { presentState, stateHash } from './present.ts';
import { type Replay, replay } from './replay.ts';
import { resolve } from './resolve.ts';
import { reverted } from './revert.ts';
import { World } from './world.ts';

const DAY_MS = 86_400_000;

export interface DeclarationRooms {
  control: ControlStore;
  sources: StoredSourceRegistry;
  routes: StoredRouteTable;
  domains: StoredDomainRegistry;
  seal: Seal;
  clock: Clock;
  random: Random;
  events: EventSink;
  journal: Journal;
  limits: FateLimits;
  /** As `dkim.requirePublished`. */
  requirePublished: boolean;
}

export interface Plan {
  /** What the plan was made from; `apply` refuses when it is no longer so. */
  base: string;
  changes: Change[];
  unnamed: Unnamed[];
}

export interface Author {
  by: string;
  comment: string;
}

export interface Applied {
  /** Absent: there was nothing to change. */
  entry?: HistoryEntry;
  issued: IssuedSecret[];
}

/** Files against the relay: what would change, the change as one, and the way back. */
export class Declarations {
  readonly history: History;
  readonly #rooms: DeclarationRooms;

  constructor(rooms: DeclarationRooms) {
    this.#rooms = rooms;
    this.history = new History(rooms.control);
  }

  /** What there is, as files would say it. */
  export(): DeclarationInput {
    return exportDeclaration(this.#present());
  }

  /** @throws DeclarationError */
  plan(declaration: unknown, prune: boolean): Plan {
    const present = this.#present();
    return { base: stateHash(present), ...changesBetween(present, resolve(declaration), prune) };
  }

  /**
   * Makes the relay what the declaration says: everything, or nothing.
   * @param base of the plan that was agreed to
   * @throws DeclarationError, RegistryError; with `conflict` on `version` when something was changed since the plan
   */
  async apply(
    declaration: unknown,
    options: { base: string; prune: boolean; routeSecrets: RouteSecrets },
    author: Author,
  ): Promise<Applied> {
    const { base, changes } = this.plan(declaration, options.prune);
    if (base !== options.base) throw changedSince();
    return this.#carryOut(base, changes, options.routeSecrets, author);
  }

  /**
   * Takes an entry of the history back, as a new entry. Secrets do not come back: where one is needed, a new one is
   * made.
   * @param force also where an item was changed since
   * @throws RegistryError `not-found`, `conflict` with what was changed since
   */
  async rollback(
    id: number,
    options: { force: boolean; routeSecrets: RouteSecrets },
    author: Author,
  ): Promise<Applied> {
    const { base, changes } = await this.planRollback(id, options.force);
    return this.#carryOut(base, changes, options.routeSecrets, author, id);
  }

  /** What `rollback` would change. @throws as `rollback` */
  async planRollback(id: number, force: boolean): Promise<Plan> {
    const entry = await this.history.entry(id);
    if (!entry) throw new RegistryError('not-found', `there is no entry ${id} in the history`);
    const present = this.#present();
    const { changes, conflicts } = reverted(entry.changes, present);
    if (conflicts.length > 0 && !force) {
      throw new RegistryError(
        'conflict',
        `changed since entry ${id}: ${conflicts.slice(0, 10).join(', ')}${conflicts.length > 10 ? ', ...' : ''}; force it to lose those later changes`,
      );
    }
    return { base: stateHash(present), changes, unnamed: [] };
  }

  /** Which of the messages of the last days would meet another fate. */
  replay(changes: readonly Change[], days: number): Promise<Replay> {
    const since = this.#rooms.clock.now() - days * DAY_MS;
    const worlds = { before: this.#world([], since), after: this.#world(changes, since) };
    return replay(this.#rooms.journal, changes, worlds, this.#rooms.limits, since);
  }

  /**
   * Asks for the fates of messages: under what is in force, or under what a declaration would make of it.
   * @throws DeclarationError
   */
  async test(tests: unknown, declaration?: unknown, prune = false): Promise<PolicyTestResult[]> {
    const changes = declaration === undefined ? [] : this.plan(declaration, prune).changes;
    const at = this.#rooms.clock.now();
    return runPolicyTests(readPolicyTests(tests), () => this.#world(changes, at), this.#rooms.limits, at);
  }

  #world(changes: readonly Change[], from: number): World {
    return new World(this.#rooms, changes, from);
  }

  #present() {
    return presentState(this.#rooms, this.#rooms.clock.now());
  }

  async #carryOut(
    base: string,
    changes: Change[],
    routeSecrets: RouteSecrets,
    author: Author,
    reverts?: number,
  ): Promise<Applied> {
    if (changes.length === 0) return { issued: [] };
    const { control, sources, routes, domains, clock, random, events } = this.#rooms;
    refusePast(changes, clock.now());
    const prepared = await prepare(changes, this.#rooms);
    const entry = await sources.exclusively(() =>
      domains.exclusively(() =>
        routes.exclusively(async () => {
          if (stateHash(this.#present()) !== base) throw changedSince();
          const batches = batchesOf(changes, prepared, this.#rooms, routeSecrets, random);
          const made: HistoryEntry = {
            id: await this.history.nextId(),
            at: clock.now(),
            ...author,
            ...(reverts === undefined ? {} : { reverts }),
            changes: withIdentifiers(changes, batches.sources.added),
          };
          const reason = `policy files, entry ${made.id}${author.comment === '' ? '' : `: ${author.comment}`}`;
          const staged = [
            sources.stage(batches.sources, { by: author.by, reason }),
            routes.stage(batches.routes),
            domains.stage(batches.domains),
            this.history.stage(made),
          ];
          await control.transaction().execute(async (transaction) => {
            for (const part of staged) await part.write(transaction);
          });
          for (const part of staged) part.commit();
          return made;
        }),
      ),
    );
    tell(events, entry, (name) => sources.byName(name)?.id);
    return { entry, issued: prepared.issued };
  }
}

function changedSince(): RegistryError {
  return new RegistryError(
    'conflict',
    'something was changed since the plan; make the plan again',
    'version',
  );
}

function refusePast(changes: readonly Change[], now: number): void {
  for (const { kind, action, name, after } of changes) {
    if (kind !== 'credential' || action === 'delete') continue;
    if (after?.expiresAt !== undefined && after.expiresAt <= now) {
      throw new RegistryError(
        'invalid',
        `a credential of source ${name} would have expired on ${new Date(after.expiresAt).toISOString()} already`,
        'expires',
      );
    }
  }
}

/** The history knows a new source by its identifier too, so that it can come back under it. */
function withIdentifiers(changes: Change[], added: readonly { id: string; name: string }[]): Change[] {
  const ids = new Map(added.map(({ id, name }) => [name, id]));
  return changes.map((change) =>
    change.kind === 'source' && change.action === 'create' ? { ...change, id: ids.get(change.name) } : change,
  );
}

/** One event for each source that is concerned, so that its log shows it. */
function tell(events: EventSink, entry: HistoryEntry, idOf: (name: string) => string | undefined): void {
  const concerned = new Map<string, Change[]>();
  for (const change of entry.changes) {
    if (change.kind !== 'source' && change.kind !== 'credential') continue;
    const known = concerned.get(change.name);
    if (known) known.push(change);
    else concerned.set(change.name, [change]);
  }
  for (const [name, changes] of concerned) {
    const fields = changes.flatMap(({ kind, action, fields: changed }) =>
      action === 'change' ? changed.map(({ field }) => field) : [`${kind} ${action}d`],
    );
    events.write({
      type: 'change',
      at: entry.at,
      source: idOf(name) ?? changes.find(({ kind }) => kind === 'source')?.id,
      text: `source ${name} changed by policy files, entry ${entry.id}: ${fields.slice(0, 20).join(', ')}`,
      detail: { by: entry.by, history: entry.id },
    });
  }
}
