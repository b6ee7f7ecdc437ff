import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type { SigningDomain } from '../authentication/dkim/domain.ts';
import { Alignment } from '../authentication/alignment.ts';
import { type Clock, ManualClock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { ResolveError } from '../platform/resolver.ts';
import { RateLimiter } from '../policy/limits.ts';
import { CompiledPolicies } from '../policy/compiled.ts';
import { NO_DETAILS, type Credential, type Source } from '../sources/source.ts';
import { isNetworkAlone } from '../sources/credential-index.ts';
import { inNetworks } from '../submission/network.ts';
import type { Change } from './changes.ts';
import type { Registries } from './present.ts';

export interface WorldRooms extends Registries {
  sources: Registries['sources'] & { byNetwork(address: string): Credential[] };
  domains: Pick<DomainRegistry, 'byName' | 'list' | 'isInternal'>;
  clock: Clock;
  random: Random;
  /** As the relay has it. */
  requirePublished: boolean;
}

const DAY_MS = 86_400_000;

/** The relay as it would be after some changes: what a message meets there, without a message ever being sent. */
export class World {
  readonly policies = new CompiledPolicies();
  /** Counts by the times of the messages that are asked about, not by the clock. */
  readonly limiter: RateLimiter;
  readonly alignment: Alignment;
  readonly #rooms: WorldRooms;
  readonly #time: ManualClock;
  /** By identifier and by name; null: deleted. */
  readonly #sources = new Map<string, Source | null>();
  readonly #domains = new Map<string, SigningDomain | null>();
  /** Credentials that changed, by identifier; null: deleted. */
  readonly #changed = new Map<string, Credential | null>();
  /** New ones, by the name of their source. */
  readonly #added = new Map<string, Credential[]>();

  /** @param from wall time of the first message that is asked about */
  constructor(rooms: WorldRooms, changes: readonly Change[], from: number) {
    this.#rooms = rooms;
    // a day before: the windows of the limits are empty when the first message comes
    this.#time = new ManualClock(from - DAY_MS);
    this.limiter = new RateLimiter(this.#time);
    for (const change of changes) this.#take(change);
    const domain = (name: string) => this.#domain(name);
    this.alignment = new Alignment({
      registry: {
        byName: domain,
        list: () => [],
        markPublished: async () => {},
      },
      // never asked: nothing starts the checks
      resolver: { txt: async (name) => Promise.reject(new ResolveError('temporary', name)) },
      clock: rooms.clock,
      random: rooms.random,
      requirePublished: rooms.requirePublished,
      onError: () => {},
    });
  }

  /** Moves the limits on to the time of the next message; never back. */
  moveTo(at: number): void {
    this.#time.advance(Math.max(0, at - this.#time.now()));
  }

  byName(name: string): Source | undefined {
    const changed = this.#sources.get(name);
    return changed === undefined ? this.#rooms.sources.byName(name) : (changed ?? undefined);
  }

  byId(id: string): Source | undefined {
    const changed = this.#sources.get(id);
    return changed === undefined ? this.#rooms.sources.byId(id) : (changed ?? undefined);
  }

  /** The name itself or a parent of it is internal. */
  isInternal(name: string): boolean {
    if (this.#domains.size === 0) return this.#rooms.domains.isInternal(name);
    for (let parent = name; ; parent = parent.slice(parent.indexOf('.') + 1)) {
      if (this.#domain(parent)?.internal) return true;
      if (!parent.includes('.')) return false;
    }
  }

  credential(id: string, source: Source): Credential | undefined {
    return this.credentials(source).find((one) => one.id === id);
  }

  /** Those that are neither revoked nor expired. */
  credentials(source: Source): Credential[] {
    const now = this.#rooms.clock.now();
    const kept = this.#rooms.sources
      .credentials(source.id)
      .map((one) => this.#changed.get(one.id) ?? (this.#changed.has(one.id) ? undefined : one))
      .filter((one) => one !== undefined);
    return [...kept, ...(this.#added.get(source.name) ?? [])].filter(
      ({ state, expiresAt }) => state === 'active' && (expiresAt === undefined || expiresAt > now),
    );
  }

  /** Whose device it is that shows nothing but its address. */
  sourceOfNetwork(address: string): Source | undefined {
    for (const { id, source: owner } of this.#rooms.sources.byNetwork(address)) {
      const source = this.byId(owner);
      const credential = source && this.credential(id, source);
      if (credential && inNetworks(address, credential.networks)) return source;
    }
    for (const credentials of [...this.#added.values(), [...this.#changed.values()]]) {
      const found = credentials.find(
        (one) => one !== null && isNetworkAlone(one) && inNetworks(address, one.networks),
      );
      if (found) return this.byId(found.source) ?? this.byName(found.source);
    }
    return undefined;
  }

  #domain(name: string): SigningDomain | undefined {
    const changed = this.#domains.get(name);
    return changed === undefined ? this.#rooms.domains.byName(name) : (changed ?? undefined);
  }

  #take(change: Change): void {
    const { name } = change;
    if (change.kind === 'domain') {
      const known = this.#rooms.domains.byName(name);
      this.#domains.set(name, change.after ? { ...(known ?? newDomain(name)), ...change.after } : null);
    } else if (change.kind === 'source') {
      const known = this.#rooms.sources.byName(name);
      const source = change.after
        ? { ...(known ?? newSource(name)), ...change.after, state: change.after.state ?? 'active' }
        : null;
      this.#sources.set(name, source);
      this.#sources.set(known?.id ?? name, source);
    } else if (change.kind === 'credential') {
      const owner = this.#rooms.sources.byName(name)?.id ?? name;
      const known = this.#rooms.sources.credentials(owner).find(({ id }) => id === change.id);
      if (!change.after) this.#changed.set(change.id ?? '', null);
      else {
        const { networks, certificate, oauth, account, label, expiresAt, kind } = change.after;
        const fields = { networks, certificate, oauth, account, label, expiresAt };
        if (known) this.#changed.set(known.id, { ...known, ...fields });
        else {
          const added = this.#added.get(name) ?? [];
          // a mark that it has another factor than its network
          const factor = kind === 'password' || kind === 'api-key' ? { apiKeyHash: 'new' } : {};
          added.push({ id: '', source: owner, state: 'active', createdAt: 0, ...fields, ...factor });
          this.#added.set(name, added);
        }
      }
    }
  }
}

function newSource(name: string) {
  return { id: name, name, ...NO_DETAILS, createdAt: 0, updatedAt: 0, version: 1 };
}

/** With a key that signs, as it will have. */
function newDomain(name: string) {
  const key = {
    selector: '',
    algorithm: 'rsa-sha256',
    stage: 'active',
    privateKey: '',
    publicKey: '',
  } as const;
  return { name, createdAt: 0, keys: [{ ...key, createdAt: 0 }] };
}
