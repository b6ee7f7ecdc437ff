import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NetworkCounter, NetworkList, canonicalAddress, networkOf } from './limits.ts';

describe('networks', () => {
  it('one spelling for one address', () => {
    assert.equal(canonicalAddress('::ffff:192.0.2.1'), '192.0.2.1');
    assert.equal(canonicalAddress('2001:DB8:0:0::1'), '2001:db8::1');
    assert.equal(canonicalAddress('fe80::1%eth0'), 'fe80::1');
  });

  it('an IPv4 address and an IPv6 /64 share a limit', () => {
    assert.equal(networkOf('192.0.2.1'), '192.0.2.1');
    assert.equal(networkOf('2001:db8:1:2:3::4'), networkOf('2001:db8:1:2::5'));
    assert.notEqual(networkOf('2001:db8:1:2::5'), networkOf('2001:db8:1:3::5'));
  });

  it('counts, and forgets', () => {
    const counter = new NetworkCounter(2);
    assert.deepEqual(
      [1, 2, 3].map(() => counter.enter('a')),
      [true, true, false],
    );
    assert.equal(counter.enter('b'), true);
    counter.leave('a');
    assert.equal(counter.enter('a'), true);
    counter.leave('c');
    assert.equal(counter.enter('c'), true);
  });

  it('finds an address in CIDR notation', () => {
    const list = new NetworkList(['10.0.0.0/8', '2001:db8::/32', '192.0.2.1']);
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::7', '192.0.2.1']) {
      assert.equal(list.contains(address), true, address);
    }
    for (const address of ['11.0.0.1', '2001:db9::1', '192.0.2.2']) {
      assert.equal(list.contains(address), false, address);
    }
    assert.equal(new NetworkList([]).contains('10.0.0.1'), false);
    assert.throws(() => new NetworkList(['10.0.0.0/33']), RangeError);
  });
});
