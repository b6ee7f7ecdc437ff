import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
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

describe('settings', () => {
  const relay = new ConsoleRelay({ environment: { POSTERN_LIMITS__COMMAND_LINE: '4096' } });
  const browser = new ConsoleBrowser();
  const file = path.join(relay.folder, 'postern.toml');

  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    // its port is in the file now, and in force only then
    await relay.stop();
    await relay.start();
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('every value with where it comes from, found by name or meaning', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/settings');
    await page.getByText('limits.connectionsPerNetwork', { exact: true }).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'settings');
    await page.getByRole('searchbox', { name: 'Search' }).fill('octets in a command line');
    await page.waitForURL(/search=octets/);
    await page.getByText('1 setting', { exact: true }).waitFor();
    await page.getByText('POSTERN_LIMITS__COMMAND_LINE').waitFor();
    await page.getByText('4096', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('combobox', { name: 'From' }).click();
    await page.getByRole('option', { name: 'File' }).click();
    await page.getByRole('link', { name: 'Line 1', exact: true }).click();
    const text = page.getByRole('textbox', { name: 'Text of the configuration file' });
    await text.waitFor();
    assert.equal(await text.getAttribute('readonly'), '');
    await page.getByText('Only owners can change the file').waitFor();
    await page.getByRole('tab', { name: 'New sources' }).click();
    await page.getByText('None: each source names its own').waitFor();
    await expectNoSeriousViolations(page);
  });

  it('in French the descriptions are French, and found by their words', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/settings?search=ligne%20de%20commande', {
      language: 'fr',
    });
    await page.getByText('Octets d’une ligne de commande.').waitFor();
    await page.getByText('Limites du relais dans son ensemble.').waitFor();
    await expectNoSeriousViolations(page);
  });

  it('a text with a mistake shows it at its line, and a right one is compared, saved and waits for a restart', async () => {
    const page = await browser.signedIn(relay, 'owner', '/settings?tab=file', {
      expected: [/status of 403/],
    });
    const text = page.getByRole('textbox', { name: 'Text of the configuration file' });
    await text.waitFor();
    const original = await text.inputValue();
    await text.fill(`${original}\n[limits]\nconections = 5\n`);
    const problem = page.getByRole('button', { name: /Line \d+ .*conections/ });
    await problem.waitFor();
    assert.equal(await page.getByRole('button', { name: 'Review and save' }).isDisabled(), true);
    await problem.click();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'settings-problem');

    await text.fill(`${original}\n[limits]\nconnections = 500\n`);
    await page.getByText('The relay would start with this.').waitFor();
    // edits are not lost by a way to another page
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Review and save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Save the configuration file?' });
    await dialog.getByText('connections = 500').waitFor();
    await dialog.getByText('limits.connections').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'settings-save');

    // a sign-in that is older than 15 minutes is asked for anew, and the change goes on
    let refused = 0;
    await page.route('**/api/v1/configuration', (route) =>
      route.request().method() === 'PUT' && refused++ === 0
        ? route.fulfill({
            status: 403,
            contentType: 'application/problem+json',
            body: JSON.stringify({
              title: 'Not allowed',
              status: 403,
              detail: 'sign in first',
              needs: 'sign-in',
            }),
          })
        : route.fallback(),
    );
    await dialog.getByRole('button', { name: 'Save' }).click();
    const again = page.getByRole('dialog', { name: 'Confirm that it is you' });
    await again.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await again.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('It takes effect at the next start').waitFor();
    await page.getByText('Restart needed: 1 setting of the file').waitFor();
    assert.match(readFileSync(file, 'utf8'), /connections = 500/);
    await screenshot(page, 'settings-restart');
  });

  it('what locks out needs a yes, and what somebody else has written is not overwritten', async () => {
    const page = await browser.signedIn(relay, 'owner', '/settings?tab=file', {
      expected: [/status of 412/],
    });
    const text = page.getByRole('textbox', { name: 'Text of the configuration file' });
    await text.waitFor();
    const original = await text.inputValue();
    await text.fill(original.replace(/\[api\]\nport = \d+/, '[api]\nport = 1'));
    await page.getByText('The relay would start with this.').waitFor();
    writeFileSync(file, `# by hand\n${readFileSync(file, 'utf8')}`);
    await page.getByRole('button', { name: 'Review and save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Save the configuration file?' });
    await dialog.getByText('may not be reachable').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Tick that you know').waitFor();
    await dialog.getByLabel('I know how to reach').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Somebody has changed this in the meantime').waitFor();
    await dialog.getByText('# by hand').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Your text is kept').waitFor();
    await page.getByRole('button', { name: 'Discard changes' }).click();
    assert.match(await text.inputValue(), /^# by hand/);
  });

  it('narrow, in French and dark; not for source owners', async () => {
    const page = await browser.signedIn(relay, 'owner', '/settings', {
      language: 'fr',
      scheme: 'dark',
      viewport: PHONE,
    });
    await expectHeading(page, 'Paramètres');
    await page.getByText('limits.connections', { exact: true }).first().waitFor();
    await expectNoSidewaysScroll(page);
    await page.getByRole('tab', { name: 'Fichier de configuration' }).click();
    await page.getByRole('textbox', { name: 'Texte du fichier de configuration' }).waitFor();
    await page.getByText('Le relais démarrerait ainsi').waitFor();
    await expectNoSidewaysScroll(page);
    await expectNoSeriousViolations(page);
    const other = await browser.signedIn(relay, 'source-owner', '/settings');
    await expectHeading(other, 'This page is not for your role');
  });
});
