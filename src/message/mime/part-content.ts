import { setImmediate as turn } from 'node:timers/promises';
import type { MessageOctets } from './octets.ts';
import type { MimePart, MimeTree } from './part.ts';
import { MimeScanner } from './scanner.ts';
import type { MimeLimits } from './limits.ts';
import { transferDecoder } from './transfer-decoder.ts';

/** Octets after which others get their turn. */
const SHARE = 512 * 1024;

/** The tree of a kept message, read once from beginning to end. */
export async function scanMime(message: MessageOctets, limits: Partial<MimeLimits> = {}): Promise<MimeTree> {
  const scanner = new MimeScanner(limits);
  let share = 0;
  for await (const piece of message.read({ start: 0, end: message.length })) {
    scanner.feed(piece);
    share += piece.length;
    if (share < SHARE) continue;
    share = 0;
    await turn();
  }
  return scanner.finish();
}

/** The decoded content of a part, in pieces; nothing of it is held. */
export async function* contentOf(
  message: MessageOctets,
  { body, encoding }: Pick<MimePart, 'body' | 'encoding'>,
): AsyncGenerator<Buffer> {
  const decoder = transferDecoder(encoding);
  let share = 0;
  for await (const piece of message.read(body)) {
    const decoded = decoder.write(piece);
    if (decoded.length > 0) yield decoded;
    share += piece.length;
    if (share < SHARE) continue;
    share = 0;
    await turn();
  }
  const rest = decoder.end();
  if (rest.length > 0) yield rest;
}

/** The first `most` octets of a part's content, and whether there are more. */
export async function beginningOf(
  message: MessageOctets,
  part: Pick<MimePart, 'body' | 'encoding'>,
  most: number,
): Promise<{ octets: Buffer; cut: boolean }> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of contentOf(message, part)) {
    pieces.push(piece);
    size += piece.length;
    if (size > most) break;
  }
  const octets = Buffer.concat(pieces);
  return { octets: octets.subarray(0, most), cut: octets.length > most };
}
