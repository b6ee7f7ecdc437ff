import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskFull } from './disk-full.ts';
import { killLoop } from './kill-loop.ts';
import { seeded } from '../support/seeded.ts';

test('killed at random moments under load, nothing answered 250 is lost or altered', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`SEED=${seed}`);
  const report = await killLoop({
    cycles: 10,
    connections: 6,
    smtpPort: 3536,
    apiPort: 3036,
    random: seeded(seed),
  });
  t.diagnostic(JSON.stringify(report));
  assert.deepEqual([report.lost, report.altered, report.unexplained], [[], [], []]);
  assert.ok(report.accepted > 100, `only ${report.accepted} messages were accepted: the story tells nothing`);
});

test('a full disk is answered 452, loses nothing, and recovers by itself', async (t) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    t.diagnostic('NOT RUN: mounting a small file system needs root on Linux');
    return;
  }
  const report = await diskFull({ smtpPort: 3537, apiPort: 3037 });
  t.diagnostic(JSON.stringify(report));
  assert.deepEqual([report.lost, report.altered], [[], []]);
  assert.ok(Object.keys(report.refusals).some((reply) => reply.startsWith('452 4.3.1')));
  assert.ok(report.acceptedAfter > 0);
});
