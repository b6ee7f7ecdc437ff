import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCommand } from './command.ts';

describe('a command line', () => {
  const cases: [string, string, string][] = [
    ['', '', ''],
    ['   ', '', ''],
    ['noop', 'NOOP', ''],
    ['noop  ', 'NOOP', ''],
    ['MAIL FROM:<a@b>', 'MAIL', 'FROM:<a@b>'],
    ['Mail   FROM:<a b>  ', 'MAIL', 'FROM:<a b>'],
    [' NOOP', '', 'NOOP'],
    // letters whose upper case is ASCII, and white space that is not ASCII, are what they are
    ['R\u017fET', 'R\u017fET', ''],
    ['MA\u0131L FROM:<>', 'MA\u0131L', 'FROM:<>'],
    ['BDAT 5 LAST\u00a0', 'BDAT', '5 LAST\u00a0'],
    ['DATA\u2003', 'DATA\u2003', ''],
  ];
  for (const [line, verb, argument] of cases) {
    it(`${JSON.stringify(line)} is ${JSON.stringify([verb, argument])}`, () => {
      const command = parseCommand(Buffer.from(line));
      assert.ok(typeof command === 'object');
      assert.deepEqual([command.verb, command.argument], [verb, argument]);
    });
  }

  for (const line of ['NOOP\0', 'NOOP\tx', 'NO\rOP', 'NOOP\x7f', 'NOOP \xff']) {
    it(`${JSON.stringify(line)} is no command`, () => {
      assert.equal(typeof parseCommand(Buffer.from(line, 'latin1')), 'string');
    });
  }
});
