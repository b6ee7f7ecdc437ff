import { basename, join } from 'node:path';
import type { Disk, DiskFile } from '../../platform/disk.ts';
import { type BodyWriter, type MessageId, SpoolUnavailable } from '../spool.ts';

const SUFFIX = '.body';

/** The files of bodies that are too large for a row: one a message, named after it. */
export class Bodies {
  readonly folder: string;
  readonly #disk: Disk;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.folder = folder;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** The name of a body's file. @throws TypeError when `path` is none of this folder */
  nameOf(path: string): string {
    const name = basename(path);
    if (this.path(name) !== path) throw new TypeError(`not a body of this spool: ${path}`);
    return name;
  }

  /** @throws SpoolUnavailable */
  async create(id: MessageId): Promise<BodyWriter> {
    const path = this.path(id + SUFFIX);
    try {
      return new BodyFile(this.#disk, this.folder, path, await this.#disk.open(path, 'create'));
    } catch (error) {
      throw unavailable('open', error);
    }
  }

  remove(name: string): Promise<void> {
    return this.#disk.remove(this.path(name));
  }

  async list(): Promise<string[]> {
    return (await this.#disk.list(this.folder)).filter((name) => name.endsWith(SUFFIX));
  }
}

/**
 * One body on its way to disk. After the first failure the file is given up for good: a second fsync may
 * succeed without having written what the first one lost.
 */
class BodyFile implements BodyWriter {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #path: string;
  readonly #file: DiskFile;
  #length = 0;
  #state: 'open' | 'failed' | 'ended' = 'open';

  constructor(disk: Disk, folder: string, path: string, file: DiskFile) {
    this.#disk = disk;
    this.#folder = folder;
    this.#path = path;
    this.#file = file;
  }

  async write(chunk: Buffer): Promise<void> {
    this.#expectOpen();
    await this.#step('write', this.#file.write(chunk));
    this.#length += chunk.length;
  }

  async finish(): Promise<{ kind: 'file'; path: string; length: number }> {
    this.#expectOpen();
    await this.#step('sync', this.#file.sync());
    this.#state = 'ended';
    try {
      await this.#file.close();
      // without it a power cut may leave the file without a name
      await this.#disk.syncDirectory(this.#folder);
    } catch (error) {
      await this.#remove();
      throw unavailable('sync', error);
    }
    return { kind: 'file', path: this.#path, length: this.#length };
  }

  async discard(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    await this.#close();
    await this.#remove();
  }

  #expectOpen(): void {
    if (this.#state === 'failed') throw new SpoolUnavailable('an earlier write of this body failed');
    if (this.#state === 'ended') throw new Error('the body is already finished or discarded');
  }

  async #step(what: string, operation: Promise<void>): Promise<void> {
    try {
      await operation;
    } catch (error) {
      this.#state = 'failed';
      await this.#close();
      await this.#remove();
      throw unavailable(what, error);
    }
  }

  /** The file is given up: how its handle ends matters to nobody, as long as it does. */
  async #close(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }

  /** What can not be removed now belongs to no message, and is removed at the next start. */
  async #remove(): Promise<void> {
    await this.#disk.remove(this.#path).catch(() => undefined);
  }
}

function unavailable(what: string, error: unknown): SpoolUnavailable {
  const reason = error instanceof Error ? error.message : String(error);
  return new SpoolUnavailable(`can not ${what} the file of a body: ${reason}`, { cause: error });
}
