/** SQLITE_CORRUPT and SQLITE_NOTADB */
const DAMAGE: ReadonlySet<number> = new Set([11, 26]);

/** As it is known across the boundary of a thread, which carries nothing of an error but this and its text. */
const CODE = 'ERR_DAMAGED_FILE';

/** What was made of the journal is not readable any more: it is made anew. */
export class DamagedFile extends Error {
  readonly code = CODE;
}

/** Whether an error says that a file is not what it was. */
export function isDamage(error: unknown): boolean {
  const { errcode = 0, code } = (error ?? {}) as { errcode?: number; code?: string };
  return DAMAGE.has(errcode & 255) || code === CODE;
}

/** The error of a thread that reads, so that whoever asked can tell. */
export function readingError(error: unknown): unknown {
  return isDamage(error) ? new DamagedFile(error instanceof Error ? error.message : String(error)) : error;
}
