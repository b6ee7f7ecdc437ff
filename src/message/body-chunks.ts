import type { Disk } from '../platform/disk.ts';
import { type Body, bodyLength } from './content.ts';

/**
 * A body, or a stretch of it, piece by piece, from memory or from its file.
 * @param octets of a piece
 * @throws the system's error, or Error when the file is shorter than it was
 */
export async function* bodyChunks(
  body: Body,
  disk: Pick<Disk, 'open'>,
  octets: number,
  { start, end }: { start: number; end: number } = { start: 0, end: bodyLength(body) },
): AsyncGenerator<Buffer> {
  if (body.kind === 'memory') {
    for (let at = start; at < end; at += octets) yield body.bytes.subarray(at, Math.min(at + octets, end));
    return;
  }
  const file = await disk.open(body.path, 'read');
  try {
    let position = start;
    while (position < end) {
      // a new buffer each time: who took the one before may still hold it
      const buffer = Buffer.allocUnsafe(Math.min(octets, end - position));
      const count = await file.read(buffer, position);
      if (count === 0) throw new Error(`${body.path} ends at ${position} of ${body.length} octets`);
      position += count;
      yield buffer.subarray(0, count);
    }
  } finally {
    await file.close();
  }
}
