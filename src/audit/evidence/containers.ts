/**
 * Archives and compressed files as sources of their members. Names of members are shown and never used as paths; sizes that an
 * archive claims are not believed; everything streams under one budget of octets.
 */
import type { Readable } from 'node:stream';
import { constants, createGunzip, createZstdDecompress, inflateRawSync } from 'node:zlib';
import { fromBufferPromise, openPromise, type ZipFile } from 'yauzl';
import type { Findings } from './report.ts';
import { memorySource, type Source, TooLarge, wholeOf } from './source.ts';
import { fieldText } from './transcoder.ts';

/** What one file may become, all its archives together. */
export class Budget {
  #left: number;
  constructor(octets: number) {
    this.#left = octets;
  }

  spend(octets: number): void {
    this.#left -= octets;
    if (this.#left < 0) throw new TooLarge('it unpacks to more than is allowed: perhaps a bomb');
  }
}

export interface ContainerLimits {
  /** Octets that one file may unpack to, its members and members of members together. */
  inflatedBytes: number;
  entries: number;
  /** Archives in archives. */
  depth: number;
  /** Octets of an archive inside of another, or a message, that are held in memory. */
  memoryBytes: number;
}

export const CONTAINER_LIMITS: ContainerLimits = {
  inflatedBytes: 64 * 1024 ** 3,
  entries: 10_000,
  depth: 3,
  memoryBytes: 64 * 1024 ** 2,
};

const shown = (name: string): string => name.replace(/[^\P{C}\t]/gu, '�').slice(0, 300) || '(no name)';

/** What a gzip or zstd file holds. */
export function inflated(
  source: Source,
  form: 'gzip' | 'zstd',
  budget: Budget,
  limits: ContainerLimits,
  findings: Findings,
): Source {
  return {
    name: `${source.name}!`,
    depth: source.depth + 1,
    size: undefined,
    seekable: false,
    path: undefined,
    async *open() {
      const inflate =
        form === 'gzip'
          ? createGunzip({ chunkSize: 262_144, finishFlush: constants.Z_SYNC_FLUSH })
          : createZstdDecompress({ chunkSize: 262_144 });
      let tail: Buffer = Buffer.alloc(0);
      let size = 0;
      const feeding = feed(inflate, source.open(), (chunk) => {
        tail = Buffer.concat([tail, chunk]).subarray(-4);
      });
      try {
        for await (const chunk of inflate as AsyncIterable<Buffer>) {
          size += chunk.length;
          budget.spend(chunk.length);
          yield chunk;
        }
        await feeding;
        // RFC 1952 §2.3.1: the size stands last, modulo 2^32
        if (form === 'gzip' && (tail.length < 4 || tail.readUInt32LE(0) !== size % 2 ** 32)) {
          findings.note('the compressed file is cut, or something follows it');
        }
      } catch (error) {
        // zlib takes what follows the end for a second member, and gives nothing at all
        const followed = form === 'gzip' && size === 0 && isHeaderFault(error);
        if (!followed) throw error;
        const octets = firstMember(await wholeOf(source, limits.memoryBytes), limits.memoryBytes);
        findings.note('something follows the compressed file');
        budget.spend(octets.length);
        yield octets;
      } finally {
        inflate.destroy();
        await feeding.catch(() => undefined);
      }
    },
  };
}

const isHeaderFault = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'Z_DATA_ERROR' &&
  error.message === 'incorrect header check';

/** The first member alone (RFC 1952 §2.3), whatever follows. */
function firstMember(octets: Buffer, most: number): Buffer {
  const flags = octets[3] ?? 0;
  let at = 10;
  if (flags & 4) at += 2 + (at + 2 <= octets.length ? octets.readUInt16LE(at) : 0);
  for (const text of [8, 16]) if (flags & text) at = octets.indexOf(0, at) + 1 || octets.length;
  if (flags & 2) at += 2;
  return inflateRawSync(octets.subarray(at), { maxOutputLength: most, finishFlush: constants.Z_SYNC_FLUSH });
}

/** Writes chunks one at a time: each is copied, since the source uses its buffer again. */
async function feed(
  into: NodeJS.WritableStream & { destroyed?: boolean; destroy(error?: Error): void },
  chunks: AsyncIterable<Buffer>,
  onChunk: (chunk: Buffer) => void,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (into.destroyed) return;
      onChunk(chunk);
      await new Promise<void>((resolve) => {
        into.once('close', resolve);
        into.write(Buffer.from(chunk), () => {
          into.removeListener('close', resolve);
          resolve();
        });
      });
    }
    if (!into.destroyed) into.end();
  } catch (error) {
    into.destroy(error as Error);
  }
}

