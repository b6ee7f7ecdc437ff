import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BodyRepair } from './body-repair.ts';
import { decodeWords } from './encoded-word.ts';
import type { Envelope } from './envelope.ts';
import { HeadEditor, HeaderIndex } from './headers.ts';
import { bodyForm } from './mime-type.ts';
import { repairHeadLines, repairMime } from './repair.ts';
import { NO_TRAITS } from './content.ts';
import { scanBody } from './scan.ts';
import { decodeQuotedPrintable, encodeBase64Lines } from './transfer-encoding.ts';

const CRLF = Buffer.from('\r\n');
const LIMITS = { headerBytes: 1_000_000, headerFields: 100 };
const ALL = { missingHeaders: true, missingFrom: '', longLines: true, rawHeaders: true };
const NONE = { missingHeaders: false, missingFrom: '', longLines: false, rawHeaders: false };

const indexOf = (fields: string, encoding: BufferEncoding = 'utf8'): HeaderIndex =>
  new HeaderIndex(Buffer.from(`${fields}\r\n\r\n`, encoding), LIMITS);

/** The repaired head, or the refusal's code; undefined when nothing had to be done. */
function repairHead(index: HeaderIndex, policy = ALL, smtpUtf8 = false): HeaderIndex | string | undefined {
  const lines = repairHeadLines(index, policy, smtpUtf8);
  if (!lines) return undefined;
  if ('code' in lines) return lines.code;
  const repaired = new HeaderIndex(lines.editor.build(), LIMITS);
  assert.equal(repaired.fault, undefined);
  assert.ok(repaired.longestLine <= 998);
  return repaired;
}

function repairedValue(fields: string, encoding: BufferEncoding = 'utf8'): string {
  const repaired = repairHead(indexOf(fields, encoding));
  assert.ok(repaired instanceof HeaderIndex, String(repaired));
  assert.equal(repaired.eightBit, false);
  return repaired.value(repaired.fields[0]!);
}

describe('raw header text', () => {
  it('becomes encoded words, in UTF-8 or windows-1252 as it came', () => {
    assert.equal(repairedValue('Subject: Scan Büro'), 'Scan =?utf-8?B?QsO8cm8=?=');
    assert.equal(decodeWords(repairedValue('Subject: Scan B\xfcro \x80', 'latin1')), 'Scan Büro €');
    assert.equal(repairedValue('From: Büro <a@corp.example>'), '=?utf-8?B?QsO8cm8=?= <a@corp.example>');
    assert.equal(
      repairedValue('To: "Büro, 3" <a@x.example>, b@x.example'),
      '=?utf-8?B?QsO8cm8sIDM=?= <a@x.example>, b@x.example',
    );
    assert.equal(repairedValue('To: a@bücher.example'), 'a@xn--bcher-kva.example');
    assert.equal(
      repairedValue('Content-Type: application/pdf; name="Büro\'s.pdf"; x=y'),
      "application/pdf; name*=utf-8''B%C3%BCro%27s.pdf; x=y",
    );
  });

  it('is left alone under SMTPUTF8 if it is UTF-8', () => {
    assert.equal(repairHead(indexOf('Subject: Büro'), ALL, true), undefined);
    assert.ok(repairHead(indexOf('Subject: B\xfcro', 'latin1'), ALL, true) instanceof HeaderIndex);
  });

  it('loses nothing of a long text', () => {
    const text = `=?utf-8?q?x?= ü ${'word '.repeat(10_000)}ü`;
    const repaired = repairHead(indexOf(`Subject: ${text}`));
    assert.ok(repaired instanceof HeaderIndex);
    const words = repaired.value(repaired.fields[0]!).split(/ +/);
    assert.equal(words.map((word) => decodeWords(word)).join(''), text.replace('=?utf-8?q?x?= ', 'x'));
  });

  const refused: string[] = [
    `Content-Type: text/plain${';name="ü'.repeat(5000)}`,
    'Message-ID: <ü@x.example>',
    'To: ü@x.example',
    'From: Büro a@corp.example <b@x.example>',
    'Received: from ü',
    'Content-Type: ü/x',
    'DKIM-Signature: v=1; d=ü',
  ];
  for (const fields of refused) {
    it(`refuses ${fields}`, () => assert.equal(repairHead(indexOf(fields)), 'M608'));
  }

  it('is refused where the policy does not repair', () => {
    assert.equal(repairHead(indexOf('Subject: ü'), NONE), 'M608');
  });
});

