/** An audit of a large trace that is killed again and again ends as if nothing had happened; one more day is read alone. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FileState } from '../src/audit/evidence/read-evidence.ts';
import { Facts } from '../src/audit/facts/facts.ts';
import { AuditBook } from '../src/audit/run/book.ts';
import { runAudit } from '../src/audit/run/run.ts';
import { organisationOf } from '../src/audit/run/settings.ts';
import { ManualClock } from '../src/platform/clock.ts';
import { systemDisk } from '../src/platform/disk.ts';
import { OWN_DOMAINS, writeTrace } from './support/audit-trace.ts';

const ROWS = 200_000;
const KILLS = 5;
const NOW = Date.UTC(2026, 9, 2);

const { tenant } = organisationOf(
  { paths: [], domains: OWN_DOMAINS },
  { problems: [], files: [] },
  undefined,
);

/** What an audit of these files says, and how many rows it has read for it. */
async function auditOf(folder: string, files: string) {
  const book = await AuditBook.open(folder);
  try {
    let rows = 0;
    const { answer, files: reports } = await runAudit(
      { paths: [files], domains: OWN_DOMAINS },
      {
        book,
        clock: new ManualClock(NOW),
        disk: systemDisk,
        progress: (progress) => (rows = progress.rows),
      },
    );
    const tallies = await new Facts(book.db, tenant).tallies();
    return { rows, said: { answer, reports, tallies } };
  } finally {
    await book.close();
  }
}

/** Rows of the file that are kept, as the next run would know. */
async function rowsKept(folder: string): Promise<number> {
  const book = await AuditBook.open(folder);
  try {
    const [state] = (await new Facts(book.db, tenant).positions()) as FileState[];
    return state?.place?.row ?? 0;
  } finally {
    await book.close();
  }
}

describe('an audit of a large trace', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'postern-audit-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it(`killed ${KILLS} times, continues and says the same`, async () => {
    const file = path.join(folder, 'trace.csv');
    // much of it is kept, so that there is something to lose
    await writeTrace(file, { rows: ROWS, own: 0.15 });
    const killed = path.join(folder, 'killed');
    const kept: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      // in the middle of a block, and the last one after something of it was kept
      const looks = kill % 2 === 1 ? [String(3 + Math.floor(Math.random() * 8))] : [];
      const child = spawn(
        process.execPath,
        [path.join(import.meta.dirname, 'support', 'audit-run-child.ts'), file, killed, ...looks],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), Math.random() * 100));
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      assert.equal(signal, 'SIGKILL');
      kept.push(await rowsKept(killed));
    }
    assert.ok(kept.at(-1)! > 0, 'something was kept');
    assert.deepEqual(
      kept,
      kept.toSorted((a, b) => a - b),
      'what was kept stays',
    );
    const whole = await auditOf(path.join(folder, 'whole'), file);
    const continued = await auditOf(killed, file);
    assert.equal(continued.said.reports[0]?.used, ROWS);
    assert.deepEqual(continued.said, whole.said);
  });

  it('reads only what is new when a day is added', async () => {
    const days = path.join(folder, 'days');
    await mkdir(days);
    await writeTrace(path.join(days, '1.csv'), { rows: 100_000, to: 90_000, own: 0.05 });
    const first = await auditOf(path.join(folder, 'daily'), days);
    assert.equal(first.rows, 90_000);
    await writeTrace(path.join(days, '2.csv'), { rows: 100_000, from: 90_000, own: 0.05 });
    const second = await auditOf(path.join(folder, 'daily'), days);
    assert.equal(second.rows, 10_000);
    const atOnce = await auditOf(path.join(folder, 'at-once'), days);
    assert.equal(atOnce.rows, 100_000);
    assert.deepEqual(second.said, atOnce.said);
    const third = await auditOf(path.join(folder, 'daily'), days);
    assert.equal(third.rows, 0);
    assert.deepEqual(third.said, atOnce.said);
  });
});
