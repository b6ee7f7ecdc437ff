import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writeReply } from './write-reply.ts';

describe('writing replies', () => {
  it('repeats code and status on each line', () => {
    assert.equal(writeReply({ code: 250, text: ['a', 'b'] }), '250-a\r\n250 b\r\n');
    assert.equal(
      writeReply({ code: 550, enhanced: '5.7.1', text: ['a', 'b'] }),
      '550-5.7.1 a\r\n550 5.7.1 b\r\n',
    );
    assert.equal(writeReply({ code: 334, text: '' }), '334 \r\n');
  });

  for (const separator of ['\r\n', '\n', '\r', '\0', '\u0085', '\u2028', '\x1b', '\x7f']) {
    it(`no reply is forged with ${JSON.stringify(separator)}`, () => {
      const written = writeReply({ code: 550, text: `no${separator}250 yes` });
      assert.equal(written, '550 no 250 yes\r\n');
    });
  }

  it('no line is longer than 512 octets', () => {
    assert.ok(writeReply({ code: 550, enhanced: '5.7.1', text: 'x'.repeat(1000) }).length <= 512);
  });
});
