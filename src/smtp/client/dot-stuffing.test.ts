import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startsLine, stuffDots } from './dot-stuffing.ts';

describe('dot stuffing', () => {
  const cases: [string, string][] = [
    ['', ''],
    ['a.b\r\nc', 'a.b\r\nc'],
    ['.', '..'],
    ['.\r\n', '..\r\n'],
    ['a\r\n.\r\n.b\r\n', 'a\r\n..\r\n..b\r\n'],
    ['a\r\n..\r\n', 'a\r\n...\r\n'],
    // what only a lenient reader takes for a line
    ['a\n.\nb', 'a\n..\nb'],
    ['a\r.\r\nb', 'a\r..\r\nb'],
    ['a\r.\rb\r\n.\n.c\r.', 'a\r..\rb\r\n..\n..c\r..'],
  ];
  for (const [plain, stuffed] of cases) {
    it(`${JSON.stringify(plain)} becomes ${JSON.stringify(stuffed)}`, () => {
      assert.equal(stuffDots(Buffer.from(plain), true).toString(), stuffed);
    });
  }

  it('says the same wherever a block ends', () => {
    const plain = '.a\r\n.\r\n\r.\r\n\n.b\r.\r..\n';
    const whole = stuffDots(Buffer.from(plain), true).toString();
    for (let cut = 0; cut <= plain.length; cut++) {
      const [first, second] = [Buffer.from(plain.slice(0, cut)), Buffer.from(plain.slice(cut))];
      const both = Buffer.concat([stuffDots(first, true), stuffDots(second, startsLine(first))]);
      assert.equal(both.toString(), whole, `${cut}`);
    }
  });

  it('copies nothing where there is nothing to stuff', () => {
    const plain = Buffer.from('a.\r\nb.\r\n');
    assert.equal(stuffDots(plain, true), plain);
  });
});
