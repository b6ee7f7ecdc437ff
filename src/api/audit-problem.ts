import { AuditError } from '../audit/audit-error.ts';
import { NoteConflict } from '../audit/inventory/notes.ts';
import { Problem } from './problem.ts';

const STATUS: Record<AuditError['code'], number> = {
  domains: 422,
  evidence: 422,
  folder: 409,
  none: 404,
  'not-found': 404,
};

/** Does something of the audit; what it can not do becomes a problem in its own words. */
export async function attemptAudit<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof AuditError) throw new Problem(STATUS[error.code], error.message);
    if (error instanceof NoteConflict) throw new Problem(412, error.message);
    if (error instanceof RangeError) throw new Problem(422, error.message);
    throw error;
  }
}
