// Owners are asked whether their sources are still needed; who has answered what stands on a page.
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
import assert from 'node:assert/strict';

describe('recertification in the console', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();

  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    for (const name of ['erp', 'scanner', 'shop']) {
      await relay.api('POST', '/sources', { name, owner: 'owner@corp.test', tags: ['yearly'] });
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

  it('counts first, asks then, and shows the answers', async () => {
    const page = await browser.signedIn(relay, 'operator', '/recertifications');
    await page.getByText('Nobody was asked yet').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'Ask owners' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Ask owners' });
    await dialog.getByLabel('Title').fill('Yearly review');
    await dialog.getByRole('combobox', { name: 'Tag' }).click();
    await page.getByRole('option', { name: 'yearly (3)' }).click();
    await dialog.getByText(/3 sources\. Mails: 1/).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'recertification-new');
    await dialog.getByRole('button', { name: 'Ask now' }).click();
    await page.getByText('The owners are asked.').waitFor();

    const own = await browser.signedIn(relay, 'source-owner', '/sources/erp/life');
    await own.getByRole('radio', { name: 'Yes, it is needed' }).check();
    await own.getByLabel('Comment').fill('Until the new one is there');
    await own.getByRole('button', { name: 'Answer' }).click();
    await own.getByText('It is kept.').waitFor();

    await page.getByRole('row').filter({ hasText: 'Yearly review' }).click();
    await expectHeading(page, 'Yearly review');
    await page.getByRole('row', { name: /erp.*Needed.*Until the new one is there/ }).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'recertification');
    await page.getByRole('button', { name: 'Cancel the campaign' }).click();
    await page
      .getByRole('dialog')
      .getByText(/2 sources without an answer/)
      .waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the campaign' }).click();
    await page.getByText('The campaign is cancelled.').waitFor();
  });

  it('in French, on a phone, for an auditor, and not for a source owner', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/recertifications', {
      language: 'fr',
      viewport: PHONE,
    });
    await page.getByText('Yearly review').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Interroger les responsables' }).count(), 0);
    await expectNoSidewaysScroll(page);
    await expectNoSeriousViolations(page);
    const own = await browser.signedIn(relay, 'source-owner', '/recertifications');
    await expectHeading(own, 'This page is not for your role');
  });
});
