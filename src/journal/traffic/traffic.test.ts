import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Clock, ManualClock, systemClock } from '../../platform/clock.ts';
import type { JournalEvent } from '../event.ts';
import { JournalDatabase } from '../journal-database.ts';
import { type Cell, pushRow } from '../journal-rows.ts';
import { SqliteJournal } from '../sqlite-journal.ts';
import type { Counts } from './counts.ts';
import { REFUSALS } from '../../refusals.ts';
import { EventReader } from '../followers/event-reader.ts';
import { Follower } from '../followers/follower.ts';
import { Followers } from '../followers/followers.ts';
import { EventCounts } from './event-counts.ts';
import { DAY, GRAINS, HOUR, MINUTE, pieces, windowAt } from './periods.ts';
import { Traffic } from './traffic.ts';
import { DEFAULT_LIMITS, type TrafficLimits } from './limits.ts';
import { TrafficCounter, type TrafficProgress } from './traffic-counter.ts';
import { TrafficDatabase } from './traffic-database.ts';
import { type TrafficAnswers, TrafficThread } from './traffic-thread.ts';
import { minute, overview, report, REPORT_KEYS } from './traffic-queries.ts';

const NOW = Date.parse('2026-03-10T10:07:30Z');
const DAY_MS = GRAINS[DAY];
const NOTHING: Counts = {
  accepted: 0,
  octets: 0,
  refused: 0,
  held: 0,
  delivered: 0,
  deferred: 0,
  bounced: 0,
};

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-traffic-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function scene(t: TestContext, limits: Partial<TrafficLimits> = {}) {
  const folder = folderOf(t);
  const journalPath = path.join(folder, 'journal.db');
  const journal = new JournalDatabase(journalPath);
  let { last } = journal.open();
  t.after(() => journal.close());
  const open = () => {
    const reader = new EventReader(journalPath);
    const database = new TrafficDatabase(path.join(folder, 'traffic.db'), { ...DEFAULT_LIMITS, ...limits });
    const opened = database.open(reader.bounds().last);
    const counter = new TrafficCounter(database, { edgeListeners: ['mx'], codes: Object.keys(REFUSALS) });
    const follower = new Follower(reader, { traffic: counter });
    t.after(() => follower.close());
    /** One batch. */
    const step = (now = NOW): TrafficProgress => {
      const { traffic } = follower.step({ now, urgent: true });
      assert.ok('progress' in traffic, JSON.stringify(traffic));
      return traffic.progress;
    };
    const countAll = (now = NOW): void => {
      while (step(now).more);
    };
    return { database, opened, step, countAll, close: () => follower.close() };
  };
  const append = (events: JournalEvent[]): void => {
    const cells: Cell[] = [];
    for (const event of events) pushRow(cells, ++last, event.at ?? NOW, event);
    journal.append(cells);
  };
  return { folder, journalPath, journal, open, append };
}

const accepted = (more: Partial<JournalEvent> = {}): JournalEvent => ({
  type: 'acceptance',
  source: 'src_a',
  listener: 'smtp',
  from: 'a@corp.example',
  to: ['b@example.net'],
  size: 100,
  outcome: 'queued',
  ...more,
});