describe('long header lines', () => {
  it('fold where white space is, and unfold to the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{0,150}$/), { minLength: 20, maxLength: 60 }),
        (words) => {
          const index = indexOf(`X-Long: x ${words.join(' ')} ${'word '.repeat(200)}end`);
          const repaired = repairHead(index);
          assert.ok(repaired instanceof HeaderIndex);
          assert.equal(repaired.value(repaired.fields[0]!), index.value(index.fields[0]!));
        },
      ),
    );
  });

  it('fold after commas of address lists, and nowhere else', () => {
    const list = Array.from({ length: 100 }, (_, i) => `"a,b"@host${i}.example`).join(',');
    const value = repairedOr(`To: ${list}`);
    assert.equal(value.replaceAll(' ', ''), list);
    assert.equal(repairHead(indexOf(`X-List: ${list}`)), 'M604');
  });

  it('become encoded words in a subject without spaces, and are refused elsewhere', () => {
    assert.equal(decodeWords(repairedOr(`Subject: ${'x'.repeat(2000)}`)), 'x'.repeat(2000));
    assert.equal(repairHead(indexOf(`X-Token: ${'x'.repeat(2000)}`)), 'M604');
    assert.equal(repairHead(indexOf(`Subject: ${'x '.repeat(2000)}y`), NONE), 'M604');
  });

  function repairedOr(fields: string): string {
    const repaired = repairHead(indexOf(fields));
    assert.ok(repaired instanceof HeaderIndex, String(repaired));
    return repaired.value(repaired.fields[0]!);
  }
});

/** Head and body after repair, or the code of the refusal. */
function repairMessage(
  fields: string,
  body: string | Buffer,
  policy = ALL,
  pieces = 1_000_000,
  declared: Envelope['body'] = '7bit',
) {
  const index = indexOf(fields);
  const octets = Buffer.from(body);
  const editor = new HeadEditor(index);
  const plan = repairMime(index, editor, policy, scanBody(octets), declared);
  if ('code' in plan) return plan.code;
  const head = editor.build().toString();
  if (plan.repair === undefined) return { head, body: octets.toString('latin1') };
  const repair = new BodyRepair(plan.repair, NO_TRAITS, plan.facts);
  const out: Buffer[] = [];
  for (let at = 0; at < octets.length; at += pieces) out.push(repair.feed(octets.subarray(at, at + pieces)));
  out.push(repair.finish());
  if (repair.failure) return repair.failure;
  const result = Buffer.concat(out);
  assert.deepEqual(repair.bodyTraits, scanBody(result));
  assert.ok(repair.bodyTraits.longestLine <= 998);
  assert.doesNotMatch(result.toString('latin1'), /\r(?!\n)|(?<!\r)\n|\0/);
  assert.ok(result.length === 0 || result.subarray(-2).equals(CRLF));
  return { head, body: result.toString('latin1') };
}

const LONG = 'x'.repeat(3000);

describe('MIME fields', () => {
  it('are added to a body that needs them', () => {
    assert.deepEqual(repairMessage('A: b', 'grün\r\n'), {
      head: 'A: b\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n',
      body: Buffer.from('grün\r\n').toString('latin1'),
    });
    const latin = repairMessage('A: b', Buffer.from('gr\xfcn\r\n', 'latin1'));
    assert.ok(typeof latin === 'object' && latin.head.includes('charset=windows-1252'));
    assert.deepEqual(repairMessage('Content-Type: text/html', 'x\r\n'), {
      head: 'Content-Type: text/html\r\nMIME-Version: 1.0\r\n\r\n',
      body: 'x\r\n',
    });
  });

  it('are not touched in a message that is right, or by a policy that does not repair', () => {
    for (const [fields, body] of [
      ['A: b', 'ascii\r\n'],
      ['A: b', ''],
      ['MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8', 'grün\r\n'],
    ] as const) {
      const result = repairMessage(fields, body);
      assert.ok(typeof result === 'object');
      assert.equal(result.head, `${fields}\r\n\r\n`);
    }
    assert.deepEqual(repairMessage('A: b', 'ü\r\n', NONE), { head: 'A: b\r\n\r\n', body: 'Ã¼\r\n' });
  });
});

