import type { Content } from '../../message/content.ts';
import { bodyChunks } from '../../message/body-chunks.ts';
import type { Disk } from '../../platform/disk.ts';
import { endsLine, startsLine, stuffDots } from './dot-stuffing.ts';
import type { Wire } from './wire.ts';

/** Measured: up to here one copy into one buffer costs less than a writev of the parts. */
const SMALL = 65_536;
const BLOCK = 65_536;

export function isSmall(content: Content): boolean {
  return content.body.kind === 'memory' && content.head.length + content.body.bytes.length <= SMALL;
}

/**
 * A small message as it goes on the wire, its final dot, and what follows it, in one buffer.
 * Dots are looked for whatever the traits say: 1 us for 10 kB buys that no message can end early.
 */
export function composeContent(content: Content, following: string): Buffer {
  const head = stuffDots(content.head, true);
  const body = content.body.kind === 'memory' ? stuffDots(content.body.bytes, true) : Buffer.alloc(0);
  const tail = `${endsLine(body.length > 0 ? body : head) ? '' : '\r\n'}.\r\n${following}`;
  const bytes = Buffer.allocUnsafe(head.length + body.length + Buffer.byteLength(tail));
  head.copy(bytes, 0);
  body.copy(bytes, head.length);
  bytes.write(tail, head.length + body.length);
  return bytes;
}

/** Asked for when the content has been written: what to write last, after the CRLF that may be missing. */
export type ContentTail = (lineEnd: '' | '\r\n') => string;

/**
 * Writes a large message block by block, never more than a block ahead of the socket. Stops silently when the
 * wire fails, which its owner learns in its own way. @throws when the body's file can not be read
 */
export async function streamContent(
  content: Content,
  wire: Wire,
  disk: Disk,
  blockTimeoutMs: number,
  tail: ContentTail,
): Promise<void> {
  let last = content.head;
  wire.touch(blockTimeoutMs);
  wire.socket.write(stuffDots(content.head, true));
  for await (const block of bodyChunks(content.body, disk, BLOCK)) {
    if (wire.failure) return;
    const flushed = wire.socket.write(stuffDots(block, startsLine(last)));
    last = lastTwo(last, block);
    wire.touch(blockTimeoutMs);
    if (!flushed) await drained(wire);
  }
  if (wire.failure) return;
  wire.socket.write(tail(endsLine(last) ? '' : '\r\n'), 'utf8');
}

/** A block of one octet must not hide the CR before it. */
function lastTwo(before: Buffer, block: Buffer): Buffer {
  if (block.length >= 2) return block.subarray(-2);
  return Buffer.concat([before.subarray(-1), block]);
}

function drained(wire: Wire): Promise<void> {
  const { socket } = wire;
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
