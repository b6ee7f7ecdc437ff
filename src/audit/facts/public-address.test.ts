import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { isPublicAddress } from './public-address.ts';

describe('a public address', () => {
  it('is one outside of all special networks, whatever its first octet', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, octet, octet, (...octets) => {
        const range = new ipaddr.IPv4(octets).range();
        assert.equal(isPublicAddress(octets.join('.')), range === 'unicast' || range === 'reserved');
      }),
      { numRuns: 5000 },
    );
  });

  const table: [string, boolean][] = [
    ['', false],
    ['8.8.8.8', true],
    ['10.0.0.1', false],
    ['172.16.4.1', false],
    ['172.32.4.1', true],
    ['192.168.1.1', false],
    ['203.0.113.25', true],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['2a00:1450::5', true],
    ['fd00::1', false],
    ['::ffff:10.0.0.1', false],
    ['printer', false],
  ];
  for (const [address, isPublic] of table)
    it(`${address || 'a blank'}: ${isPublic}`, () => assert.equal(isPublicAddress(address), isPublic));
});
