import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../platform/clock.ts';
import { openControlStore } from '../../store/control.ts';
import { Greylist } from './greylist.ts';
import { loadGreylist, saveGreylist } from './stored-greylist.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

test('a restart forgets nobody who is known; what is over or too much goes', async () => {
  const clock = new ManualClock();
  const db = await openControlStore(':memory:');
  const make = (entries = 10_000) =>
    new Greylist({ clock, delayMs: 5 * MINUTE, windowMs: DAY, lifetimeMs: 35 * DAY, entries });
  const rows = () => db.selectFrom('greylist').selectAll().orderBy('network').execute();
  const first = make();
  const come = (list: Greylist, i: number) =>
    list.wait(`198.${18 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`, 'a@x.test', 'b@contoso.test');
  for (let i = 0; i < 2500 * 256; i += 256) come(first, i);
  await saveGreylist(db, first);
  assert.deepEqual(await rows(), [], 'first attempts are not written down');
  clock.advance(6 * MINUTE);
  for (let i = 0; i < 2500 * 256; i += 256) assert.equal(come(first, i), undefined);
  await saveGreylist(db, first);
  assert.equal((await rows()).length, 2500);

  const second = make();
  await loadGreylist(db, second);
  assert.equal(second.size, 2500);
  assert.equal(come(second, 7 * 256 + 9), undefined);
  clock.advance(2 * DAY);
  assert.equal(come(second, 7 * 256), undefined, 'renewed');
  await saveGreylist(db, second);
  clock.advance(34 * DAY);
  await saveGreylist(db, second);
  assert.deepEqual(
    (await rows()).map(({ network }) => network),
    ['198.18.7.0/24'],
  );

  const small = make(100);
  for (let i = 0; i < 400; i++) {
    clock.advance(1);
    small.load([]);
    come(small, i * 256);
    if (i % 50 === 49) {
      clock.advance(6 * MINUTE);
      for (let j = i - 49; j <= i; j++) come(small, j * 256);
      await saveGreylist(db, small);
    }
  }
  assert.ok((await rows()).length <= 100, `${(await rows()).length} rows`);
  await db.destroy();
});
