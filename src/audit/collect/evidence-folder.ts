import path from 'node:path';
import type { Disk } from '../../platform/disk.ts';
import { CollectError } from './collect-error.ts';

const LOCK = '.collect-lock';
const UNFINISHED = '.part';
/** No file of evidence is written larger than an answer may be. */
const MOST_OCTETS = 256 * 2 ** 20;

/** The folder that evidence is written into: each file is there whole or not at all. One run at a time. */
export class EvidenceFolder {
  readonly path: string;
  readonly #disk: Disk;

  private constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.path = folder;
  }

  /**
   * Makes the folder if need be, and takes it for this process.
   * @throws CollectError `folder` when another run has it
   */
  static async open(disk: Disk, folder: string): Promise<EvidenceFolder> {
    await disk.makeDirectory(folder);
    const opened = new EvidenceFolder(disk, folder);
    await opened.#lock();
    for (const name of await disk.list(folder)) {
      // what a killed run left half written
      if (name.endsWith(UNFINISHED)) await disk.remove(path.join(folder, name));
    }
    return opened;
  }

  async close(): Promise<void> {
    await this.#disk.remove(path.join(this.path, LOCK));
  }

  names(): Promise<string[]> {
    return this.#disk.list(this.path);
  }

  /** Replaces or makes a file; returns when it is on stable storage under its name. */
  async write(name: string, text: string): Promise<void> {
    const final = path.join(this.path, name);
    const unfinished = `${final}${UNFINISHED}`;
    await this.#disk.remove(unfinished);
    const file = await this.#disk.open(unfinished, 'create');
    try {
      await file.write(Buffer.from(text));
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#disk.rename(unfinished, final);
    await this.#disk.syncDirectory(this.path);
  }

  /** The whole text; undefined when there is no such file. */
  async read(name: string): Promise<string | undefined> {
    let file;
    try {
      file = await this.#disk.open(path.join(this.path, name), 'read');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const chunks: Buffer[] = [];
      for (let at = 0; at < MOST_OCTETS; ) {
        const chunk = Buffer.alloc(1 << 20);
        const count = await file.read(chunk, at);
        if (count === 0) return Buffer.concat(chunks).toString('utf8');
        chunks.push(chunk.subarray(0, count));
        at += count;
      }
      throw new CollectError('folder', `${name} in ${this.path} is larger than any file of a collection`);
    } finally {
      await file.close();
    }
  }

  /** The records of a file of one JSON value a line; a line that is none is left out. */
  async *records(name: string): AsyncGenerator<Record<string, unknown>> {
    for (const line of ((await this.read(name)) ?? '').split('\n')) {
      if (line === '') continue;
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        continue;
      }
      if (isRecord(value)) yield value;
    }
  }

  async remove(name: string): Promise<void> {
    await this.#disk.remove(path.join(this.path, name));
  }

  async #lock(): Promise<void> {
    for (;;) {
      try {
        const file = await this.#disk.open(path.join(this.path, LOCK), 'create');
        await file.write(Buffer.from(String(process.pid)));
        await file.close();
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = Number(await this.read(LOCK));
      if (owner !== process.pid && Number.isInteger(owner) && owner > 0 && isRunning(owner)) {
        throw new CollectError(
          'folder',
          `another run (process ${owner}) collects into ${this.path}; let it end, or remove ${LOCK} if it is none`,
        );
      }
      await this.remove(LOCK);
    }
  }
}

/** One JSON value a line. */
export function ndjson(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // it runs, as somebody else
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
