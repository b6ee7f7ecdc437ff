import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, property, string } from 'fast-check';
import { ProhibitedTextError, saslPrep } from './saslprep.ts';

test('RFC 4013 §3: the examples', () => {
  const table: [string, string][] = [
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
  ];
  for (const [input, output] of table) assert.equal(saslPrep(input), output);
  assert.throws(() => saslPrep('\u0007'), ProhibitedTextError);
  assert.throws(() => saslPrep('\u0627\u0031'), ProhibitedTextError);
});

test('spaces, composition and right-to-left text', () => {
  assert.equal(saslPrep('a\u00a0b\u3000c'), 'a b c');
  assert.equal(saslPrep('u\u0308ber'), '\u00fcber');
  assert.equal(saslPrep('\u0627\u0031\u0628'), '\u0627\u0031\u0628');
  assert.throws(() => saslPrep('\u0627a\u0628'), ProhibitedTextError);
});

test('what is prohibited is refused wherever it stands', () => {
  const prohibited = [
    '\0',
    '\x7f',
    '\r\n',
    '\u0085',
    '\ue000',
    '\ufdd0',
    '\ud800',
    '\u202e',
    '\u200e',
    '\ufffd',
  ];
  for (const text of prohibited) {
    for (const input of [text, `a${text}`, `${text}a`, `a${text}b`]) {
      assert.throws(() => saslPrep(input), ProhibitedTextError, JSON.stringify(input));
    }
  }
});

test('preparing twice is preparing once', () => {
  check(
    property(string({ unit: 'binary' }), (text) => {
      let once: string;
      try {
        once = saslPrep(text);
      } catch (error) {
        assert.ok(error instanceof ProhibitedTextError);
        return;
      }
      assert.equal(saslPrep(once), once);
    }),
  );
});
