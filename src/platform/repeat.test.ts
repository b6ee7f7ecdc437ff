import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './clock.ts';
import { repeat } from './repeat.ts';

/** Lets what was begun come to its end. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('it runs after each interval, counted from the end of the last run', async () => {
  const clock = new ManualClock();
  let runs = 0;
  let finish = () => {};
  const end = repeat(
    clock,
    1000,
    () => {
      runs++;
      return new Promise<void>((resolve) => (finish = resolve));
    },
    (error) => assert.fail(String(error)),
  );
  clock.advance(999);
  await turn();
  assert.equal(runs, 0);
  clock.advance(1);
  await turn();
  assert.equal(runs, 1);
  clock.advance(5000);
  await turn();
  assert.equal(runs, 1, 'runs never overlap');
  finish();
  await turn();
  clock.advance(1000);
  await turn();
  assert.equal(runs, 2);
  // ended during a run
  let over = false;
  void end().then(() => (over = true));
  await turn();
  assert.equal(over, false, 'what a run uses stays until it is finished');
  finish();
  await turn();
  assert.equal(over, true);
  clock.advance(5000);
  await turn();
  assert.equal(runs, 2);
});

test('an end waits five seconds for a run that hangs, and for nothing when none is under way', async () => {
  const clock = new ManualClock();
  const end = repeat(
    clock,
    10,
    () => new Promise<void>(() => {}),
    () => {},
  );
  clock.advance(10);
  await turn();
  let over = false;
  void end().then(() => (over = true));
  clock.advance(4999);
  await turn();
  assert.equal(over, false);
  clock.advance(1);
  await turn();
  assert.equal(over, true);
  const fail = () => assert.fail();
  await repeat(clock, 10, fail, fail)();
});

test('an error is told, thrown or rejected, and the next run comes all the same', async () => {
  const clock = new ManualClock();
  const failures: unknown[] = [];
  let runs = 0;
  const end = repeat(
    clock,
    10,
    () => {
      if (++runs === 1) throw new Error('thrown');
      return Promise.reject(new Error('rejected'));
    },
    (error) => failures.push((error as Error).message),
  );
  for (let index = 0; index < 2; index++) {
    clock.advance(10);
    await turn();
  }
  await end();
  clock.advance(100);
  await turn();
  assert.deepEqual(failures, ['thrown', 'rejected']);
});
