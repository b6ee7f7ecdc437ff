import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { hashOf } from './hash.ts';
import { HashIndex } from './hash-index.ts';

it('finds the texts whose hashes come by, however they collide', () => {
  const texts = fc.uniqueArray(fc.string({ maxLength: 6 }), { maxLength: 40 });
  fc.assert(
    fc.property(
      texts,
      texts,
      fc.constantFrom(hashOf, (text: string) => text.length),
      (wanted, others, hash) => {
        // of texts with one hash the last stands for all
        const known = new Map(wanted.map((text) => [hash(text), text]));
        const hashes = Float64Array.from([...others, ...wanted], hash);
        const index = new HashIndex(wanted, hash);
        const expected = new Set([...hashes].flatMap((one) => known.get(one) ?? []));
        assert.deepEqual(new Set(index.among(hashes)), expected);
      },
    ),
  );
});
