import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { bodyCanonicalizer, relaxField } from './canonical.ts';
import type { Canonicalization } from './canonical.ts';

function canonicalBody(kind: Canonicalization, chunks: Buffer[]): string {
  const parts: Buffer[] = [];
  const body = bodyCanonicalizer(kind, (octets) => parts.push(Buffer.from(octets)));
  for (const chunk of chunks) body.update(chunk);
  body.end();
  return Buffer.concat(parts).toString('latin1');
}

/** The rules of RFC 6376 §3.4.3 and §3.4.4 as they are written, over the whole text. */
function reference(kind: Canonicalization, text: string): string {
  let body = text;
  if (kind === 'relaxed') {
    body = body.replace(/[ \t]+(?=\r\n|$(?![\s\S]))/g, '').replace(/[ \t]+/g, ' ');
  }
  body = body.replace(/(?:\r\n)+$(?![\s\S])/, '');
  return kind === 'relaxed' && body === '' ? '' : `${body}\r\n`;
}

const BODIES: [name: string, body: string, relaxed: string, simple: string][] = [
  ['RFC 6376 §3.4.5', ' C \r\nD \t E\r\n\r\n\r\n', ' C\r\nD E\r\n', ' C \r\nD \t E\r\n'],
  ['empty', '', '', '\r\n'],
  ['one empty line', '\r\n', '', '\r\n'],
  ['only empty lines', '\r\n\r\n\r\n', '', '\r\n'],
  ['only white space', ' \t \r\n\t\r\n', '', ' \t \r\n\t\r\n'],
  ['white space without a line end', '  ', '', '  \r\n'],
  ['no final line end', 'a', 'a\r\n', 'a\r\n'],
  ['space and no final line end', 'a ', 'a\r\n', 'a \r\n'],
  ['leading space', '  a\r\n', ' a\r\n', '  a\r\n'],
  ['tab', 'a\tb\r\n', 'a b\r\n', 'a\tb\r\n'],
  ['empty lines inside', 'a\r\n\r\n\r\nb\r\n', 'a\r\n\r\n\r\nb\r\n', 'a\r\n\r\n\r\nb\r\n'],
  ['white space on an inner empty line', 'a\r\n \t\r\nb\r\n', 'a\r\n\r\nb\r\n', 'a\r\n \t\r\nb\r\n'],
  ['lone CR', 'a \rb\r\n', 'a \rb\r\n', 'a \rb\r\n'],
  ['lone CR at the end', 'a\r', 'a\r\r\n', 'a\r\r\n'],
  ['two CR', 'a\r\r\nb\r\n', 'a\r\r\nb\r\n', 'a\r\r\nb\r\n'],
  ['lone LF', 'a \n b\r\n', 'a \n b\r\n', 'a \n b\r\n'],
];

describe('body canonicalisation', () => {
  for (const [name, body, relaxed, simple] of BODIES) {
    test(name, () => {
      assert.equal(canonicalBody('relaxed', [Buffer.from(body)]), relaxed);
      assert.equal(canonicalBody('simple', [Buffer.from(body)]), simple);
    });
  }

  const octets = fc
    .array(fc.constantFrom('\r\n', '\r\n', ' ', ' ', '\t', 'a', 'bcd', '\r', '\n', '\u00e9', '\0'), {
      maxLength: 60,
    })
    .map((parts) => parts.join(''));
  const chunked = fc.tuple(octets, fc.array(fc.nat(80), { maxLength: 8 }));

  for (const kind of ['relaxed', 'simple'] as const) {
    test(`${kind}: any chunks give what the rules give over the whole`, () => {
      fc.assert(
        fc.property(chunked, ([text, cuts]) => {
          const body = Buffer.from(text, 'latin1');
          const places = [0, ...cuts.map((cut) => Math.min(cut, body.length)), body.length].sort(
            (a, b) => a - b,
          );
          const chunks = places.slice(1).map((end, i) => body.subarray(places[i], end));
          assert.equal(canonicalBody(kind, chunks), reference(kind, text));
        }),
        { numRuns: 2000 },
      );
    });
  }

  test('bodies longer than the inner buffer', () => {
    const text = `${'x'.repeat(40_000)}  y\r\n${'\r\n'.repeat(30_000)}z \r\n${'\t'.repeat(20_000)}.\r\n\r\n`;
    const body = Buffer.from(text);
    const chunks = Array.from({ length: Math.ceil(body.length / 7001) }, (_, i) =>
      body.subarray(i * 7001, (i + 1) * 7001),
    );
    const relaxed = `${'x'.repeat(40_000)} y\r\n${'\r\n'.repeat(30_000)}z\r\n .\r\n`;
    assert.ok(canonicalBody('relaxed', chunks) === relaxed);
    assert.ok(canonicalBody('relaxed', [body]) === relaxed);
    assert.ok(canonicalBody('simple', chunks) === text.slice(0, -2));
  });
});

describe('relaxed header canonicalisation', () => {
  const cases: [name: string, field: string, expected: string][] = [
    ['RFC 6376 §3.4.5, first', 'A: X\r\n', 'a:X'],
    ['RFC 6376 §3.4.5, second', 'B : Y\t\r\n\tZ  \r\n', 'b:Y Z'],
    ['no space', 'Subject:x\r\n', 'subject:x'],
    ['empty value', 'Subject: \r\n', 'subject:'],
    ['fold only', 'Subject:\r\n \r\n', 'subject:'],
    ['colon in the value', 'X-A: b: c\r\n', 'x-a:b: c'],
    ['several folds', 'To: a,\r\n  b,\r\n\tc\r\n', 'to:a, b, c'],
    ['value begins behind a fold', 'To:\r\n\ta\r\n', 'to:a'],
    ['no final line end', 'To: a ', 'to:a'],
    ['octets above 127', 'Subject: \u00c9\u00e9\r\n', 'subject:\u00c9\u00e9'],
  ];
  for (const [name, field, expected] of cases) {
    test(name, () => {
      const source = Buffer.from(`junk${field}more`, 'latin1');
      const out = Buffer.alloc(field.length + 8);
      const end = relaxField(source, 4, 4 + field.length, out, 3);
      assert.equal(out.toString('latin1', 3, end), expected);
      assert.ok(end - 3 <= field.length);
    });
  }
});
