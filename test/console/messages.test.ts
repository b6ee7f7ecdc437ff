import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ScriptedServer } from '../support/scripted-server.ts';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { until } from '../support/story-relay.ts';
import {
  ConsoleBrowser,
  expectGone,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectHeading,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

/** A server of strange words: nothing of it may be taken for more than text. */
const ODD = '451 4.7.1 مشغول <img src=x onerror=alert(1)> занято; try id-77812 later';
const LONG_NAME = `${'imprimante-du-troisième-étage '.repeat(6)}🖨️ שלום`;

interface Found {
  id: string;
  subject?: string;
  state: string;
}

describe('messages', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  let alive: ScriptedServer;
  let odd: ScriptedServer;
  let password = '';

  const send = async (to: string, subject: string, more: { from?: string; body?: string } = {}) => {
    const { from = 'erp@corp.test', body = 'Text.\r\n' } = more;
    const session = await relay.session('erp-production', password);
    const reply = await session.send({
      from,
      to: [to],
      content: plainMessage(
        [`From: ERP <${from}>`, `To: ${to}`, `Subject: ${subject}`, 'Message-ID: <4711@corp.test>'],
        body,
      ),
    });
    await session.say('QUIT');
    session.destroy();
    return reply;
  };
  const find = (query: string, state: string): Promise<Found> =>
    until(`${query} is ${state}`, async () => {
      const { body } = await relay.api<{ items: Found[] }>('GET', `/messages?${query}&limit=50`);
      return body.items.find((one) => one.state === state);
    });

  before(async () => {
    alive = await new ScriptedServer({}).listen();
    odd = await new ScriptedServer({
      reply: (line) => (line.startsWith('RCPT') ? ODD : undefined),
    }).listen();
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.api('POST', '/domains', { name: 'corp.test', internal: true });
    password = await relay.addSource(
      'erp-production',
      '--from',
      'corp.test',
      '--recipients',
      'any',
      '--unaligned',
      'send',
    );
    for (const [name, port] of [
      ['alive', alive.port],
      ['odd', odd.port],
      ['dead', 9],
    ] as const) {
      await relay.cli(
        ...`route set ${name} --smarthost 127.0.0.1:${port} --tls none --recipient-domain ${name}.test`.split(
          ' ',
        ),
      );
    }
    await send('anna@alive.test', 'Invoice 4711');
    await send('ben@odd.test', 'Greylisted order');
    await send('carla@dead.test', 'Urgent notice');
    await send('anna@alive.test', 'Not mine', { from: 'boss@other.test' });
    await send('anna@alive.test', `=?utf-8?b?${Buffer.from(LONG_NAME).toString('base64')}?=`);
    await find('q=Invoice', 'delivered');
    await find('to=ben@odd.test', 'deferred');
    await find('to=carla@dead.test', 'deferred');
    await find('from=@other.test', 'refused');
  });
  after(async () => {
    await browser.close();
    await relay.remove();
    await Promise.all([alive.close(), odd.close()]);
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('are found by what people remember, and the address is the search', async () => {
    const page = await browser.signedIn(relay, 'operator', '/messages', { expected: [/status of 400/] });
    await page.getByRole('row', { name: /Invoice 4711/ }).waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: /5 messages/ })
      .waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'messages');
    await page.getByRole('searchbox', { name: 'Search' }).fill('voice 47');
    await page.waitForURL(/q=voice/);
    await page.locator('[role=grid][aria-rowcount="2"]').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByLabel('Network').fill('127.0.0.0/8');
    await page.getByLabel('Recipient').fill('@dead.test');
    await page.locator('[role=grid][aria-rowcount="2"]').waitFor();
    await expectNoSeriousViolations(page);
    const shared = page.url();
    assert.match(shared, /network=127\.0\.0\.0%2F8/);
    await page.reload();
    await page.getByRole('row', { name: /Urgent notice/ }).waitFor();
    assert.equal(await page.getByLabel('Recipient').inputValue(), '@dead.test');
    await page.getByLabel('Network').fill('10.0.0.0/8');
    await page.getByText('No message matches').waitFor();
    await page.getByLabel('Network').fill('nonsense');
    await page.getByText('is no address or CIDR block').waitFor();
    await page.getByRole('button', { name: 'Searches' }).click();
    await page.getByRole('menuitem', { name: 'All that wait' }).click();
    await page.locator('[role=grid][aria-rowcount="3"]').waitFor();
  });

  it('a search is kept under a name', async () => {
    const page = await browser.signedIn(relay, 'operator', '/messages?to=%40odd.test');
    await page.getByRole('button', { name: 'Searches' }).click();
    await page.getByLabel('Name of this search').fill('To the odd one');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForURL(/messages$/);
    await page.getByRole('button', { name: 'Searches' }).click();
    await page.getByRole('menuitem', { name: /To the odd one/ }).click();
    await page.waitForURL(/to=%40odd\.test/);
  });

  it('new ones come on top by themselves, and none moves what is being read', async () => {
    const page = await browser.signedIn(relay, 'operator', '/messages');
    await page.getByRole('row', { name: /Invoice 4711/ }).waitFor();
    await send('anna@alive.test', 'Hot off the press');
    await page.getByRole('row', { name: /Hot off the press/ }).waitFor();
    for (let number = 0; number < 40; number++) await send('anna@alive.test', `Page filler ${number}`);
    await page.getByRole('row', { name: /Page filler 39/ }).waitFor();
    const grid = page.getByRole('grid', { name: 'Messages' });
    await grid.evaluate((element) => element.scrollTo({ top: 600 }));
    await send('anna@alive.test', 'While reading');
    const button = page.getByRole('button', { name: '1 new message' });
    await button.waitFor();
    assert.equal(await page.getByRole('row', { name: /While reading/ }).count(), 0);
    await button.click();
    await page.getByRole('row', { name: /While reading/ }).waitFor();
  });

  it('one tells its whole story in words, with those of the other side', async () => {
    const { id } = await find('q=Invoice', 'delivered');
    const page = await browser.signedIn(relay, 'operator', '/messages?q=Invoice');
    await page.getByRole('row', { name: /Invoice 4711/ }).click();
    await page.waitForURL(new RegExp(`/messages/${id}`));
    await expectHeading(page, 'Invoice 4711');
    for (const text of [
      'Connected from 127.0.0.1',
      'Without encryption',
      /Known as .*erp-production.* by PLAIN/,
      /The policy of .*erp-production.* allows it/,
      'Header and content are in order',
      'Taken: it is safe in the spool',
      /Delivered to/,
      'The client said goodbye',
      'Its recipient has it.',
    ])
      await page.getByText(text).first().waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('tab', { name: 'Message' }).click();
    await page.getByText('The message itself is no longer here').waitFor();
    await page.getByRole('tab', { name: 'Transcript' }).click();
    await page.getByText('No transcript is kept').waitFor();
    await page.getByRole('tab', { name: 'Raw' }).click();
    await page.getByText('"type": "acceptance"').waitFor();
    await expectNoSeriousViolations(page);
  });

  it('one that waits: why, in the words of the other side; held, released, sent another way', async () => {
    const { id } = await find('to=ben@odd.test', 'deferred');
    const page = await browser.signedIn(relay, 'operator', `/messages/${id}`);
    await page.getByText('did not take it now').first().waitFor();
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
    await page.getByText('занято').first().waitFor();
    assert.equal(await page.locator('main img').count(), 0);
    await expectNoSeriousViolations(page);
    await screenshot(page, 'message-waiting');

    await page.getByRole('button', { name: 'Hold', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 delivery stays in the spool').waitFor();
    await expectNoSeriousViolations(page);
    await dialog.getByRole('button', { name: 'Hold' }).click();
    await page.getByText('Held, and not tried until somebody releases it').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone.').waitFor();
    await page.getByText('Released by an administrator').waitFor();

    await page.getByRole('tab', { name: 'Message', exact: true }).click();
    await page
      .getByRole('button', { name: /Read|Open|Show/ })
      .first()
      .click();
    await page.getByRole('tab', { name: 'Headers' }).click();
    await page.getByText('Greylisted order').nth(1).waitFor();
    await page.getByRole('tab', { name: 'Story' }).click();

    await page.getByRole('button', { name: 'Reroute' }).click();
    await page.getByRole('dialog').getByLabel('Route').click();
    await page.getByRole('option', { name: 'alive' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reroute and try now' }).click();
    await page.getByText('Its recipient has it.').waitFor();
    await page.getByText(/Sent another way by an administrator/).waitFor();
    assert.ok(alive.messages.some(({ recipients }) => recipients.some((to) => to.includes('ben@odd.test'))));
  });

  it('one that was refused: why, the transcript, and the way to the explanation', async () => {
    const { id } = await find('from=@other.test', 'refused');
    const page = await browser.signedIn(relay, 'auditor', `/messages/${id}`);
    await page.getByText(/Refused at the door/).waitFor();
    await page.getByRole('tab', { name: 'Transcript' }).click();
    await page.getByText('AUTH PLAIN').waitFor();
    await page.getByText(/^550/).first().waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('tab', { name: 'Story' }).click();
    await page
      .getByRole('link', { name: /What S40\d means/ })
      .first()
      .click();
    await page.waitForURL(/\/refusals\/S40\d/);
  });

  it('one is deleted, after the question', async () => {
    const { id } = await find('to=carla@dead.test', 'deferred');
    const page = await browser.signedIn(relay, 'operator', `/messages/${id}`);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('its sender is not told').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Taken out by an administrator').waitFor();
    await expectGone(page.getByRole('button', { name: 'Delete' }));
  });

  it('auditors look and change nothing; source owners see those of their own; unknown ones are told of', async () => {
    const { id } = await find('q=Invoice', 'delivered');
    const auditor = await browser.signedIn(relay, 'auditor', '/messages?state=delivered&q=invoice');
    await auditor.getByRole('row', { name: /Invoice 4711/ }).waitFor();
    const own = await browser.signedIn(relay, 'source-owner', '/messages?q=invoice');
    await own.getByRole('row', { name: /Invoice 4711/ }).waitFor();
    await own.goto(`/messages/${id}`);
    await own.getByText('Its recipient has it.').waitFor();
    const lost = await browser.signedIn(relay, 'auditor', '/messages/1GA4GC1WG02', { expected: [/404/] });
    await lost.getByText('Nothing is known of this message').waitFor();
    await expectNoSeriousViolations(lost);
  });

  it('in French, dark, and on a phone; a long subject breaks nothing', async () => {
    const page = await browser.signedIn(relay, 'operator', '/messages', { language: 'fr', scheme: 'dark' });
    await page.getByRole('row').nth(10).waitFor();
    await screenshot(page, 'messages-dark-fr');
    const { id } = await find('q=imprimante', 'delivered');
    const phone = await browser.signedIn(relay, 'operator', '/messages', { language: 'fr', viewport: PHONE });
    await expectHeading(phone, 'Messages');
    await phone.getByRole('row').nth(3).waitFor();
    await expectNoSidewaysScroll(phone);
    await expectNoSeriousViolations(phone);
    await phone.goto(`/messages/${id}`);
    await phone.getByText('Son destinataire l’a reçu.').waitFor();
    await phone.getByText('Pris en charge').first().waitFor();
    await expectNoSidewaysScroll(phone);
    await screenshot(phone, 'message-phone-fr');
  });

  it('Ctrl+K finds a message', async () => {
    const page = await browser.signedIn(relay, 'operator', '/');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('invoice 4711');
    await page.getByRole('option', { name: /Invoice 4711/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Its recipient has it.').waitFor();
  });
});
