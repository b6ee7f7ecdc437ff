import type { Clock, Timer } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import type { ControlStore } from '../../store/control.ts';
import type { DiscoveredDeviceRow } from '../../store/schema.ts';
import { newIdentifier } from '../identifier.ts';
import { NetworkIndex } from '../network-index.ts';
import { RegistryError } from '../registry.ts';
import { type Device, newDevice } from './device.ts';

const WRITE_AFTER_MS = 5000;
const MOST_BLOCKS = 1000;

/** A network that is not learned from any more. */
export interface Block {
  /** CIDR block. */
  network: string;
  /** Wall time, milliseconds. */
  createdAt: number;
}

export interface DevicesOptions {
  db: ControlStore;
  clock: Clock;
  random: Random;
  /** Devices that are remembered at the same time. */
  most: number;
  /** Milliseconds after which a device that was not seen again is forgotten. */
  keepMs: number;
  /** Hears of observations that could not be written; they are tried again with the next ones. */
  onTrouble(error: unknown): void;
}

/**
 * The devices that are not known yet, by network. Observations are kept in memory and written in batches: what was not
 * yet written is lost by a kill, nothing else. A device with a source, whose mail is held, is written at once, and is
 * never displaced by others.
 */
export class Devices {
  readonly #options: DevicesOptions;
  readonly #byNetwork = new Map<string, Device>();
  readonly #blocks = new Map<string, Block>();
  readonly #blocked = new NetworkIndex<string>();
  readonly #changed = new Set<Device>();
  #timer: Timer | undefined;
  /** Since the start: devices that had to make room, and those for which there was none. */
  readonly counters = { displaced: 0, unrecorded: 0 };

  constructor(options: DevicesOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { db } = this.#options;
    for (const row of await db.selectFrom('discovered_devices').selectAll().execute()) {
      this.#byNetwork.set(row.network, deviceOf(row));
    }
    for (const { network, created_at } of await db.selectFrom('discovery_blocks').selectAll().execute()) {
      this.#keepBlock({ network, createdAt: created_at });
    }
  }

  /** Writes what was seen last. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#write();
  }

  /** The last seen first. */
  list(): Device[] {
    return [...this.#byNetwork.values()].sort(
      (a, b) => b.lastSeenAt - a.lastSeenAt || (a.id < b.id ? -1 : 1),
    );
  }

  /** By identifier or network. */
  find(name: string): Device | undefined {
    const found = this.#byNetwork.get(name);
    if (found) return found;
    for (const device of this.#byNetwork.values()) {
      if (device.id === name || device.seen.addresses.seen.some(({ value }) => value === name)) return device;
    }
    return undefined;
  }

  ofNetwork(network: string): Device | undefined {
    return this.#byNetwork.get(network);
  }

