import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LabLanguage } from '../lab/lab.ts';
import { ApiClient } from './connection.ts';

/** Starts a lab in this process, in a folder that nobody else sees; acts on it, and removes both. */
export async function withOwnLab(
  language: LabLanguage,
  act: (api: ApiClient) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-lab-'));
  try {
    const { startLab } = await import('../lab-start.ts');
    const { api, token, close } = await startLab({ data: folder, language, firstPort: 0 });
    try {
      await act(new ApiClient({ address: api, token, dataFolder: folder, startedBy: 'postern lab start' }));
    } finally {
      await close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
