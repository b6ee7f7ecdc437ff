import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { hashOf, hashOfBoth, OctetHash } from './hash.ts';

it('a hash is the same of a text and of its octets, alone and with another', () => {
  const taken = (text: string): OctetHash => {
    const octets = Buffer.from(`--${text}`);
    const hash = new OctetHash();
    assert.ok(hash.take(new DataView(octets.buffer, octets.byteOffset, octets.length), 2, octets.length));
    return hash;
  };
  const ascii = fc.string({ unit: 'binary-ascii', maxLength: 80 });
  fc.assert(
    fc.property(ascii, ascii, (one, other) => {
      const [a, b, both] = [taken(one), taken(other), new OctetHash()];
      both.takeBoth(a, b);
      assert.equal(a.value, hashOf(one));
      assert.equal(both.value, hashOfBoth(hashOf(one), hashOf(other)));
      assert.ok(Number.isSafeInteger(a.value) && a.value >= 0);
    }),
    { numRuns: 500 },
  );
});

it('octets beyond ASCII are told', () => {
  for (const text of ['é', 'abcé', 'abcdé', 'é1234567']) {
    const octets = Buffer.from(text);
    assert.equal(
      new OctetHash().take(new DataView(octets.buffer, octets.byteOffset, octets.length), 0, octets.length),
      false,
    );
  }
});
