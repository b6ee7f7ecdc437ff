import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '../platform/clock.ts';
import type { DetailCondition, EventFilter, EventType, JournalEvent, RecordedEvent } from './event.ts';
import { eventMatcher } from './filter.ts';
import { EventReader } from './followers/event-reader.ts';
import { BLOCK } from './journal-database.ts';
import { SqliteJournal, type SqliteJournalOptions } from './sqlite-journal.ts';

async function fixture(context: TestContext, more: Partial<SqliteJournalOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'postern-journal-'));
  const clock = new ManualClock();
  const troubles: string[] = [];
  const onTrouble = (text: string) => troubles.push(text);
  const opened: SqliteJournal[] = [];
  const open = async () => {
    const journal = new SqliteJournal({ folder, clock, onTrouble, ...more });
    opened.push(journal);
    await journal.open();
    return journal;
  };
  context.after(async () => {
    for (const journal of opened) await journal.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, clock, troubles, open };
}

const texts = (events: RecordedEvent[]) => events.map(({ text }) => text);

test('an event comes back whole', async (context) => {
  const { clock, open } = await fixture(context);
  const journal = await open();
  const event: JournalEvent = {
    type: 'acceptance',
    source: 'src_a',
    session: 's1',
    message: '01ABCDEFGHJ',
    network: '2001:db8::1',
    listener: 'submission',
    tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
    code: 'S402',
    reply: '250 2.0.0 "taken"',
    from: 'grüße@corp.example',
    to: ["o'neil@example.org"],
    destination: 'mx mail.example.org',
    outcome: 'delivered',
    size: 12,
    text: 'ünïcode',
    detail: { deep: { list: [1, null, 'x'] } },
  };
  journal.write(event);
  journal.write({ type: 'system', at: 5 });
  await journal.flush();
  assert.deepEqual(await journal.search({}, 10), [
    { type: 'system', id: 2, at: 5 },
    { ...event, id: 1, at: clock.now() },
  ]);
});

test('a tenth of a second later, or five hundred events later, events are stored', async (context) => {
  const { clock, open } = await fixture(context);
  const journal = await open();
  const stored = async (count: number) => {
    for (;;) if ((await journal.search({}, 1000)).length >= count) return;
  };
  journal.write({ type: 'system' });
  clock.advance(100);
  await stored(1);
  for (let index = 0; index < 500; index += 1) journal.write({ type: 'system' });
  await stored(501);
});

test('a flush waits for what was written before it, not for what goes on coming', async (context) => {
  const { open } = await fixture(context);
  const journal = await open();
  // for each event that is stored another one comes, as on a relay that is busy
  const end = journal.follow({ types: ['attempt'] }, () => journal.write({ type: 'attempt' }));
  journal.write({ type: 'attempt' });
  for (let index = 0; index < 1200; index += 1) journal.write({ type: 'system' });
  journal.write({ type: 'alarm', text: 'the last one' });
  await journal.flush();
  assert.deepEqual(texts(await journal.search({ types: ['alarm'] }, 10)), ['the last one']);
  end();
});

test('the newest come first, with a cursor, over a restart', async (context) => {
  const { open } = await fixture(context);
  const first = await open();
  for (let index = 0; index < 25; index += 1) first.write({ type: 'system', text: `${index}` });
  await first.close();
  const journal = await open();
  journal.write({ type: 'system', text: '25' });
  await journal.flush();
  const all: (string | undefined)[] = [];
  let before: number | undefined;
  for (;;) {
    const page = await journal.search({}, 10, before);
    if (page.length === 0) break;
    all.push(...texts(page));
    before = page.at(-1)?.id;
  }
  assert.deepEqual(
    all,
    Array.from({ length: 26 }, (_, index) => `${25 - index}`),
  );
});

test('events of one message come oldest first, and are counted', async (context) => {
  const { open } = await fixture(context);
  const journal = await open();
  for (let index = 0; index < 40; index += 1)
    journal.write({ type: 'attempt', message: index % 2 ? '0000000000A' : '0000000000B', text: `${index}` });
  await journal.flush();
  const some = await journal.ofMessage('0000000000A', 2);
  assert.deepEqual([texts(some.events), some.count], [['1', '3'], 20]);
  const [, last] = some.events;
  const between = await journal.ofMessage('0000000000A', 10, last?.id, 13);
  assert.deepEqual([texts(between.events), between.count], [['5', '7', '9', '11'], 4]);
  assert.deepEqual(await journal.ofMessage('0000000000C', 10), { events: [], count: 0 });
});

