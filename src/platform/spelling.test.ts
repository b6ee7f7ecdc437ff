import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nearest } from './spelling.ts';

const KNOWN = ['listener', 'sandbox', 'Sources', 'tag', 'lists'];
for (const [word, expected] of [
  ['listner', 'listener'],
  ['SANDBOX', 'sandbox'],
  ['source', 'Sources'],
  ['queue', undefined],
  ['tog', 'tag'],
  ['tls', undefined],
  ['xyz', undefined],
  ['', undefined],
] as const) {
  it(`${JSON.stringify(word)} is ${expected ?? 'another word'}`, () => {
    assert.equal(nearest(word, KNOWN), expected);
  });
}
