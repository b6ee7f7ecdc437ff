import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { systemRandom } from '../platform/random.ts';
import { BuildError, buildMessage, type MessageParts } from './build.ts';
import {
  chooseEncoding,
  decodeBase64,
  decodeQuotedPrintable,
  encodeBase64Lines,
  encodeQuotedPrintable,
} from './transfer-encoding.ts';
import { fieldText } from './mime/fields.ts';
import { octetsOf } from './mime/octets.ts';
import { partsOf } from './mime/part.ts';
import { readMime } from './mime/scanner.ts';
import { viewMessage } from './view.ts';

const OPTIONS = { at: Date.UTC(2026, 0, 2, 3, 4, 5), hostname: 'relay.corp.example', random: systemRandom };

function parts(more: Partial<MessageParts> = {}): MessageParts {
  return {
    from: { address: 'app@corp.example', name: '' },
    to: [{ address: 'user@example.net', name: '' }],
    cc: [],
    replyTo: [],
    subject: 'Hello',
    attachments: [],
    headers: [],
    ...more,
  };
}

function header(message: Buffer, name: string): string | undefined {
  const field = readMime(message).root.fields.find(({ key }) => key === name);
  return field && fieldText(field);
}

describe('buildMessage', () => {
  it('writes a plain message that has every field that must be there', () => {
    const message = buildMessage(parts({ text: 'one\ntwo\r\nthree' }), OPTIONS);
    const text = message.toString();
    assert.match(
      text,
      /^Date: Fri, 02 Jan 2026 03:04:05 \+0000\r\n|^Date: Fri, 2 Jan 2026 03:04:05 \+0000\r\n/,
    );
    assert.match(text, /\r\nMessage-ID: <[\w-]{20}@relay\.corp\.example>\r\n/);
    assert.match(text, /\r\nContent-Transfer-Encoding: 7bit\r\n\r\none\r\ntwo\r\nthree$/);
    assert.doesNotMatch(text, /(?<!\r)\n|\r(?!\n)/);
  });

  it('nests alternative in related in mixed, and the reader finds all of it again', async () => {
    const message = buildMessage(
      parts({
        from: { address: 'app@corp.example', name: 'Réception, "Ground" floor' },
        subject: 'Rechnung über 10 € — und ein sehr langer Betreff, der in mehrere kodierte Wörter zerfällt',
        text: 'Grüße',
        html: '<p>Grüße <img src="cid:logo"></p>',
        attachments: [
          {
            filename: 'logo.png',
            contentType: 'image/png',
            content: Buffer.from([1, 2, 3]),
            disposition: 'inline',
            contentId: 'logo',
          },
          {
            filename: 'Rechnung «März» 2026 mit einem Namen, der länger ist als eine Zeile.pdf',
            contentType: 'application/pdf',
            content: Buffer.alloc(10_000, 7),
            disposition: 'attachment',
          },
        ],
        headers: [['List-Unsubscribe', '<https://corp.example/u>']],
      }),
      OPTIONS,
    );
    const view = await viewMessage(octetsOf(message));
    assert.equal(
      header(message, 'subject'),
      'Rechnung über 10 € — und ein sehr langer Betreff, der in mehrere kodierte Wörter zerfällt',
    );
    assert.equal(header(message, 'from'), 'Réception, "Ground" floor <app@corp.example>');
    assert.equal(header(message, 'list-unsubscribe'), '<https://corp.example/u>');
    assert.equal(view.text?.content, 'Grüße');
    assert.equal(
      message
        .toString()
        .includes('<p>Grüße <img src=3D"cid:logo"></p>'.replaceAll('ü', '=C3=BC').replaceAll('ß', '=C3=9F')),
      true,
    );
    const named = [...partsOf(readMime(message).root)].filter(({ fileName }) => fileName !== '');
    assert.deepEqual(
      named.map(({ fileName, disposition, contentId }) => [fileName, disposition, contentId]),
      [
        ['logo.png', 'inline', 'logo'],
        ['Rechnung «März» 2026 mit einem Namen, der länger ist als eine Zeile.pdf', 'attachment', ''],
      ],
    );
    assert.deepEqual(
      view.attachments.map(({ size }) => size),
      [3, 10_000],
    );
    for (const line of message.toString().split('\r\n')) assert.ok(line.length <= 78, line);
  });

  const hostile: [string, Partial<MessageParts>, string][] = [
    ['a line end in the subject', { subject: 'a\r\nBcc: x@example.org' }, 'subject'],
    ['a bare LF in the subject', { subject: 'a\nb' }, 'subject'],
    ['a NUL in the subject', { subject: 'a\u0000b' }, 'subject'],
    ['a direction mark in the subject', { subject: 'a\u202eb' }, 'subject'],
    ['a line end in a display name', { from: { address: 'a@corp.example', name: 'x\r\ny' } }, 'from'],
    ['a line end in an address', { to: [{ address: 'a\r\n@corp.example', name: '' }] }, 'to'],
    ['a bracket in an address', { to: [{ address: 'a> <b@corp.example', name: '' }] }, 'to'],
    ['an address without a domain', { cc: [{ address: 'a', name: '' }] }, 'cc'],
    ['a reserved field', { headers: [['Bcc', 'x@example.org']] }, 'headers.Bcc'],
    ['a signature', { headers: [['DKIM-Signature', 'v=1']] }, 'headers.DKIM-Signature'],
    ['a name with a colon', { headers: [['X: y', 'z']] }, 'headers.X: y'],
    ['a line end in a value', { headers: [['X-Note', 'z\r\n\r\nbody']] }, 'headers.X-Note'],
    ['a word longer than a line', { headers: [['X-Note', 'z'.repeat(2000)]] }, 'headers'],
    [
      'a media type that holds a parameter',
      {
        attachments: [
          { filename: 'a', contentType: 'a/b; x="\r\n"', content: Buffer.alloc(0), disposition: 'inline' },
        ],
      },
      'attachments.0.contentType',
    ],
    [
      'a composite media type',
      {
        attachments: [
          { filename: 'a', contentType: 'message/rfc822', content: Buffer.alloc(0), disposition: 'inline' },
        ],
      },
      'attachments.0.contentType',
    ],
    [
      'a line end in a file name',
      {
        attachments: [
          { filename: 'a\r\nb', contentType: 'a/b', content: Buffer.alloc(0), disposition: 'inline' },
        ],
      },
      'attachments.0.filename',
    ],
  ];
  for (const [what, more, field] of hostile) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => buildMessage(parts(more), OPTIONS),
        (error) => error instanceof BuildError && error.field === field,
      );
    });
  }

  it('keeps its structure whatever text it is given', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: 'binary', maxLength: 80 }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        async (subject, filename, text) => {
          let message: Buffer;
          try {
            message = buildMessage(
              parts({
                subject,
                text,
                attachments: [
                  {
                    filename,
                    contentType: 'text/csv',
                    content: Buffer.from(text),
                    disposition: 'attachment',
                  },
                ],
              }),
              OPTIONS,
            );
          } catch (error) {
            assert.ok(error instanceof BuildError);
            return;
          }
          const view = await viewMessage(octetsOf(message));
          assert.deepEqual(
            view.headers.map(({ name }) => name),
            ['Date', 'From', 'To', 'Subject', 'Message-ID', 'MIME-Version', 'Content-Type'],
          );
          assert.equal(view.text?.content, text.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n'));
          assert.equal(view.attachments.length, 1);
          const [, attached] = readMime(message).root.children;
          assert.equal(attached?.fileName, filename.toWellFormed());
        },
      ),
    );
  });
});