describe('what is counted of an event', () => {
  for (const [what, event, total, direction, source] of [
    ['taken', accepted(), { accepted: 1, octets: 100 }, 'submission', 'src_a'],
    ['taken over HTTP', accepted({ listener: 'http' }), { accepted: 1, octets: 100 }, 'api', 'src_a'],
    [
      'taken and held',
      accepted({ outcome: 'held' }),
      { accepted: 1, octets: 100, held: 1 },
      'submission',
      'src_a',
    ],
    [
      'taken from the internet',
      accepted({ source: undefined, listener: 'mx' }),
      { accepted: 1, octets: 100 },
      'edge',
      'edge',
    ],
    ["taken by a lab's front door", accepted({ listener: 'lab' }), {}, undefined, undefined],
    [
      "refused by a lab's front door",
      { type: 'refusal', listener: 'lab-proxied', code: 'E205' },
      {},
      undefined,
      undefined,
    ],
    [
      "no TLS at a lab's front door",
      { type: 'tls-failure', listener: 'lab', code: 'T204' },
      {},
      undefined,
      undefined,
    ],
    ['a size that is none', accepted({ size: -5 }), { accepted: 1 }, 'submission', 'src_a'],
    [
      'refused',
      { type: 'refusal', source: 'src_a', listener: 'smtp', code: 'S401' },
      { refused: 1 },
      'submission',
      'src_a',
    ],
    [
      'refused, a stranger',
      { type: 'refusal', listener: 'smtp', code: 'C103' },
      { refused: 1 },
      'submission',
      undefined,
    ],
    [
      'no TLS',
      { type: 'tls-failure', listener: 'smtp', code: 'T204' },
      { refused: 1 },
      'submission',
      undefined,
    ],
    [
      'a wrong password, told as a refusal too',
      { type: 'authentication-failure', listener: 'smtp', code: 'A301' },
      {},
      undefined,
      undefined,
    ],
    [
      'a wrong API key',
      { type: 'authentication-failure', listener: 'http', code: 'A301' },
      { refused: 1 },
      'api',
      undefined,
    ],
    [
      'an administrator without a token',
      { type: 'authentication-failure', listener: 'api' },
      {},
      undefined,
      undefined,
    ],
    [
      'delivered',
      { type: 'attempt', source: 'src_a', outcome: 'delivered' },
      { delivered: 1 },
      undefined,
      'src_a',
    ],
    [
      'deferred',
      { type: 'attempt', source: 'src_a', outcome: 'deferred' },
      { deferred: 1 },
      undefined,
      'src_a',
    ],
    [
      'held at an attempt',
      { type: 'attempt', source: 'src_a', outcome: 'held' },
      { held: 1 },
      undefined,
      'src_a',
    ],
    [
      'failed: the bounce that follows counts',
      { type: 'attempt', source: 'src_a', outcome: 'failed' },
      {},
      undefined,
      undefined,
    ],
    ['bounced', { type: 'bounce', source: 'src_a' }, { bounced: 1 }, undefined, 'src_a'],
    [
      'a notice of the relay, delivered',
      { type: 'attempt', source: '', outcome: 'delivered' },
      { delivered: 1 },
      'relay',
      'relay',
    ],
    [
      'mail from the internet, delivered',
      { type: 'attempt', source: 'edge-unproven', outcome: 'delivered' },
      { delivered: 1 },
      'edge',
      'edge',
    ],
    ['a connection', { type: 'connection', source: 'src_a', size: 7 }, {}, undefined, undefined],
  ] as [string, JournalEvent, Partial<Counts>, string?, string?][]) {
    it(what, (t) => {
      const { open, append } = scene(t);
      const { database, countAll } = open();
      append([event]);
      countAll();
      const found = overview(database.reader, windowAt('1h', NOW));
      assert.deepEqual(found.totals, { ...NOTHING, ...total });
      assert.deepEqual(
        found.directions.map((one) => one.direction),
        direction === undefined ? [] : [direction],
      );
      assert.deepEqual(
        found.sources.map((one) => [one.source, one.counts]),
        source === undefined ? [] : [[source, { ...NOTHING, ...total }]],
      );
    });
  }

  it('is nothing that a damaged row could break', () => {
    const counts = new EventCounts(new Set(), new Set());
    counts.add({
      id: 1,
      at: NOW,
      type: 'acceptance',
      source: 'src_a',
      from: 'x'.repeat(9999),
      to: [1, null, 'a@b'] as string[],
    });
    const [day] = [...counts.days.values()];
    assert.deepEqual([...(day?.get('src_a')?.recipientDomains.keys() ?? [])], ['b']);
    assert.equal([...(day?.get('src_a')?.senders.keys() ?? [])][0]?.length, 320);
  });

  it('has codes from the list alone, so that nobody makes rows by inventing them', (t) => {
    const { open, append } = scene(t);
    const { database, countAll } = open();
    append(
      ['S401', 'S401', 'R502', 'invented', undefined].map((code) => ({
        type: 'refusal',
        listener: 'smtp',
        code,
      })),
    );
    countAll();
    assert.deepEqual(overview(database.reader, windowAt('1h', NOW)).codes, [
      { code: 'S401', count: 2 },
      { code: 'other', count: 2 },
      { code: 'R502', count: 1 },
    ]);
  });
});

describe('a stretch of time', () => {
  const at = (text: string): number => Date.parse(`2026-03-${text}Z`);
  for (const [since, until, finest, expected] of [
    ['10T10:00', '10T10:05', MINUTE, [[MINUTE, '10T10:00', '10T10:05']]],
    [
      '10T09:58',
      '10T11:02',
      MINUTE,
      [
        [MINUTE, '10T09:58', '10T10:00'],
        [HOUR, '10T10:00', '10T11:00'],
        [MINUTE, '10T11:00', '10T11:02'],
      ],
    ],
    [
      '08T23:00',
      '10T01:30',
      MINUTE,
      [
        [HOUR, '08T23:00', '09T00:00'],
        [DAY, '09T00:00', '10T00:00'],
        [HOUR, '10T00:00', '10T01:00'],
        [MINUTE, '10T01:00', '10T01:30'],
      ],
    ],
    [
      '08T23:10',
      '10T01:30',
      HOUR,
      [
        [HOUR, '08T23:00', '09T00:00'],
        [DAY, '09T00:00', '10T00:00'],
        [HOUR, '10T00:00', '10T02:00'],
      ],
    ],
    ['08T23:10', '10T01:30', DAY, [[DAY, '08T00:00', '11T00:00']]],
    ['10T10:00', '10T10:00', MINUTE, []],
    ['10T11:00', '10T10:00', MINUTE, []],
  ] as [string, string, 0 | 1 | 2, [number, string, string][]][]) {
    it(`${since} to ${until} by ${['minutes', 'hours', 'days'][finest]}`, () => {
      assert.deepEqual(
        pieces(at(since), at(until), finest),
        expected.map(([grain, from, to]) => ({ grain, from: at(from), to: at(to) })),
      );
    });
  }
});

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

/** Overwrites what a file holds beyond its first page. */
function damage(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xa5, 4096));
}

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
