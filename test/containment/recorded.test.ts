import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { recordedWeeks } from './recorded.ts';
import { replay } from './replay.ts';
import { makeWeeks } from './weeks.ts';

const BENCH = path.join(import.meta.dirname, '../../bench/containment.ts');

/** Weeks as `postern log --json` would have written them. */
function journalOf(sources: number): string[] {
  const { sent } = makeWeeks({ seed: 3, sources, weeks: 4, clean: 4, attacked: 0 });
  return sent.flatMap(({ at, source, network, to, size, failed }, index) => {
    const common = { id: index, message: `m${index}`, source: `src_${source}`, sourceName: source };
    const accepted = { ...common, type: 'acceptance', at, network, to, size, outcome: 'queued' };
    const outcome = failed > 0 ? 'failed' : 'delivered';
    const deferred = { ...common, type: 'attempt', at, network: '192.0.2.1', outcome: 'deferred' };
    const attempt = { ...deferred, outcome };
    return [accepted, deferred, attempt].map((event) => JSON.stringify(event));
  });
}

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);
const accepted = (day: number, more: object = {}): string =>
  JSON.stringify({
    type: 'acceptance',
    at: START + day * DAY,
    source: 'src_a',
    to: ['x@Corp.example'],
    ...more,
  });

test('a journal gives back what was sent, and how its deliveries ended', async () => {
  const { sent, sources, weeks, sourceWeeks } = await recordedWeeks(
    [
      accepted(14, { source: 'src_b', sourceName: 'billing' }),
      // attempts may stand before what they belong to; what is deferred is not finished
      JSON.stringify({ type: 'attempt', message: 'm1', outcome: 'failed' }),
      JSON.stringify({ type: 'attempt', message: 'm1', outcome: 'deferred' }),
      JSON.stringify({ type: 'attempt', message: 'm1', outcome: 'delivered' }),
      JSON.stringify({ type: 'attempt', message: 'gone', outcome: 'delivered' }),
      '',
      accepted(0, { message: 'm1', network: '10.0.0.1', size: 7 }),
      accepted(1, { source: '' }),
      JSON.stringify({ type: 'system', text: 'started' }),
    ],
    1,
  );
  const own = sent.filter(({ attack }) => !attack);
  assert.deepEqual(own, [
    {
      at: START,
      source: 'src_a',
      network: '10.0.0.1',
      to: ['x@Corp.example'],
      size: 7,
      finished: 2,
      failed: 1,
    },
    {
      at: START + 14 * DAY,
      source: 'billing',
      network: '',
      to: ['x@Corp.example'],
      size: 0,
      finished: 0,
      failed: 0,
    },
  ]);
  assert.deepEqual(sources, ['billing', 'src_a']);
  assert.equal(weeks, 2);
  assert.equal(sourceWeeks, 2, 'billing came on the last day');
});

test('attacks come in the last third, to sources that had sent before, and are the same each time', async () => {
  const lines = journalOf(40);
  const weeks = await recordedWeeks(lines, 5);
  const again = await recordedWeeks(lines.toReversed(), 5);
  assert.ok(weeks.attacks.length >= 6, String(weeks.attacks.length));
  assert.deepEqual(weeks.attacks, again.attacks);
  const clean = weeks.sent[0]!.at + (2 / 3) * weeks.weeks * 7 * DAY;
  for (const { at, source } of weeks.attacks) {
    assert.ok(at > clean - 3_600_000);
    assert.ok(weeks.sent.some((one) => one.source === source && one.at < at && !one.attack));
  }
  const { attacks, alarms, falseAlarms } = await replay(weeks);
  const detected = Object.values(attacks).reduce((sum, kind) => sum + kind.detected, 0);
  assert.ok(detected >= weeks.attacks.length / 2, JSON.stringify(attacks));
  assert.equal(alarms.length, falseAlarms);
});

test('what is no journal, or too short a one, is refused in one line', async () => {
  await assert.rejects(recordedWeeks([accepted(0), 'no json'], 1), /^Error: line 2 is no event/);
  await assert.rejects(recordedWeeks(['[1]'], 1), /line 1 is no event/);
  await assert.rejects(recordedWeeks([accepted(0), accepted(3)], 1), /2 accepted messages within 3\.0 days/);
  await assert.rejects(recordedWeeks([], 1), /0 accepted messages/);
  await assert.rejects(
    recordedWeeks([accepted(0, { at: 'x' })], 1),
    /line 1: an acceptance without its time/,
  );
});

test('bench --journal says each false alarm, and the figures', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'journal.ndjson');
  writeFileSync(file, journalOf(24).join('\n'));
  const run = (...options: string[]) =>
    spawnSync(process.execPath, [BENCH, ...options], { encoding: 'utf8' });
  const { status, stdout, stderr } = run('--journal', file, '2');
  assert.equal(status, 0, stderr);
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(answers[0]?.['sources'], 24);
  const last = answers.at(-1);
  assert.equal(answers.filter((one) => 'falseAlarm' in one).length, last?.['falseAlarms']);
  assert.ok(answers.some(({ kind }) => typeof kind === 'string'));

  const missing = run('--journal', path.join(folder, 'nothing'));
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /^bench:containment: .*ENOENT/);
  assert.equal(run('--journal', file, 'x').status, 2);
});
