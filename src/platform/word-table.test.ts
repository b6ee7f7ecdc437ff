import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WordTable } from './word-table.ts';

describe('words found in octets', () => {
  const table = new WordTable(['from', 'form', 'x-1', 'MAIL']);
  const find = (text: string) => {
    const octets = Buffer.from(`..${text}..`, 'latin1');
    return table.find(octets, 2, octets.length - 2);
  };

  for (const [text, found] of [
    ['from', 'from'],
    ['FROM', 'from'],
    ['fRoM', 'from'],
    ['Form', 'form'],
    ['mail', 'MAIL'],
    ['X-1', 'x-1'],
    // characters that differ from the right ones in the bit of the case only
    ['x\r1', undefined],
    ['x-\x11', undefined],
    ['FRO-', undefined],
    ['&rom', undefined],
    // U+017F and others whose other case is an ASCII letter are not in octets; their Latin-1 forms are no letters
    ['\xc6rom', undefined],
    ['fro', undefined],
    ['from ', undefined],
    ['', undefined],
    ['a name that is longer than all of them', undefined],
  ] as const)
    it(`${JSON.stringify(text)}: ${found ?? 'none'}`, () => {
      assert.equal(find(text), found);
    });
});