describe('long body lines', () => {
  it('become quoted-printable in a single text', () => {
    const result = repairMessage(
      'MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8',
      `a=\r\n${LONG}ü \r\n-end`,
    );
    assert.ok(typeof result === 'object');
    assert.match(result.head, /Content-Transfer-Encoding: quoted-printable\r\n\r\n$/);
    assert.equal(decodeQuotedPrintable(Buffer.from(result.body)).toString(), `a=\r\n${LONG}ü \r\n-end\r\n`);
    assert.ok(result.body.split('\r\n').every((line) => line.length <= 76));
  });

  it('are declared when nothing was', () => {
    const result = repairMessage('A: b', LONG);
    assert.ok(typeof result === 'object');
    assert.match(
      result.head,
      /^A: b\r\nMIME-Version: 1\.0\r\nContent-Type: text\/plain; charset=us-ascii\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n$/,
    );
  });

  it('become shorter within base64 and quoted-printable', () => {
    const data = Buffer.alloc(5000, 'attachment').toString('base64');
    const base64 = repairMessage(
      'Content-Type: application/pdf\r\nContent-Transfer-Encoding: BASE64',
      `${data}\r\n`,
    );
    assert.ok(typeof base64 === 'object');
    assert.match(base64.head, /BASE64/);
    assert.equal(base64.body.replaceAll('\r\n', ''), data);
    const encoded = `${'=C3=BC-'.repeat(500)}=\r\nnext=\r\n`;
    const quotedBody = repairMessage(
      'Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable',
      encoded,
    );
    assert.ok(typeof quotedBody === 'object');
    assert.deepEqual(
      decodeQuotedPrintable(Buffer.from(quotedBody.body)),
      decodeQuotedPrintable(Buffer.from(encoded)),
    );
  });

  const mixed = (part: string, type = 'mixed'): [string, string] => [
    `MIME-Version: 1.0\r\nContent-Type: multipart/${type}; boundary="b1"`,
    `preamble\r\n--b1\r\nContent-Type: text/plain\r\n\r\nshort\r\n--b1\r\n${part}\r\n--b1--\r\nepilogue\r\n`,
  ];

  it('are repaired leaf by leaf', () => {
    const data = Buffer.alloc(3000, 'scan').toString('base64');
    const inner = `Content-Type: multipart/alternative; boundary=b2\r\n\r\n--b2\r\nContent-Transfer-Encoding: 8bit\r\nContent-Type: text/html\r\n\r\n${LONG}\r\n--b2--\r\n\r\n--b1\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${data}`;
    const [fields, body] = mixed(inner);
    const result = repairMessage(fields, body);
    assert.ok(typeof result === 'object');
    assert.equal(result.head, `${fields}\r\n\r\n`);
    assert.ok(result.body.includes(`\r\n\r\n${data.slice(0, 76)}\r\n`));
    assert.ok(
      result.body.includes(
        '--b2\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html\r\n\r\nxxx',
      ),
    );
    assert.ok(result.body.endsWith('\r\n--b1--\r\nepilogue\r\n'));
    assert.ok(
      result.body.startsWith(
        'preamble\r\n--b1\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nshort\r\n--b1\r\n',
      ),
    );
    for (const pieces of [1, 7, 1001, 4096])
      assert.deepEqual(repairMessage(fields, body, ALL, pieces), result);
  });

  const hopeless: [string, [string, string]][] = [
    ['a signed part', mixed(`Content-Type: text/plain\r\n\r\n${LONG}`, 'signed')],
    ['an attached message', mixed(`Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n${LONG}`)],
    ['an unknown encoding', mixed(`Content-Transfer-Encoding: x-uuencode\r\n\r\n${LONG}`)],
    ['a long preamble', [mixed('')[0], `${LONG}\r\n--b1--\r\n`]],
    ['a head of a part', mixed(`X: ${LONG}\r\n\r\nx`)],
    ['a malformed head of a part', mixed(`no colon\r\n\r\n${LONG}`)],
    ['what may be a delimiter', mixed(`Content-Type: text/plain\r\n\r\n${LONG}\r\n--b1 x\r\n`)],
    ['a long line that begins like a delimiter', mixed(`Content-Type: text/plain\r\n\r\n--b1${LONG}`)],
    [
      'a delimiter with long white space',
      mixed(`Content-Type: text/plain\r\n\r\nx\r\n--b1${' '.repeat(1500)}`),
    ],
    ['base64 that is none', mixed(`Content-Transfer-Encoding: base64\r\n\r\n--${LONG}`)],
    [
      'quoted-printable that is none',
      mixed(`Content-Transfer-Encoding: quoted-printable\r\n\r\n${'='.repeat(1200)}`),
    ],
    ['two types', ['Content-Type: text/plain\r\nContent-Type: text/html', LONG]],
    ['no boundary', ['Content-Type: multipart/mixed', LONG]],
    ['two boundaries', ['Content-Type: multipart/mixed; boundary=a; boundary=b', LONG]],
  ];
  for (const [what, [fields, body]] of hopeless) {
    it(`are refused in ${what}`, () => {
      for (const pieces of [1, 1_000_000]) assert.equal(repairMessage(fields, body, ALL, pieces), 'M604');
    });
  }

  it('are refused where the policy does not repair', () =>
    assert.equal(repairMessage('A: b', LONG, NONE), 'M604'));

  it('leave decoded octets as they were, whatever they are and however they are cut', () => {
    const piece = fc.constantFrom(LONG, '\r\n', 'a ', '=', '=20', '-', '--b', '.', '\t', '\xff', 'From ');
    const type = fc.constantFrom('text/plain', 'application/octet-stream');
    fc.assert(
      fc.property(
        type,
        fc.array(piece, { maxLength: 20 }),
        fc.integer({ min: 1, max: 3000 }),
        (type, pieces, cut) => {
          const data = Buffer.from(`${LONG}${pieces.join('')}`, 'latin1');
          const body = Buffer.concat([
            Buffer.from(`--b1\r\nContent-Type: ${type}\r\n\r\n`),
            data,
            Buffer.from('\r\n--b1--\r\n'),
          ]);
          const result = repairMessage('Content-Type: multipart/mixed; boundary=b1', body, ALL, cut);
          assert.ok(typeof result === 'object', String(result));
          const start = result.body.indexOf('\r\n\r\n') + 4;
          const encoded = result.body.slice(start, result.body.lastIndexOf('\r\n--b1--'));
          assert.deepEqual(decodeStrictly(encoded), data);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('never fail in another way, whatever the structure', () => {
    const piece = fc.constantFrom(
      '--b1',
      '--b1--',
      '--b2',
      '\r\n',
      '\r\n\r\n',
      LONG,
      'Content-Type: text/html',
      'Content-Type: multipart/mixed; boundary=b2',
      'Content-Transfer-Encoding: base64',
      ' ',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const form = bodyForm(indexOf('Content-Type: multipart/mixed; boundary=b1'));
        const repair = new BodyRepair(form, NO_TRAITS);
        const out = [repair.feed(Buffer.from(pieces.join(''))), repair.finish()];
        if (repair.failure === undefined) assert.ok(scanBody(Buffer.concat(out)).longestLine <= 998);
      }),
    );
  });
});

describe('octets that no line may hold', () => {
  /** Decoded content of a message that came as BINARYMIME, or the code of the refusal. */
  const decodedAs = (fields: string, body: Buffer, pieces?: number): Buffer | string => {
    const result = repairMessage(fields, body, NONE, pieces, 'binarymime');
    if (typeof result === 'string') return result;
    const encoding = /^content-transfer-encoding: (.*)\r$/im.exec(result.head)?.[1];
    return decode(encoding, result.body);
  };
  const decode = (encoding: string | undefined, text: string): Buffer => {
    if (encoding === 'base64') return Buffer.from(text, 'base64');
    return encoding === 'quoted-printable' ? decodeStrictly(text) : Buffer.from(text, 'latin1');
  };
  const every = Buffer.from(Array.from({ length: 3 * 256 }, (_, i) => (i * 7) % 256));

  const contents: [string, Buffer][] = [
    ['a bare CR', Buffer.from('a\rb\r\n')],
    ['a bare LF', Buffer.from('a\nb\r\n')],
    ['a NUL', Buffer.from('a\0b\r\n')],
    ['what would end DATA', Buffer.from('a\n.\n.\r.\r\n.\r\nMAIL FROM:<x>\r\n')],
    ['a CR before a line end', Buffer.from('a\r\r\n')],
    ['a CR at the end', Buffer.from('a\r')],
    ['an LF at the beginning', Buffer.from('\na\r\n')],
    ['an LF at the end', Buffer.from('a\n')],
    ['no line end at the end', Buffer.from('a\r\nb ')],
    ['every octet', every],
    ['every octet and a line end', Buffer.concat([every, CRLF])],
    ['a long line', Buffer.concat([Buffer.alloc(5000, 'x'), CRLF, Buffer.alloc(3000, '\r')])],
    ['line ends alone', Buffer.from('\r\n\r\n\n')],
  ];
  for (const [what, octets] of contents) {
    for (const fields of [
      'A: b',
      'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit',
      'Content-Type: application/pdf\r\nContent-Transfer-Encoding: binary',
    ]) {
      it(`${what}: ${JSON.stringify(fields)} decodes to the same octets`, () => {
        for (const pieces of [1, 57, 1001, 1_000_000])
          assert.deepEqual(decodedAs(fields, octets, pieces), octets);
      });
    }
  }

  it('are encoded as base64 in what is no text, and as quoted-printable in text', () => {
    const binary = repairMessage('Content-Type: image/png', every, ALL, undefined, 'binarymime');
    assert.ok(typeof binary === 'object');
    assert.match(binary.head, /^MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r$/m);
    assert.ok(binary.body.split('\r\n').every((line) => line.length <= 76));
    const text = repairMessage('A: b', 'a\0b\r\n', ALL, undefined, 'binarymime');
    assert.ok(typeof text === 'object');
    assert.match(text.head, /charset=us-ascii\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n$/);
    assert.equal(text.body, 'a=00b\r\n');
  });

  const MIXED =
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b1\r\nContent-Transfer-Encoding: binary';
  const part = (fields: string, octets: string | Buffer): Buffer =>
    Buffer.concat([Buffer.from(`--b1\r\n${fields}\r\n\r\n`), Buffer.from(octets), CRLF]);
  const END = Buffer.from('--b1--\r\n');

  it('are encoded part by part, and what was said to be binary is so no more', () => {
    const inner = 'Content-Type: multipart/related; boundary=b2\r\nContent-Transfer-Encoding: binary';
    const body = Buffer.concat([
      part('Content-Type: text/plain', 'text\nbare'),
      part('Content-Type: image/png\r\nContent-Transfer-Encoding: binary', every),
      part(
        inner,
        Buffer.concat([Buffer.from('--b2\r\nContent-Type: a/b\r\n\r\n'), every, Buffer.from('\r\n--b2--')]),
      ),
      END.subarray(0, -2),
    ]);
    const whole = repairMessage(MIXED, body, NONE, undefined, 'binarymime');
    assert.ok(typeof whole === 'object');
    assert.equal(whole.head, `${MIXED.replace('binary', '8bit')}\r\n\r\n`);
    const base64 = encodeBase64Lines(every).toString();
    assert.equal(
      whole.body,
      [
        '--b1',
        'Content-Type: text/plain',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'text=0Abare',
        '--b1',
        'Content-Type: image/png',
        'Content-Transfer-Encoding: base64',
        '',
        base64,
        '--b1',
        inner.replace('binary', '8bit'),
        '',
        '--b2',
        'Content-Type: a/b',
        'Content-Transfer-Encoding: base64',
        '',
        base64,
        '--b2--',
        '--b1--',
        '',
      ].join('\r\n'),
    );
    for (const pieces of [1, 7, 1001]) {
      assert.deepEqual(repairMessage(MIXED, body, NONE, pieces, 'binarymime'), whole);
    }
  });

  it('are nothing to encode where there are none', () => {
    const fields =
      'MIME-Version: 1.0\r\nContent-Type: application/x; y=z\r\nContent-Transfer-Encoding: binary';
    const result = repairMessage(fields, 'clean\r\n', ALL, undefined, 'binarymime');
    assert.deepEqual(result, { head: `${fields}\r\n\r\n`, body: 'clean\r\n' });
  });

  const SIGNED = MIXED.replace('mixed', 'signed');
  const base64Part = 'Content-Type: a/b\r\nContent-Transfer-Encoding: base64';
  const refused: [string, string, Buffer][] = [
    ['a signed part', SIGNED, Buffer.concat([part('Content-Type: text/plain', 'a\nb'), END])],
    [
      'an attached message',
      MIXED,
      Buffer.concat([part('Content-Type: message/rfc822', 'A: b\r\n\r\nc\0\r\n'), END]),
    ],
    ['a part in base64', MIXED, Buffer.concat([part(base64Part, 'YW\nJj'), END])],
    [
      'a part in an unknown encoding',
      MIXED,
      Buffer.concat([part(base64Part.replace('base64', 'x-y'), 'a\rb'), END]),
    ],
    ['the head of a part', MIXED, Buffer.concat([part('Content-Type: text/plain\nX: y', 'a'), END])],
    ['an unfinished head of a part', MIXED, Buffer.from('--b1\r\nX: \0y')],
    ['a delimiter', MIXED, Buffer.concat([part('A: b', 'c'), Buffer.from('--b1--\r\r\n')])],
    ['the preamble', MIXED, Buffer.concat([Buffer.from('a\nb\r\n'), part('A: b', 'c'), END])],
    ['the epilogue', MIXED, Buffer.concat([part('A: b', 'c'), END, Buffer.from('a\r')])],
    ['a structure that is not clear', 'Content-Type: multipart/mixed', Buffer.from('a\0\r\n')],
  ];
  for (const [what, fields, body] of refused) {
    it(`are refused in ${what}`, () => {
      for (const pieces of [1, 1_000_000]) assert.equal(decodedAs(fields, body, pieces), 'M610');
    });
  }

  it('came in lines: a NUL is encoded where the policy repairs, all else is refused', () => {
    for (const declared of ['7bit', '8bitmime'] as const) {
      const encoded = repairMessage('A: b', 'a\0b\r\n', ALL, undefined, declared);
      assert.ok(typeof encoded === 'object');
      assert.equal(encoded.body, 'a=00b\r\n');
      assert.equal(repairMessage('A: b', 'a\0b\r\n', NONE, undefined, declared), 'M610');
      for (const octets of ['a\rb\r\n', 'a\nb\r\n']) {
        assert.equal(repairMessage('A: b', octets, ALL, undefined, declared), 'M602');
      }
    }
  });

  it('decode to the same in a part, whatever they are and however they are cut', () => {
    const piece = fc.constantFrom(
      LONG,
      '\r\n',
      'a ',
      '=',
      '=20',
      '--b',
      '.',
      '\t',
      '\0',
      '\xff',
      '\r',
      '\n',
      'From ',
    );
    const type = fc.constantFrom('text/plain', 'application/octet-stream');
    const cuts = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(
        type,
        fc.array(piece, { maxLength: 20 }),
        cuts,
        fc.boolean(),
        (type, pieces, cut, inPart) => {
          const octets = Buffer.from(`\0${pieces.join('')}`, 'latin1');
          const declared = `Content-Type: ${type}\r\nContent-Transfer-Encoding: binary`;
          if (!inPart) {
            assert.deepEqual(decodedAs(declared, octets, cut), octets);
            return;
          }
          const result = repairMessage(
            MIXED,
            Buffer.concat([part(declared, octets), END]),
            ALL,
            cut,
            'binarymime',
          );
          assert.ok(typeof result === 'object', String(result));
          const start = result.body.indexOf('\r\n\r\n') + 4;
          const encoded = result.body.slice(start, result.body.lastIndexOf('\r\n--b1--'));
          assert.deepEqual(decode(type === 'text/plain' ? 'quoted-printable' : 'base64', encoded), octets);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the last line end', () => {
  it('is added, and nothing else is changed', () => {
    assert.deepEqual(repairMessage('A: b', 'x\r\n  y  '), { head: 'A: b\r\n\r\n', body: 'x\r\n  y  \r\n' });
  });
});

/** RFC 2045 §6.7 to the letter: only soft breaks and encoded octets. */
function decodeStrictly(text: string): Buffer {
  const joined = text
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(joined, 'latin1');
}
