import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { octetsOf } from './mime/octets.ts';
import { viewHtml, viewMessage } from './view.ts';

const GIF = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

/** A message of parts, each as `fields LF LF content`. */
function multipart(kind: string, parts: readonly string[]): Buffer {
  const inner = parts.map((part) => `--m\n${part}\n`).join('');
  return Buffer.from(
    `Content-Type: multipart/${kind}; boundary=m\n\n${inner}--m--\n`.replaceAll('\n', '\r\n'),
  );
}

const codes = (notices: { code: string; part: string }[]): string[] =>
  notices.map(({ code, part }) => `${code} ${part}`);

const picture = (id: string, fields = 'Content-Type: image/gif'): string =>
  `${fields}\nContent-ID: <${id}>\nContent-Transfer-Encoding: base64\n\n${GIF}`;

describe('what a message shows', () => {
  it('only a picture that the HTML truly shows is part of it; all else is attached', async () => {
    const hidden = btoa('PK\x03\x04 something to take along');
    const message = multipart('related', [
      'Content-Type: text/html\n\n<img src="cid:a"><img src="cid:b%40x"><!-- cid:c --><a href="cid:d">x</a><img src="cid:e">',
      picture('a'),
      picture('b@x', 'Content-Type: application/octet-stream; name=b.bin'),
      picture('c'),
      picture('d'),
      `Content-Type: application/octet-stream; name=e.docx\nContent-ID: <e>\nContent-Transfer-Encoding: base64\n\n${hidden}`,
    ]);
    const { attachments, html } = await viewMessage(octetsOf(message));
    assert.deepEqual(
      attachments.map(({ part, inline }) => [part, inline]),
      [
        ['1.2', true],
        ['1.3', true],
        ['1.4', false],
        ['1.5', false],
        ['1.6', false],
      ],
    );
    assert.equal(html?.findings.missingImages, 1);
    const page = await viewHtml(octetsOf(message));
    assert.equal(page?.match(/<img src="data:image\/gif;base64,/g)?.length, 2);
  });

  it('pictures whose names begin as those of the HTML do, a thousand of them', async () => {
    // what looked for each name in the HTML by itself took minutes for these
    const start = 'a'.repeat(1000);
    const message = multipart('related', [
      `Content-Type: text/html\n\n${`cid:${'a'.repeat(2000)}`.repeat(1000)}`,
      ...Array.from({ length: 900 }, (_, index) => picture(`ab${start}${index}`)),
    ]);
    const { attachments } = await viewMessage(octetsOf(message));
    assert.equal(attachments.length, 300);
  });

  it('one picture a thousand times is no page of a thousand pictures', async () => {
    const large = Buffer.concat([Buffer.from(GIF, 'base64'), Buffer.alloc(400_000)]).toString('base64');
    const message = multipart('related', [
      `Content-Type: text/html\n\n${'<img src="cid:a">'.repeat(1000)}`,
      `Content-Type: image/gif\nContent-ID: <a>\nContent-Transfer-Encoding: base64\n\n${large}`,
    ]);
    const page = await viewHtml(octetsOf(message));
    assert.ok(page && page.length > 4_000_000 && page.length < 6_000_000, String(page?.length));
  });

  it('names of types, encodings and character sets are words', async () => {
    const { structure, text } = await viewMessage(
      octetsOf(
        Buffer.from(
          `Content-Type: text/plain; charset="\u202ex y${'z'.repeat(1000)}"\nContent-Transfer-Encoding: \u202e7bit ${'x'.repeat(1000)}\n\nbody`,
        ),
      ),
    );
    assert.match(structure.encoding, /^[\x21-\x7e\ufffd]{1,60}$/);
    assert.match(text?.charset ?? '', /^[\x21-\x7e\ufffd]{1,60}$/);
  });

  const MARKED: [html: string, notices: string[]][] = [
    ['<p>plain</p>', []],
    ['<p>a\u202eb</p>', ['direction-marks 1']],
    ['<p>a&#x202e;b</p>', ['direction-marks 1']],
    ['<!-- \u202e -->', ['direction-marks 1']],
  ];
  for (const [html, notices] of MARKED) {
    it(`marks of direction in ${JSON.stringify(html)}`, async () => {
      const message = Buffer.from(`Content-Type: text/html; charset=utf-8\r\n\r\n${html}`);
      assert.deepEqual(codes((await viewMessage(octetsOf(message))).notices), notices);
    });
  }

  const CUT: [label: string, octets: Buffer][] = [
    ['', Buffer.from('aä'.repeat(400_000))],
    ['; charset=us-ascii', Buffer.from('€'.repeat(400_000))],
    ['; charset=utf-8', Buffer.from('€'.repeat(400_000))],
    ['; charset=x-none', Buffer.from('\u{1f600}a'.repeat(400_000))],
    ['; charset=utf-16le', Buffer.from(`x${'€'.repeat(400_000)}`, 'utf16le')],
    [
      '; charset=shift_jis',
      Buffer.concat([Buffer.from('x'), Buffer.alloc(800_000, Buffer.from([0x82, 0xa0]))]),
    ],
  ];
  for (const [label, octets] of CUT) {
    it(`text that is cut within a character${label}`, async () => {
      const head = Buffer.from(`Content-Type: text/plain${label}\r\n\r\n`);
      const { text, notices } = await viewMessage(octetsOf(Buffer.concat([head, octets])));
      assert.match(text?.content ?? '', /^[xaä€\u{1f600}あ]+$/u);
      assert.deepEqual(
        codes(notices).filter((code) => code !== 'unknown-charset 1'),
        ['text-cut 1'],
      );
    });
  }
});
