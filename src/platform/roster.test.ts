import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Roster } from './roster.ts';

test('members come and go in any order, and each knows its place', () => {
  const roster = new Roster<{ name: string; place: number }>();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => ({ name, place: -1 }));
  assert.ok(a && b && c && d);
  const names = () =>
    roster
      .all()
      .map(({ name }) => name)
      .sort()
      .join('');
  for (const member of [a, b, c, d]) roster.add(member);
  roster.add(b);
  assert.equal(names(), 'abcd');
  assert.equal(roster.delete(b), true);
  assert.equal(roster.delete(b), false);
  assert.equal(names(), 'acd');
  assert.equal(roster.delete(d), true);
  assert.equal(roster.delete(a), true);
  assert.equal(names(), 'c');
  roster.add(b);
  assert.equal(roster.delete(c), true);
  assert.equal(names(), 'b');
  assert.equal(roster.delete(b), true);
  assert.equal(roster.size, 0);
});
