import { dirname } from 'node:path';
import type { Clock } from '../../platform/clock.ts';
import type { Disk } from '../../platform/disk.ts';
import { SpoolUnavailable } from '../spool.ts';

const CHECK_EVERY_MS = 1000;
const CHUNK = Buffer.alloc(65_536);

export interface SpaceOptions {
  disk: Disk;
  clock: Clock;
  /** Octets that must be free for a message to be taken. */
  minimum: number;
  /** A file of `reserveBytes` octets that is given up when nothing else is left to finish deliveries with. */
  reservePath: string;
  reserveBytes: number;
  /** Octets that the database can use before it grows. */
  reusable: () => Promise<number>;
  /** Told when the reserve can not be made, which stops nothing. */
  report: (text: string, error: unknown) => void;
}

/**
 * Keeps the disk from filling up: new messages are refused while deliveries can still be finished, because a
 * delivered message that can not be taken out is delivered twice.
 */
export class Space {
  readonly #options: SpaceOptions;
  readonly #folder: string;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;
  #short: SpoolUnavailable | undefined;
  #reserved = false;

  constructor(options: SpaceOptions) {
    this.#options = options;
    this.#folder = dirname(options.reservePath);
  }

  /** Answers at once while there is room; otherwise the promise rejects with SpoolUnavailable, or there is room again. */
  check(): Promise<void> | undefined {
    const { clock } = this.#options;
    if (clock.monotonic() - this.#checkedAt >= CHECK_EVERY_MS) {
      this.#checking ??= this.refresh().finally(() => {
        this.#checking = undefined;
      });
    }
    if (!this.#short) return undefined;
    return this.#await();
  }

  async #await(): Promise<void> {
    await this.#checking;
    if (this.#short) throw this.#short;
  }

  /** Why there is no room, as of the last look; looks again when that was a while ago. */
  get shortage(): string | undefined {
    void this.check()?.catch(() => undefined);
    return this.#short?.message;
  }

  /** Looks how much is free. Never rejects. */
  async refresh(): Promise<void> {
    const { disk, clock, minimum, reserveBytes, reusable } = this.#options;
    this.#checkedAt = clock.monotonic();
    try {
      const free = await disk.free(this.#folder);
      // a database that was large once has room inside; its log needs some of the disk nevertheless
      const enough = free >= minimum || (free >= minimum / 4 && free + (await reusable()) >= minimum);
      this.#short = enough
        ? undefined
        : new SpoolUnavailable(`the disk has ${free} octets left, and ${minimum} must stay free`);
      if (!this.#reserved && reserveBytes > 0 && free >= 2 * minimum + reserveBytes) await this.#tryReserve();
    } catch (error) {
      this.#short = new SpoolUnavailable('the free space of the disk can not be told', { cause: error });
    }
  }

  async #tryReserve(): Promise<void> {
    try {
      await this.#reserve();
    } catch (error) {
      this.#options.report('the reserve of the spool could not be made', error);
    }
  }

  async #reserve(): Promise<void> {
    const { disk, reservePath, reserveBytes } = this.#options;
    if (await this.#hasReserve()) {
      this.#reserved = true;
      return;
    }
    await disk.remove(reservePath);
    const file = await disk.open(reservePath, 'create');
    try {
      for (let left = reserveBytes; left > 0; left -= CHUNK.length) await file.write(CHUNK);
      await file.sync();
      this.#reserved = true;
    } finally {
      await file.close();
    }
  }

  /** Whether an earlier process made the reserve, whole. */
  async #hasReserve(): Promise<boolean> {
    const { disk, reservePath, reserveBytes } = this.#options;
    try {
      const file = await disk.open(reservePath, 'read');
      try {
        return (await file.read(Buffer.alloc(1), reserveBytes - 1)) === 1;
      } finally {
        await file.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** Gives the reserve back to the disk; `false` when there is none left. */
  async release(): Promise<boolean> {
    if (!this.#reserved) return false;
    this.#reserved = false;
    await this.#options.disk.remove(this.#options.reservePath);
    return true;
  }
}
