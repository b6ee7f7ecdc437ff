import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ManualClock } from '../platform/clock.ts';
import { type Blocklist, checkAddressLists } from './blocklist.ts';
import { Lookups } from './lookups.ts';
import { Zone, type ZoneEntry } from './zone.fixture.ts';

function world(entries: Record<string, ZoneEntry>) {
  const zone = new Zone(entries);
  return { zone, lookups: new Lookups({ resolver: zone, clock: new ManualClock() }) };
}

const NAME = '1.2.0.192.bl.test';
const LIST: Blocklist = { zone: 'bl.test' };

describe('what an answer means', () => {
  const cases: [string, ZoneEntry | undefined, Blocklist, string, string[]][] = [
    ['no such name', undefined, LIST, 'not-listed', []],
    ['no such record', 'nodata', LIST, 'not-listed', []],
    ['an empty answer', [], LIST, 'not-listed', []],
    ['the usual listing', '127.0.0.2', LIST, 'listed', ['127.0.0.2']],
    ['several', ['127.0.0.4', '127.0.0.11'], LIST, 'listed', ['127.0.0.4', '127.0.0.11']],
    ['a listing far up', '127.1.2.3', LIST, 'listed', ['127.1.2.3']],
    ['nobody can tell', 'temporary', LIST, 'error', []],
    ['refused', '127.255.255.254', LIST, 'error', []],
    ['refused, first of its network', '127.255.255.0', LIST, 'error', []],
    ['just below the refusals', '127.255.254.255', LIST, 'listed', ['127.255.254.255']],
    ['refused beside a listing', ['127.0.0.2', '127.255.255.255'], LIST, 'error', []],
    ['refused in the way of lists of domains', '127.0.0.1', LIST, 'error', []],
    ['a zone that was sold', '203.0.113.80', LIST, 'error', []],
    ['a zone that was sold, beside a listing', ['127.0.0.2', '203.0.113.80'], LIST, 'error', []],
    ['an answer of the wrong type', '2001:db8::1', LIST, 'error', []],
    ['text', 'listed', LIST, 'error', []],
    ['100,000 answers', Array.from({ length: 100_000 }, () => '127.0.0.2'), LIST, 'error', []],
    [
      'a code that counts',
      '127.0.0.3',
      { ...LIST, codes: ['127.0.0.2', '127.0.0.3'] },
      'listed',
      ['127.0.0.3'],
    ],
    ['a code that does not', '127.0.0.10', { ...LIST, codes: ['127.0.0.2'] }, 'not-listed', []],
    [
      'a network of codes',
      ['127.0.0.9', '127.0.0.10'],
      { ...LIST, codes: ['127.0.0.0/29', '127.0.0.8/31'] },
      'listed',
      ['127.0.0.9'],
    ],
    ['a code that is none', '127.0.0.2', { ...LIST, codes: ['all'] }, 'not-listed', []],
    ['no code counts, yet refused', '127.255.255.252', { ...LIST, codes: ['127.0.0.2'] }, 'error', []],
  ];
  for (const [what, answer, list, status, codes] of cases) {
    test(`${what}: ${status}`, async () => {
      const { lookups } = world(answer === undefined ? {} : { [`A ${NAME}`]: answer });
      const [result] = await checkAddressLists('192.0.2.1', [list], lookups);
      assert.ok(result);
      assert.deepEqual([result.zone, result.status, result.codes], [list.zone, status, codes]);
      assert.equal(result.problem !== undefined, status === 'error');
    });
  }
});

describe('what is asked', () => {
  const cases: [string, string | undefined][] = [
    ['192.0.2.1', NAME],
    ['::ffff:192.0.2.1', NAME],
    ['2001:db8::1', `1${'.0'.repeat(23)}.8.b.d.0.1.0.0.2.bl.test`],
    ['corp.test', undefined],
    ['', undefined],
  ];
  for (const [subject, name] of cases) {
    test(`address ${subject}`, async () => {
      const { zone, lookups } = world({});
      const [result] = await checkAddressLists(subject, [LIST], lookups);
      assert.deepEqual(zone.asked, name === undefined ? [] : [`A ${name}`]);
      assert.equal(result?.status, name === undefined ? 'error' : 'not-listed');
    });
  }
});

test('several lists at once, in their order; one that fails fails alone', async () => {
  const { lookups } = world({
    'A 1.2.0.192.one.test': 'temporary',
    'A 1.2.0.192.two.test': '127.0.0.2',
    'TXT 1.2.0.192.two.test': 'seen in spam',
  });
  const zones = ['one.test', 'two.test', 'three.test', 'not a zone..'];
  const results = await checkAddressLists(
    '192.0.2.1',
    zones.map((zone) => ({ zone })),
    lookups,
  );
  assert.deepEqual(
    results.map(({ zone, status, reasons }) => [zone, status, reasons]),
    [
      ['one.test', 'error', []],
      ['two.test', 'listed', ['seen in spam']],
      ['three.test', 'not-listed', []],
      ['not a zone..', 'error', []],
    ],
  );
});

describe('reasons', () => {
  const cases: [string, ZoneEntry, string[]][] = [
    ['one', 'https://bl.test/?192.0.2.1', ['https://bl.test/?192.0.2.1']],
    ['four', ['a', 'b', 'c', 'd'], ['a', 'b', 'c']],
    ['line ends and colours', 'x\r\n250 ok \u001b[31m\u00e9', ['x??250 ok ?[31m?']],
    ['long', 'x'.repeat(5000), ['x'.repeat(300)]],
    ['none', 'nodata', []],
    ['nobody can tell', 'temporary', []],
  ];
  for (const [what, text, reasons] of cases) {
    test(what, async () => {
      const { lookups } = world({ [`A ${NAME}`]: '127.0.0.2', [`TXT ${NAME}`]: text });
      const [result] = await checkAddressLists('192.0.2.1', [LIST], lookups);
      assert.deepEqual([result?.status, result?.reasons], ['listed', reasons]);
    });
  }
});
