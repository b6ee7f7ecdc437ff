import { chmod } from 'node:fs/promises';
import path from 'node:path';
import type { Disk } from './disk.ts';

/**
 * Puts a text into the place of a file so that there is the old one or the new one, whole, whatever fails: written beside
 * it, flushed, renamed, the folder flushed.
 * @param mode of the new file
 * @throws the system's error; then the file is as it was
 */
export async function replaceFile(disk: Disk, file: string, text: string, mode = 0o600): Promise<void> {
  const beside = `${file}.new`;
  // of a write that a kill has ended
  await disk.remove(beside);
  try {
    const opened = await disk.open(beside, 'create');
    try {
      await opened.write(Buffer.from(text));
      await opened.sync();
    } finally {
      await opened.close();
    }
    if (mode !== 0o600) await chmod(beside, mode);
    await disk.rename(beside, file);
  } catch (error) {
    await disk.remove(beside).catch(() => {});
    throw error;
  }
  await disk.syncDirectory(path.dirname(file));
}
