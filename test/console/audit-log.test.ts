import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
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

describe('the audit log', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    // more than the pages that are read at once
    for (let number = 0; number < 60; number++) {
      await relay.api('POST', '/sources', { name: `printer-${number}`, owner: 'owner@corp.test' });
      await relay.api('PATCH', `/sources/printer-${number}`, { description: `Floor ${number}` });
      await relay.api('PATCH', `/sources/printer-${number}`, { description: `Floor ${number}, room 2` });
    }
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('shows who did what, with what was before and after', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/audit-log');
    await expectNoSeriousViolations(page);
    await screenshot(page, 'audit-log');
    await page.getByLabel('Source', { exact: true }).fill('printer-7');
    await page.waitForURL(/source=printer-7/);
    await page.locator('[role=grid][aria-rowcount="4"]').waitFor();
    await page
      .getByRole('row', { name: /printer-7/ })
      .nth(1)
      .click();
    const entry = page.getByRole('dialog');
    await entry.getByText('Before', { exact: true }).waitFor();
    await entry.getByText('Hash of the entry').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'audit-log-entry');
    await page.keyboard.press('Escape');
    await page.reload();
    await page.locator('[role=grid][aria-rowcount="4"]').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    assert.equal(new URL(page.url()).search, '');
  });

  it('goes on to the oldest entry by keyboard, without a blank row', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/audit-log');
    const grid = page.getByRole('grid', { name: 'Audit log' });
    await grid.getByRole('row').nth(1).focus();
    const oldest = grid.getByRole('gridcell', { name: '1', exact: true });
    for (let press = 0; press < 20 && !(await oldest.isVisible()); press++) {
      await page.keyboard.press('End');
      const drawn = await grid.locator('[data-index]').count();
      assert.ok(drawn > 5 && drawn < 100, `${drawn} rows are drawn`);
      await page.waitForTimeout(100);
    }
    await oldest.waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
  });

  it('is verified and saved whole', async () => {
    const page = await browser.signedIn(relay, 'owner', '/audit-log', { language: 'fr', scheme: 'dark' });
    await expectHeading(page, 'Journal d’audit');
    await screenshot(page, 'audit-log-dark-fr');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Exporter' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
    assert.ok(lines.length > 180);
    assert.equal(
      (JSON.parse((JSON.parse(lines[0] ?? '') as { entry: string }).entry) as { sequence: number }).sequence,
      1,
    );
    await page.getByRole('button', { name: 'Vérifier' }).click();
    await page.getByText('Intègre').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByLabel('État noté précédemment').fill(`3:${'0'.repeat(64)}`);
    await page.getByRole('button', { name: 'Comparer' }).click();
    await page.getByText('Non intègre').waitFor();
  });

  it('says that nothing matches, and what a source owner may not see', async () => {
    const page = await browser.signedIn(relay, 'owner', '/audit-log?actor=nobody%40corp.test', {
      viewport: PHONE,
    });
    await page.getByText('Nothing matches these filters').waitFor();
    await expectNoSidewaysScroll(page);
    const other = await browser.signedIn(relay, 'source-owner', '/audit-log');
    await expectHeading(other, 'This page is not for your role');
    assert.equal(await other.getByRole('link', { name: 'Audit log' }).count(), 0);
  });
});
