import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './clock.ts';
import { watchClock } from './clock-watch.ts';

/** A wall clock that can be set, over one that only goes on. */
class SettableClock extends ManualClock {
  offset = 0;
  override now(): number {
    return super.now() + this.offset;
  }
}

test('a clock that is set is noticed, in both directions, and only once', () => {
  const clock = new SettableClock();
  const jumps: number[] = [];
  const stop = watchClock(clock, (ms) => jumps.push(ms));
  clock.advance(60_000);
  assert.deepEqual(jumps, []);
  clock.offset = 3_600_000;
  clock.advance(60_000);
  clock.offset = -10_000;
  clock.advance(60_000);
  assert.deepEqual(jumps, [3_600_000, -3_610_000]);
  stop();
  clock.offset = 0;
  clock.advance(60_000);
  assert.equal(jumps.length, 2);
});
