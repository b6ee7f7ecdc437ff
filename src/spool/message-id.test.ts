import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '../platform/clock.ts';
import { formatMessageId, MessageIds, parseMessageId } from './message-id.ts';

const anyId = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test('text and number name the same message', () => {
  fc.assert(fc.property(anyId, (id) => parseMessageId(formatMessageId(id)) === id));
});

test('texts sort as their numbers do', () => {
  fc.assert(fc.property(anyId, anyId, (a, b) => formatMessageId(a) < formatMessageId(b) === a < b));
});

test('a name that was heard is understood', () => {
  const id = formatMessageId(1);
  assert.equal(id, '00000000001');
  assert.equal(parseMessageId('0000000000l'), 1);
  assert.equal(parseMessageId('OOOOOOOOOOI'), 1);
  assert.equal(parseMessageId(formatMessageId(1e15).toLowerCase()), 1e15);
});

test('what is no name is not understood', () => {
  for (const text of [
    '',
    '0000000000',
    '000000000000',
    '0000000000U',
    '0000000000é',
    'ZZZZZZZZZZZ',
    '-0000000001',
  ]) {
    assert.equal(parseMessageId(text), undefined, text);
  }
});

test('names rise by themselves within a millisecond, with the clock, and against it', () => {
  const clock = new ManualClock(1_800_000_000_000);
  const ids = new MessageIds(clock);
  const given = [ids.next(), ids.next()];
  clock.advance(5);
  given.push(ids.next());
  clock.advance(-3_600_000);
  given.push(ids.next(), ids.next());
  assert.deepEqual(given, [...given].sort());
  assert.equal(new Set(given).size, given.length);
  assert.equal(parseMessageId(given[2] ?? ''), 1_800_000_000_005_000);
});

test('what a spool has held is not given again', () => {
  const clock = new ManualClock(1_000);
  const ids = new MessageIds(clock);
  ids.raise(5_000_000);
  assert.equal(parseMessageId(ids.next()), 5_000_001);
  ids.raise(3);
  assert.equal(parseMessageId(ids.next()), 5_000_002);
});

test('numbers that are no identifier are refused', () => {
  for (const id of [-1, 0.5, 2 ** 53, Number.NaN]) assert.throws(() => formatMessageId(id), RangeError);
});
