import type { AuditBook } from '../audit/run/book.ts';
import { EXIT, Failure } from './failure.ts';
import { Output } from './output.ts';

export const AUDIT_FOLDER = 'data/audit';

export interface AuditOptions {
  folder: string;
  json?: boolean;
}

/** Opens the audit in a folder for one command; what it says in its own words becomes a line for people. */
export async function withAudit<T>(
  { folder, json }: AuditOptions,
  act: (book: AuditBook, out: Output) => Promise<T>,
): Promise<T> {
  const { AuditBook: Book } = await import('../audit/run/book.ts');
  const { AuditError } = await import('../audit/audit-error.ts');
  const { NoteConflict } = await import('../audit/inventory/notes.ts');
  let book: AuditBook | undefined;
  try {
    book = await Book.open(folder);
    return await act(book, new Output(json ?? false));
  } catch (error) {
    if (error instanceof AuditError)
      throw new Failure(error.message, EXIT.refused, { code: error.code, detail: error.message });
    if (error instanceof NoteConflict || error instanceof RangeError)
      throw new Failure(error.message, EXIT.refused, { detail: error.message });
    throw error;
  } finally {
    await book?.close();
  }
}
