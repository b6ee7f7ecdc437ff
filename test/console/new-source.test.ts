// A new source by what it is: added with its secret and its settings sheet, or asked for.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

interface Source {
  state: string;
  owner: string;
  tags: string[];
  policy: {
    maxSize: number;
    recipients: { allow: string };
    pairs: { header: string }[];
    limits: { most: number }[];
  };
}

describe('a new source', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();

  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.api('POST', '/domains', { name: 'corp.test', internal: true });
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('a printer: sensible defaults, a secret shown once that works, and the sheet for its panel', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources', { expected: [/status of 400/] });
    await page.getByRole('link', { name: 'Add a source' }).click();
    await page.getByRole('radio', { name: /Application/ }).click();
    await page.getByLabel('Name', { exact: false }).first().fill('Scanner 3');
    await page.getByRole('radio', { name: /Printer or scanner/ }).click();
    assert.equal(
      await page.getByLabel('Name', { exact: false }).first().inputValue(),
      'Scanner 3',
      'what was typed stays',
    );
    await page.getByRole('button', { name: 'Add the source' }).click();
    await page
      .getByText(/may hold lower case letters/)
      .first()
      .waitFor();
    const name = page.getByRole('textbox', { name: 'Name' }).first();
    await name.fill('scanner-3');
    await page.getByLabel('Owner').focus();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('input')].some(({ value }) => value === 'scanner-3@corp.test'),
    );
    await expectNoSeriousViolations(page);
    await screenshot(page, 'new-source');
    await page.getByRole('button', { name: 'Add the source' }).click();
    await page.getByText('scanner-3 may send').waitFor();
    const secrets = await page.locator('pre').allTextContents();
    await page.getByRole('article').getByText('scanner-3@corp.test').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'new-source-done');
    const [account = '', secret = ''] = secrets;
    assert.equal(account, 'scanner-3');
    const session = await relay.session(account, secret);
    session.destroy();
    const { body } = await relay.api<Source>('GET', '/sources/scanner-3');
    assert.deepEqual(body.tags, ['printer']);
    assert.equal(body.policy.maxSize, 30_000_000);
    assert.equal(body.policy.recipients.allow, 'internal');
    assert.equal(body.owner, 'oscar@corp.test');
  });

  it('takes what another page knows, and a wrong network leaves a source without credential to be mended', async () => {
    const page = await browser.signedIn(
      relay,
      'operator',
      '/new-source?kind=network-device&name=ups-2&from=ups-2%40corp.test&network=10.9.9.9',
      { expected: [/status of 400/] },
    );
    await page.getByRole('combobox', { name: 'Networks' }).fill('not-a-network');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Add the source' }).click();
    await page.getByText('ups-2 was added; its credential was not').waitFor();
    await page.getByRole('combobox', { name: 'Networks' }).focus();
    await page.keyboard.press('Backspace');
    await page.getByRole('button', { name: 'Add the source' }).click();
    await page.getByText('ups-2 may send').waitFor();
    const { body } = await relay.api<{ items: { networks: string[] }[] }>(
      'GET',
      '/sources/ups-2/credentials',
    );
    assert.deepEqual(body.items[0]?.networks, ['10.9.9.9/32']);
  });

  it('a source owner asks for one, in French', async () => {
    const page = await browser.signedIn(relay, 'source-owner', '/new-source?kind=script', {
      language: 'fr',
      scheme: 'dark',
    });
    await page.getByRole('textbox', { name: 'Nom' }).first().fill('paie');
    await page.getByLabel('À quoi sert-elle').fill('Bulletins de paie');
    await page.getByRole('button', { name: 'Ajouter un expéditeur' }).click();
    await page.getByLabel('Enveloppe').fill('paie@corp.test');
    await page.getByLabel('En-tête From').focus();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'new-source-request-dark-fr');
    await page.getByRole('button', { name: 'Envoyer la demande' }).click();
    await page.getByText('paie a été demandée').waitFor();
    const { body } = await relay.api<Source>('GET', '/sources/paie');
    assert.equal(body.state, 'sandboxed');
    assert.equal(body.owner, 'owner@corp.test');
  });

  it('on a phone', async () => {
    const page = await browser.signedIn(relay, 'operator', '/new-source?kind=printer', { viewport: PHONE });
    await page.getByRole('button', { name: 'Add the source' }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectNoSeriousViolations(page);
    await screenshot(page, 'new-source-phone');
  });
});