/** Members of a zip file, or why there are none. */
export async function* zipMembers(
  source: Source,
  budget: Budget,
  limits: ContainerLimits,
  findings: Findings,
): AsyncGenerator<Source> {
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
  const zip: ZipFile =
    source.path === undefined
      ? await fromBufferPromise(await wholeOf(source, limits.memoryBytes), options)
      : await openPromise(source.path, options);
  try {
    let count = 0;
    for await (const entry of zip.eachEntry()) {
      if (++count > limits.entries) {
        findings.refuse(count, `more than ${limits.entries} members`);
        return;
      }
      const name = shown(fieldText(entry.fileNameRaw));
      if (name.endsWith('/') || /(?:^|\/)__MACOSX\//.test(name)) continue;
      if (entry.isEncrypted() || !entry.canDecodeFileData()) {
        findings.refuse(
          count,
          `${name}: encrypted, or compressed in a way that is not known; unpack it first`,
        );
        continue;
      }
      yield {
        name: `${source.name}!${name}`,
        depth: source.depth + 1,
        size: undefined,
        seekable: false,
        path: undefined,
        async *open() {
          const stream: Readable = await zip.openReadStreamPromise(entry);
          try {
            for await (const chunk of stream as AsyncIterable<Buffer>) {
              budget.spend(chunk.length);
              yield chunk;
            }
          } finally {
            stream.destroy();
          }
        },
      };
    }
  } finally {
    zip.close();
  }
}

const BLOCK = 512;

/** Members of a tar file (POSIX ustar, with the long names of GNU); each is held in memory, or skipped as too large. */
export async function* tarMembers(
  source: Source,
  limits: ContainerLimits,
  findings: Findings,
): AsyncGenerator<Source> {
  const reader = new BlockReader(source.open()[Symbol.asyncIterator]());
  let longName: string | undefined;
  try {
    for (let count = 1; ; count++) {
      const header = await reader.take(BLOCK);
      if (header.length < BLOCK || header.every((octet) => octet === 0)) return;
      if (count > limits.entries) {
        findings.refuse(count, `more than ${limits.entries} members`);
        return;
      }
      const size = tarSize(header);
      if (size === undefined) {
        findings.refuse(count, 'a damaged header of a tar file');
        return;
      }
      const padded = Math.ceil(size / BLOCK) * BLOCK;
      const type = String.fromCharCode(header[156]!);
      const name = shown(longName ?? tarText(header, 345, 155) + tarText(header, 0, 100));
      const regular = type === '0' || type === '\0';
      if (size > limits.memoryBytes) {
        if (regular)
          findings.refuse(count, `${name}: larger than is read out of a tar file; unpack it first`);
        await reader.skip(padded);
        continue;
      }
      const content = (await reader.take(padded)).subarray(0, size);
      if (content.length < size) findings.note('the tar file is cut');
      longName = type === 'L' ? fieldText(content).replace(/\0.*$/s, '') : undefined;
      if (regular) yield memorySource(`${source.name}!${name}`, source.depth + 1, content);
    }
  } finally {
    await reader.close();
  }
}

const tarText = (header: Buffer, at: number, length: number): string =>
  fieldText(header.subarray(at, at + length)).replace(/\0.*$/s, '');

function tarSize(header: Buffer): number | undefined {
  const text = tarText(header, 124, 12).trim();
  return /^[0-7]{1,12}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

class BlockReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterator<Buffer>) {
    this.#chunks = chunks;
  }

  /** As many octets as asked for; fewer only at the end. */
  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0 && (await this.#fill())) {
      const part = Buffer.from(this.#rest.subarray(0, missing));
      this.#rest = this.#rest.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  async skip(length: number): Promise<void> {
    let left = length;
    while (left > 0 && (await this.#fill())) {
      const part = Math.min(left, this.#rest.length);
      this.#rest = this.#rest.subarray(part);
      left -= part;
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) return false;
      this.#rest = value;
    }
    return true;
  }
}
