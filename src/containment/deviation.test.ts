import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviations, isRipe } from './deviation.ts';
import { networkName } from './network-name.ts';
import { bucketOf, countMessage, type Hour, newHour, Normal } from './normal.ts';

/** Monday 5 January 2026, 00:00 UTC. */
const MONDAY = Date.UTC(2026, 0, 5) / 3_600_000;
const HOME = '10.1.2.0/24';

/** A scanner that has sent ten messages at 09:00 and 10:00 of each working day for three weeks. */
function scanner(): Normal {
  const normal = new Normal(MONDAY * 3_600_000);
  for (let day = 0; day < 21; day++) {
    if (day % 7 > 4) continue;
    for (const clock of [9, 10]) {
      const hour = newHour(MONDAY + day * 24 + clock);
      for (let one = 0; one < 10; one++) countMessage(hour, HOME, ['corp.example'], 500_000);
      hour.finished = 10;
      normal.learn(hour);
    }
  }
  return normal;
}

/** An hour of the fourth week. */
function hourAt(clock: number, fill: (hour: Hour) => void, day = 21): Hour {
  const hour = newHour(MONDAY + day * 24 + clock);
  fill(hour);
  return hour;
}

const send = (
  hour: Hour,
  count: number,
  network = HOME,
  domain: (one: number) => string = () => 'corp.example',
  size = 400_000,
) => {
  for (let one = 0; one < count; one++) countMessage(hour, network, [domain(one)], size);
};

const CASES: [name: string, hour: Hour, expected: Record<string, number>][] = [
  ['its usual work', hourAt(9, (hour) => send(hour, 12)), {}],
  ['an hour later than ever, but next to it', hourAt(11, (hour) => send(hour, 12)), {}],
  ['two messages from elsewhere', hourAt(9, (hour) => send(hour, 2, '203.0.113.0/24')), {}],
  ['three messages from elsewhere', hourAt(9, (hour) => send(hour, 3, '203.0.113.0/24')), { network: 2 }],
  ['a few new domains', hourAt(9, (hour) => send(hour, 3, HOME, (one) => `new${one}.example`)), {}],
  [
    'many new domains',
    hourAt(9, (hour) => send(hour, 10, HOME, (one) => `new${one}.example`)),
    { recipients: 2 },
  ],
  ['three times its busiest hour', hourAt(9, (hour) => send(hour, 31)), { volume: 2 }],
  ['ten times its busiest hour', hourAt(9, (hour) => send(hour, 101)), { volume: 4, data: 2 }],
  ['the middle of the night', hourAt(3, (hour) => send(hour, 3)), { hour: 1 }],
  ['a Sunday', hourAt(9, (hour) => send(hour, 20), 20), { hour: 2 }],
  ['one large message', hourAt(9, (hour) => send(hour, 1, HOME, undefined, 3_000_000)), { size: 1 }],
  ['much data', hourAt(9, (hour) => send(hour, 15, HOME, undefined, 1_900_000)), { data: 2 }],
  ['failures', hourAt(9, (hour) => Object.assign(hour, { finished: 10, failed: 3 })), { failures: 3 }],
  ['too few to tell', hourAt(9, (hour) => Object.assign(hour, { finished: 9, failed: 9 })), {}],
  [
    'a stolen password',
    hourAt(3, (hour) => {
      send(hour, 300, '203.0.113.0/24', (one) => `victim${one}.example`, 8000);
      Object.assign(hour, { finished: 200, failed: 60 });
    }),
    { network: 2, recipients: 3, volume: 4, hour: 2, failures: 3 },
  ],
];

for (const [name, hour, expected] of CASES) {
  test(`deviation: ${name}`, () => {
    const found = deviations(scanner(), hour);
    assert.deepEqual(Object.fromEntries(found.map(({ kind, points }) => [kind, points])), expected);
    for (const { text } of found) assert.match(text, /\d/);
  });
}

test('nothing is judged before enough is known', () => {
  const ripeness = { days: 7, messages: 20 };
  const weeks = (count: number) => (MONDAY + count * 168) * 3_600_000;
  assert.equal(isRipe(new Normal(0), ripeness, weeks(3)), false);
  assert.equal(isRipe(scanner(), ripeness, weeks(3)), true);
  assert.equal(isRipe(scanner(), { days: 16, messages: 20 }, weeks(3)), false);
  // a device that hardly ever sends
  const quiet = new Normal(weeks(0));
  quiet.learn(hourAt(9, (hour) => send(hour, 1)));
  assert.equal(isRipe(quiet, ripeness, weeks(3)), false);
  assert.equal(isRipe(quiet, ripeness, weeks(4)), true);
});

test('what was learnt survives as JSON', () => {
  const normal = scanner();
  const again = Normal.from(JSON.parse(JSON.stringify(normal.record())));
  assert.deepEqual(again.record(), normal.record());
  assert.equal(again.knowsNetwork(HOME), true);
});

test('an hour keeps a bounded number of names, and counts the rest', () => {
  const hour = newHour(MONDAY);
  send(hour, 100_000, HOME, (one) => `d${one}.example`);
  assert.equal(hour.domains.size, 256);
  assert.equal(hour.otherRecipients, 100_000 - 256);
  assert.equal(scanner().newDomains(hour), 100_000);
});

test('what is usual is bounded, and what was not seen for three months is forgotten', () => {
  const normal = scanner();
  for (let day = 22; day < 60; day++) {
    const hour = newHour(MONDAY + day * 24 + 9);
    send(hour, 200, `192.0.2.${day}/24`, (one) => `d${day}-${one}.example`);
    normal.learn(hour);
  }
  assert.equal(normal.domains.length, 512);
  assert.ok(normal.networks.length <= 64);
  const hour = newHour(MONDAY + 200 * 24);
  send(hour, 1);
  normal.learn(hour);
  assert.deepEqual(normal.networks, [HOME]);
});

test('hours of the week', () => {
  assert.equal(bucketOf(MONDAY), 0);
  assert.equal(bucketOf(MONDAY + 4 * 24 + 23), 23);
  assert.equal(bucketOf(MONDAY + 5 * 24), 24);
  assert.equal(bucketOf(MONDAY + 6 * 24 + 5), 29);
  assert.equal(bucketOf(MONDAY + 7 * 24 + 5), 5);
});

test('the same place on the network', () => {
  const same: [string, string][] = [
    ['192.0.2.17', '192.0.2.0/24'],
    ['::ffff:192.0.2.17', '192.0.2.0/24'],
    ['2001:db8:1:2::3', '2001:db8:1::/48'],
    ['', ''],
    ['printer', ''],
  ];
  for (const [address, expected] of same) assert.equal(networkName(address), expected);
});
