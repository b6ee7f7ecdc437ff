import type { FastifyRequest } from 'fastify';
import type { ApiContext } from './context.ts';

/** Writes to the journal what somebody changed, and who it was. `before` and `after` are summaries; never a secret. */
export function recordChange(
  context: ApiContext,
  request: FastifyRequest,
  text: string,
  facts: { source?: string; before?: unknown; after?: unknown } = {},
): void {
  const { source, before, after } = facts;
  context.journal.write({
    type: 'change',
    at: context.clock.now(),
    source,
    network: request.ip,
    listener: 'api',
    text,
    detail: { by: request.principal.name, byId: request.principal.id, before, after },
  });
}

/** The fields that differ, so that an event does not hold a whole policy for one changed word. */
export function difference<T extends object>(before: T, after: T): { before: Partial<T>; after: Partial<T> } {
  const result = { before: {} as Partial<T>, after: {} as Partial<T> };
  for (const key of Object.keys(after) as (keyof T)[]) {
    if (JSON.stringify(before[key]) === JSON.stringify(after[key])) continue;
    result.before[key] = before[key];
    result.after[key] = after[key];
  }
  return result;
}
