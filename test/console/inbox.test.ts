// The sandbox inbox, and messages that would like to do something to whoever reads them: none of them does.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { shortLines } from '../../web/src/components/message-content/short-lines.ts';
import { until } from '../support/until.ts';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectHeading,
  type Page,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

interface Entry {
  id: number;
  subject: string;
}

/** Whatever asks here was made to by a message. */
class Trap {
  readonly asked: string[] = [];
  readonly #server: Server = createServer((request, response) => {
    this.asked.push(`${request.method} ${request.url}`);
    response.end();
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const page = (html: string): string =>
  `MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${html}`;

/** 60,000 pixels each way in a few octets, all of one colour. */
function hugePng(): string {
  const chunk = (type: string, data: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(type), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(60_000, 0);
  header.writeUInt32BE(60_000, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(60_000 * 7501));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]).toString('base64');
}

/** Each tries to write to the title, to ask the trap, or to lead elsewhere. @param at address of the trap */
const HOSTILE: [what: string, message: (at: string) => string, seen: string][] = [
  [
    'script',
    (at) => page(`<p>Seen</p><script>parent.document.title='owned';fetch('${at}/script')</script>`),
    'Seen',
  ],
  [
    'event handlers',
    (at) =>
      page(
        `<p onmouseover="fetch('${at}/over')">Seen</p><img src=x onerror="fetch('${at}/error')"><body onload="fetch('${at}/load')"><details open ontoggle="fetch('${at}/toggle')">x</details>`,
      ),
    'Seen',
  ],
  [
    'tracking pictures',
    (at) =>
      page(
        `<p>Seen</p><img src="${at}/1.gif" width=1 height=1><img srcset="${at}/2.gif 1x"><table background="${at}/3.gif"><tr><td>x</table><picture><source srcset="${at}/4.gif"><img src="${at}/5.gif"></picture><input type=image src="${at}/6.gif"><video poster="${at}/7.gif"></video>`,
      ),
    'Seen',
  ],
  [
    'style sheets that fetch',
    (at) =>
      page(
        `<link rel=stylesheet href="${at}/a.css"><style>@import "${at}/b.css";@font-face{font-family:f;src:url(${at}/f)}p{background:url(${at}/c);font-family:f}p::after{content:url(${at}/d)}</style><p style="background-image:url('${at}/e');list-style:url(${at}/g)">Seen</p>`,
      ),
    'Seen',
  ],
  [
    'javascript: links',
    (at) =>
      page(
        `<p>Seen</p><a href="javascript:fetch('${at}/a')">one</a> <a href="&#106;ava&Tab;script&colon;fetch('${at}/b')">two</a> <a href=" jav\tascript:fetch('${at}/c')">three</a> <a href="data:text/html,<script>fetch('${at}/d')</script>">four</a>`,
      ),
    'Seen',
  ],
  [
    'links that leave',
    (at) => page(`<p>Seen</p><a href="${at}/left" target=_top ping="${at}/ping">one</a>`),
    'Seen',
  ],
  [
    'a page that sends itself on',
    (at) => page(`<meta http-equiv=refresh content="0;url=${at}/on"><base href="${at}/">Seen`),
    'Seen',
  ],
  [
    'forms',
    (at) =>
      page(
        `<p>Seen</p><form action="${at}/form"><input name=p type=password><button autofocus>Send</button></form>`,
      ),
    'Seen',
  ],
  [
    'frames and objects',
    (at) =>
      page(
        `<p>Seen</p><iframe src="${at}/frame"></iframe><iframe srcdoc="<script>fetch('${at}/doc')</script>"></iframe><object data="${at}/o"></object><embed src="${at}/e">`,
      ),
    'Seen',
  ],
  [
    'SVG and MathML',
    (at) =>
      page(
        `<p>Seen</p><svg onload="fetch('${at}/svg')"><image href="${at}/i"/><script>fetch('${at}/s')</script></svg><math><mtext><table><mglyph><style><img src=x onerror="fetch('${at}/m')">`,
      ),
    '',
  ],
  [
    'markup that changes when it is read again',
    (at) =>
      page(
        `<p>Seen</p><noscript><p title="</noscript><img src=x onerror=fetch('${at}/n')>"></noscript><template><img src="${at}/t"></template><!--><img src=x onerror=fetch('${at}/c')>-->`,
      ),
    'Seen',
  ],
  [
    'content that ends otherwise than it seems',
    (at) =>
      page(
        `<p>Seen</p><!-- --!><img src="${at}/1" onerror="fetch('${at}/a')">--><xmp><b title="</xmp><img src=x onerror=fetch('${at}/b')>"></xmp><textarea><i title="</textarea><img src=x onerror=fetch('${at}/c')>"></textarea><title><u title="</title><img src=x onerror=fetch('${at}/d')>"></title><svg><style><a id="</style><img src=x onerror=fetch('${at}/e')>"></svg><noembed><s title="</noembed><img src=x onerror=fetch('${at}/f')>"></noembed><plaintext><script>fetch('${at}/g')</script>`,
      ),
    'Seen',
  ],
  [
    'what would hide names of the document, or lie over all of it',
    (at) =>
      page(
        `<p>Seen</p><form id=x><input name=attributes></form><img name=body><a id=location name=cookie href="${at}/l" target=_parent rel=opener ping="${at}/ping">over</a><base target=_top><div style="position:fixed;inset:0;z-index:99;opacity:0"><map name=m><area href="${at}/area" shape=default></map></div><portal src="${at}/portal"></portal>`,
      ),
    'Seen',
  ],
  [
    'pictures of billions of pixels',
    () =>
      page(`<p>Seen</p><img src="data:image/png;base64,${hugePng()}"><img src="data:image/svg+xml,<svg/>">`),
    'Seen',
  ],
  [
    'cells across thousands of columns, and selectors for all siblings',
    () =>
      page(
        `<style>${'p:nth-child(2n) ~ p ~ p{color:red}\r\n'.repeat(1500)}</style><p>Seen</p>${'<p></p>\r\n'.repeat(30_000)}<table>${'<tr><td colspan=9999 rowspan=9999>x\r\n'.repeat(10_000)}</table>`,
      ),
    'Seen',
  ],
  [
    'a word of 100,000 letters',
    () => page(`<p>Seen</p>${`${'&#x644;'.repeat(100)}<!--\r\n-->`.repeat(1000)}`),
    'Seen',
  ],
  ['huge HTML', () => page(`<p>Seen</p>${'<p>more and more words</p>\r\n'.repeat(40_000)}`), 'Seen'],
  ['100,000 tags within each other', () => page(`<p>Seen</p>${'<div>\r\n'.repeat(100_000)}`), 'Seen'],
];

