import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Clock, ManualClock, systemClock } from '../../platform/clock.ts';
import { SqliteJournal } from '../sqlite-journal.ts';
import type { Counts } from './counts.ts';
import { Followers } from '../followers/followers.ts';
import { DAY } from './periods.ts';
import { Traffic } from './traffic.ts';
import { type TrafficAnswers, TrafficThread } from './traffic-thread.ts';
import { accepted, damage, DAY_MS, folderOf, NOW } from './traffic.fixture.ts';

const NOTHING: Counts = {
  accepted: 0,
  octets: 0,
  refused: 0,
  held: 0,
  delivered: 0,
  deferred: 0,
  bounced: 0,
};

describe('Traffic', () => {
  const idle = {
    onStep() {},
    trim: async () => {},
    remake: async () => {},
    catchUp: async () => {},
  };

  async function following(t: TestContext, clock: Clock) {
    const folder = folderOf(t);
    const journal = new SqliteJournal({ folder, clock: systemClock });
    await journal.open();
    const troubles: string[] = [];
    const followers = new Followers({ folder, clock, edgeListeners: ['mx'] });
    await followers.open();
    const answers = new TrafficThread(path.join(folder, 'traffic.db'));
    const traffic = new Traffic({
      answers,
      followers,
      clock,
      trustsClock: () => true,
      onTrouble: (text) => troubles.push(text),
    });
    followers.start();
    return {
      folder,
      journal,
      traffic,
      troubles,
      close: async () => {
        await traffic.close();
        await followers.close();
        await journal.close();
      },
    };
  }

  it('follows a journal by itself, and answers what is stored at that moment', async (t) => {
    const { journal, traffic, troubles, close } = await following(t, systemClock);
    const now = Date.now();
    for (let n = 0; n < 10; n++) journal.write(accepted({ at: now }));
    await journal.flush();
    // a question does not wait for long
    await traffic.settle();
    const [first, again] = await Promise.all([traffic.overview('1h', now), traffic.overview('1h', now)]);
    assert.equal(first.totals.accepted, 10);
    assert.deepEqual(again, first);
    assert.equal((await traffic.minute(now, true)).sources[0]?.counts.accepted, 10);
    assert.equal(traffic.behind, 0);
    await close();
    assert.deepEqual(troubles, []);
  });

  it('says once that it can not count, and goes on without it', async (t) => {
    const { folder, journal, traffic, troubles, close } = await following(t, new ManualClock(NOW));
    await journal.close();
    const other = new DatabaseSync(path.join(folder, 'journal.db'));
    other.exec('ALTER TABLE event RENAME TO gone');
    await traffic.settle();
    await traffic.settle();
    assert.equal(troubles.length, 1);
    assert.match(troubles[0] ?? '', /can not be counted now/);
    other.exec('ALTER TABLE gone RENAME TO event');
    other.close();
    await traffic.settle();
    assert.match(troubles[1] ?? '', /can be counted again/);
    await close();
  });

  it('has counts made anew that are found to be damaged by who asks', async (t) => {
    const { folder, journal, traffic, troubles, close } = await following(t, systemClock);
    const now = Date.now();
    for (let n = 0; n < 500; n++) journal.write(accepted({ at: now, source: `src_${n}` }));
    await journal.flush();
    await traffic.settle();
    damage(path.join(folder, 'traffic.db'));
    const all = { by: 'source', since: now - DAY_MS, until: now + DAY_MS, finest: DAY } as const;
    const ask = () => traffic.report({ ...all, sort: 'key', limit: 1, offset: 0 });
    const refused = await Promise.allSettled([ask(), ask(), ask()]);
    assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set(['rejected']));
    await traffic.settle();
    const { rows, found, totals } = await ask();
    assert.deepEqual([found, totals.accepted], [500, 500]);
    assert.deepEqual(rows, [{ key: 'src_0', counts: { ...NOTHING, accepted: 1, octets: 100 } }]);
    const told = troubles.filter((text) => /moved to .*traffic\.db\.damaged, and are made anew/.test(text));
    assert.equal(told.length, 1, troubles.join());
    await close();
  });

  it('asks once what several want to know, and for one report at a time', async () => {
    const asked: string[] = [];
    const waiting: (() => void)[] = [];
    const answer = (kind: string) => {
      asked.push(kind);
      return new Promise<unknown>((resolve) => waiting.push(() => resolve({ series: { at: [] } })));
    };
    const answers = {
      ask: ({ kind }: { kind: string }) => answer(kind),
      report: () => answer('report'),
      reopen: async () => {},
      close: async () => {},
    } as unknown as TrafficAnswers;
    const traffic = new Traffic({
      answers,
      followers: idle,
      clock: systemClock,
      trustsClock: () => true,
      onTrouble() {},
    });
    const query = { by: 'day', since: 0, until: 1, finest: DAY, sort: 'key', limit: 1, offset: 0 } as const;
    const all = [
      ...['1h', '1h', '1h'].map(() => traffic.overview('1h', NOW)),
      traffic.report(query),
      traffic.report(query),
    ];
    await setImmediate();
    assert.deepEqual(asked.sort(), ['overview', 'report']);
    waiting.splice(0).forEach((answer) => answer());
    await setImmediate();
    assert.deepEqual(asked.sort(), ['overview', 'report', 'report']);
    waiting.splice(0).forEach((answer) => answer());
    await Promise.all(all);
    await traffic.close();
  });

  it('removes nothing for its age while the clock may be wrong', async () => {
    const clock = new ManualClock(NOW);
    let trimmed = 0;
    const trim = async () => {
      trimmed++;
    };
    const answers = {} as TrafficAnswers;
    answers.close = async () => {};
    let isTrusted = false;
    const traffic = new Traffic({
      answers,
      followers: { ...idle, trim },
      clock,
      trustsClock: () => isTrusted,
      onTrouble() {},
    });
    clock.advance(120_000);
    assert.equal(trimmed, 0);
    isTrusted = true;
    await setImmediate();
    clock.advance(60_000);
    assert.equal(trimmed, 1);
    await traffic.close();
  });

  it('answers with what is counted when the rest takes long', async (t) => {
    const { folder, close } = await following(t, systemClock);
    const starved = new Traffic({
      answers: new TrafficThread(path.join(folder, 'traffic.db')),
      followers: { ...idle, catchUp: () => new Promise(() => {}) },
      clock: systemClock,
      trustsClock: () => true,
      onTrouble: (text) => assert.fail(text),
    });
    const { totals } = await starved.overview('1h', Date.now());
    assert.equal(totals.accepted, 0);
    await starved.close();
    await close();
  });
});
