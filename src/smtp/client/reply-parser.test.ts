import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type RemoteReply, ReplyError, ReplyParser, escapeText, oneLine } from './reply-parser.ts';

function parse(...chunks: string[]): RemoteReply[] {
  const parser = new ReplyParser();
  const replies: RemoteReply[] = [];
  for (const chunk of chunks) parser.push(Buffer.from(chunk, 'utf8'), (reply) => replies.push(reply));
  return replies;
}

describe('replies', () => {
  const good: [string, number, string | undefined, string[]][] = [
    ['250 ok\r\n', 250, undefined, ['ok']],
    ['250\r\n', 250, undefined, ['']],
    ['250 2.1.5 ok\n', 250, '2.1.5', ['2.1.5 ok']],
    ['550-5.1.1 no\r\n550 5.1.1 such\r\n', 550, '5.1.1', ['5.1.1 no', '5.1.1 such']],
    ['550 4.1.1 class contradicts\r\n', 550, undefined, ['4.1.1 class contradicts']],
    ['550 5.1 short\r\n', 550, undefined, ['5.1 short']],
    ['250 5.7.1.9 not one\r\n', 250, undefined, ['5.7.1.9 not one']],
    ['250 a\rb\0c\r\n', 250, undefined, ['a\\x0db\\x00c']],
    ['250 caf\u00e9\r\n', 250, undefined, ['caf\u00e9']],
  ];
  for (const [text, code, enhanced, lines] of good) {
    test(JSON.stringify(text), () => assert.deepEqual(parse(text), [{ code, enhanced, lines }]));
  }

  const bad = [
    'hello\r\n',
    '25 ok\r\n',
    '650 ok\r\n',
    '150 ok\r\n',
    '250ok\r\n',
    '250-a\r\n251 b\r\n',
    '\r\n',
    ' 250 ok\r\n',
    `250 ${'x'.repeat(3000)}\r\n`,
    `250 ${'x'.repeat(3000)}`,
    '250-x\r\n'.repeat(200),
  ];
  for (const text of bad) {
    test(`refused: ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(() => parse(text), ReplyError);
    });
  }

  test('a status is not carried over to the next reply', () => {
    const [first, second] = parse('250-2.1.0 a\r\n250 2.1.0 b\r\n250 plain\r\n');
    assert.equal(first?.enhanced, '2.1.0');
    assert.equal(second?.enhanced, undefined);
  });

  test('pieces of any size make the same replies', () => {
    const text = '220 hi\r\n250-one\r\n250-SIZE 5\r\n250 last\r\n550 5.1.1 no\r\n354 \r\n';
    const whole = parse(text);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        assert.deepEqual(parse(...at.slice(1).map((end, i) => text.slice(at[i], end))), whole);
      }),
    );
  });

  test('whatever comes, it is a reply or an error, and text is safe', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const parser = new ReplyParser();
        try {
          parser.push(Buffer.from(octets), (reply) => {
            assert.ok(!/[\u0000-\u001f\u007f-\u009f\u2028]/.test(oneLine(reply)));
          });
        } catch (error) {
          assert.ok(error instanceof ReplyError);
        }
      }),
    );
  });

  test('long text is cut', () => assert.equal(escapeText('x'.repeat(50), 10), `${'x'.repeat(10)}...`));
});
