import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JournalEvent } from '../event.ts';
import { HOUR, windowAt } from './periods.ts';
import { minute, overview, report, REPORT_KEYS } from './traffic-queries.ts';
import { accepted, DAY_MS, NOW, scene } from './traffic.fixture.ts';

describe('questions', () => {
  it('agree with a count of every event, in every window', (t) => {
    const { open, append } = scene(t);
    const { database, countAll } = open();
    const events: JournalEvent[] = [];
    for (let n = 0; n < 4000; n++)
      events.push(accepted({ at: NOW - ((n * 7_919_000) % (61 * DAY_MS)), source: `src_${n % 7}`, size: n }));
    append(events);
    // minutes of long ago are kept here, so that every window can be checked
    countAll(NOW - 62 * DAY_MS);
    for (const name of ['1h', '24h', '7d', '30d'] as const) {
      const window = windowAt(name, NOW);
      const within = (since: number, until: number) =>
        events.filter(({ at = 0 }) => at >= since && at < until).length;
      const found = overview(database.reader, window);
      assert.equal(found.totals.accepted, within(window.since, window.until), name);
      assert.equal(found.before.accepted, within(window.before.since, window.before.until), `before ${name}`);
      for (const [index, since] of found.series.at.entries())
        assert.equal(found.series.accepted[index], within(since, since + window.step));
      const sum = found.sources.reduce((total, { counts }) => total + counts.accepted, 0);
      assert.equal(sum, found.totals.accepted, `by source in ${name}`);
      const some = overview(database.reader, window, ['src_1', 'src_2', 'none']);
      const own = events.filter(
        ({ at = 0, source }) => at >= window.since && at < window.until && /_[12]$/.test(source ?? ''),
      );
      assert.equal(some.totals.accepted, own.length, `own in ${name}`);
      const many = ['src_1', 'src_2', ...Array.from({ length: 500 }, (_, n) => `none_${n}`)];
      assert.deepEqual(overview(database.reader, window, many), { ...some, sources: some.sources });
    }
  });

  it('are of any stretch of time, at the cost of what was counted in it', (t) => {
    const { open, append } = scene(t);
    const { database, countAll } = open();
    append([accepted(), accepted({ at: NOW - 40 * DAY_MS }), accepted({ source: 'src_b' })]);
    countAll();
    const ever = { since: -8.64e15, until: 8.64e15, finest: HOUR, sort: 'accepted' } as const;
    for (const by of REPORT_KEYS) {
      const found = report(database.reader, { ...ever, by, sources: ['src_a'], limit: 1, offset: 0 });
      assert.equal(found.totals.accepted, by === 'code' ? 0 : 2, by);
      const past = report(database.reader, { ...ever, by, sources: ['src_a'], limit: 1, offset: 9 });
      assert.deepEqual(past, { ...found, rows: [] }, `${by}: totals are those of every page`);
    }
  });

  it('tell the minute in progress, and whose it is', (t) => {
    const { open, append } = scene(t);
    const { database, countAll } = open();
    append([accepted(), accepted({ at: NOW - 60_000 }), accepted({ source: 'src_b' })]);
    countAll();
    const found = minute(database.reader, NOW, true);
    assert.equal(found.at, Date.parse('2026-03-10T10:07:00Z'));
    assert.equal(found.counts.accepted, 2);
    assert.deepEqual(
      found.sources.map(({ source }) => source),
      ['src_a', 'src_b'],
    );
    assert.deepEqual(minute(database.reader, NOW, false).sources, []);
  });
});
