import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Clock, ManualClock } from '../platform/clock.ts';
import type { RateLimit, SourcePolicy } from '../sources/source.ts';
import { RateLimiter, type LimiterSnapshot } from './limits.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function policy(text: string, overLimit: SourcePolicy['overLimit'] = 'defer') {
  const limits = text.split(' ').map((limit): RateLimit => {
    const [most, unit, per] = limit.split('/');
    return { most: Number(most), unit: unit as RateLimit['unit'], per: per as RateLimit['per'] };
  });
  return { limits, overLimit };
}

/** `ok`, `hold`, or a code. */
function take(limiter: RateLimiter, rules: ReturnType<typeof policy>, bytes = 1, source = 'src_a'): string {
  const { decision } = limiter.take(source, rules, bytes);
  return typeof decision === 'object' ? decision.code : decision;
}

describe('RateLimiter', () => {
  it('counts messages and bytes, each source by itself', () => {
    const limiter = new RateLimiter(new ManualClock());
    const rules = policy('2/messages/minute 100/bytes/hour');
    assert.equal(take(limiter, rules, 60), 'ok');
    assert.equal(take(limiter, rules, 41), 'L704');
    assert.equal(take(limiter, rules, 40), 'ok');
    assert.equal(take(limiter, rules, 0), 'L702');
    assert.equal(take(limiter, rules, 1, 'src_b'), 'ok');
    assert.deepEqual(
      limiter.usage('src_a', rules).map(({ used }) => used),
      [2, 100],
    );
  });

  it('rejects, defers or holds as the policy says', () => {
    for (const [action, messages, bytes] of [
      ['reject', 'L701', 'L703'],
      ['defer', 'L702', 'L704'],
      ['hold', 'hold', 'hold'],
    ] as const) {
      const limiter = new RateLimiter(new ManualClock());
      assert.equal(take(limiter, policy('0/messages/day', action)), messages);
      assert.equal(take(limiter, policy('0/bytes/day', action)), bytes);
    }
  });

  it('takes back once, also after the window has moved', () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter(clock);
    const rules = policy('1/messages/minute');
    const first = limiter.take('src_a', rules, 1);
    assert.equal(take(limiter, rules), 'L702');
    first.undo();
    first.undo();
    assert.equal(take(limiter, rules), 'ok');
    assert.equal(take(limiter, rules), 'L702');
    clock.advance(2 * MINUTE);
    const late = limiter.take('src_a', rules, 1);
    clock.advance(10 * MINUTE);
    late.undo();
    assert.deepEqual(limiter.usage('src_a', rules)[0]?.used, 0);
  });

  it('asks without counting', () => {
    const limiter = new RateLimiter(new ManualClock());
    const rules = policy('1/messages/minute');
    assert.equal(limiter.peek('src_a', rules, 1), 'ok');
    assert.equal(take(limiter, rules), 'ok');
    assert.notEqual(limiter.peek('src_a', rules, 1), 'ok');
    limiter.forget('src_a');
    assert.equal(limiter.peek('src_a', rules, 1), 'ok');
  });

  for (const [per, window, slice] of [
    ['minute', MINUTE, 5000],
    ['hour', HOUR, 5 * MINUTE],
    ['day', DAY, HOUR],
  ] as const) {
    it(`never lets more than the limit through in any ${per}, and everything after a slice more`, () => {
      const step = fc.integer({ min: 0, max: window });
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
          const clock = new ManualClock();
          const limiter = new RateLimiter(clock);
          const rules = policy(`${most}/messages/${per}`);
          const accepted: number[] = [];
          for (const ms of steps) {
            clock.advance(ms % 3 === 0 ? ms : ms / 20);
            const before = accepted.filter((at) => at > clock.now() - window - slice).length;
            const decision = take(limiter, rules);
            if (before < most) assert.equal(decision, 'ok');
            if (decision === 'ok') accepted.push(clock.now());
            assert.ok(accepted.filter((at) => at > clock.now() - window).length <= most);
          }
        }),
      );
    });
  }

  it('goes on after a restart', () => {
    const clock = new ManualClock();
    const before = new RateLimiter(clock);
    const rules = policy('3/messages/day 1000/bytes/hour');
    for (let i = 0; i < 3; i++) assert.equal(take(before, rules, 10), 'ok');
    const snapshot = JSON.parse(JSON.stringify(before.snapshot())) as LimiterSnapshot;
    clock.advance(2 * HOUR);
    const after = new RateLimiter(clock);
    after.restore(snapshot);
    assert.equal(take(after, rules), 'L702');
    assert.deepEqual(
      after.usage('src_a', rules).map(({ used }) => used),
      [3, 0],
    );
    clock.advance(23 * HOUR);
    assert.equal(take(after, rules), 'ok');
    const tomorrow = new RateLimiter(clock);
    tomorrow.restore(snapshot);
    assert.equal(take(tomorrow, rules), 'ok');
  });

  it('is not moved by a wall clock that jumps', () => {
    const manual = new ManualClock();
    let jump = 0;
    const clock: Clock = {
      now: () => manual.now() + jump,
      monotonic: () => manual.monotonic(),
      after: (ms, callback) => manual.after(ms, callback),
    };
    const limiter = new RateLimiter(clock);
    const rules = policy('1/messages/day');
    assert.equal(take(limiter, rules), 'ok');
    for (const by of [-DAY, 3 * DAY, -300 * DAY]) {
      jump = by;
      assert.equal(take(limiter, rules), 'L702');
    }
    // set back between two processes: the count still holds, and still ends
    const snapshot = limiter.snapshot();
    jump = -600 * DAY;
    const next = new RateLimiter(clock);
    next.restore(snapshot);
    assert.equal(take(next, rules), 'L702');
    manual.advance(25 * HOUR);
    assert.equal(take(next, rules), 'ok');
  });

  it('forgets sources that are silent', () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter(clock);
    const rules = policy('5/messages/day');
    for (let i = 0; i < 100; i++) take(limiter, rules, 1, `src_${i}`);
    clock.advance(27 * HOUR);
    take(limiter, rules);
    assert.equal(limiter.snapshot().sources.length, 1);
  });
});