  ofSource(source: string): Device | undefined {
    for (const device of this.#byNetwork.values()) if (device.source === source) return device;
    return undefined;
  }

  /**
   * The device of this network, a new one if need be; another makes room for it: one that never sent a message
   * before one that did, then the one that was not seen longest. `undefined` when the mail of all others is held.
   */
  see(network: string): Device | undefined {
    const known = this.#byNetwork.get(network);
    const now = this.#options.clock.now();
    if (known) {
      known.lastSeenAt = now;
      return known;
    }
    if (this.#byNetwork.size >= this.#options.most && !this.#makeRoom()) {
      this.counters.unrecorded++;
      return undefined;
    }
    const device = newDevice(newIdentifier('dev', this.#options.random), network, now);
    this.#byNetwork.set(network, device);
    return device;
  }

  /** The device has changed: it is written soon. */
  touch(device: Device): void {
    if (this.#byNetwork.get(device.network) !== device) return;
    this.#changed.add(device);
    this.#timer ??= this.#options.clock.after(WRITE_AFTER_MS, () => {
      this.#timer = undefined;
      this.#write().catch((error: unknown) => this.#options.onTrouble(error));
    });
  }

  /** Resolves when the device is on stable storage. */
  async save(device: Device): Promise<void> {
    const row = rowOf(device);
    await this.#options.db
      .insertInto('discovered_devices')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  async forget(device: Device): Promise<void> {
    this.#drop(device);
    await this.#options.db.deleteFrom('discovered_devices').where('id', '=', device.id).execute();
  }

  /** Forgets who has not come again and has no mail here; call it now and then. */
  async expire(): Promise<number> {
    const before = this.#options.clock.now() - this.#options.keepMs;
    const old = this.list().filter(({ lastSeenAt, source }) => lastSeenAt < before && source === undefined);
    for (const device of old) await this.forget(device);
    return old.length;
  }

  blocks(): Block[] {
    return [...this.#blocks.values()].sort((a, b) => (a.network < b.network ? -1 : 1));
  }

  isBlocked(address: string): boolean {
    return this.#blocks.size > 0 && this.#blocked.find(address).length > 0;
  }

  /** @param network canonical CIDR block. @throws RegistryError `conflict` when there are too many. */
  async block(network: string): Promise<Block> {
    const known = this.#blocks.get(network);
    if (known) return known;
    if (this.#blocks.size >= MOST_BLOCKS) {
      throw new RegistryError(
        'conflict',
        `${MOST_BLOCKS} networks are blocked already; block one wider network instead, or narrow learnFrom`,
      );
    }
    const block: Block = { network, createdAt: this.#options.clock.now() };
    await this.#options.db
      .insertInto('discovery_blocks')
      .values({ network, created_at: block.createdAt })
      .onConflict((conflict) => conflict.column('network').doNothing())
      .execute();
    this.#keepBlock(block);
    return block;
  }

  /** @throws RegistryError `not-found` */
  async unblock(network: string): Promise<void> {
    if (!this.#blocks.has(network)) {
      throw new RegistryError('not-found', `the network ${network} is not blocked`);
    }
    await this.#options.db.deleteFrom('discovery_blocks').where('network', '=', network).execute();
    this.#blocks.delete(network);
    this.#blocked.remove(network, network);
  }

  #keepBlock(block: Block): void {
    if (!this.#blocks.has(block.network)) this.#blocked.add(block.network, block.network);
    this.#blocks.set(block.network, block);
  }

  #makeRoom(): boolean {
    let least: Device | undefined;
    for (const device of this.#byNetwork.values()) {
      if (device.source !== undefined) continue;
      if (!least || lessWorth(device, least)) least = device;
    }
    if (!least) return false;
    this.counters.displaced++;
    this.#drop(least);
    this.#options.db
      .deleteFrom('discovered_devices')
      .where('id', '=', least.id)
      .execute()
      .catch((error: unknown) => this.#options.onTrouble(error));
    return true;
  }

  #drop(device: Device): void {
    if (this.#byNetwork.get(device.network) === device) this.#byNetwork.delete(device.network);
    this.#changed.delete(device);
  }

  async #write(): Promise<void> {
    const devices = [...this.#changed];
    this.#changed.clear();
    if (devices.length === 0) return;
    try {
      await this.#options.db.transaction().execute(async (transaction) => {
        for (const device of devices) {
          const row = rowOf(device);
          await transaction
            .insertInto('discovered_devices')
            .values(row)
            .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
            .execute();
        }
      });
    } catch (error) {
      for (const device of devices) this.touch(device);
      throw error;
    }
    // forgotten while it was written
    for (const { id, network } of devices) {
      if (this.#byNetwork.get(network)?.id !== id) {
        await this.#options.db.deleteFrom('discovered_devices').where('id', '=', id).execute();
      }
    }
  }
}

function lessWorth(a: Device, b: Device): boolean {
  if (a.messages > 0 !== b.messages > 0) return a.messages === 0;
  return a.lastSeenAt < b.lastSeenAt;
}

function rowOf(device: Device): DiscoveredDeviceRow {
  const { id, network, source, lastSeenAt } = device;
  return { id, network, source: source ?? null, last_seen_at: lastSeenAt, observed: JSON.stringify(device) };
}

function deviceOf({ id, network, observed }: DiscoveredDeviceRow): Device {
  // what a later version observes in addition begins empty
  const { seen, ...device } = JSON.parse(observed) as Device;
  const empty = newDevice(id, network, 0);
  return { ...empty, ...device, seen: { ...empty.seen, ...seen } };
}
