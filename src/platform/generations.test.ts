import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Generations } from './generations.ts';

test('what is asked for stays, what is not goes, and there is never more than said', () => {
  const map = new Generations<number>(10);
  map.set('kept', -1);
  map.set('forgotten', -2);
  for (let i = 0; i < 1000; i++) {
    map.set(`k${i}`, i);
    assert.equal(map.get('kept'), -1, `after ${i}`);
    assert.ok(map.size <= 10, `${map.size} entries`);
  }
  assert.equal(map.get('forgotten'), undefined);
  assert.equal(map.get('k999'), 999);
  assert.equal([...map.values()].filter((value) => value === -1).length, 1);
});
