// The lab in the console: real attacks on a stand-in for a tenant, the switch that stops them, and the guided tour.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectHeading,
  type Page,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleLab } from './console-lab.ts';
import { ConsoleRelay } from './console-relay.ts';

/** A picture to look at that the documentation has no use for. */
async function glance(page: Page, name: string): Promise<void> {
  if (process.env['UPDATE_SCREENSHOTS'] === undefined) await screenshot(page, name);
}

describe('the lab', () => {
  const lab = new ConsoleLab();
  const browser = new ConsoleBrowser();
  before(async () => {
    await Promise.all([lab.start(), browser.start()]);
    await lab.addPeople();
  });
  after(async () => {
    await browser.close();
    await lab.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  const settings = async () =>
    new Map(
      (await lab.api<{ items: { name: string; value: unknown }[] }>('GET', '/lab/settings')).items.map(
        ({ name, value }) => [name, value],
      ),
    );
  const last = (page: Page) => page.getByRole('region', { name: 'Last attempt' });

  it('an attack arrives, the switch is turned, and the next one does not', async () => {
    const page = await browser.signedIn(lab, 'operator', '/lab');
    await page.getByText('Nothing has arrived').waitFor();
    await page.getByText('Nothing came through the relay').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'Attack: Voice-mail lure' }).click();
    await last(page).getByText('Anna Keller, Inbox').waitFor();
    const tenant = page.getByRole('region', { name: 'Contoso’s mailboxes' });
    await tenant.getByText(/Caller Left VM Message/).waitFor();
    await tenant.getByText('Direct Send', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Send: Printer, through Postern' }).click();
    await last(page).getByText('Paul Moreau, Inbox').waitFor();
    const postern = page.getByRole('region', { name: 'Through Postern' });
    await postern.getByText(/^Scan:/).waitFor();
    await postern.getByText('source printer').waitFor();
    assert.equal(await postern.getByRole('listitem').count(), 1);

    await page.getByRole('switch', { name: 'Reject Direct Send' }).click();
    await page.getByText(/^On: whoever writes in Contoso’s name/).waitFor();
    await page.getByRole('button', { name: 'Attack: Voice-mail lure' }).click();
    await last(page).getByText('Refused: nobody sees it').waitFor();
    await last(page)
      .getByText(/^550 5\.7\.68 /)
      .waitFor();
    await last(page).getByRole('button', { name: 'Every line of SMTP' }).click();
    await last(page).getByText('MAIL FROM:<anna.keller@contoso.test>').waitFor();
    await expectNoSeriousViolations(page);
    await last(page).getByRole('button', { name: 'Hide the lines' }).click();
    await postern.getByText('5.7.68').waitFor({ state: 'detached' });
    await page.mouse.move(0, 0);
    await screenshot(page, 'lab');
    await page.getByRole('button', { name: 'Send: Printer, through Postern' }).click();
    await last(page).getByText('Paul Moreau, Inbox').waitFor();

    await tenant.getByRole('button', { name: /Caller Left VM Message/ }).click();
    const message = page.getByRole('dialog', { name: 'Message in the tenant' });
    await message.getByText('Nothing proves the domain in From.').waitFor();
    await message.getByText('Nothing: Direct Send').waitFor();
    await expectNoSeriousViolations(page);
    await glance(page, 'lab-message');
    await page.keyboard.press('Escape');
    await page.getByRole('combobox', { name: 'Mailbox' }).click();
    await page.getByRole('option', { name: 'Paul Moreau' }).click();
    await page.waitForURL(/mailbox=paul/);
    await tenant.getByText(/Caller Left VM Message/).waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Reset', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset the lab' }).click();
    await page.getByText('The lab is as at its first start.').waitFor();
    await page.getByText(/^Off, as in most tenants/).waitFor();
    assert.equal((await settings()).get('RejectDirectSend'), false);
  });

  it('the tour is given to its end, and leaves the settings as they were', async () => {
    await lab.api('PATCH', '/lab/settings', { RejectDirectSend: true, DmarcPolicy: 'quarantine' });
    const page = await browser.signedIn(lab, 'operator', '/lab/tour');
    const steps = page.getByRole('navigation', { name: 'Steps of the tour' }).getByRole('button');
    await steps.nth(8).waitFor();
    assert.equal(await steps.count(), 9);
    for (let number = 1; number <= 9; number++) {
      await page.getByText(`Step ${number} of 9`).waitFor();
      await page.getByRole('button', { name: /^(?:Do it|Show it)$/ }).click();
      await page.getByText('To remember').waitFor({ timeout: 60_000 });
      assert.equal(await page.getByText('This went another way').count(), 0, `step ${number}`);
      if (number === 3) await screenshot(page, 'lab-tour');
      if (number === 3 || number === 4 || number === 8) await expectNoSeriousViolations(page);
      if (number === 4) await page.getByRole('cell', { name: '198.51.100.66' }).waitFor();
      if (number === 5) assert.equal(await page.getByText('Refused: nobody sees it').count(), 4);
      if (number < 9) await page.getByRole('button', { name: 'Next step' }).click();
    }
    await page.getByText('At home, in this order:').waitFor();
    await page.getByRole('button', { name: 'End the tour' }).last().click();
    await page.getByText('The lab’s settings are again as they were before the tour.').waitFor();
    await expectHeading(page, 'Lab');
    const now = await settings();
    assert.deepEqual([now.get('RejectDirectSend'), now.get('DmarcPolicy')], [true, 'quarantine']);
  });

  it('a step in the middle goes by itself, in French, also when the page is loaded anew', async () => {
    await lab.api('POST', '/lab/reset');
    await lab.api('PATCH', '/lab/settings', { OwnDomainSpoof: 'junk' });
    const page = await browser.signedIn(lab, 'operator', '/lab/tour?step=6', {
      language: 'fr',
      scheme: 'dark',
    });
    await page.getByText('Étape 6 sur 9').waitFor();
    await page.getByRole('button', { name: 'Exécuter' }).click();
    await page.getByText('À retenir').waitFor({ timeout: 60_000 });
    await page.getByText('Paul Moreau, boîte de réception').waitFor();
    assert.equal((await settings()).get('RejectDirectSend'), true);
    await glance(page, 'lab-tour-dark-fr');
    await page.reload();
    await page.getByRole('button', { name: 'Terminer la visite' }).click();
    await page.getByText('de nouveau ceux d’avant la visite').waitFor();
    const now = await settings();
    assert.deepEqual([now.get('RejectDirectSend'), now.get('OwnDomainSpoof')], [false, 'junk']);
    await page.getByText('Boîtes de Contoso').waitFor();
    await glance(page, 'lab-dark-fr');
  });

  it('an auditor looks on; a source owner does not', async () => {
    const page = await browser.signedIn(lab, 'auditor', '/lab');
    assert.ok(await page.getByRole('button', { name: 'Attack: Voice-mail lure' }).isDisabled());
    assert.ok(await page.getByRole('switch', { name: 'Reject Direct Send' }).isDisabled());
    assert.equal(await page.getByRole('button', { name: 'Reset', exact: true }).count(), 0);
    await expectNoSeriousViolations(page);
    const tour = await browser.signedIn(lab, 'auditor', '/lab/tour');
    await tour.getByText('You can read along.').waitFor();
    assert.equal(await tour.getByRole('button', { name: 'Do it' }).count(), 0);
    const owner = await browser.signedIn(lab, 'owner', '/lab');
    await owner.getByRole('button', { name: 'Attack: Voice-mail lure' }).waitFor();
    for (const place of ['/lab', '/lab/tour']) {
      const other = await browser.signedIn(lab, 'source-owner', place);
      await expectHeading(other, 'This page is not for your role');
    }
  });

  it('on a phone', async () => {
    for (const place of ['/lab', '/lab/tour?step=3']) {
      const page = await browser.signedIn(lab, 'operator', place, { viewport: PHONE });
      await page.waitForTimeout(500);
      await expectNoSidewaysScroll(page);
      await expectNoSeriousViolations(page);
      await glance(page, place === '/lab' ? 'lab-phone' : 'lab-tour-phone');
    }
  });
});

it('a relay without a lab has no such page', async () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  try {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    const page = await browser.signedIn(relay, 'owner', '/lab');
    await expectHeading(page, 'There is no such page');
    assert.equal(await page.getByRole('link', { name: 'Lab', exact: true }).count(), 0);
    browser.expectNoComplaints();
  } finally {
    await browser.close();
    await relay.remove();
  }
});
