import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { canonicalNetwork, NetworkIndex } from './network-index.ts';

describe('canonicalNetwork', () => {
  const table: [string, string | undefined][] = [
    ['10.1.2.3', '10.1.2.3/32'],
    ['10.1.2.0/24', '10.1.2.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['10.1.2.3/24', undefined],
    ['2001:db8::1/32', undefined],
    ['10.1.2.0/33', undefined],
    ['10.1.2.0/-1', undefined],
    ['10.1.2.0/024', undefined],
    ['10.1', undefined],
    ['0x0a.1.2.3', undefined],
    ['010.1.2.3', undefined],
    ['::1%eth0', undefined],
    ['::ffff:0:0/90', undefined],
    ['', undefined],
    ['example.com', undefined],
  ];
  for (const [text, expected] of table) {
    it(`${text || '(empty)'} is ${expected ?? 'refused'}`, () =>
      assert.equal(canonicalNetwork(text), expected));
  }
});

describe('NetworkIndex', () => {
  it('answers the narrowest block first, and forgets what was removed', () => {
    const index = new NetworkIndex<string>();
    index.add('0.0.0.0/0', 'all');
    index.add('10.0.0.0/8', 'wide');
    index.add('10.1.2.3/32', 'one');
    index.add('10.1.2.0/24', 'narrow');
    index.add('2001:db8::/32', 'six');
    assert.deepEqual(index.find('10.1.2.3'), ['one', 'narrow', 'wide', 'all']);
    assert.deepEqual(index.find('::ffff:10.9.9.9'), ['wide', 'all']);
    assert.deepEqual(index.find('2001:db8:1::1'), ['six']);
    assert.deepEqual(index.find('nonsense'), []);
    index.remove('10.0.0.0/8', 'wide');
    assert.deepEqual(index.find('10.1.2.3'), ['one', 'narrow', 'all']);
    index.remove('0.0.0.0/0', 'all');
    assert.deepEqual(index.find('192.0.2.1'), []);
  });

  it('agrees with a search through every block', () => {
    const address = fc.oneof(
      fc.tuple(fc.constantFrom(10, 192), fc.nat(3), fc.nat(3), fc.nat(255)).map((parts) => parts.join('.')),
      fc.tuple(fc.nat(3), fc.nat(255)).map(([a, b]) => `2001:db8::${a.toString(16)}:${b.toString(16)}`),
    );
    const block = fc.tuple(address, fc.nat(128)).map(([text, length]) => {
      const six = text.includes(':');
      const size = six ? length : length % 33;
      const base = six
        ? ipaddr.IPv6.networkAddressFromCIDR(`${text}/${size}`)
        : ipaddr.IPv4.networkAddressFromCIDR(`${text}/${size}`);
      return `${base.toString()}/${size}`;
    });
    fc.assert(
      fc.property(
        fc.array(block, { maxLength: 20 }),
        fc.array(address, { maxLength: 10 }),
        (blocks, addresses) => {
          const index = new NetworkIndex<string>();
          for (const cidr of blocks) index.add(cidr, cidr);
          for (const text of addresses) {
            const parsed = ipaddr.parse(text);
            const expected = [...new Set(blocks)]
              .filter((cidr) => {
                const range = ipaddr.parseCIDR(cidr);
                return range[0].kind() === parsed.kind() && parsed.match(range);
              })
              .sort((a, b) => Number(b.split('/')[1]) - Number(a.split('/')[1]));
            assert.deepEqual(index.find(text), expected);
          }
        },
      ),
    );
  });
});
