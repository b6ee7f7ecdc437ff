import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeUnsafe, hasUnsafe, replaceUnsafe } from './unsafe-characters.ts';

const UNSAFE = [
  0x00, 0x09, 0x0a, 0x0d, 0x1b, 0x7f, 0x85, 0x9f, 0x61c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a,
  0x202e, 0x2060, 0x2066, 0x2069, 0xd800, 0xdfff, 0xfeff, 0xfff9,
];
const SAFE = ['a', ' ', '\u00a0', '\u00e9', '\u0645', '\u4e2d', '\u{1f600}', '\u2019', '\ufffd'];

for (const code of UNSAFE) {
  const hex = code.toString(16);
  test(`U+${hex} is found, replaced and shown`, () => {
    const text = `a${String.fromCharCode(code)}b`;
    // again: a pattern that remembers where it was would miss the second
    for (let round = 0; round < 2; round++) assert.equal(hasUnsafe(text), true);
    assert.equal(replaceUnsafe(text + text, '$&'), 'a$&ba$&b');
    assert.equal(escapeUnsafe(text), `a\\u{${hex}}b`);
  });
}

test('letters of any script are not', () => {
  const text = SAFE.join('');
  assert.equal(hasUnsafe(text), false);
  assert.equal(escapeUnsafe(text), text);
});
