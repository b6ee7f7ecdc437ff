import type { ApiContext } from './context.ts';
import { mayUseSource, type Principal } from './principal.ts';
import { Problem } from './problem.ts';

/** As `mayUseSource`, by identifier. What belongs to no source, or to one that is gone, is for who sees all of them. */
export function mayUseSourceId(context: ApiContext, principal: Principal, id: string | undefined): boolean {
  if (principal.sources === undefined) return true;
  const source = id === undefined ? undefined : context.sources.byId(id);
  return source !== undefined && mayUseSource(principal, source);
}

/**
 * For searches that go by one source: who sees only some must name one of them.
 * @param id identifier of the source that the search is limited to
 * @throws Problem 403
 */
export function refuseForeign(context: ApiContext, principal: Principal, id: string | undefined): void {
  if (mayUseSourceId(context, principal, id)) return;
  throw new Problem(403, `source: name one of your own; ${principal.name} sees no others`, {
    field: 'source',
  });
}
