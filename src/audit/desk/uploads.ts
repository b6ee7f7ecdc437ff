import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AuditError } from '../audit-error.ts';

export interface UploadedFile {
  name: string;
  /** Octets. */
  size: number;
  /** Wall time, ms. */
  at: number;
  /** Parts of it are still missing. */
  incomplete: boolean;
}

export interface UploadLimits {
  /** Octets that all files together may have. */
  bytes: number;
  /** Octets that stay free on the disk. */
  free: number;
}

const MOST_FILES = 10_000;
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N} ._()+@!,=-]{0,150}$/u;

/** Evidence that was sent to the relay: parts go into one folder, whole files into another, which is what a run reads. */
export class Uploads {
  readonly folder: string;
  readonly #incoming: string;
  readonly #limits: UploadLimits;
  readonly #busy = new Set<string>();
  /** Octets that ever came: what others send meanwhile takes of the same room. */
  #arrived = 0;

  constructor(folder: string, limits: UploadLimits) {
    this.folder = path.join(folder, 'evidence');
    this.#incoming = path.join(folder, 'incoming');
    this.#limits = limits;
  }

  async list(): Promise<UploadedFile[]> {
    const whole = await filesIn(this.folder, false);
    const parts = await filesIn(this.#incoming, true);
    return [...whole, ...parts].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Adds octets to a file. Long files come in parts: each says where it begins, the last one that it is the last.
   * @throws AuditError `evidence` for a name or an offset that does not fit; RangeError when there is no room
   */
  async append(
    name: string,
    content: AsyncIterable<Buffer>,
    { offset, last }: { offset: number; last: boolean },
  ): Promise<UploadedFile> {
    if (!NAME.test(name))
      throw new AuditError('evidence', 'name: letters, digits and . _ - ( ) + @ only, at most 150 of them');
    if (this.#busy.has(name)) throw new AuditError('evidence', `${name} is being sent already`);
    this.#busy.add(name);
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await mkdir(this.#incoming, { recursive: true, mode: 0o700 });
      const part = path.join(this.#incoming, name);
      const known = await sizeOf(part);
      // the first part begins anew whatever was left of an earlier attempt
      if (offset !== 0 && offset !== known)
        throw new AuditError('evidence', `offset: ${name} has ${known} octets until now; go on from there`);
      // what comes while the room is measured counts, twice if need be
      const before = this.#arrived;
      const room = await this.#room(offset === 0 ? known : 0);
      const file = createWriteStream(part, { flags: offset === 0 ? 'w' : 'a', mode: 0o600 });
      await pipeline(content, (source: AsyncIterable<Buffer>) => this.#within(before + room, source), file);
      const size = await sizeOf(part);
      if (last) await rename(part, path.join(this.folder, name));
      return { name, size, at: Date.now(), incomplete: !last };
    } finally {
      this.#busy.delete(name);
    }
  }

  /** @returns whether there was one */
  async remove(name: string): Promise<boolean> {
    if (!NAME.test(name)) return false;
    let found = false;
    for (const folder of [this.folder, this.#incoming]) {
      const file = path.join(folder, name);
      if ((await sizeOf(file)) === 0 && !(await exists(file))) continue;
      await rm(file);
      found = true;
    }
    return found;
  }

  /** @param most octets that may ever come until this file is whole */
  async *#within(most: number, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      this.#arrived += chunk.length;
      if (this.#arrived > most)
        throw new RangeError('there is no room for more evidence: remove some ([audit] uploadBytes)');
      yield chunk;
    }
  }

  /** Octets that may still come. */
  async #room(given: number): Promise<number> {
    const files = await this.list();
    if (files.length >= MOST_FILES)
      throw new RangeError(`there are ${MOST_FILES} files already: remove some`);
    const taken = files.reduce((sum, { size }) => sum + size, 0) - given;
    const { bavail, bsize } = await statfs(this.#incoming);
    return Math.min(this.#limits.bytes - taken, bavail * bsize - this.#limits.free);
  }
}

async function filesIn(folder: string, incomplete: boolean): Promise<UploadedFile[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const files: UploadedFile[] = [];
  for (const name of names.slice(0, MOST_FILES)) {
    // what is whole meanwhile, or was removed, is no longer here
    const info = await stat(path.join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (info?.isFile()) files.push({ name, size: info.size, at: info.mtimeMs, incomplete });
  }
  return files;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
