import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectHeading,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

describe('routes', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.addSource('erp-production', '--from', 'corp.test');
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('without a route nothing leaves; a smart host, an exception, and the way of a message', async () => {
    const page = await browser.signedIn(relay, 'operator', '/routes', { expected: [/status of 400/] });
    await page.getByText('Sandbox inbox: nothing leaves').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'Add route' }).click();
    const form = page.getByRole('dialog', { name: 'New route' });
    await form.getByLabel('Name', { exact: true }).fill('Default');
    await form.getByLabel('Server', { exact: true }).fill('smtp.office365.test');
    await form.getByLabel('Port', { exact: true }).fill('587');
    await form.getByRole('button', { name: 'Add a server' }).click();
    await form.getByLabel('Server', { exact: true }).nth(1).fill('backup.office365.test');
    await form.getByLabel('Account').fill('relay@corp.test');
    await form.getByLabel('Password', { exact: true }).fill('a secret of the smart host');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('may hold lower case letters').waitFor();
    await form.getByLabel('Name', { exact: true }).fill('default');
    await expectNoSeriousViolations(page);
    await screenshot(page, 'route-form');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Smart host smtp.office365.test:587').waitFor();
    await form.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Add route' }).click();
    await form.getByLabel('Name', { exact: true }).fill('partner');
    await form.getByLabel('Recipient domain').fill('partner.test');
    await form.getByText('MX', { exact: true }).click();
    await form.getByRole('button', { name: 'Save' }).click();
    const list = page.getByRole('list', { name: 'Routes in the order' });
    await list.getByText('to partner.test').waitFor();
    assert.match(
      (await list.getByRole('listitem').first().textContent()) ?? '',
      /partner/,
      'the more exact first',
    );
    assert.equal(await page.getByText('All other mail').count(), 0);

    await page.getByLabel('Recipient', { exact: true }).fill('desk@partner.test');
    await page.getByRole('button', { name: 'Show the way' }).click();
    await page.getByText('It takes partner').waitFor();
    await list.locator('[data-chosen]', { hasText: 'partner' }).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'routes');
  });

  it('edits are kept from getting lost, and removing says where mail goes then', async () => {
    const page = await browser.signedIn(relay, 'operator', '/routes?route=partner');
    const form = page.getByRole('dialog', { name: 'Edit route partner' });
    await form.getByLabel('Recipient domain').fill('*.partner.test');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('to *.partner.test').waitFor();
    await form.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove the route default?' }).click();
    await page.getByText('No other route takes this mail').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Remove the route partner?' }).click();
    await page.getByText('takes the next route').waitFor();
    await page.getByRole('button', { name: 'Remove the route', exact: true }).click();
    await page.getByText('to *.partner.test').waitFor({ state: 'detached' });
  });

  it('narrow, in French and dark, for who only looks', async () => {
    await relay.api('PUT', `/routes/${'a-long-name-'.repeat(5)}`, {
      match: { senderDomain: `${'x'.repeat(60)}.${'y'.repeat(60)}.test` },
      target: { kind: 'sandbox' },
    });
    const page = await browser.signedIn(relay, 'auditor', '/routes', {
      language: 'fr',
      scheme: 'dark',
      viewport: PHONE,
    });
    await page.getByText('Serveur relais smtp.office365.test:587').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Ajouter une route' }).count(), 0);
    await expectNoSidewaysScroll(page);
    await expectNoSeriousViolations(page);
    await screenshot(page, 'routes-phone');
    const other = await browser.signedIn(relay, 'source-owner', '/routes');
    await expectHeading(other, 'This page is not for your role');
  });
});