describe('transfer encodings', () => {
  it('quoted-printable comes back as it was, in lines of 76 octets at most', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        const octets = Buffer.from(text.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n'));
        const encoded = encodeQuotedPrintable(octets);
        for (const line of encoded.toString('latin1').split('\r\n')) assert.ok(line.length <= 76);
        assert.deepEqual(decodeQuotedPrintable(encoded), octets);
      }),
    );
  });

  it('quoted-printable that is none stands for itself, in linear time', () => {
    assert.equal(decodeQuotedPrintable(Buffer.from('a=ZZ b=\r\nc  \r\nd=')).toString(), 'a=ZZ bc\r\nd=');
    assert.equal(decodeQuotedPrintable(Buffer.from(`${' '.repeat(1_000_000)}x`)).length, 1_000_001);
  });

  it('base64 in lines comes back, and what is no base64 is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const lines = encodeBase64Lines(Buffer.from(bytes)).toString();
        for (const line of lines.split('\r\n')) assert.ok(line.length <= 76);
        assert.deepEqual(decodeBase64(lines), Buffer.from(bytes));
      }),
    );
    for (const text of ['a', 'ab=', 'a*bc', 'abcd=', 'ab==cd', '===='])
      assert.equal(decodeBase64(text), undefined, text);
  });

  it('chooses the most readable encoding that carries the text', () => {
    assert.equal(chooseEncoding(Buffer.from('plain\r\n')), '7bit');
    assert.equal(chooseEncoding(Buffer.from('x'.repeat(999))), 'quoted-printable');
    assert.equal(chooseEncoding(Buffer.from('Grüße an alle Kollegen im Haus')), 'quoted-printable');
    assert.equal(chooseEncoding(Buffer.from('Привет')), 'base64');
  });
});
