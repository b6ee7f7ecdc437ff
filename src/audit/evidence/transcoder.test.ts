import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { detectEncoding, fieldText, Transcoder } from './transcoder.ts';

function transcode(octets: Buffer, size = 1_000_000): { text: string; transcoder: Transcoder } {
  const transcoder = new Transcoder(octets);
  const parts: Buffer[] = [];
  for (let at = 0; at < octets.length; at += size)
    parts.push(Buffer.from(transcoder.feed(octets.subarray(at, at + size))));
  parts.push(transcoder.finish());
  return { text: Buffer.concat(parts).toString(), transcoder };
}

const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');
const HEADER = 'sender_address,recipient_address,message_subject\r\n';

test('each encoding is found, with and without its mark', () => {
  for (const [octets, encoding, mark] of [
    [Buffer.from(HEADER), 'utf-8', false],
    [Buffer.from(`\ufeff${HEADER}`), 'utf-8', true],
    [wide(HEADER), 'utf-16le', false],
    [wide(`\ufeff${HEADER}`), 'utf-16le', true],
    [wide(HEADER).swap16(), 'utf-16be', false],
    [wide(`\ufeff${HEADER}`).swap16(), 'utf-16be', true],
  ] as const) {
    assert.deepEqual(detectEncoding(octets), { encoding, mark });
    for (const size of [1, 2, 3, 7, 1000]) assert.equal(transcode(Buffer.from(octets), size).text, HEADER);
  }
});

test('UTF-16 cut anywhere is the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), (text, size) => {
      assert.equal(transcode(wide(HEADER + text), size).text, HEADER + text.toWellFormed());
    }),
  );
});

test('where two exports of different encodings were joined, both are read', () => {
  const row =
    'scanner@contoso.com,user@contoso.com,"Scan of a page from the third floor, with more words"\r\n';
  const widened = transcode(Buffer.concat([wide(HEADER + row), Buffer.from(row + row)]));
  assert.equal(widened.text, HEADER + row + row + row);
  assert.ok(widened.transcoder.mixed);
  assert.equal(transcode(Buffer.concat([Buffer.from(HEADER + row), wide(row)])).text, HEADER + row + row);
});

test('half a character alone becomes U+FFFD', () => {
  assert.equal(transcode(wide(`${HEADER}a\ud800b`)).text, `${HEADER}a\ufffdb`);
});

test('octets that are no UTF-8 are Windows-1252', () => {
  assert.equal(fieldText(Buffer.from('Numérisé')), 'Numérisé');
  assert.equal(fieldText(Buffer.from('Num\xe9ris\xe9 \x80', 'latin1')), 'Numérisé €');
});
