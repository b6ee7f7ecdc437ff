import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';

import { addressText, parseAddress, reverseName, sameNetwork } from './ip-address.ts';

describe('reading and writing', () => {
  const cases: [string, string | undefined][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8::', '2001:db8::'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['::192.0.2.1', '::c000:201'],
    ['fe80::1%eth0', 'fe80::1'],
    ['192.0.2', undefined],
    ['192.0.2.01', undefined],
    ['192.0.2.256', undefined],
    ['1::2::3', undefined],
    ['example.com', undefined],
    ['', undefined],
    [`::${'0'.repeat(100)}`, undefined],
  ];
  for (const [text, expected] of cases) {
    test(`${text || '(empty)'} is ${expected ?? 'none'}`, () => {
      const address = parseAddress(text);
      assert.equal(address && addressText(address), expected);
    });
  }

  test('every IPv6 address as ipaddr.js reads and writes it', () => {
    const octets = fc.array(fc.constantFrom(0, 0, 0, 1, 0x20, 0xff), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(octets, (bytes) => {
        const theirs = new ipaddr.IPv6(bytes);
        if (theirs.isIPv4MappedAddress()) return;
        for (const text of [theirs.toString(), theirs.toNormalizedString()]) {
          const ours = parseAddress(text);
          assert.ok(ours);
          assert.deepEqual(Array.from(ours.octets), bytes);
          assert.equal(addressText(ours), theirs.toRFC5952String());
        }
      }),
    );
  });
});

describe('networks', () => {
  const cases: [string, string, number, boolean][] = [
    ['192.0.2.1', '192.0.2.1', 32, true],
    ['192.0.2.1', '192.0.2.0', 32, false],
    ['192.0.2.1', '192.0.2.0', 31, true],
    ['192.0.2.128', '192.0.2.0', 25, false],
    ['192.0.2.1', '10.0.0.0', 0, true],
    ['2001:db8::1', '2001:db8::', 127, true],
    ['2001:db8:8000::', '2001:db8::', 33, false],
    ['2001:db8:8000::', '2001:db8::', 32, true],
    ['::ffff:192.0.2.1', '192.0.2.1', 32, true],
    ['::1', '0.0.0.1', 0, false],
  ];
  for (const [a, b, bits, expected] of cases) {
    test(`${a} ${b}/${bits}`, () =>
      assert.equal(sameNetwork(parseAddress(a)!, parseAddress(b)!, bits), expected));
  }
});

test('names of reverse zones', () => {
  assert.equal(reverseName(parseAddress('192.0.2.1')!), '1.2.0.192.in-addr.arpa');
  assert.equal(
    reverseName(parseAddress('2001:db8::567:89ab')!),
    'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  );
});
