/** Where octets come from: a file, or a member of an archive. It can be opened more than once. */
import { open } from 'node:fs/promises';

export interface Source {
  /** Path; of a member `archive.zip!member.csv`. */
  name: string;
  /** Archives around it. */
  depth: number;
  /** Octets, where it is known without reading. */
  size: number | undefined;
  /** Whether `open` can begin in the middle. */
  seekable: boolean;
  /** Path on the disk, of a source that is a file itself. */
  path: string | undefined;
  /** Chunks; one is valid until the next is asked for. @param from octets to leave out, 0 unless seekable. */
  open(from?: number): AsyncIterable<Buffer>;
}

const CHUNK = 1_048_576;

/** A file. While one chunk is worked on, the next is read. */
export function fileSource(path: string, size: number): Source {
  return {
    name: path,
    depth: 0,
    size,
    seekable: true,
    path,
    open: (from = 0) => chunksOf(path, from),
  };
}

async function* chunksOf(path: string, from: number): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  const buffers = [Buffer.allocUnsafeSlow(CHUNK), Buffer.allocUnsafeSlow(CHUNK)];
  let pending: Promise<{ bytesRead: number }> | undefined;
  try {
    let position = from;
    pending = file.read(buffers[0]!, 0, CHUNK, position);
    for (let turn = 0; ; turn ^= 1) {
      const { bytesRead } = await pending;
      pending = undefined;
      if (bytesRead === 0) return;
      position += bytesRead;
      pending = file.read(buffers[turn ^ 1]!, 0, CHUNK, position);
      yield buffers[turn]!.subarray(0, bytesRead);
    }
  } finally {
    // closing under a read that is under way would lend its descriptor to somebody else
    await pending?.catch(() => undefined);
    await file.close();
  }
}

/** Octets in memory. */
export function memorySource(name: string, depth: number, octets: Buffer): Source {
  return {
    name,
    depth,
    size: octets.length,
    seekable: true,
    path: undefined,
    async *open(from = 0) {
      for (let at = from; at < octets.length; at += CHUNK) yield octets.subarray(at, at + CHUNK);
    },
  };
}

/** The first octets, copied. */
export async function headOf(source: Source, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of source.open()) {
    const part = Buffer.from(chunk.subarray(0, length - size));
    parts.push(part);
    size += part.length;
    if (size >= length) break;
  }
  return Buffer.concat(parts);
}

export class TooLarge extends Error {}

/** All of it; throws TooLarge beyond the limit. */
export async function wholeOf(source: Source, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of source.open()) {
    size += chunk.length;
    if (size > most) throw new TooLarge(`larger than ${most} octets`);
    parts.push(Buffer.from(chunk));
  }
  return Buffer.concat(parts);
}
