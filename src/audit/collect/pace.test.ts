import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HastyClock } from '../../../test/support/hasty-clock.ts';
import { ManualClock } from '../../platform/clock.ts';
import { Pace, pause } from './pace.ts';

describe('pace', () => {
  it('lets no window of five minutes have more than a hundred', async () => {
    const clock = new HastyClock(0);
    const pace = new Pace(clock, 100, 300_000);
    const times: number[] = [];
    for (let i = 0; i < 1000; i++) {
      await pace.take();
      times.push(clock.monotonic());
      clock.pass(i % 7 === 0 ? 9000 : 10);
    }
    for (let i = 100; i < times.length; i++) {
      assert.ok((times[i] ?? 0) - (times[i - 100] ?? 0) >= 300_000, `request ${i}`);
    }
  });

  it('is not slower than it must be', async () => {
    const clock = new HastyClock(0);
    const pace = new Pace(clock, 100, 300_000);
    for (let i = 0; i < 300; i++) await pace.take();
    assert.equal(clock.monotonic(), 600_000);
  });

  it('waits when it was told to', async () => {
    const clock = new HastyClock(0);
    const pace = new Pace(clock, 100, 300_000);
    pace.hold(17_000);
    pace.hold(5000);
    await pace.take();
    assert.equal(clock.monotonic(), 17_000);
  });

  it('a pause ends with the signal', async () => {
    const clock = new ManualClock();
    const end = new AbortController();
    const waiting = pause(clock, 60_000, end.signal);
    end.abort(new Error('interrupted'));
    await assert.rejects(waiting, /interrupted/);
    await assert.rejects(pause(clock, 1, end.signal), /interrupted/);
  });
});
