import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DateOrderSurvey, isoMoment, readMoment } from './moments.ts';
import { readWhole } from './numbers.ts';

const utc = (text: string): number => Date.parse(text);

test('dates of every form are moments in UTC', () => {
  const rows: [string, 'day-first' | 'month-first' | undefined, string][] = [
    ['2025-07-16T13:03:14.1234567Z', undefined, '2025-07-16T13:03:14.123Z'],
    ['2025-07-16T13:03:14', undefined, '2025-07-16T13:03:14Z'],
    ['2025-07-16 13:03:14', undefined, '2025-07-16T13:03:14Z'],
    ['2025-07-16T15:03:14+02:00', undefined, '2025-07-16T13:03:14Z'],
    ['2025-07-16', undefined, '2025-07-16T00:00:00Z'],
    ['4/10/2026, 8:00:38 AM', 'month-first', '2026-04-10T08:00:38Z'],
    ['4/10/2026, 8:00:38\u202fPM', 'month-first', '2026-04-10T20:00:38Z'],
    ['4/10/2026 12:00:38 AM', 'month-first', '2026-04-10T00:00:38Z'],
    ['10/04/2026 08:00', 'day-first', '2026-04-10T08:00:00Z'],
    ['10/04/2026 à 08:00', 'day-first', '2026-04-10T08:00:00Z'],
    ['16.07.2025 13:03:14', 'day-first', '2025-07-16T13:03:14Z'],
    ['16-07-25 13:03', 'day-first', '2025-07-16T13:03:00Z'],
    ['16/07/2025 13:03:14', undefined, '2025-07-16T13:03:14Z'],
    ['16 Jul 2025 13:03:14 +0200', undefined, '2025-07-16T11:03:14Z'],
    ['Wed, 16 Jul 2025 13:03:14 +0000 (UTC)', undefined, '2025-07-16T13:03:14Z'],
    ['14 Apr 2025 12:33:38.6018 (UTC)', undefined, '2025-04-14T12:33:38.601Z'],
    ['16 juil. 2025 13:03', undefined, '2025-07-16T13:03:00Z'],
    ['16 août 2025 13:03', undefined, '2025-08-16T13:03:00Z'],
    ['Jul 16, 2025 1:03 PM', undefined, '2025-07-16T13:03:00Z'],
    ['/Date(1752670994123)/', undefined, '2025-07-16T13:03:14.123Z'],
    ['1752670994', undefined, '2025-07-16T13:03:14Z'],
    ['1752670994.0', undefined, '2025-07-16T13:03:14Z'],
  ];
  for (const [text, order, expected] of rows) assert.equal(readMoment(text, order), utc(expected), text);
});

test('what is no date, or one only in the other order, is none', () => {
  for (const [text, order] of [
    ['', undefined],
    ['yesterday', undefined],
    ['4/10/2026', undefined],
    ['2025-02-30T00:00:00Z', undefined],
    ['16/07/2025', 'month-first'],
    ['4/10/2026 13:00 PM', 'month-first'],
    ['2025-07-16T25:00:00Z', undefined],
    ['1601-01-01T00:00:00Z', undefined],
    ['9'.repeat(1000), undefined],
  ] as const) {
    assert.equal(readMoment(text, order), undefined, text);
  }
});

test('the fast way through octets says what the general one says', () => {
  for (const text of [
    '2024-02-29T23:59:59.9999999Z',
    '2025-07-16T13:03:14Z',
    '1999-12-31 00:00:00',
    '2025-07-16T13:03:14.5',
  ]) {
    const octets = Buffer.from(`x${text}x`);
    assert.equal(isoMoment(octets, 1, octets.length - 1), readMoment(text, undefined), text);
  }
  for (const text of [
    '2025-07-16',
    '16/07/2025 13:03:14',
    '2025-07-16T1x:03:14Z',
    '2025-13-16T13:03:14Z',
    '2025-07-16T13:03:14+02:00',
  ]) {
    assert.equal(isoMoment(Buffer.from(text), 0, text.length), undefined, text);
  }
});

test('the order of day and month is found out over the file', () => {
  const verdict = (texts: string[]): string | undefined => {
    const survey = new DateOrderSurvey();
    for (const text of texts) survey.add(text);
    return survey.verdict()?.order;
  };
  assert.equal(verdict(['01/02/2026 08:00', '13/02/2026 08:00']), 'day-first');
  assert.equal(verdict(['1/2/2026 8:00:00 AM', '1/13/2026 8:00:00 AM']), 'month-first');
  assert.equal(verdict(['01.02.2026 08:00']), 'day-first');
  // three days in a row the one way, three months the other
  assert.equal(verdict(['01/02/2026', '02/02/2026', '03/02/2026']), 'day-first');
  assert.equal(verdict(['02/01/2026', '02/02/2026', '02/03/2026']), 'month-first');
  assert.equal(verdict(['2/2/2026 8:00:00 AM']), 'month-first');
  assert.equal(verdict(['2026-02-02T00:00:00Z']), undefined);
});

test('numbers as locales write them', () => {
  for (const [text, expected] of [
    ['48211', 48211],
    ['48,211', 48211],
    ['48.211', 48211],
    ['48 211', 48211],
    ['48\u202f211', 48211],
    ['48\u00a0211', 48211],
    ["48'211", 48211],
    ['1,048,211', 1048211],
    ['47 KB', 48128],
    ['1,5 Mo', 1572864],
    ['12.0', 12],
    ['', undefined],
    ['many', undefined],
    ['-5', undefined],
    ['1e99', undefined],
  ] as const) {
    assert.equal(readWhole(text), expected, text);
  }
});
