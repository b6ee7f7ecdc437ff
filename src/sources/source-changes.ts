import type { JournalEvent } from '../journal/event.ts';
import { type Cause, checkTransition } from './lifecycle.ts';
import { type NewSource, RegistryError, type SourceChanges } from './registry.ts';
import { check, sourceChanges, sourceFields } from './source-fields.ts';
import { NO_DETAILS, type Source } from './source.ts';

/** @throws RegistryError `invalid` that names the first wrong field */
export function newSource(fields: NewSource, id: string, now: number): Source {
  return {
    id,
    ...NO_DETAILS,
    state: 'active',
    ...given(check(sourceFields, fields)),
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}

/**
 * The source as it is after the changes.
 * @throws RegistryError `invalid` for a wrong field; `conflict` when `version` is another than the present one, or
 *   when the state can not follow
 */
export function editedSource(
  before: Source,
  changes: SourceChanges,
  { now, cause, version }: { now: number; cause: Cause; version?: number },
): Source {
  if (version !== undefined && version !== before.version) {
    throw new RegistryError(
      'conflict',
      `source ${before.name} was changed by somebody else: it is at version ${before.version}`,
      'version',
    );
  }
  const { request, brownOut, ...valid } = given(check(sourceChanges, changes));
  const source: Source = { ...before, ...valid, updatedAt: now, version: before.version + 1 };
  if (request !== undefined) source.request = request ?? undefined;
  if (brownOut !== undefined) source.brownOut = brownOut ?? undefined;
  if (source.state === before.state) return source;
  checkTransition(before.name, before.state, source.state);
  if (source.state === 'active' && source.request) {
    throw new RegistryError('conflict', `source ${before.name} was requested: approve the request`, 'state');
  }
  source.stateChange = { from: before.state, at: now, ...cause };
  // over, or running again: either way the brown-out has ended
  if (source.state === 'retired' || before.state === 'retired') source.brownOut = undefined;
  if (source.state === 'retired') source.request = undefined;
  return source;
}

/** What the journal says of a change of state. */
export function stateEvent(before: Source, source: Source): JournalEvent {
  const { by = '', reason = '' } = source.stateChange ?? {};
  return {
    type: 'change',
    source: source.id,
    outcome: source.state,
    text: `source ${source.name}: ${before.state} to ${source.state}${reason === '' ? '' : `: ${reason}`}`,
    detail: { by, reason, before: { state: before.state }, after: { state: source.state } },
  };
}

/** Without fields that are there and undefined: they would take the place of what is known. */
function given<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
