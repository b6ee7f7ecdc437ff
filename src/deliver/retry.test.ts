import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../platform/clock.ts';
import { Agenda } from './agenda.ts';
import { EVEN } from './fixtures.ts';
import { DEFAULT_RETRY, sleepSchedule, waitAfter } from './retry.ts';

test('waits grow to two hours and stay there', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 100].map((n) => waitAfter(DEFAULT_RETRY, n, EVEN) / 60_000);
  assert.deepEqual(minutes, [1, 5, 15, 30, 60, 120, 120, 120]);
});

test('a destination is tried again sooner than a message, and at least every ten minutes', () => {
  const seconds = sleepSchedule([60_000, 180_000, 540_000, 7_200_000]).map((ms) => ms / 1000);
  assert.deepEqual(seconds, [1, 5, 15, 30, 90, 270, 600]);
  assert.deepEqual(sleepSchedule([1_200_000]), [20_000, 100_000, 300_000, 600_000]);
});

test('jitter is a fifth to either side', () => {
  const at = (fraction: number): number => waitAfter(DEFAULT_RETRY, 1, { ...EVEN, fraction: () => fraction });
  assert.deepEqual([at(0), at(0.5), at(1)], [48_000, 60_000, 72_000]);
});

test('an agenda runs things in the order of their time, whatever the order of adding', () => {
  const clock = new ManualClock(0);
  const agenda = new Agenda(clock);
  const ran: number[] = [];
  for (const at of [50, 10, 40, 20, 30, 20, 60]) agenda.add(at, () => ran.push(at));
  clock.advance(35);
  assert.deepEqual(ran, [10, 20, 20, 30]);
  agenda.add(36, () => ran.push(36));
  clock.advance(20);
  assert.deepEqual(ran, [10, 20, 20, 30, 36, 40, 50]);
  agenda.clear();
  clock.advance(100);
  assert.equal(ran.length, 7);
});
