import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeWords, encodeUnstructured, encodeWords } from './encoded-word.ts';

describe('encoded words', () => {
  const cases: [string, string][] = [
    ['plain', 'plain'],
    ['=?utf-8?Q?J=C3=BCrgen_M?= x', 'Jürgen M x'],
    ['=?UTF-8?b?SsO8cmdlbg==?=', 'Jürgen'],
    ['=?iso-8859-1*de?q?J=FC?=', 'Jü'],
    ['a =?utf-8?q?b?= c =?utf-8?q?d?= =?utf-8?q?e?= f', 'a b c de f'],
    // a character split between two words
    ['=?utf-8?b?w7w=?= =?utf-8?q?=C3?= =?utf-8?q?=BC?=', 'üü'],
    ['=?utf-8?q?=ff?=', '\ufffd'],
    ['=?x-unknown?q?abc?=', '=?x-unknown?q?abc?='],
    ['=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=', '日本'],
    ['=?utf-8?x?abc?=', '=?utf-8?x?abc?='],
    ['=?utf-8?q?a b?=', '=?utf-8?q?a b?='],
    ['=?utf-8?q?open', '=?utf-8?q?open'],
    // a byte order mark is a character in UTF-8, and says which octet comes first in UTF-16
    ['=?utf-8?q?=EF=BB=BFx?=', '\ufeffx'],
    ['=?utf-16?b?//5BAA==?=', 'A'],
  ];
  for (const [text, expected] of cases) {
    it(`decodes ${text}`, () => assert.equal(decodeWords(text), expected));
  }

  it('encodes in words of at most 75 characters that decode to the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const encoded = encodeWords(text);
        for (const word of encoded.split('\r\n '))
          assert.ok(word.length <= 75 && /^[\x21-\x7e]*$/.test(word));
        assert.equal(decodeWords(encoded), text.toWellFormed());
      }),
    );
  });

  it('keeps what is ASCII readable, and decodes to the same', () => {
    assert.equal(
      encodeUnstructured('Scan from Büro 3 is ready'),
      'Scan from =?utf-8?B?QsO8cm8=?= 3 is ready',
    );
    assert.equal(encodeUnstructured('plain  text'), 'plain  text');
    assert.equal(decodeWords(encodeUnstructured('=?utf-8?q?a?= ü')), 'a ü');
    const word = fc.constantFrom('Büro', 'x', '', '日本', '=', '?', 'é', 'Scan');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const text = words.join(' ');
        assert.equal(decodeWords(encodeUnstructured(text)), text);
      }),
    );
  });

  it('is bounded and linear', () => {
    for (const piece of ['=?', '=?a?q?', '=?utf-8?q?x?= ', '?=']) decodeWords(piece.repeat(100_000));
    assert.ok(decodeWords('=?utf-8?q?x?='.repeat(10_000)).length <= 16_384);
  });
});
