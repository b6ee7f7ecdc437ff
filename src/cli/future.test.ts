import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './future.ts';

test('points in the future', () => {
  const table: [string, number][] = [
    ['90d', 90 * 86_400_000],
    ['2w', 14 * 86_400_000],
    ['36h', 36 * 3_600_000],
    ['5m', 300_000],
    ['2027-01-31', Date.UTC(2027, 0, 31)],
    ['2027-01-31T12:00:00Z', Date.UTC(2027, 0, 31, 12)],
  ];
  for (const [text, at] of table) assert.equal(until('--until', text, 0), at, text);
  for (const text of [
    '',
    '90',
    '5s',
    'tomorrow',
    '2027',
    '2027-13-01',
    '2027-06-31',
    '2027-02-29',
    '-5d',
    '99999d',
  ])
    assert.throws(() => until('--expires', text, 0), /--expires: expected/, text);
});
