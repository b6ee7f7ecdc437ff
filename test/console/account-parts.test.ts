import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { qrCode } from '../../web/src/pages/account/qr-code.ts';
import { lineDiff } from '../../web/src/pages/settings/line-diff.ts';

describe('QR codes', () => {
  // codes that an independent reader has read
  const known: [string, number, string][] = [
    ['Postern', 21, 'a0a1d0aa953cb27d4e269fa890a955f1c20c05e055746b3bbdb24125aa2fdf7a'],
    [
      'otpauth://totp/Postern:olivia%40corp.test?issuer=Postern&secret=ZBMGB45Y4RIZ7GY6LYIX7PESLB2JXZV4&algorithm=SHA1&digits=6&period=30',
      49,
      '8c94449121bd1275a5b2b62acbb596508141b7effbc7f59bf62f6d280e6b6b3e',
    ],
    ['é'.repeat(206), 77, 'b98f27bd46ef9ea21fc85f5a84274c3e5c336baf79cc68beefaee77a543056bf'],
  ];
  for (const [text, size, hash] of known) {
    it(`of ${text.slice(0, 20)} has ${size} modules`, () => {
      const grid = qrCode(text);
      assert.equal(grid.length, size);
      const written = grid.map((row) => row.map(Number).join('')).join('\n');
      assert.equal(createHash('sha256').update(written).digest('hex'), hash);
    });
  }

  it('says when a text is too long', () => {
    assert.throws(() => qrCode('x'.repeat(413)), RangeError);
  });
});

describe('differences of lines', () => {
  const kinds = (before: string, after: string) =>
    lineDiff(before, after).map(({ kind, text, line }) => `${kind} ${line ?? ''} ${text}`.trim());

  it('of the same text are none', () => assert.deepEqual(kinds('a\nb', 'a\nb'), ['gap']));

  it('show what was removed and added, with their lines', () => {
    assert.deepEqual(kinds('a\nb\nc', 'a\nx\nc\nd'), [
      'same 1 a',
      'removed 2 b',
      'added 2 x',
      'same 3 c',
      'added 4 d',
    ]);
  });

  it('leave out what is far', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    const shown = kinds(lines.join('\n'), [...lines.slice(0, 10), 'new', ...lines.slice(10)].join('\n'));
    assert.equal(shown.length, 9);
    assert.equal(shown[0], 'gap');
    assert.equal(shown[4], 'added 11 new');
  });
});
