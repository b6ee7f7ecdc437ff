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
import { ConsoleRelay, PASSWORD } from './console-relay.ts';

describe('people and tokens', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('an invitation by link, a role that changes, and the end', async () => {
    const page = await browser.signedIn(relay, 'owner', '/people', { expected: [/status of 4\d\d/] });
    await page.getByRole('row', { name: /Olivia Owner \(you\)/ }).waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'Invite' }).click();
    const form = page.getByRole('dialog', { name: 'Invite a person' });
    await form.getByLabel('Name').fill('Nina New');
    await form.getByLabel('E-mail address').fill('nina@corp.test');
    await form.getByRole('button', { name: 'Make the link' }).click();
    const dialog = page.getByRole('dialog', { name: 'Link for Nina New' });
    const link = (await dialog.locator('pre').textContent()) ?? '';
    assert.match(link, /\/invitation#\S+$/);
    await expectNoSeriousViolations(page);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('row', { name: /Nina New.*Invited/ }).waitFor();
    await screenshot(page, 'people');

    const nina = await browser.newPage(relay);
    await nina.goto(link);
    await nina.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await nina.getByRole('button', { name: 'Set the password' }).click();
    await nina.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await nina.getByRole('button', { name: 'Sign in', exact: true }).click();
    await nina.getByRole('button', { name: 'Account of Nina New' }).waitFor();

    await nina.goto('about:blank');
    await page.reload();
    await page.getByRole('row', { name: /Nina New.*Active/ }).click();
    const detail = page.getByRole('dialog', { name: 'Nina New' });
    await detail.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Operator' }).click();
    await detail.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Their sessions have ended').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'person');
    await detail.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page
      .getByRole('dialog', { name: 'Sign out Nina New' })
      .getByRole('button', { name: 'Sign out' })
      .click();
    await page.getByText('Nina New is signed out.').waitFor();
    await detail.getByRole('button', { name: 'Remove', exact: true }).click();
    await page
      .getByRole('dialog', { name: 'Remove Nina New?' })
      .getByRole('button', { name: 'Remove' })
      .click();
    await page.getByText('Nina New is removed.').waitFor();
    await page.getByRole('row', { name: /Nina New/ }).waitFor({ state: 'detached' });
  });

  it('a token is shown once and revoked', async () => {
    const page = await browser.signedIn(relay, 'operator', '/tokens');
    await page.getByText('No tokens').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'Make token' }).click();
    await page.getByLabel('What uses it').fill('monitoring');
    assert.equal(await page.getByLabel('Belongs to the relay').count(), 0);
    await page.getByRole('dialog').getByRole('button', { name: 'Make token' }).click();
    const dialog = page.getByRole('dialog', { name: 'Token monitoring' });
    const secret = (await dialog.locator('pre').textContent()) ?? '';
    const answer = await fetch(`${relay.address}/api/v1/status`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    assert.equal(answer.status, 200);
    await expectNoSeriousViolations(page);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await screenshot(page, 'tokens');
    await page.getByRole('button', { name: 'Revoke monitoring' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No tokens').waitFor();
    const later = await fetch(`${relay.address}/api/v1/status`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    assert.equal(later.status, 401);
  });

  it('narrow, long names, in French and dark; who may not change sees', async () => {
    await relay.api('POST', '/people', {
      name: `مرحبا ${'x'.repeat(90)} 👋`,
      email: 'long@corp.test',
      role: 'auditor',
    });
    const page = await browser.signedIn(relay, 'auditor', '/people', {
      language: 'fr',
      scheme: 'dark',
      viewport: PHONE,
    });
    await expectHeading(page, 'Personnes');
    await page.getByRole('row', { name: /Olivia/ }).click();
    await page.getByRole('dialog', { name: 'Olivia Owner' }).getByText('Propriétaire').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Retirer' }).count(), 0);
    await expectNoSidewaysScroll(page);
    await expectNoSeriousViolations(page);
    const other = await browser.signedIn(relay, 'source-owner', '/people');
    await expectHeading(other, 'This page is not for your role');
    await other.goto('/tokens');
    await other.getByText('No tokens').waitFor();
  });
});