test('search and follow choose the same events, whatever the filter and the clock', async (context) => {
  const { open } = await fixture(context);
  const journal = await open();
  const types: EventType[] = ['attempt', 'refusal', 'system'];
  const optional = <T>(...values: T[]) => fc.constantFrom(undefined, ...values);
  const anyEvent = fc.record({
    type: fc.constantFrom(...types),
    at: fc.integer({ min: 1000, max: 1010 }),
    source: optional('src_a', 'src_b'),
    session: optional('s1', 's2'),
    message: optional('01ABCDEFGHJ', '01ABCDEFGHK', '02AAAAAAAAA'),
    network: optional('192.0.2.1', '192.0.3.1', '2001:db8::1'),
    code: optional('S402', 'L701'),
    from: optional('A@x.example', 'b@x.example', ''),
    to: optional(['a@y.example'], ['b"@y.example', 'A@y.example'], []),
    outcome: optional('delivered', 'failed'),
    listener: optional('mx', 'smtp'),
    detail: optional<Record<string, unknown>>(
      { spoof: 'header', directSend: 'yes' },
      { edge: { spoof: 'envelope', directSend: true } },
      { edge: { directSend: false, spoof: null } },
      { edge: 'no object' },
    ),
  });
  const events = fc.sample(anyEvent, { numRuns: 300, seed: 1 });
  for (const event of events) journal.write(event);
  await journal.flush();
  const recorded = (await journal.search({}, 1000)).filter(({ at }) => at <= 1010);
  assert.equal(recorded.length, 300);
  const anyFilter = fc.record({
    types: optional<EventType[]>(['attempt'], ['refusal', 'system'], []),
    source: optional('src_a'),
    session: optional('s1'),
    message: optional('01', '01abcdefg', '01ABCDEFGHJ', '0', '9', '01ABCDEFGHJK'),
    network: optional('192.0.2.0/24', '2001:db8::/32', '192.0.2.1', 'x'),
    code: optional('S402'),
    from: optional('a@X.example', ''),
    to: optional('a@y.example', 'b"@y.example', 'y.example'),
    outcome: optional('failed'),
    since: optional(1003, 5000),
    until: optional(1008, 1),
    listeners: optional(['mx'], ['mx', 'smtp'], []),
    details: optional<DetailCondition[]>(
      [{ paths: ['spoof', 'edge.spoof'] }],
      [{ paths: ['spoof', 'edge.spoof'], values: ['header'] }],
      [{ paths: ['directSend', 'edge.directSend'], values: [true, 'yes'] }, { paths: ['edge.spoof'] }],
      [{ paths: ['edge.directSend'], values: [false] }],
    ),
  });
  await fc.assert(
    fc.asyncProperty(anyFilter, async (given) => {
      // mostly few conditions, so that something is left
      const filter: EventFilter = Object.fromEntries(
        Object.entries(given).filter(([, value]) => value !== undefined),
      );
      const found = await journal.search(filter, 1000);
      assert.deepEqual(found, recorded.filter(eventMatcher(filter)));
    }),
    { numRuns: 150 },
  );
});

test('a search goes through many blocks, and skips those of another time', async (context) => {
  const { open, clock } = await fixture(context);
  const journal = await open();
  for (let index = 0; index < 20_000; index += 1) {
    journal.write({ type: 'system', at: index, source: index % 5000 === 0 ? 'src_rare' : undefined });
  }
  await journal.flush();
  const at = async (filter: EventFilter, limit = 100) =>
    (await journal.search(filter, limit)).map((e) => e.at);
  assert.deepEqual(await at({ source: 'src_rare' }), [15_000, 10_000, 5000, 0]);
  assert.deepEqual(await at({ source: 'src_rare' }, 2), [15_000, 10_000]);
  assert.deepEqual(await at({ since: 3, until: 5 }), [4, 3]);
  assert.deepEqual(await at({ since: clock.now() }), []);
});

