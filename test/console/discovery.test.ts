// Devices that nobody knows: seen, understood, made a source or dismissed; networks that are not looked at.
import assert from 'node:assert/strict';
import { connect as dial } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { until } from '../support/until.ts';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectGone,
  expectHeading,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

const CONFIG = `hostname = "relay.test"

[[listener]]
name = "printers"
port = 0
plainAuthentication = true
learn = "hold"
learnFrom = ["127.0.0.0/8"]

[api]
port = 0
`;

interface Source {
  state: string;
  policy: { pairs: { header: string }[] };
}

/** Says these lines one after the other from an address of this machine; each waits for its answer. */
function say(port: number, from: string, lines: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = dial({ port, host: '127.0.0.1', localAddress: from });
    const left = [...lines];
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      if (!/^\d{3} /m.test(text)) return;
      const next = left.shift();
      if (next === undefined) {
        if (socket.writable) socket.end('QUIT\r\n');
      } else socket.write(`${next}\r\n`);
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}

describe('discovery in the console', () => {
  const relay = new ConsoleRelay({ config: CONFIG });
  const browser = new ConsoleBrowser();

  const scan = (from: string, name: string, sender: string) =>
    say(relay.port('printers'), from, [
      `EHLO ${name}`,
      `MAIL FROM:<${sender}>`,
      'RCPT TO:<anna@corp.test>',
      'DATA',
      `From: <${sender}>\r\nTo: anna@corp.test\r\nSubject: Scan\r\n\r\nA page.\r\n.`,
    ]);

  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.api('POST', '/domains', { name: 'corp.test', internal: true });
    await scan('127.0.0.11', 'mfp-lobby.corp.test', 'lobby@corp.test');
    await scan('127.0.0.11', 'mfp-lobby.corp.test', 'lobby@corp.test');
    await scan('127.0.0.12', 'ups-2.corp.test', 'ups@corp.test');
    await scan('127.0.0.13', 'stranger.evil.test', 'stranger@evil.test');
    await until('all are recorded', async () => {
      const { body } = await relay.api<{ items: { held: { messages: number } }[] }>('GET', '/discovery');
      return body.items.length === 3 && body.items.every(({ held }) => held.messages > 0);
    });
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('shows what was seen, and makes a source of it whose held mail goes on', async () => {
    const page = await browser.signedIn(relay, 'operator', '/discovery', { expected: [/status of 400/] });
    await page.getByText('127.0.0.13').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'discovery');
    await page.getByRole('row').filter({ hasText: '127.0.0.11' }).click();
    await page.getByRole('heading', { name: 'mfp-lobby.corp.test', level: 1 }).waitFor();
    await page.getByRole('region', { name: 'What it sends' }).getByText('lobby@corp.test').waitFor();
    const form = page.getByRole('form', { name: 'Make it a source' });
    assert.equal(await form.getByLabel('From header').first().inputValue(), 'lobby@corp.test');
    await expectNoSeriousViolations(page);
    await screenshot(page, 'device');
    await form.getByRole('textbox', { name: 'Name' }).fill('Not A Name');
    await form.getByRole('button', { name: 'Approve' }).click();
    await form
      .getByText(/may hold lower case letters/)
      .first()
      .waitFor();
    await form.getByRole('textbox', { name: 'Name' }).fill('lobby-printer');
    await form.getByRole('radio', { name: /By a password/ }).check();
    await form.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('lobby-printer may send').waitFor();
    await page.getByText('2 held messages go on.').waitFor();
    await page.getByText('This is shown once.').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'device-approved');
    const { body } = await relay.api<Source>('GET', '/sources/lobby-printer');
    assert.equal(body.state, 'active');
    await page.getByRole('link', { name: 'To the other devices' }).click();
    await page.getByText('127.0.0.13').waitFor();
    await expectGone(page.getByText('127.0.0.11'));
  });

  it('dismisses one with its consequence in numbers, and blocks where it is', async () => {
    const page = await browser.signedIn(relay, 'operator', '/discovery');
    await page.getByRole('row').filter({ hasText: '127.0.0.13' }).click();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    const dialog = page.getByRole('dialog', { name: /Dismiss the device/ });
    await dialog.getByText(/1 held message is deleted/).waitFor();
    await dialog.getByLabel(/^Block/).check();
    await dialog.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByRole('region', { name: 'Blocked networks' }).getByText('127.0.0.13').waitFor();
    await scan('127.0.0.13', 'stranger.evil.test', 'stranger@evil.test');
    await page.getByRole('button', { name: 'Record again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Record again' }).click();
    await page.getByText('No network is blocked.').waitFor();
  });

  it('a network is blocked by its name, and a wrong one is told', async () => {
    const page = await browser.signedIn(relay, 'operator', '/discovery', { expected: [/status of 400/] });
    await page.getByLabel('Network to block').fill('10.9.0.1/16');
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    await page.getByText(/bits behind the prefix must be zero/).waitFor();
    await page.getByLabel('Network to block').fill('10.9.0.0/16');
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    await page.getByText('The network is blocked.').waitFor();
    await relay.api('DELETE', `/discovery-blocks/${encodeURIComponent('10.9.0.0/16')}`);
  });

  it('an auditor reads, a source owner is told that it is not theirs', async () => {
    const auditor = await browser.signedIn(relay, 'auditor', '/discovery');
    await auditor.getByRole('row').filter({ hasText: '127.0.0.12' }).click();
    await auditor.getByRole('region', { name: 'Who it is' }).getByText('ups-2.corp.test').waitFor();
    assert.equal(await auditor.getByRole('button', { name: 'Approve' }).count(), 0);
    assert.equal(await auditor.getByRole('button', { name: 'Dismiss' }).count(), 0);
    const own = await browser.signedIn(relay, 'source-owner', '/discovery');
    await expectHeading(own, 'This page is not for your role');
  });

  it('in French, in the dark, on a phone, and for a device that is gone', async () => {
    const { body } = await relay.api<{ items: { id: string }[] }>('GET', '/discovery');
    const [device] = body.items;
    const page = await browser.signedIn(relay, 'operator', `/discovery/${device?.id}`, {
      language: 'fr',
      scheme: 'dark',
    });
    await page.getByRole('form', { name: 'En faire une source' }).waitFor();
    await screenshot(page, 'device-dark-fr');
    const phone = await browser.signedIn(relay, 'operator', `/discovery/${device?.id}`, { viewport: PHONE });
    await phone.getByRole('form', { name: 'Make it a source' }).waitFor();
    await expectNoSidewaysScroll(phone);
    await expectNoSeriousViolations(phone);
    await screenshot(phone, 'device-phone');
    await phone.goto('/discovery');
    await phone.getByRole('row').nth(1).waitFor();
    await expectNoSidewaysScroll(phone);
    await expectNoSeriousViolations(phone);
    const gone = await browser.signedIn(relay, 'operator', '/discovery/dev_nothing', {
      expected: [/status of 404/],
    });
    await gone.getByRole('alert').getByText('Not found').waitFor();
  });

  it('without any device it says how they come', async () => {
    const { body } = await relay.api<{ items: { id: string }[] }>('GET', '/discovery');
    for (const { id } of body.items) await relay.api('POST', `/discovery/${id}/dismiss`, {});
    const page = await browser.signedIn(relay, 'operator', '/discovery');
    await page.getByText('No unknown device').waitFor();
    await expectNoSeriousViolations(page);
  });
});
