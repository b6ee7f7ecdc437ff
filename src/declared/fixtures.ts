import { StoredDomainRegistry } from '../authentication/dkim/stored-domains.ts';
import { StoredRouteTable } from '../deliver/stored-routes.ts';
import type { EventFilter, JournalEvent, RecordedEvent } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { StoredSourceRegistry } from '../sources/stored-registry.ts';
import { openControlStore } from '../store/control.ts';
import { Seal } from '../store/seal.ts';
import { Declarations } from './declarations.ts';

/** For tests: declarations over real control data in memory. */
export async function declarationFixture() {
  const control = await openControlStore(':memory:');
  const clock = new ManualClock(Date.parse('2026-11-23T12:00:00Z'));
  const journal = new ListedJournal(clock);
  const seal = new Seal(Buffer.alloc(32, 7));
  const sources = new StoredSourceRegistry(control, clock, systemRandom, journal);
  const domains = new StoredDomainRegistry(control, seal, clock);
  const routes = new StoredRouteTable(control, seal, clock);
  const rooms = {
    control,
    sources,
    domains,
    routes,
    seal,
    clock,
    random: systemRandom,
    events: journal,
    journal,
    limits: { headerBytes: 100_000, headerFields: 1000, hops: 50, messageBytes: 1_000_000 },
    requirePublished: false,
  };
  const declarations = new Declarations(rooms);
  /** Plans and applies in one go. */
  const apply = async (
    declaration: unknown,
    {
      prune = false,
      comment = '',
      routeSecrets = {},
    }: {
      prune?: boolean;
      comment?: string;
      routeSecrets?: Record<string, { password?: string; privateKey?: string }>;
    } = {},
  ) => {
    const { base } = declarations.plan(declaration, prune);
    return declarations.apply(declaration, { base, prune, routeSecrets }, { by: 'tester', comment });
  };
  /** The registries as they would be after a restart. */
  const reopened = async () => {
    const again = {
      sources: new StoredSourceRegistry(control, clock, systemRandom, journal),
      domains: new StoredDomainRegistry(control, seal, clock),
      routes: new StoredRouteTable(control, seal, clock),
    };
    await Promise.all([again.sources.open(), again.domains.open(), again.routes.open()]);
    return new Declarations({ ...rooms, ...again });
  };
  return { ...rooms, declarations, apply, reopened };
}

class ListedJournal implements Journal {
  readonly recorded: RecordedEvent[] = [];
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  write(event: JournalEvent): void {
    this.recorded.push({ ...event, id: this.recorded.length + 1, at: event.at ?? this.#clock.now() });
  }

  async search(
    { types, source, code, since = 0 }: EventFilter,
    limit: number,
    before = Number.MAX_SAFE_INTEGER,
  ): Promise<RecordedEvent[]> {
    return this.recorded
      .filter(
        (event) =>
          event.id < before &&
          event.at >= since &&
          (!types || types.includes(event.type)) &&
          (source === undefined || event.source === source) &&
          (code === undefined || event.code === code),
      )
      .reverse()
      .slice(0, limit);
  }

  follow(): () => void {
    return () => {};
  }

  async open(): Promise<void> {}
  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}
