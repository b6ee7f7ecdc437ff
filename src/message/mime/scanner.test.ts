import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { octetsOf } from './octets.ts';
import { type MimePart, partsOf } from './part.ts';
import { beginningOf, contentOf } from './part-content.ts';
import { MimeScanner, readMime } from './scanner.ts';

const octets = (text: string): Buffer => Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'));

/** `1 multipart/mixed`, `1.1 text/plain "content"`, ... */
function shapeOf(message: Buffer): string[] {
  return [...partsOf(readMime(message).root)].map((part) =>
    part.children.length > 0
      ? `${part.number} ${part.type}`
      : `${part.number} ${part.type} ${JSON.stringify(message.toString('latin1', part.body.start, part.body.end))}`,
  );
}

const noticesOf = (message: Buffer): string[] =>
  readMime(message).notices.map(({ code, part }) => `${code} ${part}`);

const MIXED = 'Content-Type: multipart/mixed; boundary=b\n\n';

const SHAPES: [what: string, message: string, shape: string[], notices?: string[]][] = [
  ['a message without any field of MIME', 'Subject: x\n\nbody\n', ['1 text/plain "body\\r\\n"']],
  ['a head without a body', 'Subject: x\n', ['1 text/plain ""']],
  ['nothing at all', '', ['1 text/plain ""']],
  ['a body without a head', '\nbody', ['1 text/plain "body"']],
  [
    'two parts, with text before and after them',
    `${MIXED}preamble\n--b\n\none\n--b\nContent-Type: text/html\n\n<p>two\n\n--b--\n`,
    ['1 multipart/mixed', '1.1 text/plain "one"', '1.2 text/html "<p>two\\r\\n"'],
  ],
  [
    'white space after the delimiter',
    `${MIXED}--b \t\n\none\n--b-- \n`,
    ['1 multipart/mixed', '1.1 text/plain "one"'],
  ],
  [
    'delimiters that are none: longer, and within a line',
    `${MIXED}--b\n\n--bb\nx--b\n--b-\n-- b\n--b--\n`,
    ['1 multipart/mixed', '1.1 text/plain "--bb\\r\\nx--b\\r\\n--b-\\r\\n-- b"'],
    ['unclear-delimiter 1'],
  ],
  ['no end', `${MIXED}--b\n\none`, ['1 multipart/mixed', '1.1 text/plain "one"'], ['missing-end 1']],
  [
    'the end of an outer part ends the inner one',
    `${MIXED}--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n`,
    ['1 multipart/mixed', '1.1 multipart/alternative', '1.1.1 text/plain "one"', '1.2 text/plain "two"'],
    ['missing-end 1.1'],
  ],
  [
    'the same boundary twice: the inner part has it',
    `${MIXED}--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n`,
    ['1 multipart/mixed', '1.1 multipart/mixed', '1.1.1 text/plain "one"', '1.2 text/plain "two"'],
    ['reused-boundary 1.1'],
  ],
  [
    'a boundary that begins with another',
    `${MIXED}--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\none\n--bb--\n--b--\n`,
    ['1 multipart/mixed', '1.1 multipart/mixed', '1.1.1 text/plain "one"'],
  ],
  [
    'a boundary that is how another says its end',
    'Content-Type: multipart/mixed; boundary="b--"\n\n--b--\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b----\n',
    ['1 multipart/mixed', '1.1 multipart/mixed', '1.1.1 text/plain "one"'],
    ['reused-boundary 1.1'],
  ],
  [
    'a boundary of white space, as which every signature would count',
    'Content-Type: multipart/mixed; boundary=" "\n\nx\n-- \nAnn\n',
    ['1 multipart/mixed "x\\r\\n-- \\r\\nAnn\\r\\n"'],
    ['no-boundary 1'],
  ],
  [
    'a boundary beyond ASCII, whose last octet is white space to some',
    'Content-Type: multipart/mixed; boundary="à"\n\n--à\n\none\n--à--\n',
    ['1 multipart/mixed', '1.1 text/plain "one"'],
  ],
  [
    'a boundary twice, in both forms',
    "Content-Type: multipart/mixed; boundary=a; boundary*=us-ascii''b\n\n--b\n\none\n--b--\n",
    ['1 multipart/mixed', '1.1 text/plain "one"'],
    ['repeated-parameter 1'],
  ],
  [
    'two names with different endings',
    'Content-Type: application/pdf; name=a.exe\nContent-Disposition: attachment; filename="=?utf-8?q?=C3=A4=2Epdf?="\n\nx',
    ['1 application/pdf "x"'],
    ['repeated-parameter 1'],
  ],
  [
    'two names with one ending',
    'Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename="?.pdf"; filename*=utf-8\'\'%C3%A4.pdf\n\nx',
    ['1 application/pdf "x"'],
  ],
  [
    'a type with marks of direction',
    'Content-Type: text/\u202elmth\n\nx',
    ['1 application/octet-stream "x"'],
  ],
  [
    'an attached message',
    `${MIXED}--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nhello\n--b--\n`,
    ['1 multipart/mixed', '1.1 message/rfc822', '1.1.1 text/plain "hello"'],
  ],
  [
    'a digest, whose parts are messages',
    'Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nhello\n--b--\n',
    ['1 multipart/digest', '1.1 message/rfc822', '1.1.1 text/plain "hello"'],
  ],
  [
    'an attached message that is encoded, which nobody may do',
    `${MIXED}--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA==\n--b--\n`,
    ['1 multipart/mixed', '1.1 message/rfc822 "U3ViamVjdDogeA=="'],
    ['encoded-message 1.1'],
  ],
  [
    'a delimiter where the head was to end',
    `${MIXED}--b\nContent-Type: text/html\n--b\n\ntwo\n--b--\n`,
    ['1 multipart/mixed', '1.1 text/html ""', '1.2 text/plain "two"'],
  ],
  [
    'no boundary',
    'Content-Type: multipart/mixed\n\n--b\n\nx',
    ['1 multipart/mixed "--b\\r\\n\\r\\nx"'],
    ['no-boundary 1'],
  ],
  [
    'a broken line before the type',
    `Subject: x\nno field\nContent-Type : text/html\n\n<p>`,
    ['1 text/html "<p>"'],
    ['broken-head 1'],
  ],
  [
    'two types',
    'Content-Type: text/plain\nContent-Type: text/html\n\nx',
    ['1 text/plain "x"'],
    ['repeated-field 1'],
  ],
  ['a type that is none', 'Content-Type: whatever\n\nx', ['1 application/octet-stream "x"']],
  [
    'two boundaries in one field',
    'Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--b\n\nx\n--b--\n',
    ['1 multipart/mixed', '1.1 text/plain "x"'],
    ['repeated-parameter 1'],
  ],
  [
    'an encoding over the whole of a multipart',
    'Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nx\n--b--\n',
    ['1 multipart/mixed', '1.1 text/plain "x"'],
    ['encoded-multipart 1'],
  ],
  [
    'text after the end',
    `${MIXED}--b\n\nx\n--b--\nthis is what nobody scans\n`,
    ['1 multipart/mixed', '1.1 text/plain "x"'],
    ['text-after-end 1'],
  ],
  [
    'an encoding that nobody knows',
    'Content-Transfer-Encoding: x-uuencode\n\nx',
    ['1 text/plain "x"'],
    ['unknown-encoding 1'],
  ],
  [
    'what lies elsewhere',
    'Content-Type: message/external-body; access-type=URL; URL="http://evil.example/"\n\nx',
    ['1 message/external-body "x"'],
    ['external-body 1'],
  ],
];

