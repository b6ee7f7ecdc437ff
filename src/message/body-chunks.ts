import type { Disk } from '../platform/disk.ts';
import type { Body } from './content.ts';

/**
 * A body piece by piece, from memory or from its file.
 * @throws the system's error, or Error when the file is shorter than it was
 */
export async function* bodyChunks(
  body: Body,
  disk: Pick<Disk, 'open'>,
  octets: number,
): AsyncGenerator<Buffer> {
  if (body.kind === 'memory') {
    for (let at = 0; at < body.bytes.length; at += octets) yield body.bytes.subarray(at, at + octets);
    return;
  }
  const file = await disk.open(body.path, 'read');
  try {
    let position = 0;
    while (position < body.length) {
      // a new buffer each time: who took the one before may still hold it
      const buffer = Buffer.allocUnsafe(Math.min(octets, body.length - position));
      const count = await file.read(buffer, position);
      if (count === 0) throw new Error(`${body.path} ends at ${position} of ${body.length} octets`);
      position += count;
      yield buffer.subarray(0, count);
    }
  } finally {
    await file.close();
  }
}
