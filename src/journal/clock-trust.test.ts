import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../platform/clock.ts';
import { type ClockRecord, ClockTrust } from './clock-trust.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEARS = 70 * 365 * DAY;

/** Wall time that somebody can set, while monotonic time goes on. */
class SetClock extends ManualClock {
  ahead = 0;
  override now(): number {
    return super.now() + this.ahead;
  }
}

/** Runs with a look a minute; answers whether the clock was believed at the end. */
function after(clock: SetClock, trust: ClockTrust, ms: number, set = 0): boolean {
  clock.ahead += set;
  let holds = false;
  for (let passed = 0; passed < ms; passed += MINUTE) {
    clock.advance(MINUTE);
    holds = trust.holds();
  }
  return holds;
}

describe('the trust in a clock', () => {
  for (const [what, steps] of Object.entries({
    'time that passes': [[9 * DAY, 0, true]],
    drift: [
      [2 * MINUTE, 20_000, true],
      [2 * MINUTE, -40_000, true],
    ],
    'set forward by an hour for summer, as a wall clock never should': [[2 * MINUTE, HOUR, true]],
    'set forward by a day, and back': [
      [2 * DAY, DAY, false],
      [MINUTE, -DAY, true],
    ],
    'set forward by years, and back': [
      [2 * DAY, YEARS, false],
      [MINUTE, -YEARS, true],
    ],
    'set forward, and left there': [[3 * DAY + MINUTE, YEARS, true]],
    'set forward twice, and back once': [
      [DAY, DAY, false],
      [DAY, YEARS, false],
      [DAY / 2, -YEARS, false],
    ],
    'set back, and right again': [
      [DAY, -YEARS, true],
      [DAY, YEARS, false],
      [2 * DAY + MINUTE, 0, true],
    ],
  } as Record<string, [ms: number, set: number, expected: boolean][]>))
    it(what, () => {
      const clock = new SetClock();
      const trust = new ClockTrust(clock);
      for (const [ms, set, expected] of steps) assert.equal(after(clock, trust, ms, set), expected, `${set}`);
    });

  it('is not won by starting again with a wrong clock', () => {
    const clock = new SetClock();
    let kept: Readonly<ClockRecord> = new ClockTrust(clock).record;
    for (let start = 0; start < 5; start++) {
      const trust = new ClockTrust(clock, kept);
      assert.equal(after(clock, trust, 2 * MINUTE, start === 0 ? YEARS : 0), false, `start ${start}`);
      kept = trust.record;
    }
    assert.equal(after(clock, new ClockTrust(clock, kept), MINUTE, -YEARS), true);
  });

  it('comes also where the relay is off every night', () => {
    const clock = new SetClock();
    let kept: Readonly<ClockRecord> = new ClockTrust(clock).record;
    let won = 0;
    for (let day = 0; day < 14; day++) {
      clock.ahead += DAY / 2;
      const trust = new ClockTrust(clock, kept);
      if (after(clock, trust, DAY / 2)) won++;
      kept = trust.record;
    }
    assert.equal(won, 2);
  });
});
