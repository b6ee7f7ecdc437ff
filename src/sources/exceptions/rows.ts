import type { ExceptionRow } from '../../store/schema.ts';
import { EXCEPTION_KINDS, type Exception, type ExceptionKind, type ExceptionState } from './exception.ts';

/** How exceptions stand in the store. */
export function exceptionRow(exception: Exception): ExceptionRow {
  return {
    id: exception.id,
    kind: exception.kind,
    source: exception.source ?? null,
    networks: JSON.stringify(exception.networks),
    owner: exception.owner,
    reason: exception.reason,
    created_at: exception.createdAt,
    created_by: exception.createdBy,
    ends_at: exception.endsAt,
    state: exception.state,
    ended_at: exception.endedAt ?? null,
    ended_by: exception.endedBy ?? null,
    uses: exception.uses,
    last_used_at: exception.lastUsedAt ?? null,
    last_used_from: exception.lastUsedFrom ?? null,
    warned: exception.warned ?? null,
    version: exception.version,
  };
}

/** @throws when the row was damaged: nothing weak is allowed by guessing. */
export function exceptionOf(row: ExceptionRow): Exception {
  if (!(row.kind in EXCEPTION_KINDS)) {
    throw new Error(`the control data is damaged: exception ${row.id} is of the unknown kind ${row.kind}`);
  }
  return {
    id: row.id,
    kind: row.kind as ExceptionKind,
    source: row.source ?? undefined,
    networks: JSON.parse(row.networks) as string[],
    owner: row.owner,
    reason: row.reason,
    createdAt: row.created_at,
    createdBy: row.created_by,
    endsAt: row.ends_at,
    state: row.state as ExceptionState,
    endedAt: row.ended_at ?? undefined,
    endedBy: row.ended_by ?? undefined,
    uses: row.uses,
    lastUsedAt: row.last_used_at ?? undefined,
    lastUsedFrom: row.last_used_from ?? undefined,
    warned: row.warned ?? undefined,
    version: row.version,
  };
}
