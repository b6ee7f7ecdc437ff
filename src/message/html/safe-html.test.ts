import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HtmlFindings } from './findings.ts';
import { htmlText, safeHtml } from './safe-html.ts';

/** 60,000 pixels in each direction. */
const HUGE = Buffer.from('89504e470d0a1a0a0000000d494844520000ea600000ea600806000000', 'hex').toString(
  'base64',
);
const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';

async function bodyOf(html: string): Promise<{ body: string; findings: HtmlFindings; styles: string }> {
  const { document, findings } = await safeHtml(html, (id) =>
    id === 'logo@x' ? { address: PIXEL, pixels: 1 } : undefined,
  );
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
  [
    'a picture of billions of pixels',
    `<img src="data:image/png;base64,${HUGE}">`,
    '<span…></span>',
    { missingImages: 1 },
  ],
  ['a picture that is called another', `<img src="${PIXEL.replace('gif', 'png')}">`, `<img src="${PIXEL}">`],
  [
    'HTML that calls itself a picture',
    `<img src="data:image/png;base64,${btoa('<script>alert(1)</script>')}">`,
    '<span…></span>',
    { missingImages: 1 },
  ],
  [
    'a comment that ends otherwise',
    '<!-- --!><img src=x onerror=alert(1)>-->',
    '<span…></span>--&gt;',
    { remoteImages: 1, scripts: 1 },
  ],
  ['a comment of three characters', '<!---><b>x', '<b>x</b>'],
  ['a comment that is not closed', 'a<!-- <b>x', 'a'],
  ['what is no comment', '<!x><?x><%x%><b>x', '&lt;%x%&gt;<b>x</b>'],
  [
    'noscript, in which a tag ends for one reader only',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">x</noscript>y',
    'y',
  ],
  ['noscript that ends', '<noscript><p title="</noscript><img src=x onerror=alert(1)>', ''],
  [
    'xmp',
    '<xmp><b title="</xmp><img src=x onerror=alert(1)>">',
    '<span…></span>&quot;&gt;',
    { remoteImages: 1, scripts: 1 },
  ],
  ['plaintext, which nothing ends', 'a<plaintext></plaintext><script>alert(1)</script>', 'a'],
  [
    'a text field',
    '<textarea><img title="</textarea><img src=x onerror=alert(1)>">',
    '<span…></span>&quot;&gt;',
    { remoteImages: 1, scripts: 1 },
  ],
  ['noembed and noframes', '<noembed><b></noembed>x<noframes></b></noframes>y', 'xy'],
  ['foreign content that comes back', '<svg></p><style><a id="</style><img src=x onerror=alert(1)>">', ''],
  [
    'an integration point',
    '<svg><foreignObject><p>x</p></foreignObject></svg><math><annotation-xml encoding="text/html"><b>y</b></annotation-xml></math>z',
    'z',
  ],
  [
    'forms within each other',
    '<form id=a><div></form><form><input name=innerHTML></form></div>x',
    '<div></div>x',
    { forms: 2 },
  ],
  [
    'names that hide those of the document',
    '<img name=body><a id=location name=cookie>x</a><p id=__proto__ class=constructor>y',
    '<a>x</a><p class="constructor">y</p>',
  ],
  [
    'where it opens, and whom it tells',
    '<a href="https://a.example/" target=_top rel=opener ping="//t.example/">a.example</a>',
    '<a title="https://a.example/">a.example</a>',
  ],
  ['a button that sends elsewhere', '<button formaction="javascript:alert(1)" type=submit>x</button>', 'x'],
  ['an address in the place of a colour', '<font color="javascript:alert(1)" face="x;y">x', '<font>x</font>'],
  [
    'a style in pieces',
    '<p style="color:red;po/**/sition:fixed;POSITION:fixed;\\70osition:fixed;opacity:0;transform:none">x',
    '<p style="color:red">x</p>',
  ],
  [
    'variables and other functions',
    '<p style="--a:url(x);color:var(--a);width:env(x);height:attr(y);background:image(red);color:blue">x',
    '<p style="color:blue">x</p>',
    { remoteStyles: 1 },
  ],
  [
    'a quote in a style',
    `<p style="font-family:'a;color:red;width:1px">x`,
    '<p style="color:red;width:1px">x</p>',
  ],
  [
    'references beyond what there is',
    '&#x110000;&#xd800;&#0;&#x202e;<b>&nosuch;</b>',
    '\ufffd\ufffd\ufffd\u202e<b>&amp;nosuch;</b>',
  ],
  [
    'letters that become others in lower case',
    '<\u017fcript>alert(1)</\u017fcript><\u0130mg src=x onerror=alert(1)>',
    '&lt;\u017fcript&gt;alert(1)&lt;\u0130mg src=x onerror=alert(1)&gt;',
  ],
  ['a tag in a tag', '<b<script>alert(1)</script>x', 'alert(1)x'],
  ['a quote without a name', '<p "><script>alert(1)</script>">x', '<p>&quot;&gt;x</p>', { scripts: 1 }],
  ['equals signs', '<p =onclick=alert(1) ==x>y', '<p>y</p>'],
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
    'another domain in wide letters',
    'https://evil.com/',
    'ｂａｎｋ．ｃｏｍ',
    'https://evil.com/',
    ['other-domain'],
  ],
  [
    'one with marks that are not seen',
    'https://evil.com/',
    'bank\u200b.c\u00adom',
    'https://evil.com/',
    ['other-domain'],
  ],
  [
    'one after white space',
    'https://evil.com/',
    `${' \n'.repeat(1000)}&#32;&#x200b;https://bank.com`,
    'https://evil.com/',
    ['other-domain'],
  ],
  [
    'one among other words',
    'https://k.com/',
    'Please visit www.bank.com, now',
    'https://k.com/',
    ['other-domain'],
  ],
  ['a name that is none', 'https://k.com/', 'Learn node.js and ASP.NET', 'https://k.com/', []],
  [
    'another customer of the same host',
    'https://evil.github.io/',
    'bank.github.io',
    'https://evil.github.io/',
    ['other-domain'],
  ],
  ['no scheme', '//evil.com/x', 'x', 'https://evil.com/x', []],
  ['no scheme, the other way', '/\\evil.com/x', 'x', 'https://evil.com/x', []],
  ['one slash', 'https:/evil.com', 'x', 'https://evil.com/', []],
  [
    'a scheme after much that is left out',
    `${'\u0001 '.repeat(2000)}java${'\t'.repeat(3000)}script:alert(1)`,
    'x',
    'javascript:alert(1)',
    ['script'],
  ],
  ['what no browser follows', 'https://a b/\u202e', 'x', 'https://a b/\ufffd', ['scheme']],
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
      const [link] = findings.links;
      assert.deepEqual([link?.target, link?.flags, findings.links.length], [target, flags, 1]);
      assert.doesNotMatch(link?.text ?? '', /[\u200b\u202e]|^\s/);
      assert.doesNotMatch(body, /href/);
      assert.ok(body.startsWith('<a title="'));
    });
  }

  const SAID: [what: string, html: string, links: [text: string, target: string][]][] = [
    [
      'links within each other',
      '<a href="https://evil.com/">one<table><tr><td><a href="https://good.com/">two</a></table>three</a>',
      [
        ['two', 'https://good.com/'],
        ['onetwothree', 'https://evil.com/'],
      ],
    ],
    [
      'deep ones',
      `${'<div>'.repeat(200)}<a href="https://one.com/">1<a href="https://two.com/">2`,
      [
        ['1', 'https://one.com/'],
        ['2', 'https://two.com/'],
      ],
    ],
    [
      'areas of a picture',
      '<map name=m><area href="https://evil.com/" alt="bank.com"></map>',
      [['bank.com', 'https://evil.com/']],
    ],
    ['none, and one within the page', '<a>x</a><a href="#x">y</a><a href="">z</a>', []],
  ];
  for (const [what, html, links] of SAID) {
    it(`links that are told of: ${what}`, async () => {
      const { findings, body } = await bodyOf(html);
      assert.deepEqual(
        findings.links.map(({ text, target }) => [text, target]),
        links,
      );
      for (const [, target] of links) assert.ok(body.includes(`title="${target}"`));
    });
  }

  const LABELLED: [text: string, href: string, label: string | undefined][] = [
    ['https://www.corp.com/x', 'https://www.corp.com/y', undefined],
    ['at www.corp.com.', 'https://www.corp.com/', undefined],
    ['see corp.com', 'https://www.corp.com/', 'www.corp.com'],
    ['here', 'https://corp.com/', 'corp.com'],
    ['see bank.com', 'https://k.com/', 'k.com'],
    ['bank.com or k.com', 'https://k.com/', 'k.com'],
  ];
  for (const [text, href, label] of LABELLED) {
    it(`beside ${text} stands ${label ?? 'nothing'}`, async () => {
      const { body } = await bodyOf(`<a href="${href}">${text}</a>`);
      assert.equal(
        /<span style="all:initial!important;[^"]*" title="[^"]*">(.*)<\/span>$/.exec(body)?.[1],
        label,
      );
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

  const SLOW: [what: string, html: string, least: number][] = [
    ['a word in one piece', '\u0644'.repeat(200_000), 199],
    ['marks upon one letter', `e${'\u0301'.repeat(200_000)}`, 199],
    ['a word of character references', '&#x644;'.repeat(20_000), 19],
    ['a word in many elements', `<b>${'\u0644'.repeat(10)}</b>`.repeat(10_000), 90],
    ['letters beyond the first plane', '\u{10a00}'.repeat(10_000), 9],
    ['long text with white space', 'words and words '.repeat(10_000), 0],
    ['short texts with white space', '<b>word </b>'.repeat(1000), 0],
  ];
  for (const [what, html, least] of SLOW) {
    it(`breaks what a browser takes long to set: ${what}`, async () => {
      const { body } = await bodyOf(html);
      const breaks = body.split('<br>').length - 1;
      assert.ok(least === 0 ? breaks === 0 : breaks >= least, String(breaks));
      assert.ok(body.isWellFormed());
      const { text } = await htmlText(html);
      assert.equal(body.replaceAll(/<[^>]*>/g, '').trim().length, text.length);
    });
  }

  it('keeps small spans of cells, and no selector that looks at all elements before each', async () => {
    const { body, styles } = await bodyOf(
      '<style>p ~ p{color:red}.a[class~="x"]{color:red}</style><table><tr><td colspan=2 rowspan=99>x<td colspan=1000 rowspan=0>',
    );
    assert.equal(body, '<table><tr><td colspan="2" rowspan="99">x</td><td></td></tr></table>');
    assert.equal(styles, '.a[class~="x"]{color:red}');
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
