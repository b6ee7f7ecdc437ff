import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test, type TestContext } from 'node:test';
import { ManualClock } from '../platform/clock.ts';
import { SqliteJournal, type SqliteJournalOptions } from './sqlite-journal.ts';
import { TranscriptIntake } from './transcript-intake.ts';
import type { KeptTranscript } from './transcript.ts';

function kept(session: string, changes: Partial<KeptTranscript> = {}): KeptTranscript {
  return {
    session,
    at: 1_700_000_000_000,
    network: '192.0.2.1',
    port: 40_000,
    listener: 'smtp',
    hello: 'printer',
    ending: 'quit',
    lines: [{ at: 0, by: 'client', text: 'EHLO printer' }],
    omitted: 0,
    messages: 0,
    ...changes,
  };
}

async function opened(t: TestContext, options: Partial<SqliteJournalOptions> = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-journal-'));
  const clock = new ManualClock(1_700_000_000_000);
  const journal = new SqliteJournal({ folder, clock, ...options });
  await journal.open();
  t.after(async () => {
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { journal, clock, folder };
}

describe('transcripts in the journal', () => {
  test('are found by their session', async (t) => {
    const { journal } = await opened(t);
    journal.keep(kept('s1', { source: 'src_a' }));
    journal.keep(kept('s2'));
    await journal.flush();
    assert.deepEqual(await journal.transcript('s1'), kept('s1', { source: 'src_a' }));
    assert.equal(await journal.transcript('s3'), undefined);
  });

  test('go by age and by size, the oldest first', async (t) => {
    const { journal, clock } = await opened(t, { keepMs: 10_000, keepTranscriptBytes: 30_000 });
    const text = 'x'.repeat(300);
    for (let index = 0; index < 100; index++) {
      journal.keep(
        kept(`s${index}`, {
          network: `192.0.2.${index}`,
          lines: [{ at: 0, by: 'client', text: `${text}${text}` }],
        }),
      );
      if (index % 50 === 0) await journal.flush();
    }
    await journal.flush();
    await journal.retain();
    assert.equal(await journal.transcript('s0'), undefined);
    assert.ok(await journal.transcript('s99'));
    const left = await Promise.all(
      Array.from({ length: 100 }, (_, index) => journal.transcript(`s${index}`)),
    );
    const octets = left.map((one) => (one ? JSON.stringify(one).length : 0)).reduce((a, b) => a + b, 0);
    assert.ok(octets <= 30_000 && octets > 25_000, String(octets));
    clock.advance(20_000);
    await journal.retain();
    assert.equal(await journal.transcript('s99'), undefined);
  });

  test('of a journal of the version before are possible', async (t) => {
    const { journal, folder } = await opened(t);
    await journal.close();
    const database = new DatabaseSync(path.join(folder, 'journal.db'));
    database.exec('DROP TABLE transcript; DROP TABLE clock; PRAGMA user_version = 1');
    database.close();
    const next = new SqliteJournal({ folder, clock: new ManualClock() });
    await next.open();
    next.keep(kept('s1'));
    await next.flush();
    assert.ok(await next.transcript('s1'));
    await next.close();
  });
});

test('of each network, and in all, only so many are taken a minute', () => {
  const clock = new ManualClock();
  const intake = new TranscriptIntake(clock, { perNetwork: 3, inAll: 100 });
  const admitted = (network: string, tries: number): number =>
    Array.from({ length: tries }, () => intake.admit(network)).filter(Boolean).length;
  assert.equal(admitted('192.0.2.1', 10), 3);
  assert.equal(admitted('2001:db8:1:2:3::1', 2), 2);
  assert.equal(admitted('2001:db8:1:2:4::9', 10), 1, 'of the same 64 bits');
  let all = 6;
  for (let index = 0; index < 256; index++) all += admitted(`198.51.100.${index}`, 2);
  assert.equal(all, 100);
  clock.advance(60_000);
  assert.equal(admitted('192.0.2.1', 10), 3);
});

describe('refusals are counted', () => {
  test('by source, or address, and code', async (t) => {
    const { journal, clock } = await opened(t);
    const codes = ['A301', 'S402', 'T204'];
    for (let index = 0; index < 2500; index++) {
      clock.advance(1);
      journal.write({ type: 'refusal', code: 'S402', source: 'src_a', network: `192.0.2.${index % 5}` });
      journal.write({ type: 'authentication-failure', code: 'A301', network: '203.0.113.9' });
      journal.write({ type: 'acceptance', source: 'src_a', network: '192.0.2.1' });
      // an attempt that was refused by another server is no refusal of ours
      journal.write({ type: 'bounce', code: 'S402', source: 'src_a' });
    }
    const late = clock.now();
    clock.advance(1000);
    journal.write({ type: 'tls-failure', code: 'T204', network: '192.0.2.77', text: 'no' });
    await journal.flush();
    const count = async (query: Partial<Parameters<typeof journal.refusals>[0]>) => {
      const { tallies, complete } = await journal.refusals({ codes, since: 0, ...query });
      assert.ok(complete);
      return tallies
        .map(({ source, network, code, count: times }) => `${source ?? network} ${code} ${times}`)
        .sort();
    };
    assert.deepEqual(await count({}), ['192.0.2.77 T204 1', '203.0.113.9 A301 2500', 'src_a S402 2500']);
    assert.deepEqual(await count({ source: 'src_a' }), ['src_a S402 2500']);
    assert.deepEqual(await count({ network: '192.0.2.0/30' }), ['src_a S402 2000']);
    assert.deepEqual(await count({ since: late + 1 }), ['192.0.2.77 T204 1']);
    assert.deepEqual(await count({ until: 1_700_000_000_011, codes: ['A301'] }), ['203.0.113.9 A301 10']);
    assert.deepEqual(await count({ since: late + 5000 }), []);
    const { tallies } = await journal.refusals({ codes: ['A301'], since: 0 });
    const [tally] = tallies;
    assert.deepEqual([tally?.first, tally?.last], [1_700_000_000_001, late]);
    const [last] = await journal.events([tally?.lastId ?? 0]);
    assert.deepEqual([last?.at, last?.code, last?.network], [late, 'A301', '203.0.113.9']);
  });
});
