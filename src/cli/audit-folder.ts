import { existsSync } from 'node:fs';
import path from 'node:path';
import type { AuditBook } from '../audit/run/book.ts';
import { EXIT, Failure } from './failure.ts';
import { Output } from './output.ts';

export const AUDIT_FOLDER = 'data/audit';

export interface AuditOptions {
  folder: string;
  json?: boolean;
}

/**
 * Opens the audit in a folder for one command; what it says in its own words becomes a line for people.
 * @param options `begins`: the folder is made where there is none. Whoever only looks must not leave one behind.
 * @throws Failure also where nothing was audited in the folder
 */
export async function withAudit<T>(
  { folder, json, begins = false }: AuditOptions & { begins?: boolean },
  act: (book: AuditBook, out: Output) => Promise<T>,
): Promise<T> {
  if (!begins && !existsSync(path.join(folder, 'audit.db'))) {
    throw new Failure(
      `nothing was audited yet in ${folder}: run "postern audit run" with the evidence first, or name another folder`,
      EXIT.refused,
      { code: 'none' },
    );
  }
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
