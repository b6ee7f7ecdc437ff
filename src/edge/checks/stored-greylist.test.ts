import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../platform/clock.ts';
import { openControlStore } from '../../store/control.ts';
import { Greylist } from './greylist.ts';
import { loadGreylist, saveGreylist } from './stored-greylist.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

test('a restart forgets nobody, and what is over goes', async () => {
  const clock = new ManualClock();
  const db = await openControlStore(':memory:');
  const make = () =>
    new Greylist({ clock, delayMs: 5 * MINUTE, windowMs: DAY, lifetimeMs: 35 * DAY, entries: 10_000 });
  const first = make();
  for (let i = 0; i < 2500; i++) first.wait(`198.18.${i >> 8}.1`, `u${i}@x.test`, 'b@contoso.test');
  await saveGreylist(db, first);
  clock.advance(6 * MINUTE);

  const second = make();
  await loadGreylist(db, second, 5000);
  assert.equal(second.wait('198.18.0.9', 'u7@x.test', 'b@contoso.test'), undefined, 'came again');
  await saveGreylist(db, second);
  clock.advance(2 * DAY);

  const third = make();
  await loadGreylist(db, third, 5000);
  assert.equal(third.wait('198.18.0.1', 'new@x.test', 'c@contoso.test'), undefined, 'the network is known');
  assert.equal(third.wait('198.18.1.1', 'u256@x.test', 'b@contoso.test'), 5 * MINUTE, 'came too late');
  await saveGreylist(db, third);
  const rows = await db.selectFrom('greylist').selectAll().execute();
  assert.equal(rows.length, 2);
  for (const { key, passed } of rows) assert.equal(passed === 1, key.startsWith('n '));
  assert.ok(!JSON.stringify(rows).includes('x.test'), 'no correspondence is on disk');

  clock.advance(36 * DAY);
  await saveGreylist(db, third);
  assert.deepEqual(await db.selectFrom('greylist').selectAll().execute(), []);
  await db.destroy();
});
