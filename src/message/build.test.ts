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
  return viewMessage(message).headers.find((field) => field.name.toLowerCase() === name)?.value;
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

  it('nests alternative in related in mixed, and the reader finds all of it again', () => {
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
    const view = viewMessage(message);
    assert.equal(
      header(message, 'subject'),
      'Rechnung über 10 € — und ein sehr langer Betreff, der in mehrere kodierte Wörter zerfällt',
    );
    assert.equal(header(message, 'from'), 'Réception, "Ground" floor <app@corp.example>');
    assert.equal(header(message, 'list-unsubscribe'), '<https://corp.example/u>');
    assert.equal(view.text, 'Grüße');
    assert.equal(view.html, '<p>Grüße <img src="cid:logo"></p>');
    assert.deepEqual(
      view.attachments.map(({ filename, size, disposition, contentId }) => ({
        filename,
        size,
        disposition,
        contentId,
      })),
      [
        { filename: 'logo.png', size: 3, disposition: 'inline', contentId: 'logo' },
        {
          filename: 'Rechnung «März» 2026 mit einem Namen, der länger ist als eine Zeile.pdf',
          size: 10_000,
          disposition: 'attachment',
          contentId: undefined,
        },
      ],
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

  it('keeps its structure whatever text it is given', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: 'binary', maxLength: 80 }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (subject, filename, text) => {
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
          const view = viewMessage(message);
          assert.deepEqual(
            view.headers.map(({ name }) => name),
            ['Date', 'From', 'To', 'Subject', 'Message-ID', 'MIME-Version', 'Content-Type'],
          );
          assert.equal(view.text, text.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n'));
          assert.equal(view.attachments.length, 1);
          assert.equal(view.attachments[0]?.filename, filename.toWellFormed());
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

describe('viewMessage', () => {
  it('stays within its bounds on nested and unfinished messages', () => {
    let nested = 'Content-Type: text/plain\r\n\r\ndeep';
    for (let depth = 0; depth < 50; depth++) {
      nested = `Content-Type: multipart/mixed; boundary="b${depth}"\r\n\r\n--b${depth}\r\n${nested}\r\n--b${depth}--\r\n`;
    }
    assert.equal(viewMessage(Buffer.from(nested)).truncated, true);
    const many = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(5000)}`;
    assert.ok(viewMessage(Buffer.from(many)).attachments.length <= 200);
    for (const text of ['', '\r\n', 'no colon', 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b']) {
      viewMessage(Buffer.from(text));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => void viewMessage(Buffer.from(bytes))),
    );
  });

  it('reads RFC 2231 continuations and unknown charsets', () => {
    const message = Buffer.from(
      "Content-Type: text/plain; charset=x-unknown\r\nContent-Disposition: attachment; filename*0*=utf-8''%C3%A4; filename*1=b.txt\r\n\r\nbody",
    );
    assert.equal(viewMessage(message).attachments[0]?.filename, 'äb.txt');
  });
});
