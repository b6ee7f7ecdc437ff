// One source: how it is, the button that stops it, what it may do, how it proves who it is, and how it goes.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { until } from '../support/until.ts';
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
import { ConsoleRelay, PASSWORD } from './console-relay.ts';

interface Source {
  state: string;
  notes: string;
  contact: string;
  owner: string;
  policy: { maxRecipients: number; pairs: { envelope: string; header: string }[] };
}

const TABS = ['', 'policy', 'credentials', 'normal', 'exceptions', 'sheet', 'life'];
const UGLY = 'Very long words without any space '.repeat(5) + 'مرحبا بالعالم 🖨️'.padEnd(30, 'ω');

describe('one source in the console', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  let password = '';

  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.addSampleMail();
    password = await relay.addSource('label-printer', '--from', 'corp.test', '--recipients', 'any');
    const session = await relay.session('label-printer', password);
    const content = Buffer.from('From: other@evil.test\r\nTo: desk@corp.test\r\nSubject: No\r\n\r\nNo.\r\n');
    await session.send({ from: 'other@evil.test', to: ['desk@corp.test'], content });
    session.destroy();
    await relay.api('PATCH', '/sources/monitoring', { description: UGLY, site: 'Lyon', tags: ['server'] });
    await relay.api('POST', '/sources', { name: 'foreign', owner: 'somebody@corp.test' });
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  const show = async (name: string): Promise<Source> =>
    (await relay.api<Source>('GET', `/sources/${name}`)).body;
  const open = (page: Page, tab: string) => page.getByRole('tab', { name: tab, exact: true }).click();

  it('shows what it sends, and what was refused with its fix', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources/erp-production');
    await expectHeading(page, 'erp-production');
    await page.getByText('Report 3').waitFor();
    await page.getByText('Nothing was refused.').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'source');
    await page.goto('/sources/label-printer');
    await page.getByText(/1 time · /).waitFor();
    await page.getByText('7 days', { exact: true }).click();
    await page.waitForURL(/window=7d/);
  });

  it('is stopped with its consequence in numbers, and back by one click', async () => {
    const session = await relay.session('label-printer', password);
    const page = await browser.signedIn(relay, 'operator', '/sources/label-printer');
    await page.getByRole('button', { name: 'Stop' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop label-printer?' });
    await dialog.getByText(/1 open connection ends at once/).waitFor();
    await dialog.getByLabel('Reason').fill('prints nonsense');
    await expectNoSeriousViolations(page);
    await screenshot(page, 'source-stop');
    await dialog.getByRole('button', { name: 'Stop now' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    assert.equal((await show('label-printer')).state, 'suspended');
    session.destroy();
    await page.getByRole('button', { name: 'Undo' }).click();
    await until('it sends again', async () => (await show('label-printer')).state === 'active');
    await page.getByRole('button', { name: 'Stop' }).waitFor();
  });

  it('a wrong field is told where it is, and a right one is saved', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources/erp-production/policy', {
      expected: [/status of 400/],
    });
    await page.getByLabel('From header').first().fill('not an address@@');
    await page.getByRole('button', { name: 'Save' }).click();
    const field = page.getByLabel('From header').first();
    await page.waitForFunction(
      () => document.querySelector('main [aria-invalid=true]') === document.activeElement,
    );
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await expectNoSeriousViolations(page);
    await field.fill('erp@corp.test');
    await page.getByLabel('Recipients of a message').fill('7');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    const { policy } = await show('erp-production');
    assert.equal(policy.maxRecipients, 7);
    assert.equal(policy.pairs[0]?.header, 'erp@corp.test');
    await screenshot(page, 'source-policy');
  });

  it('what somebody else saved meanwhile is brought together with the edits', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources/scanner-3rd-floor/policy', {
      expected: [/status of 412/],
    });
    await page.getByLabel('Contact').fill('Extension 42');
    await page.getByLabel('Notes').fill('mine');
    await relay.api('PATCH', '/sources/scanner-3rd-floor', { site: 'Lyon', notes: 'theirs' });
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Somebody else has saved meanwhile' });
    await dialog.getByRole('row', { name: /Notes.*changed by both.*theirs.*mine/ }).waitFor();
    await dialog.getByRole('row', { name: /Site.*Lyon/ }).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'source-conflict');
    await dialog.getByRole('button', { name: 'Keep my edits' }).click();
    assert.equal(await page.getByLabel('Site').inputValue(), 'Lyon');
    assert.equal(await page.getByLabel('Contact').inputValue(), 'Extension 42');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    const saved = await show('scanner-3rd-floor');
    assert.deepEqual([saved.notes, saved.contact], ['mine', 'Extension 42']);
  });

  it('edits outlive an ended session, a relay that is away, and a click elsewhere', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources/scanner-3rd-floor/policy', {
      expected: [/status of 401/, /ERR_CONNECTION|Failed to load/],
    });
    await page.getByLabel('Contact').fill('Extension 43');
    await page.getByRole('link', { name: 'Sources' }).first().click();
    await page
      .getByRole('dialog', { name: 'Leave without saving?' })
      .getByRole('button', { name: 'Cancel' })
      .click();
    await open(page, 'Credentials');
    await page
      .getByRole('dialog', { name: 'Leave without saving?' })
      .getByRole('button', { name: 'Cancel' })
      .click();
    assert.equal(await page.getByLabel('Contact').inputValue(), 'Extension 43');
    await relay.stop();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The relay does not answer').waitFor();
    await relay.start();
    await page.getByText('Connected again').waitFor({ timeout: 30_000 });
    assert.equal(await page.getByLabel('Contact').inputValue(), 'Extension 43');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Saved.').waitFor();
    assert.equal((await show('scanner-3rd-floor')).contact, 'Extension 43');
  });

  it('a secret is made and shown once, replaced while both work, and ended', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources/label-printer/credentials');
    await page.getByRole('button', { name: 'Add a credential' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a credential' });
    await dialog.getByRole('radio', { name: /^API key/ }).check();
    await dialog.getByLabel('Label').fill('web shop');
    await expectNoSeriousViolations(page);
    await screenshot(page, 'source-new-credential');
    await dialog.getByRole('button', { name: 'Add a credential' }).click();
    await page.getByText('This is shown once.').waitFor();
    await page.getByRole('button', { name: 'I have it' }).click();
    await expectGone(page.getByText('This is shown once.'));

    await page.getByRole('button', { name: 'Actions of label-printer' }).click();
    await page.getByRole('menuitem', { name: 'Replace the secret' }).click();
    const rotate = page.getByRole('dialog', { name: /Replace the secret/ });
    await rotate.getByLabel('Hand it over by a link').check();
    await expectNoSeriousViolations(page);
    await rotate.getByRole('button', { name: 'Replace the secret' }).click();
    await page.getByText('Link that reveals the secret once').waitFor();
    await page
      .getByRole('alert')
      .getByText('Nobody has used the old one since.')
      .or(page.getByText('Nobody has used the old one since.'))
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('region', { name: 'Hand-over links' }).getByText('Waiting').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'source-credentials');
    await page.getByRole('button', { name: 'Go back to the old one' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Go back to the old one' }).click();
    await page.getByText('The new secret is revoked; the old one goes on.').waitFor();
    const session = await relay.session('label-printer', password);
    session.destroy();

    await page.getByRole('button', { name: 'Actions of web shop' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByText('The source has 1 other credential.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('The credential is revoked.').waitFor();
  });

  it('an exception has a reason and an end', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources/label-printer/exceptions', {
      expected: [/status of 400/],
    });
    await page.getByRole('button', { name: 'Allow something weak' }).click();
    const dialog = page.getByRole('dialog', { name: 'Allow something weak' });
    await dialog.getByLabel('Networks').fill('10.1.2.0/24');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog
      .getByText(/say why it is needed/)
      .first()
      .waitFor();
    await dialog.getByLabel('Why it is needed').fill('Firmware of 2014');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Firmware of 2014').waitFor();
    await page.getByRole('button', { name: 'End now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End now' }).click();
    await page.getByText('The exception has ended.').waitFor();
  });

  it('is retired after a brown-out, and kept after all', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources/label-printer/life');
    await page.getByRole('button', { name: 'Retire' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retire label-printer?' });
    await dialog.getByRole('button', { name: 'Retire' }).click();
    await page.getByText('It is on its way out').first().waitFor();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
    await page.getByText('label-printer is kept.').waitFor();
  });

  it('every tab holds for axe, an ugly name, a phone', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources/monitoring');
    const phone = await browser.signedIn(relay, 'operator', '/sources/monitoring', { viewport: PHONE });
    for (const tab of TABS) {
      await page.goto(`/sources/monitoring/${tab}`);
      await page.getByRole('tab', { selected: true }).waitFor();
      await page.waitForLoadState('networkidle');
      await expectNoSeriousViolations(page);
      await phone.goto(`/sources/monitoring/${tab}`);
      await phone.getByRole('tab', { selected: true }).waitFor();
      await phone.waitForLoadState('networkidle');
      await expectNoSidewaysScroll(phone);
      await screenshot(page, `source-tab-${tab || 'overview'}`);
      if (tab === 'policy' || tab === '') await screenshot(phone, `source-phone-${tab || 'overview'}`);
    }
  });

  it('the settings sheet prints alone', async () => {
    const page = await browser.signedIn(relay, 'source-owner', '/sources/monitoring/sheet', {
      language: 'fr',
      scheme: 'dark',
    });
    await page.getByRole('article').waitFor();
    await screenshot(page, 'source-sheet-dark-fr');
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.getByRole('tab').first().isVisible(), false);
    assert.equal(await page.getByRole('button', { name: 'Imprimer' }).isVisible(), false);
    assert.ok(await page.getByRole('article').isVisible());
  });

  it('roles: an auditor reads, a source owner stops their own and sees no other', async () => {
    const auditor = await browser.signedIn(relay, 'auditor', '/sources/erp-production/policy');
    assert.ok(await auditor.getByLabel('Contact').isDisabled());
    assert.equal(await auditor.getByRole('button', { name: 'Stop' }).count(), 0);
    const own = await browser.signedIn(relay, 'source-owner', '/sources/erp-production', {
      expected: [/status of 40[34]/],
    });
    await own.getByRole('button', { name: 'Stop' }).click();
    await own.getByText('Only an operator can start it again.').waitFor();
    await own.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await own.goto('/sources/foreign');
    await own.getByRole('alert').waitFor();
    assert.equal(await own.getByRole('tab').count(), 0);
  });
});
