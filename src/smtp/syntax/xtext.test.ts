import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeXtext, encodeXtext } from './xtext.ts';

describe('xtext', () => {
  const pairs: [encoded: string, text: string][] = [
    ['abc', 'abc'],
    ['user+2Btag@example.com', 'user+tag@example.com'],
    ['a+3Db', 'a=b'],
    ['a+20b+09c', 'a b\tc'],
    ['+C3+B6', 'ö'],
    ['', ''],
  ];
  for (const [encoded, text] of pairs) {
    it(`${encoded} means ${JSON.stringify(text)}`, () => {
      assert.equal(decodeXtext(encoded), text);
      assert.equal(encodeXtext(text), encoded);
    });
  }

  for (const encoded of [
    'a+b',
    '+',
    'a+2',
    'a+2b',
    'a=b',
    'a b',
    'ö',
    '+00',
    'a+0D+0Ab',
    '+7F',
    '+FF',
    '+C2+85',
    '+E2+80+A8',
  ]) {
    it(`${encoded} is refused`, () => assert.equal(decodeXtext(encoded), undefined));
  }

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = encodeXtext(text);
        assert.match(encoded, /^[!-~]*$/);
        if (!/[\0-\x08\n-\x1f\x7f-\x9f\u2028\u2029]/.test(text)) assert.equal(decodeXtext(encoded), text);
      }),
    );
  });
});
