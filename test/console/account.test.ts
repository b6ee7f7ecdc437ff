import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { TOTP } from 'otpauth';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectHeading,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay, PASSWORD } from './console-relay.ts';

describe('the own account', () => {
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

  it('an authenticator by its secret, recovery codes, and signing in with a code', async () => {
    const page = await browser.signedIn(relay, 'operator', '/account', { expected: [/status of 40[01]/] });
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByRole('img', { name: 'QR code of the secret' }).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'account-authenticator');
    const secret = ((await page.locator('pre').first().textContent()) ?? '').replaceAll(/\s/g, '');
    await page.getByLabel('Code that the app shows now').fill('000000');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('is not the one that the authenticator shows').waitFor();
    const code = new TOTP({ secret }).generate();
    await page.getByLabel('Code that the app shows now').fill(code);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Each lets you in once').waitFor();
    const [first] = ((await page.locator('pre').first().textContent()) ?? '').split('\n');
    assert.ok(first);
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'I have kept them' }).click();
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await again.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await again.getByRole('button', { name: 'Sign in', exact: true }).click();
    await again.getByRole('textbox', { name: 'Code' }).fill(first);
    await again.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('recovery codes are left').waitFor();
  });

  it('a passkey, a password, and all other sessions', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/account', { expected: [/status of 40[013]/] });
    await browser.signedIn(relay, 'auditor', '/account');
    await page.reload();
    await page.getByRole('button', { name: 'Sign out all others' }).click();
    await page.getByText('other session has ended').waitFor();
    await page.getByLabel('New password', { exact: true }).fill('too short');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.locator('[id$=-error]').waitFor();
    await page.getByLabel('New password', { exact: true }).fill('another sentence for stories');
    await page.getByRole('button', { name: 'Change password' }).click();
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await again.getByLabel('Password', { exact: true }).fill('another sentence for stories');
    await again.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'My account', level: 1 }).waitFor();
  });

  it('narrow, in French and dark, for a source owner', async () => {
    const page = await browser.signedIn(relay, 'source-owner', '/account', {
      language: 'fr',
      scheme: 'dark',
      viewport: PHONE,
    });
    await expectHeading(page, 'Mon compte');
    await page.getByText('Responsable de source', { exact: true }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectNoSeriousViolations(page);
    await screenshot(page, 'account-phone');
  });
});
