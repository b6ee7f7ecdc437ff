// What is weak and allowed all the same: seen, made, given another end, ended, and made again.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import {
  ConsoleBrowser,
  expectHeading,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

const DAY_MS = 86_400_000;

describe('exceptions', () => {
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

  const allow = async (fields: Record<string, unknown>): Promise<string> => {
    const { body } = await relay.api<{ id: string }>('POST', '/exceptions', {
      kind: 'tls-1.0',
      owner: 'warehouse@corp.test',
      reason: 'Scanners of 2009',
      ...fields,
    });
    return body.id;
  };

  it('the first is made with the keyboard alone, and what is wrong stands at its field', async () => {
    const page = await browser.signedIn(relay, 'operator', '/exceptions', { expected: [/status of 400/] });
    await page.getByText('Nothing weak is allowed.').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'Allow something weak' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Allow something weak' });
    await dialog.getByLabel('Networks').fill('10.0.0.0/8');
    await dialog.getByLabel('Why it is needed').fill('Label printers');
    await dialog.getByLabel('Who answers for it').fill('print@corp.test');
    await page.keyboard.press('Enter');
    await dialog
      .getByText(/is too wide/)
      .first()
      .waitFor();
    await expectNoSeriousViolations(page);
    await dialog.getByLabel('Networks').press('Backspace');
    await dialog.getByLabel('Networks').fill('10.9.0.0/24');
    await dialog.getByLabel('Who answers for it').press('Enter');
    const row = page.getByRole('row', { name: /TLS 1\.1 for .*10\.9\.0\.0\/24/ });
    await row.getByText('never used').waitFor();
    await row.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/exceptions\/exc_/);
    await page.getByText('Label printers').waitFor();
  });

  it('what ends soon is led to from the overview, and gets another end, which is not an earlier one', async () => {
    const id = await allow({ networks: ['10.1.2.0/24'], endsAt: Date.now() + 10 * DAY_MS });
    const page = await browser.signedIn(relay, 'operator', '/');
    await page
      .getByRole('region', { name: 'Needs attention' })
      .getByRole('listitem')
      .filter({ hasText: '10.1.2.0/24' })
      .getByRole('link')
      .click();
    await page.waitForURL(`**/exceptions/${id}`);
    await expectHeading(page, 'TLS 1.0 and 1.1 for \u206810.1.2.0/24\u2069');
    await page.getByText('Scanners of 2009').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'Extend' }).click();
    const dialog = page.getByRole('dialog', { name: 'Extend' });
    await dialog.getByLabel('Until').fill(new Date(Date.now() + 200 * DAY_MS).toISOString().slice(0, 10));
    await dialog.getByLabel('Why it is needed').fill('The new ones come in autumn');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The new ones come in autumn').waitFor();
    await page.getByRole('button', { name: 'Extend' }).click();
    const proposed = await page.getByRole('dialog', { name: 'Extend' }).getByLabel('Until').inputValue();
    assert.ok(Date.parse(proposed) > Date.now() + 198 * DAY_MS, proposed);
    await page.keyboard.press('Escape');
    const { body } = await relay.api<{ endsAt: number }>('GET', `/exceptions/${id}`);
    assert.ok(body.endsAt > Date.now() + 198 * DAY_MS);
  });

  it('is ended now, and made again when that was too early', async () => {
    const id = await allow({
      kind: 'no-tls',
      networks: ['10.7.0.5/32'],
      source: 'erp-production',
      endsAt: Date.now() + 100 * DAY_MS,
    });
    const page = await browser.signedIn(relay, 'operator', `/exceptions/${id}`);
    await page.getByRole('link', { name: 'erp-production' }).waitFor();
    await page.getByRole('button', { name: 'End now' }).click();
    const question = page.getByRole('dialog', { name: 'End the exception now?' });
    await question.getByText('never used').waitFor();
    await expectNoSeriousViolations(page);
    await question.getByRole('button', { name: 'End now' }).click();
    await page.getByText('The exception has ended.').waitFor();
    await page.getByRole('button', { name: 'Allow again' }).click();
    const dialog = page.getByRole('dialog', { name: 'Allow something weak' });
    assert.equal(await dialog.getByLabel('Source').inputValue(), 'erp-production');
    assert.equal(await dialog.getByLabel('Why it is needed').inputValue(), 'Scanners of 2009');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.goto('/exceptions?state=all&source=erp-production');
    await page
      .getByRole('row', { name: /No TLS at all/ })
      .nth(1)
      .waitFor();
    await screenshot(page, 'exceptions');
  });

  it('the next to end is on top', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/exceptions');
    await page.getByRole('row', { name: /TLS 1\.1/ }).waitFor();
    const order = await page.getByRole('row').allTextContents();
    const at = (text: string) => order.findIndex((row) => row.includes(text));
    assert.ok(at('10.9.0.0/24') > 0 && at('10.9.0.0/24') < at('10.1.2.0/24'), order.join('\n'));
    assert.equal(await page.getByRole('button', { name: 'Allow something weak' }).count(), 0);
    await page.getByRole('row', { name: /TLS 1\.1/ }).click();
    await page.getByText('Label printers').waitFor();
    assert.equal(await page.getByRole('button', { name: 'End now' }).count(), 0);
  });

  it('narrow, in French and dark; owners of sources see those of theirs', async () => {
    const page = await browser.signedIn(relay, 'operator', '/exceptions', {
      language: 'fr',
      scheme: 'dark',
      viewport: PHONE,
    });
    await expectHeading(page, 'Dérogations');
    await page.getByRole('row', { name: /TLS 1\.1 pour/ }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectNoSeriousViolations(page);
    await page.getByRole('row', { name: /Aucun TLS pour/ }).click();
    await page.getByText('Scanners of 2009').waitFor();
    await expectNoSidewaysScroll(page);
    await expectNoSeriousViolations(page);
    const own = await browser.signedIn(relay, 'source-owner', '/exceptions');
    await own.getByRole('row', { name: /No TLS at all/ }).waitFor();
    assert.equal(await own.getByRole('row', { name: /TLS 1\.1/ }).count(), 0);
  });
});
