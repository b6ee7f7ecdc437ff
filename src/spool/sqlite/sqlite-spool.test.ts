import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../platform/clock.ts';
import { systemDisk } from '../../platform/disk.ts';
import { spoolContract } from '../contract.ts';
import type { SpoolHarness } from '../fixture-contract.ts';
import { SqliteSpool } from './sqlite-spool.ts';

async function harness(clock = new ManualClock()): Promise<SpoolHarness & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-spool-'));
  return {
    folder,
    clock,
    spool: (ids) =>
      new SqliteSpool({
        folder,
        disk: systemDisk,
        clock,
        ids,
        events: { write: () => undefined },
        reserveBytes: 0,
      }),
    async killed() {
      // the files as they are while the spool is open: what a kill would leave
      const left = await harness(clock);
      await cp(folder, left.folder, { recursive: true });
      return left;
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

spoolContract('SQLite', harness);
