import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEvent } from '../journal/event.ts';
import { ManualClock } from '../platform/clock.ts';
import { MemoryNormals } from '../../test/containment/replay.ts';
import { Containment, type ContainmentOptions } from './containment.ts';

const HOUR = 3_600_000;
/** Monday 5 January 2026, 09:00 UTC. */
const START = Date.UTC(2026, 0, 5, 9);

async function setUp(options: Partial<ContainmentOptions> = {}) {
  const clock = new ManualClock(START);
  const written: JournalEvent[] = [];
  const suspended: string[] = [];
  const store = new MemoryNormals();
  const { kept } = store;
  const make = () =>
    new Containment({
      clock,
      events: { write: (event) => void written.push(event) },
      mode: 'act',
      ripeness: { days: 5, messages: 20 },
      steps: { alert: 2, slow: 4, hold: 5, suspend: 7 },
      store,
      suspend: async (source) => void suspended.push(source),
      isKnown: (source) => source !== 'src_gone',
      ...options,
    });
  const containment = make();
  const send = async (
    count: number,
    { on = containment, network = '10.0.0.5', domain = always, failed = false } = {},
  ) => {
    for (let one = 0; one < count; one++) {
      on.write({ type: 'acceptance', source: 'src_a', network, to: [`x@${domain(one)}`], size: 1000 });
      if (failed) on.write({ type: 'attempt', source: 'src_a', outcome: 'failed' });
      await on.watched('src_a');
    }
  };
  /** Three weeks of ten messages at nine in the morning of working days. */
  for (let day = 0; day < 21; day++) {
    if (day % 7 < 5) await send(10);
    clock.advance(24 * HOUR);
  }
  const alarms = () => written.filter(({ type }) => type === 'alarm');
  const level = async (on = containment) => (await on.watched('src_a')).level;
  return { clock, written, suspended, store, kept, make, containment, send, alarms, level };
}

const always: (one: number) => string = () => 'corp.example';
const STRANGER = { network: '203.0.113.9' };
const victims = (one: number) => `victim${one}.example`;

test('usual work raises no alarm', async () => {
  const { send, alarms, level, containment } = await setUp();
  await send(25);
  assert.deepEqual(alarms(), []);
  assert.equal(await level(), 'none');
  assert.equal(containment.check('src_a'), 'ok');
  assert.equal(containment.check('src_unknown'), 'ok');
});

test('a message from elsewhere alarms, and says what is unusual', async () => {
  const { send, alarms, level, containment } = await setUp();
  await send(3, STRANGER);
  assert.equal(await level(), 'alert');
  assert.equal(containment.check('src_a'), 'ok');
  const [alarm] = alarms();
  assert.equal(alarm?.code, 'unusual-sending');
  assert.equal(alarm?.outcome, 'warning');
  assert.match(
    alarm?.text ?? '',
    /3 messages came from 203\.0\.113\.0\/24, where it has never sent from in 15 days/,
  );
  await send(10, STRANGER);
  assert.equal(alarms().length, 1, 'the same is told once');
});

test('a stolen password is slowed, held, and the source suspended, each told once', async () => {
  const { send, alarms, level, containment, suspended } = await setUp();
  await send(200, { ...STRANGER, domain: victims });
  assert.equal(await level(), 'suspend');
  assert.equal(containment.check('src_a'), 'hold');
  assert.deepEqual(suspended, ['src_a']);
  const levels = alarms().map(({ detail }) => (detail as { level: string }).level);
  assert.deepEqual(
    levels,
    ['alert', 'slow', 'hold', 'suspend'].filter((one) => levels.includes(one)),
  );
  assert.equal(levels.at(-1), 'suspend');
});

test('a slowed source sends as much as usual, and no more', async () => {
  const { send, containment, clock, level } = await setUp();
  await send(5, { ...STRANGER, domain: victims });
  assert.equal(await level(), 'slow');
  const answers = () => Array.from({ length: 5 }, () => containment.check('src_a'));
  // its busiest hour had ten messages: one in five minutes
  assert.deepEqual(answers(), ['ok', 'slow', 'slow', 'slow', 'slow']);
  clock.advance(300_000);
  assert.deepEqual(answers(), ['ok', 'slow', 'slow', 'slow', 'slow']);
});

test('only watched: everything is told, nothing is done', async () => {
  const { send, alarms, containment, suspended } = await setUp({ mode: 'watch' });
  await send(200, { ...STRANGER, domain: victims });
  assert.equal(containment.check('src_a'), 'ok');
  assert.deepEqual(suspended, []);
  assert.match(alarms().at(-1)?.text ?? '', /only watched/);
});

test('a source may have a mode of its own', async () => {
  const { send, alarms, containment } = await setUp();
  await containment.setMode('src_a', 'off');
  await send(200, { ...STRANGER, domain: victims });
  assert.deepEqual(alarms(), []);
  await containment.setMode('src_a', undefined);
  await send(1, STRANGER);
  assert.equal(containment.check('src_a'), 'hold');
});

test('what its owner expected is usual from then on', async () => {
  const { send, alarms, containment, clock, level } = await setUp();
  await send(3, STRANGER);
  await containment.expected('src_a');
  assert.equal(await level(), 'none');
  clock.advance(24 * HOUR);
  await send(5, STRANGER);
  assert.equal(alarms().length, 1);
});

test('nothing is learnt of an attack', async () => {
  const { send, alarms, containment, clock } = await setUp();
  await send(200, { ...STRANGER, domain: victims });
  await containment.attack('src_a');
  assert.equal(containment.check('src_a'), 'ok');
  clock.advance(24 * HOUR);
  const before = alarms().length;
  await send(3, STRANGER);
  assert.equal(alarms().length, before + 1);
});

