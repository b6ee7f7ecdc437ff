import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process, or another part of this one, uses the folder. */
export class FolderLocked extends Error {}

/** A held lock; it also ends with the process, however that ends. */
export interface FolderLock {
  release(): void;
}

const SQLITE_BUSY = 5;

/**
 * Makes sure that only one process uses a folder. The lock is an SQLite transaction that is never finished:
 * a lock of the operating system on every platform, which nothing can leave behind.
 * (POSIX drops it when this process closes any other handle of the same file: nothing else may open it.)
 * @throws FolderLocked when it is taken, otherwise the system's error.
 */
export function lockFolder(path: string, name = 'lock.db'): FolderLock {
  const database = new DatabaseSync(join(path, name), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (((error as { errcode?: number }).errcode ?? 0) % 256 !== SQLITE_BUSY) throw error;
    throw new FolderLocked(`the folder ${path} is in use by another Postern; stop that one first`, {
      cause: error,
    });
  }
  return { release: () => database.close() };
}
