// The edge in the console: real mail from outside, what it proved, who posed as whom, and the rules that decide.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { DnsServer } from '../support/dns-server.ts';
import { plainMessage, SmtpDialogue } from '../support/smtp-dialogue.ts';
import { LISTENERS, until } from '../support/story-relay.ts';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectGone,
  expectHeading,
  type Page,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';
import { scrollThrough } from './scrolling.ts';

const PARTNER = '203.0.113.10';
const ATTACKER = '198.51.100.66';
const PRINTER = '192.0.2.25';
const encoded = (text: string) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
const LONG = `${'very-long-name-of-a-sender-'.repeat(2)}x@partner.test`;

const configuration = (dns: DnsServer) => `hostname = "edge.contoso.test"
${LISTENERS}
[[listener]]
name = "mx"
port = 0
role = "edge"

[proxy]
from = ["127.0.0.1/32"]

[dns]
servers = ["${dns.address}"]

[edge.greylist]
enabled = false
`;

/** A picture to look at that the documentation has no use for. */
async function glance(page: Page, name: string): Promise<void> {
  if (process.env['UPDATE_SCREENSHOTS'] === undefined) await screenshot(page, name);
}

describe('the edge', () => {
  const browser = new ConsoleBrowser();
  let dns: DnsServer;
  let relay: ConsoleRelay;

  const send = async (
    from: string,
    { address = ATTACKER, author = from, to = 'ann@contoso.test', name = 'Ann' } = {},
  ): Promise<string> => {
    const client = await SmtpDialogue.connect(relay.port('mx'), { clientAddress: address });
    await client.hello();
    const content = plainMessage([
      `From: ${name} <${author}>`,
      `To: ${to}`,
      'Subject: hello',
      'Message-ID: <1@x.test>',
    ]);
    const answer = await client.send({ from, to: [to], content });
    client.destroy();
    return answer;
  };

  before(async () => {
    dns = await new DnsServer().listen();
    dns.set('contoso.test', 'TXT', `v=spf1 ip4:${PRINTER} -all`);
    dns.set('_dmarc.contoso.test', 'TXT', 'v=DMARC1; p=none');
    dns.set('partner.test', 'TXT', `v=spf1 ip4:${PARTNER} -all`);
    dns.set('_dmarc.partner.test', 'TXT', 'v=DMARC1; p=reject');
    relay = new ConsoleRelay({ config: configuration(dns) });
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
  });
  after(async () => {
    await browser.close();
    await relay?.remove();
    await dns?.close();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  const settings = async () =>
    (await relay.api<{ rejectDirectSend: boolean; displayNameSpoof: string }>('GET', '/edge/settings')).body;
  const row = (page: Page, name: string | RegExp) => page.getByRole('row', { name });
  const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();

  it('is set up from nothing: a domain, its people by a file, a partner', async () => {
    const page = await browser.signedIn(relay, 'operator', '/edge/traffic', { expected: [/400/] });
    await page.getByText('No inbound mail').waitFor();
    await page.getByText(/there is no accepted domain/).waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('link', { name: 'Edge settings' }).first().click();
    await expectHeading(page, 'Edge settings');

    await tab(page, 'Accepted domains');
    await page.getByText('No accepted domain').waitFor();
    await page.getByRole('button', { name: 'Accept a domain' }).click();
    const domain = page.getByRole('dialog', { name: 'Accept a domain' });
    await domain.getByLabel('Domain', { exact: true }).fill('*.contoso.test');
    await domain.getByRole('button', { name: 'Accept a domain' }).click();
    await domain.getByText(/set matchSubDomains instead/).waitFor();
    await domain.getByLabel('Domain', { exact: true }).fill('contoso.test');
    await expectNoSeriousViolations(page);
    await domain.getByRole('button', { name: 'Accept a domain' }).click();
    await row(page, /contoso\.test/)
      .getByText('Nobody yet')
      .waitFor();

    await tab(page, 'Recipients');
    await page.getByText('Nobody is listed').waitFor();
    const file = path.join(relay.folder, 'recipients.csv');
    const people = Array.from({ length: 3000 }, (_, index) => `u${index}@contoso.test`);
    writeFileSync(file, ['ann@contoso.test', 'bob@elsewhere.test', 'nonsense', ...people].join('\n'));
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Import recipients' });
    await dialog.locator('input[type=file]').setInputFiles(file);
    await dialog.getByText('3,001 addresses of your domains').waitFor();
    await dialog.getByText('1 of another domain is left out.').waitFor();
    await dialog.getByText(/Line 3:/).waitFor();
    await expectNoSeriousViolations(page);
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('Imported: 3,001 new, 0 removed.').waitFor();
    await page.getByText('3,001 addresses are listed here.').waitFor();
    await page.getByLabel('Part of the address').fill('ann@');
    await row(page, 'ann@contoso.test').waitFor();
    await page.waitForURL(/search=ann/);
    await page.locator('[role=grid][aria-rowcount="2"]').waitFor();

    await tab(page, 'Connectors');
    await page.getByText('No connectors').waitFor();
    await page.getByRole('button', { name: 'Add a connector' }).click();
    const connector = page.getByRole('dialog', { name: 'Add a connector' });
    await connector.getByLabel('Name', { exact: true }).fill('Newsletter service');
    await connector.getByLabel('Addresses', { exact: true }).fill('10.0.0.0/8');
    await page.keyboard.press('Enter');
    await connector.getByLabel('Only with TLS').uncheck();
    await connector.getByRole('button', { name: 'Add a connector' }).click();
    await connector.getByText(/write a larger network as several/).waitFor();
    await connector.getByLabel('Addresses', { exact: true }).press('Backspace');
    await connector.getByLabel('Addresses', { exact: true }).fill('192.0.2.80');
    await page.keyboard.press('Enter');
    await expectNoSeriousViolations(page);
    await glance(page, 'edge-connector');
    await connector.getByRole('button', { name: 'Add a connector' }).click();
    await row(page, /Newsletter service/)
      .getByText('192.0.2.80/32')
      .waitFor();

    await tab(page, 'Safe senders');
    await page.getByRole('button', { name: 'Add a safe sender' }).click();
    const safe = page.getByRole('dialog', { name: 'Add a safe sender' });
    await safe.getByLabel('Address or domain').fill('partner.test');
    await safe.getByLabel('Note').fill('a brand of ours');
    await safe.getByRole('button', { name: 'Add a safe sender' }).click();
    await row(page, /partner\.test/)
      .getByText('a brand of ours')
      .waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'Remove partner.test' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No safe senders').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, /partner\.test/).waitFor();
  });

  it('a list that was scrolled to its end is read again where it is looked at', async () => {
    const page = await browser.signedIn(relay, 'operator', '/edge/settings?tab=recipients');
    await row(page, 'ann@contoso.test').waitFor();
    const { rows, blank } = await scrollThrough(page, 3001, 60);
    assert.deepEqual({ rows, blank }, { rows: 3001, blank: 0 });
    let asked = 0;
    page.on('request', (request) => {
      if (request.method() === 'GET' && request.url().includes('/edge/recipients')) asked++;
    });
    await page.getByRole('button', { name: 'Remove u999@contoso.test' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expectGone(row(page, 'u999@contoso.test'));
    await row(page, 'u998@contoso.test').waitFor();
    assert.ok(asked >= 1 && asked <= 2, `${asked} pages of 7`);
    await page.locator('[role=grid]').evaluate((table) => table.scrollTo({ top: 0 }));
    await row(page, 'ann@contoso.test').waitFor();
  });

  it('shows what came, what it proved, and what became of it', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/edge/traffic');
    await page.getByText('No inbound mail').waitFor();
    assert.match(await send('sales@partner.test', { address: PARTNER }), /^250 /);
    assert.match(await send('scanner@contoso.test', { address: PRINTER }), /^550 5\.7\.68 /);
    for (let attempt = 0; attempt < 3; attempt++) {
      assert.match(await send('ceo@contoso.test'), /^550 5\.7\.68 /);
      assert.match(await send('x@partner.test', { address: ATTACKER, author: 'ceo@contoso.test' }), /^250 /);
    }
    assert.match(await send('a@partner.test', { address: ATTACKER }), /^550 5\.7\.509 /);
    assert.match(await send('news@contoso.test', { address: '192.0.2.80' }), /^250 /);
    assert.match(await send(LONG, { address: PARTNER, name: encoded('Ann 😀') }), /^250 /);
    assert.match(
      await send('a@partner.test', { address: PARTNER, to: 'gone@contoso.test' }),
      /^550 5\.4\.1 /,
    );
    // it comes by itself
    await row(page, /Partner: Newsletter service/).waitFor();
    await row(page, /Refused.*Direct Send refused/)
      .first()
      .waitFor();
    await row(page, /Let in.*sales@partner\.test.*SPF pass.*DMARC pass/).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'edge-traffic');

    await page.getByRole('combobox', { name: 'Seen' }).click();
    await page.getByRole('option', { name: 'Our domain in From' }).click();
    await page.waitForURL(/kind=header/);
    await page.locator('[role=grid][aria-rowcount="4"]').waitFor();
    await page.locator('[data-index="0"]').focus();
    await page.keyboard.press('Enter');
    const detail = page.getByRole('dialog', { name: 'Message at the edge' });
    await detail.getByText('Nothing proves the domain in From.').waitFor();
    await detail
      .getByText('From says contoso.test, which nothing proves, behind a foreign envelope sender')
      .waitFor();
    await detail.getByText('p=none', { exact: true }).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'edge-message');
    await detail.getByRole('link', { name: 'What would happen now?' }).click();
    await expectHeading(page, 'What would happen to …');
    await page.getByText('It would be let in').waitFor();
    await page.goto('/edge/traffic?fate=refused&network=203.0.113.0%2F24');
    await page.locator('[role=grid][aria-rowcount="2"]').waitFor();
    await row(page, /Unknown recipient/).waitFor();
    await page.goto('/edge/traffic?code=E299');
    await page.getByText('Nothing matches these filters.').waitFor();
  });

  it('groups who posed as whom', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/edge/spoofs');
    const group = page.getByRole('listitem').filter({ hasText: ATTACKER });
    await group.getByText('3 refused').waitFor();
    await group.getByText('3 in quarantine').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'edge-spoofs');
    await group.getByText('3 in quarantine').click();
    await page.locator('[role=grid][aria-rowcount="4"]').waitFor();
    await page.goto('/edge/spoofs?network=203.0.113.0%2F25&days=1');
    await expectHeading(page, 'Spoof attempts');
    await page.goto('/edge/spoofs?network=100.64.0.0%2F16');
    await page.getByText('Nothing from there in this period.').waitFor();
  });

  it('says what would happen, why, and what Microsoft leaves open', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/edge/what-if', { expected: [/400/] });
    await page.getByText('Ask about a message').waitFor();
    await page.getByLabel('Address of the client').fill('mx');
    await page.getByLabel('Envelope sender').fill('scanner@contoso.test');
    await page.getByLabel('Recipient', { exact: true }).fill('ann@contoso.test');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('is no IP address such as 192.0.2.1').first().waitFor();
    await page.getByLabel('Address of the client').fill(PRINTER);
    await page.keyboard.press('Enter');
    await page.getByText('It would be refused').waitFor();
    await page.getByText(/Said at the end of the message/).waitFor();
    await page.getByText(/Whether Exchange Online refuses at RCPT/).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'edge-what-if');
    await page.getByLabel('Address of the client').fill('192.0.2.80');
    await page.keyboard.press('Enter');
    await page.getByText('Partner connector Newsletter service vouches for the client.').waitFor();
    await page.getByText(/Whether the addresses of a partner connector identify/).waitFor();
    await page.reload();
    await page.getByText('It would be let in').waitFor();
  });

  it('Direct Send is let in with its consequence in numbers, and back', async () => {
    const page = await browser.signedIn(relay, 'operator', '/edge/settings');
    await page.getByText('In the last seven days 4 messages from 2 clients were refused.').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'edge-settings');
    await page.getByRole('button', { name: 'Let Direct Send in' }).click();
    const dialog = page.getByRole('dialog', { name: 'Let Direct Send in?' });
    await dialog.getByText(/4 messages from 2 clients were refused that would then be judged/).waitFor();
    await expectNoSeriousViolations(page);
    await dialog.getByRole('button', { name: 'Let Direct Send in' }).click();
    await page.getByText('Direct Send is let in from now on.').waitFor();
    assert.equal((await settings()).rejectDirectSend, false);
    assert.match(await send('scanner@contoso.test', { address: PRINTER }), /^250 /);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone.').waitFor();
    assert.equal((await settings()).rejectDirectSend, true);
    await until('the rule holds again', async () =>
      (await send('scanner@contoso.test', { address: PRINTER })).startsWith('550 5.7.68'),
    );
  });

  it('an edit of the rules is not lost, nor that of somebody else', async () => {
    const page = await browser.signedIn(relay, 'operator', '/edge/settings', { expected: [/412/] });
    await page
      .getByLabel(/^Display name of yours/)
      .first()
      .click();
    await page.getByRole('option', { name: 'Hold in quarantine' }).click();
    await page.getByRole('link', { name: 'Spoof attempts' }).click();
    await page
      .getByRole('dialog', { name: 'Leave without saving?' })
      .getByRole('button', { name: 'Cancel' })
      .click();
    await relay.api('PATCH', '/edge/settings', { name: 'Contoso' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody has changed this in the meantime').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page
      .getByLabel(/^Display name of yours/)
      .first()
      .click();
    await page.getByRole('option', { name: 'Hold in quarantine' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The rules are saved').waitFor();
    assert.equal((await settings()).displayNameSpoof, 'quarantine');
  });

  it('an auditor changes nothing, and a source owner sees nothing of it', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/edge/settings?tab=domains');
    await row(page, /contoso\.test/).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Accept a domain' }).count(), 0);
    await tab(page, 'Rules');
    assert.ok(await page.getByRole('button', { name: 'Let Direct Send in' }).isDisabled());
    assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0);
    await expectNoSeriousViolations(page);
    const owner = await browser.signedIn(relay, 'owner', '/edge/settings');
    assert.ok(await owner.getByRole('button', { name: 'Let Direct Send in' }).isEnabled());
    for (const place of ['traffic', 'spoofs', 'what-if', 'settings']) {
      const other = await browser.signedIn(relay, 'source-owner', `/edge/${place}`);
      await expectHeading(other, 'This page is not for your role');
      assert.equal(await other.getByRole('link', { name: 'Inbound mail' }).count(), 0);
    }
  });

  it('in French, in the dark, and on a phone', async () => {
    const pages = [
      ['traffic', 'Courrier entrant'],
      ['spoofs', 'Usurpations'],
      [
        `what-if?address=${PRINTER}&sender=scanner@contoso.test&recipient=ann@contoso.test`,
        'Que deviendrait…',
      ],
      ['settings', 'Réglages de l’entrée'],
    ] as const;
    for (const [place, title] of pages) {
      const page = await browser.signedIn(relay, 'operator', `/edge/${place}`, {
        language: 'fr',
        scheme: 'dark',
      });
      await expectHeading(page, title);
      await page.waitForLoadState('networkidle').catch(() => {});
      await glance(page, `edge-${place.replace(/\?.*/, '')}-dark-fr`);
      await expectNoSidewaysScroll(page);
    }
    for (const [place] of [...pages, ['settings?tab=connectors'], ['settings?tab=recipients']] as const) {
      const page = await browser.signedIn(relay, 'operator', `/edge/${place}`, { viewport: PHONE });
      await page.waitForTimeout(600);
      await expectNoSidewaysScroll(page);
      await expectNoSeriousViolations(page);
      await glance(page, `edge-${place.replaceAll(/[?&=].*/g, '')}-phone`);
    }
  });
});
