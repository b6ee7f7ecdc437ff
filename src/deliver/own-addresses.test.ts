import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownAddresses, type Interfaces } from './own-addresses.ts';

const INTERFACES: Interfaces = {
  lo: [
    { address: '127.0.0.1', family: 'IPv4' },
    { address: '::1', family: 'IPv6' },
  ],
  eth0: [
    { address: '192.0.2.1', family: 'IPv4' },
    { address: '2001:db8::1', family: 'IPv6' },
  ],
  gone: undefined,
};
const V4 = ['127.0.0.1', '192.0.2.1'];
const V6 = ['::1', '2001:db8::1'];

const CASES: [what: string, listeners: [host: string, port: number][], own: string[]][] = [
  ['no listener', [], []],
  ['an address', [['192.0.2.9', 25]], ['192.0.2.9']],
  ['an address on another port', [['192.0.2.9', 587]], []],
  ['all IPv4 addresses', [['0.0.0.0', 25]], V4],
  ['all addresses', [['::', 25]], [...V4, ...V6]],
  [
    'all addresses on other ports',
    [
      ['0.0.0.0', 2525],
      ['::', 587],
    ],
    [],
  ],
  ['loopback on the port of delivery', [['127.0.0.1', 25]], ['127.0.0.1']],
  ['loopback on another port', [['127.0.0.1', 2525]], []],
  [
    'several',
    [
      ['192.0.2.9', 25],
      ['192.0.2.8', 2525],
      ['0.0.0.0', 25],
    ],
    ['192.0.2.9', ...V4],
  ],
];

for (const [what, listeners, own] of CASES) {
  test(`the relay's own addresses: ${what}`, () => {
    const list = listeners.map(([host, port]) => ({ host, port }));
    assert.deepEqual([...ownAddresses(list, 25, () => INTERFACES)].sort(), own.toSorted());
  });
}

test('the machine is asked only when a listener is on all addresses', () => {
  const forbidden = (): Interfaces => {
    throw new Error('asked');
  };
  assert.equal(ownAddresses([{ host: '192.0.2.9', port: 25 }], 25, forbidden).size, 1);
  assert.equal(ownAddresses([{ host: '0.0.0.0', port: 2525 }], 25, forbidden).size, 0);
});
