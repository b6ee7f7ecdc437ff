import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { pdf, rasterize } from './pdf.ts';
import { qrCode } from './qr.ts';

const LINES = ['« Reçu » (à 17 h) \\ œuvre', 'two'];
const file = pdf({ title: 'A title', lines: LINES, picture: qrCode('https://a.invalid/') });
const text = file.toString('latin1');

test('every entry of the cross-reference table leads to its object, and startxref to the table', () => {
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  assert.ok(text.startsWith('xref\n', start));
  const entries = [...text.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)];
  assert.equal(entries.length, 6);
  for (const [index, [, offset]] of entries.entries())
    assert.ok(text.startsWith(`${index + 1} 0 obj\n`, Number(offset)));
});

test('streams are as long as they say, and hold the text in Windows-1252 and the picture', () => {
  const streams = [...text.matchAll(/\/Length (\d+) >>\nstream\n/g)].map((found) => {
    const from = found.index + found[0].length;
    const to = from + Number(found[1]);
    assert.ok(text.startsWith('\nendstream', to));
    return inflateSync(file.subarray(from, to));
  });
  const [content, picture] = streams;
  assert.match(
    content?.toString('latin1') ?? '',
    /\(\xab Re\xe7u \xbb \\\(\xe0 17 h\\\) \\\\ \x9cuvre\) Tj T\*/,
  );
  assert.deepEqual(picture, rasterize(qrCode('https://a.invalid/')).pixels);
});

test('without a picture there is none', () => {
  assert.doesNotMatch(pdf({ title: 'x', lines: [] }).toString('latin1'), /XObject/);
});