test('a follower sees what matches from now on, until it ends; its failure is nobody else’s', async (context) => {
  const { open, troubles } = await fixture(context);
  const journal = await open();
  journal.write({ type: 'system', text: 'before' });
  await journal.flush();
  const seen: RecordedEvent[] = [];
  journal.follow({}, () => {
    throw new Error('broken');
  });
  const end = journal.follow({ types: ['refusal'] }, (event) => seen.push(event));
  journal.write({ type: 'refusal', text: 'one' });
  journal.write({ type: 'system', text: 'two' });
  await journal.flush();
  end();
  journal.write({ type: 'refusal', text: 'three' });
  await journal.flush();
  assert.deepEqual(texts(seen), ['one']);
  assert.deepEqual(seen, await journal.search({ types: ['refusal'], until: Infinity }, 10, seen[0]!.id + 1));
  assert.match(troubles[0] ?? '', /broken/);
});

test('while the journal can not be written, events wait in memory; the oldest go and are counted', async (context) => {
  const { folder, clock, open, troubles } = await fixture(context, { pending: 100 });
  const journal = await open();
  const other = new DatabaseSync(join(folder, 'journal.db'));
  other.exec('BEGIN IMMEDIATE');
  journal.write({ type: 'system', text: 'first' });
  await assert.rejects(journal.flush());
  assert.match(troubles[0] ?? '', /can not be written/);
  for (let index = 0; index < 150; index += 1) journal.write({ type: 'system', text: `${index}` });
  other.exec('COMMIT');
  other.close();
  clock.advance(1000);
  await journal.flush();
  const found = texts(await journal.search({}, 1000));
  assert.match(found[0] ?? '', /^50 events were dropped/);
  assert.deepEqual(found.slice(1), [...Array.from({ length: 100 }, (_, index) => `${149 - index}`), 'first']);
  assert.match(troubles.at(-1) ?? '', /can be written again/);
});

test('what has no JSON, or is of a wrong type, harms no other event', async (context) => {
  const { open, troubles } = await fixture(context);
  const journal = await open();
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  journal.write({ type: 'system', text: 'circle', detail: circle });
  journal.write({ type: 'system', text: 'half', at: 1.5 });
  journal.write({ type: 'system', source: {} as string });
  journal.write({ type: 'system', text: 'good' });
  await journal.flush();
  assert.deepEqual(texts(await journal.search({}, 10)), ['good', 'circle']);
  assert.match(troubles[0] ?? '', /2 events/);
});

test('what is too old goes by itself, in steps', async (context) => {
  const { clock, open } = await fixture(context, { keepMs: 1_000_000 });
  const journal = await open();
  for (let index = 0; index < 3500; index += 1) journal.write({ type: 'system', text: 'old' });
  await journal.flush();
  clock.advance(1_000_001);
  journal.write({ type: 'system', text: 'young' });
  await journal.flush();
  await journal.retain();
  assert.deepEqual(texts(await journal.search({}, 5000)), ['young']);
});

test('nothing goes for its age by a clock that was set forward, also when the relay starts again', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-journal-'));
  context.after(() => rm(folder, { recursive: true }));
  const wall = { ahead: 0 };
  class SetClock extends ManualClock {
    override now(): number {
      return super.now() + wall.ahead;
    }
  }
  const clock = new SetClock();
  const kept = async (act: (journal: SqliteJournal) => void = () => {}) => {
    const journal = new SqliteJournal({ folder, clock, keepMs: 1_000_000 });
    await journal.open();
    act(journal);
    await journal.flush();
    await journal.retain();
    const found = texts(await journal.search({}, 10));
    await journal.close();
    return found;
  };
  const write = (text: string) => (journal: SqliteJournal) => journal.write({ type: 'system', text });
  assert.deepEqual(await kept(write('right')), ['right']);
  wall.ahead = 1000 * 86_400_000;
  assert.deepEqual(await kept(write('wrong')), ['wrong', 'right']);
  assert.deepEqual(await kept(), ['wrong', 'right'], 'the last event is of the wrong clock');
  wall.ahead = 0;
  assert.deepEqual(await kept(write('right again')), ['right again', 'wrong', 'right']);
  clock.advance(1_000_001);
  assert.deepEqual(await kept(), ['right again', 'wrong'], 'by the right one it goes');
});

test('what a wrong clock has written does not keep what follows it from going', async (context) => {
  const { clock, open } = await fixture(context, { keepMs: 1_000_000 });
  const journal = await open();
  const later = clock.now() + 1e12;
  for (let index = 0; index < 3000; index += 1) journal.write({ type: 'system', text: 'wrong', at: later });
  for (let index = 0; index < 2 * BLOCK; index += 1) journal.write({ type: 'system', text: 'right' });
  await journal.flush();
  await journal.retain();
  clock.advance(1_000_001);
  journal.write({ type: 'system', text: 'young' });
  await journal.flush();
  await journal.retain();
  assert.deepEqual(texts(await journal.search({}, 20_000)), ['young']);
});