describe('the parts of a message', () => {
  for (const [what, text, shape, notices = []] of SHAPES) {
    it(what, () => {
      const message = octets(text);
      assert.deepEqual(shapeOf(message), shape);
      assert.deepEqual(noticesOf(message), notices);
      // bare LF, which no message of ours has, is a line end to other readers
      const other = Buffer.from(text);
      assert.deepEqual(
        [...partsOf(readMime(other).root)].map(({ number, type }) => `${number} ${type}`),
        [...partsOf(readMime(message).root)].map(({ number, type }) => `${number} ${type}`),
      );
    });
  }

  it('are the same however the octets come', () => {
    const samples = SHAPES.map(([, text]) => octets(text));
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.nat(12), { minLength: 1, maxLength: 30 }),
        (message, cuts) => {
          const scanner = new MimeScanner();
          let at = 0;
          for (let turn = 0; at < message.length; turn++) {
            const next = at + cuts[turn % cuts.length]! + (turn % 2);
            scanner.feed(message.subarray(at, next));
            at = next;
          }
          assert.deepEqual(scanner.finish(), readMime(message));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('lie within each other, in order, whatever is read', () => {
    const word = fc.constantFrom(
      '--b',
      '--b--',
      '--c',
      '--c--',
      '\r\n',
      '\n',
      '\r',
      ' ',
      '-',
      'x',
      'Content-Type: ',
      'multipart/mixed; ',

      'boundary=b',
      'boundary=c',
      'message/rfc822',
      'Content-Transfer-Encoding: base64',
      '\r\n\r\n',
      ':',
      ';',
      '"',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const message = Buffer.from(words.join(''));
        const tree = readMime(message);
        assert.equal(tree.length, message.length);
        checkOrder(tree.root, { start: 0, end: message.length });
      }),
      { numRuns: 3000 },
    );
  });
});

