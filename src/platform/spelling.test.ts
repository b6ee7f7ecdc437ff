import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nearest } from './spelling.ts';

const KNOWN = ['listener', 'sandbox', 'Sources'];
for (const [word, expected] of [
  ['listner', 'listener'],
  ['SANDBOX', 'sandbox'],
  ['source', 'Sources'],
  ['queue', undefined],
  ['', undefined],
] as const) {
  it(`${JSON.stringify(word)} is ${expected ?? 'another word'}`, () => {
    assert.equal(nearest(word, KNOWN), expected);
  });
}
