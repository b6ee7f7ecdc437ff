import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { HashIndex } from './hash-index.ts';

it('finds which of many hashes are among those that it was made of, however they collide', () => {
  // hashes of 53 bits whose lower ones are few
  const hashes = fc.array(
    fc.tuple(fc.nat(3), fc.nat(9)).map(([high, low]) => high * 2 ** 32 + low),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(hashes, hashes, (wanted, others) => {
      const index = new HashIndex(Float64Array.from(wanted));
      const found = new Set<number>();
      index.among(Float64Array.from(others), found);
      assert.deepEqual(found, new Set(others.filter((hash) => wanted.includes(hash))));
      assert.equal(index.size, new Set(wanted).size);
    }),
  );
});
