import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MessageScanner, scanBody } from './scan.ts';

function scan(chunks: Buffer[], headerBytes = 10_000) {
  const scanner = new MessageScanner({ headerBytes });
  const body: Buffer[] = [];
  for (const chunk of chunks) scanner.feed(chunk, (part) => body.push(part));
  scanner.finish();
  return {
    head: scanner.head.toString('latin1'),
    body: Buffer.concat(body).toString('latin1'),
    failure: scanner.failure,
    traits: scanner.traits,
    bodyTraits: scanner.bodyTraits,
  };
}

const once = (text: string) => scan([Buffer.from(text, 'latin1')]);

/** RFC 6376 §3.4.4, written from the text and without regard to speed. */
function relaxed(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\r\n`).join('');
}

describe('MessageScanner', () => {
  const messages = [
    'A: b\r\n\r\nbody\r\n',
    'A: b\r\n\r\n',
    'A: b\r\n',
    'A: b',
    '',
    '\r\n',
    '\r\nbody',
    'A: b\r\n\r\n.dot\r\n..\r\n',
    '.A: b\r\n\r\nx\r\n',
    'A: b\r\n\r\ntwo  spaces\r\n',
    'A: b\r\n\r\nend \r\n',
    'A: b\r\n\r\n lead\r\n',
    'A: b\r\n\r\n \r\n',
    'A: b\r\n\r\ntab\t.\r\n',
    'A: b\r\n\r\nx\r\n\r\n',
    'A: b\r\n\r\nx\r\n\r\ny\r\n',
    'A: b\r\n\r\nno end',
    'A: \xff\r\n\r\nx\r\n',
    'A: b\r\n\r\n\xc3\xbc \xe2\x82\xac\r\n',
    'A: b\r\n\r\n\xc3',
    'A: b\r\n\r\nbare\nline\rends\r\n',
    'A: b\r\n\r\r\n\r\nx\r\n',
    `A: b\r\n\r\n${'x'.repeat(70)}\r\ny\r\n`,
  ];

  for (const text of messages) {
    it(`sees the same however ${JSON.stringify(text.slice(0, 40))} is cut`, () => {
      const octets = Buffer.from(text, 'latin1');
      const whole = scan([octets]);
      for (let cut = 0; cut <= octets.length; cut++) {
        assert.deepEqual(scan([octets.subarray(0, cut), octets.subarray(cut)]), whole, `cut at ${cut}`);
      }
      assert.deepEqual(scan([...octets].map((octet) => Buffer.from([octet]))), whole);
    });
  }

  it('takes pieces from the very end of their memory, wherever it begins', () => {
    for (const text of ['A: b\r\n\r\nxyz', '\xc6\xc6\xc6']) {
      const whole = once(text);
      for (const before of [0, 1, 2, 3]) {
        const memory = Buffer.from(new ArrayBuffer(before + text.length), before);
        memory.write(text, 'latin1');
        for (let cut = 0; cut <= memory.length; cut++)
          assert.deepEqual(scan([memory.subarray(0, cut), memory.subarray(cut)]), whole);
      }
    }
  });

  it('separates head and body, and closes a head that nothing follows', () => {
    assert.deepEqual([once('A: b\r\n\r\nx').head, once('A: b\r\n\r\nx').body], ['A: b\r\n\r\n', 'x']);
    assert.equal(once('A: b\r\n').head, 'A: b\r\n\r\n');
    assert.equal(once('A: b').head, 'A: b\r\n\r\n');
    assert.equal(once('').head, '\r\n');
    assert.equal(once('\r\nbody').body, 'body');
  });

  it('does not copy the head of a message that comes in one chunk', () => {
    const octets = Buffer.from('A: b\r\n\r\nbody\r\n');
    const scanner = new MessageScanner({ headerBytes: 100 });
    scanner.feed(octets, (part) => assert.equal(part.buffer, octets.buffer));
    scanner.finish();
    assert.equal(scanner.head.buffer, octets.buffer);
  });

  it('refuses a head over its limit, and nothing under it', () => {
    const text = `A: ${'b'.repeat(93)}\r\n\r\n`;
    assert.equal(scan([Buffer.from(text)], 100).failure, undefined);
    assert.equal(scan([Buffer.from(`x${text}`)], 100).failure, 'M603');
    assert.equal(scan([Buffer.alloc(60, 'a'), Buffer.alloc(60, 'a')], 100).failure, 'M603');
    assert.equal(scan([Buffer.from(`${text}${'body'.repeat(100)}`)], 100).failure, undefined);
  });

  it('tells the traits', () => {
    const { traits, bodyTraits } = once('A: b\r\n\r\nabc\r\n.d\r\n');
    assert.deepEqual(traits, { eightBit: false, dotLines: true, longestLine: 4, looseSpace: false });
    assert.equal(bodyTraits.longestLine, 3);
    assert.equal(bodyTraits.length, 9);
    assert.equal(once('A: \xff\r\n\r\nx\r\n').traits.eightBit, true);
    assert.equal(once('A: \xff\r\n\r\nx\r\n').bodyTraits.eightBit, false);
    assert.equal(once('A: b\r\n\r\nx').bodyTraits.missingLineEnd, true);
    assert.equal(once('A: b\r\n\r\n').bodyTraits.missingLineEnd, false);
    assert.equal(once('A: b\r\n\r\n\xfc\r\n').bodyTraits.utf8, false);
    assert.equal(once('A  : b\t \r\n\r\nx\r\n').traits.looseSpace, false);
  });

  it('finds bare line ends and NULs of a body, wherever it is cut', () => {
    const piece = fc.constantFrom('a', '\r', '\n', '\r\n', '\0', ' ', 'abcdefgh', '\xff\xff\xff\xff');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(20), fc.nat(20), (pieces, one, other) => {
        const text = pieces.join('');
        const octets = Buffer.from(`A: b\r\n\r\n${text}`, 'latin1');
        const [first, second] = [Math.min(one, other), Math.max(one, other)];
        const chunks = [octets.subarray(0, first), octets.subarray(first, second), octets.subarray(second)];
        const { bodyTraits } = scan(chunks);
        assert.equal(bodyTraits.bareLineEnds, /\r(?!\n)|(?<!\r)\n/.test(text));
        assert.equal(bodyTraits.nul, text.includes('\0'));
      }),
      { numRuns: 500 },
    );
  });

  it('calls a body loose exactly when relaxed canonicalisation changes it, or it is empty', () => {
    const piece = fc.constantFrom('a', 'b', '.', ' ', '\t', '\r\n', '\r\n\r\n', 'word', '\u00fc');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), fc.nat(40), (pieces, cut) => {
        const text = pieces.join('');
        const octets = Buffer.from(text);
        const traits = scanBody(octets);
        const loose = relaxed(text) !== text || text === '';
        // a tab is called loose though one alone in a line becomes a space: that is a change, too
        assert.equal(traits.looseSpace, loose);
        assert.equal(traits.utf8, isUtf8(octets));
        assert.equal(traits.dotLines, /(?:^|\r\n)\./.test(text));
        assert.equal(
          traits.longestLine,
          Math.max(...text.split('\r\n').map((line) => Buffer.byteLength(line))),
        );
        const head = Buffer.from('A: b\r\n\r\n');
        const message = Buffer.concat([head, octets]);
        const scanned = scan([message.subarray(0, cut), message.subarray(cut)]);
        assert.deepEqual(scanned.bodyTraits, traits);
      }),
    );
  });
});
