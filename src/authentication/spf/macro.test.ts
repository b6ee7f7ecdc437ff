import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { expandName, expandText, type MacroValues, parseDomainSpec, parseMacroString } from './macro.ts';

/** The example of RFC 7208 §7.4. */
const V4: MacroValues = {
  s: 'strong-bad@email.example.com',
  l: 'strong-bad',
  o: 'email.example.com',
  d: 'email.example.com',
  i: '192.0.2.3',
  p: 'unknown',
  v: 'in-addr',
  h: 'mx.example.org',
  c: '192.0.2.3',
  r: 'receiver.example',
  t: '1700000000',
};
const V6: MacroValues = {
  ...V4,
  i: '2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1',
  v: 'ip6',
};

describe('expansion', () => {
  const cases: [string, string, MacroValues?][] = [
    ['%{s}', 'strong-bad@email.example.com'],
    ['%{o}', 'email.example.com'],
    ['%{d}', 'email.example.com'],
    ['%{d4}', 'email.example.com'],
    ['%{d3}', 'email.example.com'],
    ['%{d2}', 'example.com'],
    ['%{d1}', 'com'],
    ['%{dr}', 'com.example.email'],
    ['%{d2r}', 'example.email'],
    ['%{l}', 'strong-bad'],
    ['%{l-}', 'strong.bad'],
    ['%{lr}', 'strong-bad'],
    ['%{lr-}', 'bad.strong'],
    ['%{l1r-}', 'strong'],
    ['%{ir}.%{v}._spf.%{d2}', '3.2.0.192.in-addr._spf.example.com'],
    ['%{lr-}.lp._spf.%{d2}', 'bad.strong.lp._spf.example.com'],
    ['%{lr-}.lp.%{ir}.%{v}._spf.%{d2}', 'bad.strong.lp.3.2.0.192.in-addr._spf.example.com'],
    ['%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}', '3.2.0.192.in-addr.strong.lp._spf.example.com'],
    ['%{d2}.trusted-domains.example.net', 'example.com.trusted-domains.example.net'],
    [
      '%{ir}.%{v}._spf.%{d2}',
      '1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com',
      V6,
    ],
    ['%%%_%-x', '% %20x'],
    ['%{D2R}', 'example.email'],
    ['%{S}', 'strong-bad%40email.example.com'],
    ['%{L}', 'a%2Fb%25c~-._%C3%A9', { ...V4, l: 'a/b%c~-._é' }],
    ['%{l.-+,/_=}', 'a.b.c.d.e.f.g.h', { ...V4, l: 'a.b-c+d,e/f_g=h' }],
    ['%{l2r+-}', 'b.a', { ...V4, l: 'a+b-c' }],
    ['%{d999999999999999999999999}', 'email.example.com'],
    ['%{d.}', 'email.example.com'],
    ['%{l.-}', '..', { ...V4, l: '.-' }],
    ['%{c} %{r} %{t}', '192.0.2.3 receiver.example 1700000000'],
  ];
  for (const [text, expected, values = V4] of cases) {
    test(`${text} of ${values.i.length > 20 ? 'IPv6' : values.l}`, () => {
      const segments = parseMacroString(text);
      assert.ok(segments);
      assert.equal(expandText(segments, values, 1000), expected);
    });
  }
});

describe('syntax of macro-strings', () => {
  const wrong = [
    '%',
    '%a',
    '%{',
    '%{d',
    '%{}',
    '%{x}',
    '%{d0}',
    '%{d00}',
    '%{dr2}',
    '%{d!}',
    '%{ d}',
    '%{dd}',
    'a%(d)',
  ];
  for (const text of wrong) test(`${text} is none`, () => assert.equal(parseMacroString(text), undefined));
  for (const text of ['', 'x', '%%', '%{D03R.-}']) {
    test(`${text || '(empty)'} is one`, () => assert.ok(parseMacroString(text)));
  }
});

describe('syntax of domain-specs', () => {
  const cases: [string, boolean][] = [
    ['example.com', true],
    ['example.com.', true],
    ['.com', true],
    ['_spf.example.com', true],
    ['example.xn--zckzah', true],
    ['example.a-1', true],
    ['example.1-2', true],
    ['foo:bar/baz.example.com', true],
    ['%{d}', true],
    ['%{d}.example', true],
    ['x%{h}', true],
    ['x.%%', true],
    ['x%_', true],
    ['', false],
    ['com', false],
    ['com.', false],
    ['example.com..', false],
    ['example.123', false],
    ['192.0.2.1', false],
    ['example.-com', false],
    ['example.com-', false],
    ['example.com/24', false],
    ['example.com:25', false],
    ['example.c_m', false],
    ['%{d}.', false],
    ['%{d}com', false],
    ['%{d}.1', false],
    ['%{c}', false],
    ['%{R}.example.com', false],
    ['%{t}.example.com', false],
    ['%{x}.example.com', false],
    ['example.c%', false],
  ];
  for (const [text, expected] of cases) {
    test(`${text || '(empty)'}: ${expected}`, () =>
      assert.equal(parseDomainSpec(text) !== undefined, expected));
  }
});

describe('names', () => {
  const label = 'x'.repeat(60);
  const cases: [string, string, string][] = [
    ['a final dot goes', '%{d}.example.', 'email.example.com.example'],
    [
      'labels go from the left until it fits',
      `a.b.${label}.${label}.${label}.${label}.example`,
      `b.${label}.${label}.${label}.${label}.example`,
    ],
    [
      'a name that just fits stays',
      `${label}.${label}.${label}.${label}.example.x`,
      `${label}.${label}.${label}.${label}.example.x`,
    ],
    [
      'one more does not',
      `${label}y.${label}.${label}.${label}.example.x`,
      `${label}.${label}.${label}.example.x`,
    ],
  ];
  for (const [what, text, expected] of cases) {
    test(what, () => assert.equal(expandName(parseMacroString(text)!, V4), expected));
  }

  test('one label without end is no name, and stays none', () => {
    assert.equal(expandName(parseMacroString('x'.repeat(100_000))!, V4).length, 254);
  });

  test('a spec that would grow to megabytes is expanded no further than it matters', () => {
    const segments = parseMacroString('%{l}.'.repeat(20_000) + 'example.com')!;
    const values = { ...V4, l: 'y'.repeat(60) };
    const name = expandName(segments, values);
    assert.match(name, /^(y{60}\.)+example\.com$/);
    assert.ok(name.length <= 253 && name.length > 180);
    assert.equal(expandText(segments, values, 400).length, 400);
  });
});
