import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOUR } from './periods.ts';
import { report } from './traffic-queries.ts';
import { accepted, DAY_MS, NOW, scene } from './traffic.fixture.ts';

describe('the bound on rows', () => {
  const query = {
    since: NOW - DAY_MS,
    until: NOW,
    finest: HOUR,
    sort: 'accepted',
    limit: 100,
    offset: 0,
  } as const;

  it('counts sources above it together, and loses none of their mail', (t) => {
    const { open, append } = scene(t, { sources: [3, 4, 5] });
    const { database, countAll } = open();
    append(Array.from({ length: 30 }, (_, n) => accepted({ source: `src_${n % 10}` })));
    countAll();
    append([accepted({ source: 'src_0' }), accepted({ source: 'src_9' })]);
    countAll();
    const found = report(database.reader, { ...query, by: 'source' });
    const others = found.rows.find(({ key }) => key === '*');
    assert.deepEqual([found.rows.length, others?.counts.accepted, found.totals.accepted], [5, 19, 32]);
    assert.equal(found.rows.find(({ key }) => key === 'src_0')?.counts.accepted, 4);
  });

  it('counts senders above it together, of each source', (t) => {
    const { open, append } = scene(t, { addresses: 2, addressesADay: 3 });
    const { database, countAll } = open();
    for (const source of ['src_a', 'src_b'])
      append(
        ['one', 'two', 'three', 'one'].map((name) => accepted({ source, from: `${name}@${source}.example` })),
      );
    countAll();
    const of = (sources?: string[]) =>
      report(database.reader, { ...query, by: 'sender', sources }).rows.map(({ key, counts }) => [
        key,
        counts.accepted,
      ]);
    assert.deepEqual(of(['src_a']), [
      ['one@src_a.example', 2],
      ['*', 1],
      ['two@src_a.example', 1],
    ]);
    assert.deepEqual(
      of(['src_b'])
        .map(([, count]) => count)
        .reduce((a, b) => Number(a) + Number(b)),
      4,
    );
    assert.ok(of(['src_b']).some(([key]) => key === '*'));
    const byDomain = report(database.reader, { ...query, by: 'domain' }).rows;
    assert.ok(byDomain.some(({ key }) => key === '*'));
  });

  it("counts recipients' domains above it together", (t) => {
    const { open, append } = scene(t, { domainsADay: 2, addresses: 3 });
    const { database, countAll } = open();
    append(
      ['a', 'b', 'c', 'd', 'a'].map((name) => accepted({ to: [`x@${name}.example`, `y@${name}.example`] })),
    );
    countAll();
    const of = (sources?: string[]) =>
      report(database.reader, { ...query, by: 'recipient-domain', sources }).rows.map(({ key, counts }) => [
        key,
        counts.accepted,
      ]);
    assert.deepEqual(of(), [
      ['*', 2],
      ['a.example', 2],
      ['b.example', 1],
    ]);
    assert.deepEqual(of(['src_a']).length, 4);
  });

  it('removes what is too old, by grain', (t) => {
    const { open, append } = scene(t, { keepMs: [2 * DAY_MS, 10 * DAY_MS, 100 * DAY_MS] });
    const { database, countAll } = open();
    append([1, 5, 50, 500].map((days) => accepted({ at: NOW - days * DAY_MS })));
    countAll();
    while (database.trim(NOW));
    const rows = database.reader
      .prepare('SELECT grain, count(DISTINCT at) AS periods FROM traffic GROUP BY grain')
      .all() as { grain: number; periods: number }[];
    assert.deepEqual(
      rows.map(({ grain, periods }) => [grain, periods]),
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
    );
    const { rows: noted } = database.reader.prepare('SELECT rows FROM progress').get() as { rows: number };
    const { found } = database.reader.prepare('SELECT count(*) AS found FROM traffic').get() as {
      found: number;
    };
    assert.equal(noted, found);
  });

  it('removes the oldest minutes first when there are too many rows in all', (t) => {
    const { open, append } = scene(t, { rows: 40 });
    const { database, countAll } = open();
    append(Array.from({ length: 100 }, (_, n) => accepted({ at: NOW - n * 60_000 })));
    countAll();
    while (database.trim(NOW));
    const { rows } = database.reader.prepare('SELECT rows FROM progress').get() as { rows: number };
    assert.ok(rows <= 60, `${rows} rows`);
    assert.equal(report(database.reader, { ...query, by: 'day' }).totals.accepted, 100);
  });
});
