/** What is in a message: its parts, names, charsets and HTML, as they are read to be shown. */
import { octetsOf } from '../../../src/message/mime/octets.ts';
import { partsOf } from '../../../src/message/mime/part.ts';
import { MimeScanner, readMime } from '../../../src/message/mime/scanner.ts';
import { viewHtml, viewMessage } from '../../../src/message/view.ts';
import { chunked } from '../mutate.ts';
import { must, show, type Target } from '../target.ts';

const octets = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1');

const HTML =
  '<html><head><style>.a { color: red } @media (max-width: 9px) { .b { width: 1px } }</style></head><body bgcolor=#fff onload=x()><p style="color:red;background:url(http://t.example/)">x &amp; y <a href="javascript:alert(1)">z</a><img src="cid:a@b"><img src=http://t.example/p width=1><svg><script>x</script></svg><form><input type=password></form><table><tr><td>1<td>2</table></body></html>';

const SEEDS = [
  'Subject: =?utf-8?B?w6Q=?=\n\nbody\n',
  `Content-Type: text/html; charset=utf-8\n\n${HTML}\n`,
  `Content-Type: multipart/alternative; boundary="b"\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe=\n \n--b\nContent-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n${HTML}\n--c\nContent-Type: image/gif; name="x.gif"\nContent-ID: <a@b>\nContent-Transfer-Encoding: base64\n\nR0lGODlhAQABAAAAACw=\n--c--\n--b--\n`,
  'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nx\n--b\nContent-Disposition: attachment; filename*0*=utf-8\'\'%C3%A4; filename*1="b.pdf.exe"\n\nMZ\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename="=?utf-8?B?4oCuZmRwLmV4ZQ==?="\n\n%PDF-\n--b--\nafter\n',
  'Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ny\n--b--\n',
].map(octets);

export const contentTarget: Target = {
  name: 'content of a message',
  weight: 8,
  seeds: SEEDS,
  words: [
    '--b',
    '--b--',
    '--c--',
    'Content-Type: multipart/mixed; boundary=',
    'Content-Type: message/rfc822',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename=',
    "filename*=utf-8''%E2%80%AE",
    'charset=utf-7',
    '<svg>',
    '<style>',
    '<![CDATA[',
    '<!--',
    ' onerror=x',
    'style="',
    'url(',
    '&#x3c;',
    'javascript:',
    '</',
    '}',
  ],
  async run(input, random) {
    const whole = readMime(input);
    const scanner = new MimeScanner();
    for (const piece of chunked(input, random)) scanner.feed(piece);
    must(
      JSON.stringify(scanner.finish()) === JSON.stringify(whole),
      () => `the parts depend on how it came: ${show(input, 500)}`,
    );
    for (const { head, body, number } of partsOf(whole.root)) {
      must(
        head.start <= head.end &&
          head.end <= body.start &&
          body.start <= body.end &&
          body.end <= Math.max(input.length, body.start),
        () => `part ${number} lies wrong: ${show(input, 500)}`,
      );
    }
    const message = octetsOf(input);
    const view = await viewMessage(message);
    for (const { name } of view.attachments) {
      must(
        name !== '' && !/[/\\"\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(name),
        () => `the name ${show(name)}`,
      );
    }
    const page = await viewHtml(message);
    must((page === undefined) === (view.html === undefined), 'a page without HTML');
    if (page !== undefined) checkPage(page);
    return `${view.notices.map(({ code }) => code).join()}${view.attachments.map(({ flags }) => flags.join('+')).join()}${view.text?.fromHtml}${page !== undefined}`;
  },
};

const UNWANTED = /^(?:script|style|svg|math|iframe|object|embed|form|input|link|meta|base|template)$/;

/** Whatever it was made from: tags with quoted attributes, none of them one that fetches, follows or runs. */
function checkPage(page: string): void {
  const body = page.slice(page.indexOf('<body>') + 6, page.lastIndexOf('</body>'));
  const rest = body.replaceAll(
    /<\/?([a-z][a-z0-9]*)((?: [a-z]+="[^"<>]*")*)>/g,
    (_, name: string, attributes: string) => {
      must(!UNWANTED.test(name), name);
      for (const [attribute, key = '', value = ''] of attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
        must(!/^(?:href|on[a-z]+|srcset|action|background)$/.test(key), attribute);
        must(key !== 'src' || /^data:image\/(?:png|jpe?g|gif|webp);base64,/i.test(value), attribute);
        must(key !== 'style' || !/url\s*\(|expression|position|\\/i.test(value), attribute);
      }
      return '';
    },
  );
  must(!/[<>]/.test(rest), () => `markup is left: ${show(rest, 500)}`);
}
