import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Interval, intervalName, missing } from './windows.ts';

const at = (text: string): number => Date.parse(`2026-11-${text}Z`);
const from = (start: string, end: string): Interval => ({ from: at(start), to: at(end) });

describe('periods still to be asked for', () => {
  const wanted = from('20T10:00', '22T18:00');
  const days = [from('20T10:00', '21T00:00'), from('21T00:00', '22T00:00'), from('22T00:00', '22T18:00')];

  for (const [name, done, expected] of [
    ['all of it, by days', [], days],
    ['nothing when all is there', days, []],
    ['nothing when more than it is there', [from('01T00:00', '30T00:00')], []],
    ['a gap in the middle', [days[0], days[2]], [days[1]]],
    ['the end of a day that was cut', [from('20T10:00', '22T11:00')], [from('22T11:00', '22T18:00')]],
    ['the beginning', [from('20T12:00', '23T00:00')], [from('20T10:00', '20T12:00')]],
    [
      'what lies outside counts for nothing',
      [from('01T00:00', '02T00:00'), from('28T00:00', '29T00:00')],
      days,
    ],
    [
      'overlapping ones, in any order',
      [from('21T12:00', '22T18:00'), from('20T10:00', '21T06:00'), from('21T04:00', '21T08:00')],
      [from('21T08:00', '21T12:00')],
    ],
  ] as [string, Interval[], Interval[]][]) {
    it(name, () => assert.deepEqual(missing(wanted, done), expected));
  }

  it('is nothing for a period that ends before it begins', () => {
    assert.deepEqual(missing(from('22T00:00', '21T00:00'), []), []);
  });

  it('names files so that they sort by time', () => {
    assert.equal(intervalName(from('20T10:00', '21T00:00')), '20261120T100000Z-20261121T000000Z');
    assert.equal(intervalName({ from: 1, to: 1000 }), '19700101T000000.001Z-19700101T000001Z');
  });
});