describe('the sandbox inbox', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  const trap = new Trap();
  const ids = new Map<string, number>();

  const send = async (subject: string, message: string): Promise<void> => {
    const session = await relay.session('erp-production', password);
    await session.send({
      from: 'erp@corp.test',
      to: ['desk@corp.test'],
      content: Buffer.from(
        `From: ERP <erp@corp.test>\r\nTo: desk@corp.test\r\nSubject: ${subject}\r\n${message}\r\n`,
      ),
    });
    session.destroy();
  };
  let password = '';
  before(async () => {
    await Promise.all([relay.start(), browser.start(), trap.start()]);
    await relay.addPeople();
    await relay.api('POST', '/domains', { name: 'corp.test', internal: true });
    password = await relay.addSource(
      'erp-production',
      '--from',
      'corp.test',
      '--recipients',
      'any',
      '--max-size',
      '25mb',
    );
  });
  after(async () => {
    trap.close();
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  const idOf = async (subject: string): Promise<number> =>
    until(`${subject} is in the inbox`, async () => {
      const { body } = await relay.api<{ items: Entry[] }>('GET', '/inbox?limit=500');
      return body.items.find((one) => one.subject === subject)?.id;
    });
  const frameOf = (at: Page) => at.frameLocator('iframe[sandbox=""]');

  it('is empty at first, and a message appears by itself', async () => {
    const at = await browser.signedIn(relay, 'operator', '/inbox');
    await at.getByText('Nothing here yet').waitFor();
    await expectNoSeriousViolations(at);
    await screenshot(at, 'inbox-empty');
    await send('Delivery note 4711', 'Content-Type: text/plain; charset=utf-8\r\n\r\nAs ordered.\r\n');
    await at.getByRole('link', { name: /Delivery note 4711/ }).click();
    await at.getByRole('heading', { name: 'Delivery note 4711' }).waitFor();
    await at.getByText('As ordered.').waitFor();
    await at.getByText('Not signed').or(at.getByText('signature is right')).first().waitFor();
    assert.match(at.url(), /\/inbox\?message=\d+$/);
    await expectNoSeriousViolations(at);
  });

  it('a real message: laid out, its pictures, attachments, headers, parts and source', async () => {
    await send(
      'Your invoice 2026-118',
      [
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary=m',
        '',
        '--m',
        'Content-Type: multipart/related; boundary=r',
        '',
        '--r',
        'Content-Type: text/html; charset=utf-8',
        '',
        `<table width="100%" cellpadding="0" cellspacing="0" bgcolor="#eef2f7"><tr><td align="center" style="padding:24px"><table width="520" cellpadding="0" cellspacing="0" bgcolor="#ffffff"><tr><td style="padding:24px;font-family:Arial;color:#333333"><img src="cid:logo" width="48" height="48" alt="Corp"><h2 style="color:#1b5291">Invoice 2026-118</h2><p>Good morning,</p><p>your invoice of <b>1,284.00 €</b> is attached. Pay at <a href="https://pay.evil.com/x">https://www.bank.com/pay</a>, or see <a href="https://portal.corp.example/i/118">the portal</a>.</p><img src="${trap.address}/banner.png" width="440" height="60" alt="Summer offer"><img src="${trap.address}/open.gif" width="1" height="1"></td></tr></table></td></tr></table>`,
        '--r',
        'Content-Type: image/gif',
        'Content-ID: <logo>',
        'Content-Transfer-Encoding: base64',
        '',
        'R0lGODlhAQABAIAAABtSkf///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==',
        '--r--',
        '--m',
        'Content-Type: application/pdf',
        'Content-Disposition: attachment; filename="invoice-2026-118.pdf"',
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from('%PDF-1.7 an invoice').toString('base64'),
        '--m',
        'Content-Type: application/pdf',
        "Content-Disposition: attachment; filename*=utf-8''details%E2%80%AEfdp.exe",
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from('MZ\x90\0 a program', 'latin1').toString('base64'),
        '--m--',
      ].join('\r\n'),
    );
    const id = await idOf('Your invoice 2026-118');
    const at = await browser.signedIn(relay, 'operator', `/inbox?message=${id}`);
    await frameOf(at).getByRole('heading', { name: 'Invoice 2026-118' }).waitFor();
    await frameOf(at).getByText('pay.evil.com').waitFor();
    await at.getByText('One remote picture was not fetched.').waitFor();
    await at.getByText('A link is not what it looks like').waitFor();
    await expectNoSeriousViolations(at);
    await screenshot(at, 'inbox');
    await at.emulateMedia({ colorScheme: 'dark' });
    await screenshot(at, 'inbox-dark');

    const saved = at.waitForEvent('download');
    await at.getByRole('button', { name: 'Save invoice-2026-118.pdf' }).first().click();
    assert.equal((await saved).suggestedFilename(), 'invoice-2026-118.pdf');
    await at.getByText('Its name hid the true ending').waitFor();
    await at.getByText('Is not what it says it is: application/pdf').waitFor();
    await at.getByRole('button', { name: 'Save detailsfdp.exe' }).first().click();
    const dialog = at.getByRole('dialog', { name: 'Save detailsfdp.exe all the same?' });
    await dialog.getByText('may do harm').waitFor();
    const program = at.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Save it' }).click();
    assert.equal((await program).suggestedFilename(), 'detailsfdp.exe');

    for (const [tab, text] of [
      ['2 links', 'https://pay.evil.com/x'],
      ['Headers', 'Content-Type'],
      ['Parts', 'multipart/related'],
      ['Source', '--m--'],
      ['Text', 'Pay at https://www.bank.com/pay'],
    ] as const) {
      await at.getByRole('tab', { name: tab }).click();
      await at.getByRole('tabpanel').getByText(text).first().waitFor();
      await expectNoSeriousViolations(at);
    }
    const { body } = await relay.api<{ items: { action: string }[] }>('GET', '/audit-log?limit=20');
    assert.ok(body.items.some(({ action }) => action === `inbox message ${id} read`));
    assert.deepEqual(trap.asked, []);
  });

  it('in French, on a phone: one pane at a time', async () => {
    const at = await browser.signedIn(relay, 'operator', '/inbox', { language: 'fr', viewport: PHONE });
    await expectHeading(at, 'Boîte de test');
    await expectNoSidewaysScroll(at);
    await expectNoSeriousViolations(at);
    await screenshot(at, 'inbox-phone-list-fr');
    await at.getByRole('link', { name: /Your invoice/ }).click();
    await at.getByText('pièces jointes').first().waitFor();
    await expectNoSidewaysScroll(at);
    await expectNoSeriousViolations(at);
    await screenshot(at, 'inbox-phone-fr');
    await at.getByRole('link', { name: 'Tous les messages' }).click();
    await at.getByRole('link', { name: /Delivery note/ }).waitFor();
  });

  for (const [what, message, seen] of HOSTILE) {
    it(`does nothing: ${what}`, async () => {
      const subject = `Hostile: ${what}`;
      await send(subject, message(trap.address));
      ids.set(what, await idOf(subject));
      const at = await browser.signedIn(relay, 'operator', `/inbox?message=${ids.get(what)}`);
      const outside: string[] = [];
      at.on('request', (request) => {
        if (!request.url().startsWith(relay.address) && !request.url().startsWith('data:'))
          outside.push(request.url());
      });
      const frame = frameOf(at).locator('body');
      await frame.waitFor();
      if (seen !== '') await frame.getByText(seen).first().waitFor();
      // whoever reads it moves the pointer over it, and clicks what looks as if it could be
      await frame.hover({ position: { x: 20, y: 20 } });
      for (const link of await frame.locator('a').all()) await link.click();
      await at.waitForTimeout(300);
      assert.equal(
        await frameOf(at)
          .locator(
            'script, iframe, object, form, input, link, svg, math, template, base, area, meta[http-equiv], [href], [id], [name]:not(meta), [target], [ping]',
          )
          .count(),
        0,
      );
      await expectHeading(at, 'Sandbox inbox');
      assert.match(await at.title(), /^Sandbox inbox/);
      assert.deepEqual(at.context().pages(), [at]);
      assert.deepEqual(outside, []);
      assert.deepEqual(trap.asked, []);
    });
  }

  it('shows where a link leads, whatever the style of the message', async () => {
    await send(
      'Hidden label',
      page(
        '<style>span{float:left;max-width:0;max-height:0;overflow:hidden;vertical-align:-9999px;font-size:0;color:#fff;display:none}</style><p><a href="https://pay.evil.com/x">https://www.bank.com/pay</a></p>',
      ),
    );
    const at = await browser.signedIn(relay, 'operator', `/inbox?message=${await idOf('Hidden label')}`);
    const label = frameOf(at).getByText('pay.evil.com');
    await label.waitFor();
    const { width = 0, height = 0, y = -1 } = (await label.boundingBox()) ?? {};
    assert.ok(width > 60 && height > 8 && y > 0 && y < 900, `${width} ${height} ${y}`);
    await at.getByText('A link is not what it looks like').waitFor();
  });

  it('two hundred faults leave the message in sight', async () => {
    const parts = Array.from({ length: 200 }, () => '--m\r\nContent-Transfer-Encoding: x\r\n\r\nx\r\n');
    await send('Faults', `Content-Type: multipart/mixed; boundary=m\r\n\r\n${parts.join('')}--m--`);
    const at = await browser.signedIn(relay, 'operator', `/inbox?message=${await idOf('Faults')}`);
    await at.getByText('Part 1.200: Its encoding is unknown.').waitFor();
    const { y = 10_000 } = (await at.getByRole('tabpanel').boundingBox()) ?? {};
    assert.ok(y < 900, String(y));
    await expectNoSeriousViolations(at);
  });

  it('text without an end does not hold the console', async () => {
    const letters = Buffer.from('\u0644'.repeat(250_000)).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
    await send(
      'One line',
      `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${letters}`,
    );
    const at = await browser.signedIn(relay, 'operator', `/inbox?message=${await idOf('One line')}`);
    await at.getByRole('tabpanel').getByText('\u0644\u0644').waitFor();
    await at.getByRole('tab', { name: 'Headers' }).click();
    await at.getByRole('tabpanel').getByText('base64').waitFor();
  });

  it('a page that is attached is saved, and never opened under the address of the relay', async () => {
    await send(
      'Attached page',
      [
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary=m',
        '',
        '--m',
        'Content-Type: text/html',
        'Content-Disposition: attachment; filename*0*=utf-8\'\'..%2F..%2Fa%0D%0AContent-Type%3A%20text%2Fhtml; filename*1=".html"',
        '',
        `<script>fetch('${trap.address}/page')</script>`,
        '--m--',
      ].join('\r\n'),
    );
    const id = await idOf('Attached page');
    const at = await browser.signedIn(relay, 'operator', `/inbox?message=${id}`);
    await at.getByText('May carry script.').waitFor();
    const saved = at.waitForEvent('download');
    await at.goto(`/api/v1/inbox/${id}/content/parts/1.1`).catch(() => undefined);
    assert.equal((await saved).suggestedFilename(), 'html.html');
    assert.match(at.url(), /\/inbox\?message=/);
    assert.deepEqual(trap.asked, []);
  });

  it('even if all that cleans it were gone, the frame and its policy would stand', async () => {
    const id = ids.get('script') ?? (await idOf('Delivery note 4711'));
    const at = await browser.signedIn(relay, 'operator', `/inbox?message=${id}`, {
      // each of these is the browser saying that it did not do it
      expected: [/Blocked script execution|Content Security Policy|sandboxed| csp$/i],
    });
    const frameAddress = `**/api/v1/inbox/${id}/content/html`;
    await at.route(frameAddress, async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        body: `<p>Raw</p><script>fetch('${trap.address}/script')</script><img src="${trap.address}/img" onerror="fetch('${trap.address}/error')"><iframe src="${trap.address}/frame"></iframe><link rel=stylesheet href="${trap.address}/css"><meta http-equiv=refresh content="0;url=${trap.address}/on"><a href="${trap.address}/left" target=_top>leave</a>`,
      });
    });
    await at.reload();
    await frameOf(at).getByText('Raw').waitFor();
    await frameOf(at).getByText('leave').click();
    await at.waitForTimeout(500);
    assert.deepEqual(trap.asked, []);
    assert.match(at.url(), /\/inbox\?message=/);
  });

  it('auditors see who wrote to whom, and not what', async () => {
    const id = await idOf('Delivery note 4711');
    const at = await browser.signedIn(relay, 'auditor', `/inbox?message=${id}`);
    await at.getByRole('heading', { name: 'Delivery note 4711' }).waitFor();
    await at.getByText('Reading messages is for operators').waitFor();
    assert.equal(await at.getByText('As ordered.').count(), 0);
    assert.equal(await at.getByRole('button', { name: 'Empty' }).count(), 0);
    const answer = await at.context().request.get(`${relay.address}/api/v1/inbox/${id}/content`);
    assert.equal(answer.status(), 403);
    await expectNoSeriousViolations(at);
  });

  it('is searched, and the search stays when a message is opened', async () => {
    for (const subject of ['Your invoice 2027-001', 'Delivery note 4712'])
      await send(subject, 'Content-Type: text/plain\r\n\r\nAs ordered.\r\n');
    const at = await browser.signedIn(relay, 'operator', '/inbox');
    const list = at.getByRole('navigation', { name: 'Messages' });
    await list.getByRole('link').nth(1).waitFor();
    await at.getByRole('searchbox', { name: 'Search' }).fill('INVOICE 2027');
    await list.getByRole('link').nth(1).waitFor({ state: 'detached' });
    await list.getByRole('link', { name: /Your invoice 2027-001/ }).click();
    await at.waitForURL(/search=INVOICE\+2027&message=\d+|message=\d+&search=INVOICE\+2027/);
    await at.getByRole('heading', { name: 'Your invoice 2027-001' }).waitFor();
    await expectNoSeriousViolations(at);
    await at.getByRole('search').getByLabel('Source').fill('another-one');
    await at.getByText('No message is like this').waitFor();
    await at.getByRole('button', { name: 'Clear' }).click();
    await list.getByRole('link').nth(1).waitFor();
    const phone = await browser.signedIn(relay, 'auditor', '/inbox?search=delivery', {
      language: 'fr',
      scheme: 'dark',
      viewport: PHONE,
    });
    await phone.getByRole('link', { name: /Delivery note 4712/ }).waitFor();
    await expectNoSidewaysScroll(phone);
    await expectNoSeriousViolations(phone);
  });

  it('the keyboard goes through the list, and the inbox is emptied with one question', async () => {
    const at = await browser.signedIn(relay, 'operator', '/inbox');
    const list = at.getByRole('navigation', { name: 'Messages' });
    await list.getByRole('link').first().focus();
    await at.keyboard.press('ArrowDown');
    await at.waitForFunction(() => document.activeElement?.getAttribute('data-index') === '1');
    await at.keyboard.press('Enter');
    await at.waitForURL(/message=\d+/);
    await at.getByRole('button', { name: 'Empty' }).click();
    const dialog = at.getByRole('dialog', { name: 'Empty the sandbox inbox?' });
    await dialog.getByRole('button', { name: 'Empty' }).click();
    await at.getByText('Nothing here yet').waitFor();
  });
});

describe('long lines of text', () => {
  const TABLE: [text: string, lines: number[]][] = [
    ['', [0]],
    ['a\n\nb\r\n', [1, 0, 2, 0]],
    ['x'.repeat(2000), [2000]],
    ['x'.repeat(4500), [2000, 2000, 500]],
    ['word '.repeat(500), [2000, 500]],
    [`${'x'.repeat(1999)} ${'y'.repeat(1000)}`, [2000, 1000]],
    ['\u{1f600}'.repeat(2001), [4000, 2]],
  ];
  for (const [text, lines] of TABLE) {
    it(`${text.length} characters: ${lines.join(', ')}`, () => {
      const shown = shortLines(text);
      assert.deepEqual(
        shown.split('\n').map((line) => line.length),
        lines,
      );
      assert.equal(shown.replaceAll('\n', ''), text.replaceAll('\n', ''));
    });
  }
});
