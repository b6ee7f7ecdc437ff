import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HtmlFindings } from './findings.ts';
import { htmlText, safeHtml } from './safe-html.ts';

const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';

async function bodyOf(html: string): Promise<{ body: string; findings: HtmlFindings; styles: string }> {
  const { document, findings } = await safeHtml(html, (id) => (id === 'logo@x' ? PIXEL : undefined));
  checkHarmless(document);
  const styles = [...document.matchAll(/<style>(.*?)<\/style>/gs)]
    .slice(1)
    .map(([, text]) => text)
    .join('');
  return { body: /<body>(.*)<\/body><\/html>$/s.exec(document)?.[1] ?? '', findings, styles };
}

// what may be written at all: text without < and >, tags of the list with attributes in quotes, nothing else
const TAG =
  /<\/?(?:a|abbr|acronym|address|article|aside|b|bdi|bdo|big|blockquote|br|caption|center|cite|code|col|colgroup|dd|del|details|dfn|dir|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|header|hr|i|img|ins|kbd|li|main|mark|menu|nav|ol|p|pre|q|rp|rt|ruby|s|samp|section|small|span|strike|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|time|tr|tt|u|ul|var|wbr)((?: [a-z]+="[^"<>`']*")*)>/g;
const ATTRIBUTE = / ([a-z]+)="([^"]*)"/g;
const NAMES = new Set(
  'align alt bgcolor border cellpadding cellspacing class color colspan dir face height hspace lang nowrap rowspan size span src start style title type valign vspace width'.split(
    ' ',
  ),
);

/** What must hold for any document, whatever it was made from; no parser is asked, so that none can be deceived. */
function checkHarmless(document: string): void {
  const [, body = ''] = /<body>(.*)<\/body><\/html>$/s.exec(document) ?? [];
  const rest = body.replaceAll(TAG, (_, attributes: string) => {
    for (const [, name = '', value = ''] of attributes.matchAll(ATTRIBUTE)) {
      assert.ok(NAMES.has(name), name);
      if (name === 'src')
        assert.match(value, /^data:image\/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/]+=*$/i);
      if (name === 'style') assert.doesNotMatch(value, /url\s*\(|expression|position|behaviou?r|\\|@/i);
    }
    return '';
  });
  assert.doesNotMatch(rest, /[<>]/);
  const sheets = [...document.matchAll(/<style>(.*?)<\/style>/gs)].map(([, text = '']) => text);
  for (const sheet of sheets)
    assert.doesNotMatch(sheet, /url\s*\(|@import|@font-face|expression|position|<|\\/i);
}

type Counts = Partial<Omit<HtmlFindings, 'links' | 'moreLinks' | 'tooDeep' | 'cut'>>;

const HOSTILE: [what: string, html: string, body: string, counts?: Counts][] = [
  ['script', 'a<script>alert(1)</script>b', 'ab', { scripts: 1 }],
  ['script that is not closed', 'a<script>alert(1)', 'a', { scripts: 1 }],
  ['script in capitals with a space', '<SCRIPT\n>alert(1)</SCRIPT\t>b', 'b', { scripts: 1 }],
  ['script within script', '<scr<script>ipt>alert(1)</script>', 'ipt&gt;alert(1)'],
  ['an event handler', '<p onclick="alert(1)" OnLoad=alert(2)>x</p>', '<p>x</p>', { scripts: 2 }],
  ['a handler after a slash', '<img/onerror=alert(1)/src=x>', '', { scripts: 1 }],
  [
    'a tracking pixel',
    '<img src="https://t.example/p.gif" width=1 height="1">',
    '',
    { remoteImages: 1, trackingPixels: 1 },
  ],
  [
    'one that is hidden by style',
    '<img src="//t.example/p" style="width: 1px">',
    '',
    { remoteImages: 1, trackingPixels: 1 },
  ],
  [
    'a remote picture',
    '<img src="http://t.example/a.png" alt="Logo">',
    '<span…>Logo</span>',
    { remoteImages: 1 },
  ],
  ['srcset', '<img srcset="https://t.example/a.png 2x">', '<span…></span>', { remoteImages: 1 }],
  ['a picture of its own', '<img src="cid:logo@x" alt="Logo">', `<img src="${PIXEL}" alt="Logo">`],
  ['one that is not there', '<img src="cid:none" alt="N">', '<span…>N</span>', { missingImages: 1 }],
  [
    'SVG in a data address',
    '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    '<span…></span>',
    { missingImages: 1 },
  ],
  ['a picture in a data address', `<img src="${PIXEL}">`, `<img src="${PIXEL}">`],
  [
    'a background',
    '<table background="http://t.example/b.png"><tr><td>x',
    '<table><tr><td>x</td></tr></table>',
    { remoteStyles: 1 },
  ],
  [
    'url() in a style',
    '<p style="color:red;background:url(http://t.example/)">x',
    '<p style="color:red">x</p>',
    { remoteStyles: 1 },
  ],
  [
    'an escape in a style',
    '<p style="background:u\\72l(http://t.example/);width:expression(alert(1))">x',
    '<p>x</p>',
  ],
  ['a comment in a style', '<p style="background:ur/**/l(http://t.example/)">x', '<p>x</p>'],
  [
    'what leaves its place',
    '<p style="position:fixed;top:0;z-index:9;color:red">x',
    '<p style="color:red">x</p>',
  ],
  ['important', '<p style="color:red ! important">x', '<p style="color:red">x</p>'],
  ['a linked style sheet', '<link rel=stylesheet href="//t.example/a.css">x', 'x', { remoteStyles: 1 }],
  [
    'meta refresh',
    '<meta http-equiv=" refresh" content="0;url=http://evil.example/">x',
    'x',
    { redirects: 1 },
  ],
  ['base', '<base href="http://evil.example/"><a href="x">y</a>', '<a title="x">y</a><span…>x</span>'],
  [
    'a form',
    '<form action="http://evil.example/"><input type=password name=p><button>Go</button></form>',
    'Go',
    { forms: 1, passwordFields: 1 },
  ],
  ['a frame', '<iframe src="http://evil.example/"><p>in it</iframe>x', 'x', { embedded: 1 }],
  ['a frame with a document', '<iframe srcdoc="<script>alert(1)</script>"></iframe>x', 'x', { embedded: 1 }],
  [
    'objects',
    '<object data="x.swf"><embed src="y.swf">fallback</object><applet code=z></applet>x',
    'x',
    { embedded: 2 },
  ],
  [
    'sound and film',
    '<video src=//t.example/v poster=//t.example/p></video><audio autoplay src=x></audio>x',
    'x',
    { embedded: 2 },
  ],
  [
    'SVG with script',
    '<svg onload=alert(1)><script>alert(2)</script><a href="javascript:x">t</a></svg>x',
    'x',
    { scripts: 1 },
  ],
  ['SVG that closes itself', '<svg/>x', 'x'],
  ['MathML', '<math><mtext><table><mglyph><style><img src onerror=alert(1)>', ''],
  [
    'a style that breaks out',
    '<style><!--</style><img src=x onerror=alert(1)>--></style>x',
    '<span…></span>--&gt;x',
    { remoteImages: 1, scripts: 1 },
  ],
  [
    'a title that breaks out',
    '<title><a title="</title><img src=x onerror=alert(1)>">',
    '<span…></span>&quot;&gt;',
    { remoteImages: 1, scripts: 1 },
  ],
  [
    'a comment that is none',
    '<!--><img src=x onerror=alert(1)>-->',
    '<span…></span>--&gt;',
    { remoteImages: 1, scripts: 1 },
  ],
  ['CDATA', '<![CDATA[<script>alert(1)</script>]]>x', 'alert(1)&lt;/script&gt;]]x'],
  ['an attribute that is not closed', '<a title="><script>alert(1)</script>', ''],
  ['NUL in a name', '<scr\0ipt>alert(1)</script>', 'alert(1)'],
  ['a template', '<template><script>alert(1)</script></template>x', 'x'],
];

const LINKS: [what: string, href: string, text: string, target: string, flags: string[]][] = [
  ['a plain one', 'https://corp.example/x', 'here', 'https://corp.example/x', []],
  ['javascript:', 'javascript:alert(1)', 'x', 'javascript:alert(1)', ['script']],
  ['in capitals with white space', ' \u0001jAvA\tscr\nipt:alert(1)', 'x', 'javascript:alert(1)', ['script']],
  [
    'with character references',
    '&#106;&#x61;vascript&colon;alert&lpar;1)',
    'x',
    'javascript:alert(1)',
    ['script'],
  ],
  [
    'with references without semicolons',
    '&#0000106avascript:alert(1)',
    'x',
    'javascript:alert(1)',
    ['script'],
  ],
  [
    'data:',
    'data:text/html,<script>alert(1)</script>',
    'x',
    'data:text/html,<script>alert(1)</script>',
    ['script'],
  ],
  ['vbscript:', 'VBScript:msgbox(1)', 'x', 'vbscript:msgbox(1)', ['script']],
  [
    'another domain than it says',
    'https://evil.test.com/',
    'https://www.bank.com/login',
    'https://evil.test.com/',
    ['other-domain'],
  ],
  ['the same domain', 'https://login.bank.com/', 'www.bank.com', 'https://login.bank.com/', []],
  ['a name before the host', 'https://bank.com@evil.com/', 'x', 'https://bank.com@evil.com/', ['user-name']],
  ['an address', 'http://0x7f.1/', 'x', 'http://127.0.0.1/', ['address']],
  [
    'letters of another alphabet',
    'https://xn--pple-43d.com/',
    'x',
    'https://xn--pple-43d.com/',
    ['international'],
  ],
  ['a scheme of an application', 'ms-msdt:/id PCWDiagnostic', 'x', 'ms-msdt:/id%20PCWDiagnostic', ['scheme']],
  ['a file, not a domain', 'https://files.corp.com/1', 'report.zip', 'https://files.corp.com/1', []],
  [
    'a mail address of another domain',
    'mailto:a@evil.com',
    'help@bank.com',
    'mailto:a@evil.com',
    ['other-domain'],
  ],
];

describe('HTML of a stranger', () => {
  for (const [what, html, body, counts = {}] of HOSTILE) {
    it(what, async () => {
      const found = await bodyOf(html);
      assert.equal(found.body.replaceAll(/<span style="[^"]*"(?: title="[^"]*")?>/g, '<span…>'), body);
      const counted = Object.fromEntries(
        Object.entries(found.findings).filter(([, value]) => typeof value === 'number' && value > 0),
      );
      assert.deepEqual(counted, counts);
    });
  }

  for (const [what, href, text, target, flags] of LINKS) {
    it(`link: ${what}`, async () => {
      const { body, findings } = await bodyOf(`<a href="${href}">${text}</a>`);
      assert.deepEqual(findings.links, [{ text, target, flags }]);
      assert.doesNotMatch(body, /href/);
      assert.ok(body.startsWith('<a title="'));
    });
  }

  it('keeps what a newsletter is made of', async () => {
    const { body } = await bodyOf(
      '<body bgcolor="#f00"><table width="600" cellpadding=0 align=center><tr><td style="font-size:14px;padding:4px 8px" class="x">A<b>b</b><br>é &amp; &lt;c&gt;<td>2<tr><td>3</table><ul><li>one<li>two</ul></body>',
    );
    assert.equal(
      body,
      '<div bgcolor="#f00" style="background-color:#f00"><table width="600" cellpadding="0" align="center"><tr><td style="font-size:14px;padding:4px 8px" class="x">A<b>b</b><br>é &amp; &lt;c&gt;</td><td>2</td></tr><tr><td>3</td></tr></table><ul><li>one</li><li>two</li></ul></div>',
    );
  });

  it('keeps the plain rules of a style sheet', async () => {
    const { styles, findings } = await bodyOf(
      '<style>@import "http://t.example/"; .a, td > p { color: red; background: url(http://t.example/x) } @font-face { src: url(x) } @media (max-width: 600px) { .b { width: 100% !important } } p::before { content: "x" } .c { position: fixed } .d\\{ { color: red } /* x */ .e { color: blue }</style>',
    );
    assert.equal(
      styles,
      '.a, td > p{color:red}\n@media (max-width: 600px){\n.b{width:100%}\n}\n.e{color:blue}',
    );
    assert.equal(findings.remoteStyles, 1);
  });

  it('20 MB of it are cut', async () => {
    const { findings, body } = await bodyOf('<p>word</p>'.repeat(2_000_000));
    assert.equal(findings.cut, true);
    assert.ok(body.length < 5_000_000);
  });

  it('what grows when it is written is cut too', async () => {
    const { findings, body } = await bodyOf('<a href=//a.b>x</a>'.repeat(50_000));
    assert.equal(findings.cut, true);
    assert.equal(findings.moreLinks, true);
    assert.ok(body.length < 5_000_000);
  });

  for (const tag of ['div', 'b', 'table', 'li', 'p', 'a href=x', 'svg', 'form', 'x']) {
    it(`100,000 <${tag}> within each other`, async () => {
      const { body, findings } = await bodyOf(
        `${`<${tag}>`.repeat(100_000)}deep${`</${tag}>`.repeat(100_000)}`,
      );
      let depth = 0;
      for (const [mark] of body.matchAll(/<\/?[a-z]+/g)) {
        depth += mark.startsWith('</') ? -1 : 1;
        assert.ok(depth <= 101);
      }
      if (['div', 'b'].includes(tag)) assert.equal(findings.tooDeep, true);
    });
  }

  it('is harmless whatever it is made of', async () => {
    const word = fc.constantFrom(
      '<',
      '>',
      '</',
      '/>',
      '"',
      "'",
      '=',
      ' ',
      '`',
      '&',
      ';',
      '--',
      '<!--',
      '-->',
      ']]>',
      '<![CDATA[',
      '\0',
      '\n',

      'script',
      'style',
      'svg',
      'math',
      'noscript',
      'template',
      'title',
      'textarea',
      'iframe',
      'img',
      'a',
      'p',
      'td',
      'table',
      'form',
      'mtext',
      'mglyph',
      'foreignObject',
      'select',
      'xmp',

      'src',
      'href',
      'onerror',
      'style',
      'class',
      'width',
      'url(',
      'javascript:',
      'data:',
      'cid:',
      'color:red',
      '{',
      '}',
      '@import',
      '@media x',
      '\\',
      '&quot;',
      '&lt;',
      '&#60;',
      'x',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 40 }), async (words) => {
        checkHarmless((await safeHtml(words.join(''))).document);
      }),
      { numRuns: 3000 },
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        checkHarmless((await safeHtml(text)).document);
      }),
    );
  });

  it('reads the same when others have had their turn in between', async () => {
    const piece = '<p class="x">one &amp; <b>two</b> <a href="https://corp.example/">three</a><!-- c --></p>';
    const long = await bodyOf(piece.repeat(5000));
    const short = await bodyOf(piece);
    assert.ok(long.body === short.body.repeat(5000));
  });
});

describe('HTML as text', () => {
  const TABLE: [html: string, text: string][] = [
    ['<p>one</p><p>two</p>', 'one\n\ntwo'],
    ['a<br>b<br><br>c', 'a\nb\n\nc'],
    ['<ul><li>one<li>two</ul>', '- one\n- two'],
    ['<a href="https://corp.example/x">here</a>', 'here <https://corp.example/x>'],
    ['<a href="javascript:alert(1)">here</a>', 'here <javascript:alert(1)>'],
    ['<script>x</script>a  \n b', 'a b'],
    ['<pre>a\n  b</pre>', 'a\n  b'],
    ['<img src=x alt="Logo">&nbsp;x', '[Logo]\u00a0x'],
    ['<table><tr><td>a<td>b<tr><td>c</table>', 'a b\nc'],
    ['a<hr>b', 'a\n----------\nb'],
  ];
  for (const [html, text] of TABLE) {
    it(JSON.stringify(html), async () => assert.equal((await htmlText(html)).text, text));
  }
});
