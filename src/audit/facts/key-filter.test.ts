import assert from 'node:assert/strict';
import { it } from 'node:test';
import { hashOf } from './hash.ts';
import { KeyFilter } from './key-filter.ts';

it('knows every key that was added, and hardly any other', () => {
  const filter = new KeyFilter();
  for (let index = 0; index < 100_000; index++) filter.add(hashOf(`key ${index}`));
  let mistakes = 0;
  for (let index = 0; index < 100_000; index++) {
    assert.ok(filter.mayHave(hashOf(`key ${index}`)));
    if (filter.mayHave(hashOf(`other ${index}`))) mistakes++;
  }
  assert.ok(mistakes <= 10, `${mistakes} of 100000`);
});