test('an alert that led to nothing is usual after a day; a hold waits for its answer', async () => {
  const { send, containment, clock, level } = await setUp();
  await send(3, STRANGER);
  clock.advance(26 * HOUR);
  assert.equal(await level(), 'none');
  assert.equal((await containment.watched('src_a')).normal.knowsNetwork('203.0.113.0/24'), true);

  const second = await setUp();
  await second.send(30, { ...STRANGER, domain: victims });
  const held = await second.level();
  assert.ok(held === 'hold' || held === 'suspend');
  second.clock.advance(200 * HOUR);
  assert.equal(await second.level(), held);
});

test('a restart forgets neither what is usual nor what is contained', async () => {
  const { send, containment, make, level, kept } = await setUp();
  await send(30, { ...STRANGER, domain: victims });
  await containment.tend();
  assert.notEqual(kept.get('src_a')?.level, 'none');
  const again = make();
  await again.start();
  assert.equal(again.check('src_a'), 'hold');
  assert.equal(await level(again), await level());
  assert.deepEqual(
    again.contained().map(({ source }) => source),
    ['src_a'],
  );
  await again.expected('src_a');
  assert.equal(kept.get('src_a')?.level, 'none');
});

test('what can not be read is learnt anew, and told', async () => {
  const { kept, make, written } = await setUp();
  kept.set('src_a', { source: 'src_a', learnt: '{', level: 'hold', mode: undefined });
  const again = make();
  await again.start();
  assert.equal(again.check('src_a'), 'ok');
  assert.match(written.at(-1)?.text ?? '', /learnt anew/);
});

test('what can not be read now is neither judged nor written over, told once, and read later', async () => {
  const { containment, kept, make, store, written, send } = await setUp();
  await containment.tend();
  const before = kept.get('src_a')?.learnt;
  const again = make();
  const { load } = store;
  store.load = async () => Promise.reject(new Error('the disk is in trouble'));
  again.write({ type: 'acceptance', source: 'src_a', network: '203.0.113.9', to: [], size: 1 });
  await assert.rejects(again.expected('src_a'), /can not be read now/);
  await again.tend();
  await again.tend();
  assert.equal(kept.get('src_a')?.learnt, before);
  assert.equal(written.filter(({ text }) => text?.includes('is tried again')).length, 1);
  store.load = load;
  await again.tend();
  await send(3, { on: again, ...STRANGER });
  assert.equal((await again.watched('src_a')).level, 'alert');
});

test('what could not be written down is written down later', async () => {
  const { containment, kept, store, send } = await setUp();
  await send(1);
  const { save } = store;
  store.save = async () => Promise.reject(new Error('the disk is full'));
  await assert.rejects(containment.tend(), /the disk is full/);
  assert.equal(kept.size, 0);
  store.save = save;
  await containment.tend();
  assert.equal(kept.size, 1);
});

test('a source that can not be suspended is told, and its mail held', async () => {
  for (const suspend of [
    async () => Promise.reject(new Error('it is retired')),
    () => {
      throw new Error('it is retired');
    },
  ]) {
    const { send, alarms, containment } = await setUp({ suspend });
    await send(200, { ...STRANGER, domain: victims });
    const alarm = alarms().at(-1);
    assert.equal(alarm?.code, 'suspension-failed');
    assert.equal(alarm?.outcome, 'critical');
    assert.match(alarm?.text ?? '', /could not be suspended: it is retired\. /);
    assert.equal(containment.check('src_a'), 'hold');
  }
});

test('a mode of its own outlives a restart and a day without mail, also where the relay watches nothing', async () => {
  const { containment, kept, clock, make, send, store } = await setUp({ mode: 'off' });
  await containment.setMode('src_a', 'act');
  await send(1);
  clock.advance(30 * HOUR);
  await containment.tend();
  await containment.tend();
  containment.write({ type: 'acceptance', source: 'src_a', network: '10.0.0.5', to: [], size: 1 });
  assert.equal((await containment.watched('src_a')).hour.messages, 1);
  assert.equal(kept.get('src_a')?.mode, 'act');
  assert.deepEqual(await store.marked(), ['src_a']);
  const again = make();
  await again.start();
  again.write({ type: 'acceptance', source: 'src_a', network: '10.0.0.5', to: [], size: 1 });
  assert.equal((await again.watched('src_a')).hour.messages, 1);
});

test('nothing is kept of a source that is gone', async () => {
  const { containment, kept } = await setUp();
  containment.write({ type: 'attempt', source: 'src_gone', outcome: 'delivered' });
  await containment.tend();
  assert.equal(kept.has('src_gone'), false);
});

test('a clock that is set back loses nothing', async () => {
  const { containment, clock, send } = await setUp();
  await send(2);
  const before = (await containment.watched('src_a')).hour.messages;
  clock.advance(-5 * HOUR);
  await send(2);
  assert.equal((await containment.watched('src_a')).hour.messages, before + 2);
});

test('idle sources leave memory, and come back with what is known of them', async () => {
  const { containment, clock, kept } = await setUp();
  await containment.tend();
  clock.advance(30 * HOUR);
  await containment.tend();
  await containment.tend();
  assert.ok(kept.has('src_a'));
  const { normal } = await containment.watched('src_a');
  assert.equal(normal.days, 15);
  await containment.forget('src_a');
  assert.equal(kept.has('src_a'), false);
});
