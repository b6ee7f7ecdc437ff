import type { FastifyRequest } from 'fastify';
import type { ApiContext } from './context.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The audit log has heard of what this request did. */
    isRecorded: boolean;
  }
}

/** Writes to journal and audit log what somebody changed, and who it was. `before` and `after` are summaries; never a secret. */
export function recordChange(
  context: ApiContext,
  request: FastifyRequest,
  text: string,
  facts: { source?: string; before?: unknown; after?: unknown } = {},
): void {
  const { source, before, after } = facts;
  const { kind, id, name } = request.principal;
  context.journal.write({
    type: 'change',
    at: context.clock.now(),
    source,
    network: request.ip,
    listener: 'api',
    text,
    detail: { by: name, byId: id, before, after },
  });
  context.people.audit.append({
    actor: { kind, id, name },
    network: request.ip,
    action: text,
    source,
    before,
    after,
  });
  request.isRecorded = true;
}

/** What changes something and has not said what: at least that it was called, by whom, stands in the audit log. */
export function recordCall(context: ApiContext, request: FastifyRequest): void {
  const { kind, id, name } = request.principal;
  const [path = ''] = request.url.split('?', 1);
  const [, named] = /^\/api\/v1\/sources\/([^/]+)/.exec(path) ?? [];
  const source = named === undefined ? undefined : context.sources.byName(named);
  context.people.audit.append({
    actor: { kind, id, name },
    network: request.ip,
    action: `${request.method} ${path}`,
    source: source?.id,
  });
  request.isRecorded = true;
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