function checkOrder(part: MimePart, within: { start: number; end: number }): void {
  const { head, body } = part;
  assert.ok(head.start >= within.start && head.end >= head.start, part.number);
  assert.ok(
    body.start >= head.end && body.end >= body.start && body.end <= Math.max(within.end, body.start),
    part.number,
  );
  let start = body.start;
  for (const child of part.children) {
    checkOrder(child, { start, end: body.end });
    start = child.body.end;
  }
}

describe('bounds', () => {
  it('10,000 parts: the first thousand are read', () => {
    const tree = readMime(octets(`${MIXED}${'--b\n\nx\n'.repeat(10_000)}`));
    assert.equal([...partsOf(tree.root)].length, 1000);
    assert.deepEqual(tree.notices, [{ code: 'too-many-parts', part: '1' }]);
  });

  it('1,000 parts within each other: the rest is content of the last', () => {
    let nested = '';
    for (let depth = 0; depth < 1000; depth++) {
      nested += `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n`;
    }
    const tree = readMime(octets(nested));
    const parts = [...partsOf(tree.root)];
    assert.equal(parts.length, 21);
    assert.ok(tree.notices.some(({ code }) => code === 'too-deep'));
  });

  it('a header section of 10 MB is cut, and the type before its end still counts', () => {
    const tree = readMime(octets(`Content-Type: text/html\nX: ${'x'.repeat(10_000_000)}\n\nbody`));
    assert.equal(tree.root.type, 'text/html');
    assert.equal(tree.root.body.end - tree.root.body.start, 4);
    assert.deepEqual(tree.notices, [{ code: 'too-large-head', part: '1' }]);
  });

  it('a head of many lines is cut too, and never passes for content', () => {
    const tree = readMime(octets('X: y\n'.repeat(1_000_000)));
    assert.ok(tree.notices.some(({ code }) => code === 'too-large-head'));
    assert.ok(tree.root.body.start >= 2 * 1024 * 1024);
    const fields = readMime(octets(`${'X: y\n'.repeat(2000)}\n`));
    assert.deepEqual([fields.root.fields.length, fields.notices[0]?.code], [1000, 'too-many-fields']);
  });

  it('lines that begin as a delimiter and go on for ever', () => {
    const tree = readMime(octets(`${MIXED}--b\n\n--b${'-'.repeat(5_000_000)}\n--b--\n`));
    assert.equal(tree.root.children.length, 1);
    assert.deepEqual(tree.notices, []);
  });

  // each of these took minutes while it took time by the square of a line
  it('50 MB of lines that could be delimiters until their last octet', () => {
    const line = `--${' '.repeat(990)}x\n`;
    const tree = readMime(octets(`${MIXED}--b\n\n${line.repeat(50_000)}--b--\n`));
    assert.equal(tree.root.children.length, 1);
    assert.deepEqual(tree.notices, []);
  });

  it('parameters without a value, and in thousands of sections', () => {
    const heads = Array.from({ length: 100 }, () => `--b\nContent-Type: a/b; ${'a;'.repeat(9900)}x=y\n\n`);
    const tree = readMime(octets(`${MIXED}${heads.join('')}--b--\n`));
    assert.equal(tree.root.children[99]?.parameters.get('x'), 'y');
    const sections = Array.from({ length: 1000 }, (_, index) => `f*${index}=a;`).join('');
    const { root } = readMime(octets(`Content-Type: a/b; ${sections}f*1000=.exe\n\n`));
    assert.equal(root.parameters.get('f'), `${'a'.repeat(1000)}.exe`);
  });
});

