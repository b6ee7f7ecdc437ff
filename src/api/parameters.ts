import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { LANGUAGES } from '../notices/notice-text.ts';
import type { Random } from '../platform/random.ts';
import { formatMessageId, parseMessageId } from '../spool/message-id.ts';
import { Problem } from './problem.ts';

/** A number in a query string. */
export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/, 'is no whole number')
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}

export const pageSize = wholeNumber(1, 500).optional().describe('Most entries of one page; 100 without it.');
export const cursor = z.string().max(500).optional().describe('`next` of the page before.');
export const PAGE = 100;

/** Of what people read; what stands on the wire and in the journal is English. */
export const language = z.enum(LANGUAGES).default('en').describe('Of the texts for people.');

/** A point in time: milliseconds since the epoch, or RFC 3339. */
export const time = z
  .string()
  .max(40)
  .transform((text, context) => {
    const at = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
    if (Number.isFinite(at)) return at;
    context.addIssue({ code: 'custom', message: 'is no time; write 2026-01-31T12:00:00Z or milliseconds' });
    return z.NEVER;
  });

/** `true` and `false` in a query string. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Taken as people write it down: lower case, O for 0. */
export const messageId = z
  .string()
  .max(20)
  .transform((text, context) => {
    const id = parseMessageId(text);
    if (id !== undefined) return formatMessageId(id);
    context.addIssue({ code: 'custom', message: 'is no message identifier (11 letters and digits)' });
    return z.NEVER;
  });

/** Cursors are opaque to clients, so that what stands in them may change. */
export function writeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @throws Problem 400 for a cursor that this API did not write. */
export function readCursor<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      throw new Problem(400, 'cursor: was not made by this API', { field: 'cursor' });
    }
    throw error;
  }
}

/** RFC 9110 §8.8.3, for values that have a version. */
export function etagOf(version: number | string): string {
  return `"${version}"`;
}

/**
 * ETags for values without a version, of what stands in them, secrets too: an edit of a password is an edit. They are
 * keyed, by what ends with the process: whoever may read the tag must not be able to try passwords against it.
 */
export function contentTags(random: Random): (value: unknown) => string {
  const key = random.bytes(32);
  return (value) =>
    etagOf(createHmac('sha256', key).update(JSON.stringify(value)).digest('base64url').slice(0, 22));
}
