import assert from 'node:assert/strict';
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../../platform/clock.ts';
import { JournalDatabase } from '../journal-database.ts';
import { type Cell, pushRow } from '../journal-rows.ts';
import { SqliteJournal } from '../sqlite-journal.ts';
import { Followers } from '../followers/followers.ts';
import { EventCounts } from './event-counts.ts';
import { HOUR, windowAt } from './periods.ts';
import { TrafficDatabase } from './traffic-database.ts';
import { overview, report } from './traffic-queries.ts';
import { accepted, damage, DAY_MS, NOW, scene } from './traffic.fixture.ts';

describe('the position', () => {
  const total = (database: TrafficDatabase) =>
    report(database.reader, {
      by: 'day',
      since: NOW - DAY_MS,
      until: NOW,
      finest: HOUR,
      sort: 'key',
      limit: 9,
      offset: 0,
    }).totals.accepted;

  it('counts a journal that there was before, once, over any number of restarts', (t) => {
    const { open, append } = scene(t);
    append(Array.from({ length: 12_000 }, () => accepted()));
    for (let n = 0; n < 2; n++) {
      const { step, close } = open();
      step();
      close();
    }
    const { database, countAll } = open();
    countAll();
    countAll();
    assert.equal(total(database), 12_000);
  });

  it('moves with the counts or not at all', (t) => {
    const { open, append } = scene(t);
    const { database, countAll } = open();
    append([accepted()]);
    const failing = new EventCounts(new Set(), new Set());
    failing.add({ id: 9, at: NOW, type: 'acceptance', source: 'src_a' });
    failing.minutes.set(Number.NaN, [...failing.minutes.values()][0] as never);
    assert.throws(() => database.write(failing, 9, Number.NaN));
    assert.equal(database.counted, 0);
    countAll();
    assert.equal(total(database), 1);
  });

  it('goes back with a journal that lost its end, and keeps what was counted', (t) => {
    const { open, append, journal, journalPath, folder } = scene(t);
    append([accepted(), accepted(), accepted()]);
    const before = open();
    before.countAll();
    before.close();
    journal.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(journalPath + suffix, { force: true });
    const renewed = new JournalDatabase(path.join(folder, 'journal.db'));
    renewed.open();
    const { database, opened, countAll } = open();
    assert.deepEqual([opened, database.counted], [{}, 0]);
    const cells: Cell[] = [];
    pushRow(cells, 1, NOW, accepted());
    renewed.append(cells);
    renewed.close();
    countAll();
    assert.equal(total(database), 4);
  });

  it('begins anew where counts are damaged, which are moved aside', (t) => {
    const { open, append, folder } = scene(t);
    append([accepted()]);
    writeFileSync(path.join(folder, 'traffic.db'), 'this is no database, whatever its name says '.repeat(50));
    const { database, opened, countAll } = open();
    assert.equal(opened.damaged, path.join(folder, 'traffic.db.damaged'));
    countAll();
    assert.equal(total(database), 1);
  });
});

describe('damaged counts', () => {
  it('are moved aside by who counts, and counted anew from the journal', (t) => {
    const { open, append, folder } = scene(t);
    append(Array.from({ length: 500 }, (_, n) => accepted({ source: `src_${n}` })));
    const before = open();
    before.countAll();
    before.close();
    damage(path.join(folder, 'traffic.db'));
    append([accepted()]);
    const aside = path.join(folder, 'traffic.db.damaged');
    const { database, opened, countAll, step } = open();
    assert.deepEqual(opened, { damaged: aside });
    countAll();
    const counted = () => overview(database.reader, windowAt('1h', NOW)).totals.accepted;
    assert.equal(counted(), 501);
    // also while they are in use
    rmSync(aside);
    database.shrink();
    damage(path.join(folder, 'traffic.db'));
    append([accepted()]);
    assert.throws(() => step(), /malformed/);
    assert.equal(step().damaged, aside);
    countAll();
    assert.equal(counted(), 502);
  });

  it('and such that can not be opened stop nothing else', async (t) => {
    const { folder, append } = scene(t);
    append([accepted()]);
    // nobody can write where a folder stands
    const file = path.join(folder, 'traffic.db');
    mkdirSync(file);
    const journal = new SqliteJournal({ folder, clock: systemClock });
    await journal.open();
    const followers = new Followers({ folder, clock: systemClock, edgeListeners: [] });
    await followers.open();
    const told: string[] = [];
    followers.onStep('traffic', (outcome) =>
      told.push('error' in outcome ? 'error' : `${outcome.progress.stored}`),
    );
    await followers.catchUp('traffic');
    await followers.catchUp('messages');
    rmdirSync(file);
    await followers.catchUp('traffic');
    assert.deepEqual([told[0], told.at(-1)], ['error', '1']);
    await followers.close();
    await journal.close();
  });
});
