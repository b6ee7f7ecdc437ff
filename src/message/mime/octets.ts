import type { Disk } from '../../platform/disk.ts';
import type { Body } from '../content.ts';
import { bodyChunks } from '../body-chunks.ts';
import type { Stretch } from './part.ts';

/** Octets handed on at once. */
const PIECE = 256 * 1024;

/** A kept message, wherever its body lies: read piece by piece, never held whole. */
export interface MessageOctets {
  length: number;
  /**
   * The octets of a stretch, in pieces.
   * @throws the system's error when the body is a file and has gone meanwhile (ENOENT)
   */
  read(stretch: Stretch): AsyncGenerator<Buffer>;
}

/** Head and body as one run of octets. */
export function messageOctets(
  { head, body }: { head: Buffer; body: Body },
  disk: Pick<Disk, 'open'>,
): MessageOctets {
  const bodyLength = body.kind === 'memory' ? body.bytes.length : body.length;
  return {
    length: head.length + bodyLength,
    async *read({ start, end }) {
      for (let at = start; at < Math.min(end, head.length); at += PIECE) {
        yield head.subarray(at, Math.min(end, head.length, at + PIECE));
      }
      const from = Math.max(start - head.length, 0);
      const until = Math.min(end - head.length, bodyLength);
      if (from >= until) return;
      yield* bodyChunks(body, disk, PIECE, { start: from, end: until });
    },
  };
}

/** A message that is in memory as a whole. */
export function octetsOf(message: Buffer): MessageOctets {
  return {
    length: message.length,
    async *read({ start, end }) {
      for (let at = start; at < Math.min(end, message.length); at += PIECE) {
        yield message.subarray(at, Math.min(end, message.length, at + PIECE));
      }
    },
  };
}
