/**
 * The file system of the data folder is filled while clients send. The relay answers 452, keeps what it has
 * answered 250, and takes mail again by itself when there is room. Needs a small file system of its own,
 * which takes root on Linux.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RelayProcess } from '../support/relay-process.ts';
import { Ledger, sendUntilDead } from './client.ts';
import { untilEmpty } from './kill-loop.ts';
import { CrashSink } from './sink.ts';

export interface DiskFullReport {
  acceptedBefore: number;
  /** Replies while the disk was full, with their count. */
  refusals: Record<string, number>;
  /** Milliseconds from making room to the first 250. */
  recoveredMs: number;
  acceptedAfter: number;
  lost: string[];
  altered: string[];
}

export async function diskFull(options: { smtpPort: number; apiPort: number }): Promise<DiskFullReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder]);
  const sink = new CrashSink();
  const sinkPort = await sink.listen();
  const relay = new RelayProcess({
    ...options,
    folder,
    config: '[delivery]\nretryFirstSeconds = 1\nretryMostSeconds = 2\n[spool]\nminimumFreeBytes = 1048576\n',
  });
  const ledger = new Ledger();
  try {
    await relay.start();
    relay.setUp(sinkPort);
    sink.faults = { defer: 1, cut: 0 }; // what is taken stays in the spool, so that it is there to be lost
    let stopped = false;
    const clients = Array.from({ length: 4 }, async () => {
      while (!stopped) await sendUntilDead(options.smtpPort, ledger, () => stopped);
    });
    await sleep(1000);
    const acceptedBefore = ledger.accepted.size;
    const ballast = path.join(folder, 'ballast');
    mkdirSync(ballast);
    fill(folder, ballast);
    await until(
      () => [...ledger.refused.keys()].some((reply) => reply.startsWith('452')),
      'no 452 came while the disk was full',
    );
    await sleep(1500);
    fill(folder, ballast);
    const during = ledger.accepted.size;
    const freed = Date.now();
    rmSync(ballast, { recursive: true });
    await until(() => ledger.accepted.size > during, 'nothing was accepted after room was made');
    const recoveredMs = Date.now() - freed;
    stopped = true;
    await Promise.all(clients);
    sink.faults = { defer: 0, cut: 0 };
    await untilEmpty(relay);
    return {
      acceptedBefore,
      refusals: Object.fromEntries([...ledger.refused].filter(([reply]) => !reply.startsWith('250'))),
      recoveredMs,
      acceptedAfter: ledger.accepted.size - during,
      lost: [...ledger.accepted.keys()].filter((id) => !sink.arrivals.has(id)),
      altered: [...sink.arrivals]
        .filter(
          ([id, { bodyHash }]) =>
            bodyHash !== (ledger.accepted.get(id) ?? ledger.uncertain.get(id))?.bodyHash,
        )
        .map(([id]) => id),
    };
  } finally {
    await relay.stop('SIGKILL');
    await sink.close();
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes until the system says that there is no room. */
function fill(folder: string, ballast: string): void {
  for (let n = 0; ; n++) {
    const { bavail, bsize } = statfsSync(folder);
    const bytes = Math.min(bavail * bsize, 1 << 20);
    if (bytes === 0) return;
    try {
      writeFileSync(path.join(ballast, `${Date.now()}-${n}`), Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

async function until(condition: () => boolean, otherwise: string): Promise<void> {
  for (const end = Date.now() + 60_000; !condition(); ) {
    if (Date.now() > end) throw new Error(otherwise);
    await sleep(20);
  }
}