describe('content', () => {
  const decoded = async (encoding: string, text: string, size = 7): Promise<string> => {
    const message = Buffer.from(`Content-Transfer-Encoding: ${encoding}\r\n\r\n${text}`);
    const { root } = readMime(message);
    const pieces: Buffer[] = [];
    const source = octetsOf(message);
    const small = {
      length: source.length,
      async *read({ start, end }: { start: number; end: number }) {
        for (let at = start; at < end; at += size) yield message.subarray(at, Math.min(at + size, end));
      },
    };
    for await (const piece of contentOf(small, root)) pieces.push(piece);
    assert.ok(
      (await beginningOf(source, root, 1_000_000)).octets.equals(Buffer.concat(pieces)),
      'whole and in pieces',
    );
    return Buffer.concat(pieces).toString('latin1');
  };

  const TABLE: [encoding: string, text: string, content: string][] = [
    ['7bit', 'as it is', 'as it is'],
    ['BASE64', 'aGVsbG8gd29ybGQ=', 'hello world'],
    ['base64', 'aGVs\r\nbG8g\r\n d29y*bGQ', 'hello world'],
    ['base64', 'aGVsbG8=IHdvcmxk', 'hello world'],
    ['base64', '=aA==aQ===ag=aGVs=', 'hijhel'],
    ['base64 (as it were)', 'eA==', 'x'],
    ['quoted-printable', 'a=3Db =\r\nc=ZZ  \r\nd=', 'a=b c=ZZ\r\nd='],
    ['x-unknown', 'eA==', 'eA=='],
  ];
  for (const [encoding, text, content] of TABLE) {
    it(`${encoding} ${JSON.stringify(text)}`, async () => {
      for (const size of [1, 2, 3, 5, 100]) assert.equal(await decoded(encoding, text, size), content);
    });
  }

  it('a line of quoted-printable without an end takes no more memory than its bound', async () => {
    assert.ok((await decoded('quoted-printable', 'ab=3D'.repeat(100_000), 4096)) === 'ab='.repeat(100_000));
  });

  it('nor one of nothing but white space, nor base64 of nothing but ends', async () => {
    const white = await decoded('quoted-printable', `a${' '.repeat(30_000_000)}=3Db`, 256 * 1024);
    assert.match(white, /^a *=b$/);
    assert.ok((await decoded('base64', 'eA='.repeat(500_000), 4096)) === 'x'.repeat(500_000));
  });

  it('white space of a line is kept wherever it is cut', async () => {
    const line = `word ${' '.repeat(3000)}=41`.repeat(60);
    const whole = `word ${' '.repeat(3000)}A`.repeat(60);
    for (const size of [70_000, 65_537, 131_071]) {
      assert.ok((await decoded('quoted-printable', line, size)) === whole, String(size));
    }
  });
});
