import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY, HOUR, MINUTE, pieces } from './periods.ts';

describe('a stretch of time', () => {
  const at = (text: string): number => Date.parse(`2026-03-${text}Z`);
  for (const [since, until, finest, expected] of [
    ['10T10:00', '10T10:05', MINUTE, [[MINUTE, '10T10:00', '10T10:05']]],
    [
      '10T09:58',
      '10T11:02',
      MINUTE,
      [
        [MINUTE, '10T09:58', '10T10:00'],
        [HOUR, '10T10:00', '10T11:00'],
        [MINUTE, '10T11:00', '10T11:02'],
      ],
    ],
    [
      '08T23:00',
      '10T01:30',
      MINUTE,
      [
        [HOUR, '08T23:00', '09T00:00'],
        [DAY, '09T00:00', '10T00:00'],
        [HOUR, '10T00:00', '10T01:00'],
        [MINUTE, '10T01:00', '10T01:30'],
      ],
    ],
    [
      '08T23:10',
      '10T01:30',
      HOUR,
      [
        [HOUR, '08T23:00', '09T00:00'],
        [DAY, '09T00:00', '10T00:00'],
        [HOUR, '10T00:00', '10T02:00'],
      ],
    ],
    ['08T23:10', '10T01:30', DAY, [[DAY, '08T00:00', '11T00:00']]],
    ['10T10:00', '10T10:00', MINUTE, []],
    ['10T11:00', '10T10:00', MINUTE, []],
  ] as [string, string, 0 | 1 | 2, [number, string, string][]][]) {
    it(`${since} to ${until} by ${['minutes', 'hours', 'days'][finest]}`, () => {
      assert.deepEqual(
        pieces(at(since), at(until), finest),
        expected.map(([grain, from, to]) => ({ grain, from: at(from), to: at(to) })),
      );
    });
  }
});
