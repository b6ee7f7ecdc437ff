import { isUtf8 } from 'node:buffer';
import { refuse } from '../../smtp/reply.ts';
import type { SaslStep } from '../../smtp/server/handler.ts';

/** The end of an exchange in which the client did not say what the mechanism asks for; `why` is for the journal. */
export function malformed(why: string): SaslStep {
  return { kind: 'failure', reply: refuse('A304', why) };
}

/** The text of a response, or undefined when it is not UTF-8 or has a NUL. */
export function textOf(response: Buffer): string | undefined {
  return isUtf8(response) && !response.includes(0) ? response.toString('utf8') : undefined;
}