for (const [limit, more] of Object.entries({ number: { keepEvents: 1000 }, size: { keepBytes: 400_000 } })) {
  test(`no more is kept than the ${limit} allows, the newest longest`, async (context) => {
    const { open } = await fixture(context, more);
    const journal = await open();
    for (let index = 0; index < 4000; index += 1)
      journal.write({ type: 'system', text: `${index} ${'x'.repeat(200)}` });
    await journal.flush();
    await journal.retain();
    const found = await journal.search({}, 5000);
    assert.ok(found.length >= 500 && found.length <= 2000, `${found.length} are left`);
    assert.equal(found[0]?.id, 4000);
    assert.equal(found.at(-1)?.id, 4001 - found.length);
  });
}

test('a damaged journal is moved aside, and told of', async (context) => {
  const { folder, open, troubles } = await fixture(context);
  await writeFile(
    join(folder, 'journal.db'),
    'this is no database, and longer than a header of one '.repeat(100),
  );
  const journal = await open();
  await journal.flush();
  assert.match(texts(await journal.search({}, 10))[0] ?? '', /damaged/);
  assert.equal(troubles.length, 1);
  assert.ok((await readdir(folder)).includes('journal.db.damaged'));
});

test('a journal that is found to be damaged while it is written is moved aside too', async (context) => {
  const { folder, open, troubles } = await fixture(context);
  const journal = await open();
  const write = async (from: number) => {
    for (let n = 0; n < 300; n++)
      journal.write({
        type: 'acceptance',
        message: `M${from + n}`,
        source: `src_${n % 7}`,
        text: 'x'.repeat(200),
      });
    await journal.flush();
  };
  await write(0);
  const follower = new EventReader(join(folder, 'journal.db'));
  context.after(() => follower.close());
  assert.equal(follower.bounds().last, 300);
  await journal.search({}, 1);
  const other = new DatabaseSync(join(folder, 'journal.db'));
  other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  other.close();
  await writeFile(join(folder, 'journal.db'), (await readFile(join(folder, 'journal.db'))).fill(0xa5, 4096));
  await write(1000);
  // the notice of it
  await journal.flush();
  const found = await journal.search({ types: ['acceptance'] }, 1000);
  assert.deepEqual([found.length, found[0]?.message, found.at(-1)?.id], [300, 'M1299', 301]);
  assert.match(texts(await journal.search({ types: ['system'] }, 1))[0] ?? '', /damaged/);
  assert.equal(troubles.filter((text) => text.includes('journal.db.damaged')).length, 1, troubles.join());
  assert.deepEqual({ ...follower.bounds() }, { first: 301, last: 601 });
});

test('damage that only a search finds is told once, as an alarm', async (context) => {
  const { folder, open, troubles } = await fixture(context);
  let journal = await open();
  for (let index = 0; index < 5000; index += 1)
    journal.write({ type: 'system', text: `${index} ${'x'.repeat(300)}` });
  await journal.flush();
  await journal.close();
  const file = join(folder, 'journal.db');
  const bytes = await readFile(file);
  // what is there first, and what is written, is well
  const third = Math.floor(bytes.length / 3);
  bytes.fill(0xff, third, 2 * third);
  await writeFile(file, bytes);
  journal = await open();
  const alarms: RecordedEvent[] = [];
  journal.follow({ types: ['alarm'] }, (event) => alarms.push(event));
  for (let time = 0; time < 2; time++)
    await assert.rejects(journal.search({}, 5000), { code: 'ERR_DAMAGED_FILE' });
  await journal.flush();
  assert.equal(troubles.filter((text) => /found the journal damaged/.test(text)).length, 1);
  assert.deepEqual(
    alarms.map(({ code, outcome }) => [code, outcome]),
    [['journal-damaged', 'critical']],
  );
  assert.equal((await journal.search({}, 1))[0]?.type, 'alarm', 'what is new is written and found');
});

test('events written before the journal is open are kept', async (context) => {
  const { folder, clock } = await fixture(context);
  const journal = new SqliteJournal({ folder, clock });
  context.after(() => journal.close());
  journal.write({ type: 'system', text: 'early' });
  await journal.open();
  await journal.flush();
  assert.deepEqual(texts(await journal.search({}, 10)), ['early']);
});
