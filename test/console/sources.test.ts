// The list of sources: thousands of them, filters in the address, many at once, lists from files, requests.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { until } from '../support/until.ts';
import {
  ConsoleBrowser,
  expectGone,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  type Page,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';
import { scrollThrough } from './scrolling.ts';

const MANY = 6000;
const LONG = `Printer ${'very '.repeat(35)}long 🖨️ مرحبا`.slice(0, 200);

const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

describe('sources in the console', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();

  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.addSampleMail();
    const rows = Array.from({ length: MANY }, (_, index) => ({
      name: `device-${String(index).padStart(5, '0')}`,
      description: index === 7 ? LONG : `Multifunction printer, floor ${index % 9}`,
      owner: `owner-${index % 50}@corp.test`,
      site: ['Lyon', 'Paris', 'Nantes'][index % 3],
      tags: index % 10 === 0 ? ['printer', 'old'] : ['printer'],
      networks: [`10.${20 + (index >> 12)}.${(index >> 4) & 255}.${(index & 15) * 16}/28`],
    }));
    const { status, body } = await relay.api('POST', '/sources/import', rows);
    assert.equal(status, 200, JSON.stringify(body));
    await relay.api('POST', '/sources/device-00003/disable', { reason: 'sends at night' });
    const asked = await relay.api('POST', '/source-requests', {
      name: 'payroll',
      purpose: 'Pay slips, once a month',
      owner: 'owner@corp.test',
      from: [{ envelope: 'payroll@corp.test', header: 'payroll@corp.test' }],
    });
    assert.equal(asked.status, 201);
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('thousands are scrolled without a blank row', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources');
    await row(page, 'device-00000').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'sources');
    const { rows, blank } = await scrollThrough(page, MANY);
    assert.equal(blank, 0);
    assert.ok(rows >= MANY, `${rows} rows were reached`);
  });

  it('filters stand in the address, and lead back', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/sources');
    await row(page, 'device-00000').waitFor();
    await page.getByRole('button', { name: /^Stopped/ }).click();
    await page.waitForURL(/state=suspended/);
    await expectGone(row(page, 'device-00000'));
    await row(page, 'device-00003').waitFor();
    assert.equal(await page.locator('[data-index]').count(), 1);
    await page.getByRole('button', { name: /^All/ }).click();
    await page.getByLabel('Search', { exact: true }).last().fill('erp-prod');
    await row(page, 'erp-production').waitFor();
    await page.waitForURL(/search=erp-prod/);
    await page.reload();
    await row(page, 'erp-production').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('columnheader', { name: 'Last used' }).getByRole('button').click();
    await page.waitForURL(/sort=lastUsed/);
    await page.getByRole('columnheader', { name: 'Last used' }).getByRole('button').click();
    await page.waitForURL(/sort=-lastUsed/);
    await page.waitForFunction(() =>
      /monitoring/.test(document.querySelector('[data-index="0"]')?.textContent ?? ''),
    );
    assert.equal(await page.getByRole('checkbox').count(), 0, 'an auditor marks nothing');
    await page.goto('/sources?search=nothing-like-this');
    await page.getByText('No source matches').waitFor();
  });

  it('many are stopped with a consequence in numbers, and the way back', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources?tag=old');
    await row(page, 'device-00000').getByRole('checkbox').check();
    await row(page, 'device-00010').getByRole('checkbox').check();
    await page.getByText('2 sources marked').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop sources' });
    await dialog.getByText('Stops 2 sources.').waitFor();
    await dialog.getByLabel('Reason').fill('being replaced');
    await expectNoSeriousViolations(page);
    await screenshot(page, 'sources-stop');
    await dialog.getByRole('button', { name: 'Stop now' }).click();
    await page.getByText('2 sources are stopped.').waitFor();
    assert.equal(await stateOf('device-00010'), 'suspended');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until('both send again', async () =>
      [await stateOf('device-00000'), await stateOf('device-00010')].every((state) => state === 'active'),
    );
  });

  it('tags are added to many, and what is marked is exported', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources?search=device-0002');
    await row(page, 'device-00020').getByRole('checkbox').check();
    await row(page, 'device-00021').getByRole('checkbox').check();
    await page.getByRole('group', { name: 'What to do' }).getByRole('button', { name: 'Tags' }).click();
    const dialog = page.getByRole('dialog', { name: 'Tags of 2 sources' });
    await dialog.getByLabel('Add', { exact: true }).fill('Basement');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Tags of 2 sources changed.').waitFor();
    const { body } = await relay.api<{ tags: string[] }>('GET', '/sources/device-00021');
    assert.deepEqual(body.tags, ['basement', 'printer']);
    await row(page, 'device-00021').getByRole('checkbox').check();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('group', { name: 'What to do' }).getByRole('button', { name: 'Export' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'sources.csv');
  });

  it('a list is tried before it is imported, and its wrong rows are told', async () => {
    const file = path.join(relay.folder, 'new-printers.csv');
    writeFileSync(file, 'name,owner,from\nfresh-1,anna@corp.test,fresh-1@corp.test\nNOT A NAME,,\n');
    const page = await browser.signedIn(relay, 'operator', '/sources');
    await page.getByRole('button', { name: 'Import' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import sources' });
    await dialog.locator('input[type=file]').setInputFiles(file);
    await dialog.getByText('1 row is wrong').waitFor();
    await dialog.getByText(/Row 3:/).waitFor();
    assert.ok(await dialog.getByRole('button', { name: /^Import/ }).isDisabled());
    await expectNoSeriousViolations(page);
    await screenshot(page, 'sources-import');
    await dialog.getByLabel(/All or nothing/).uncheck();
    await dialog.getByRole('button', { name: 'Import 1 source' }).click();
    await page.getByText('Imported: 1 new, 0 changed.').waitFor();
    assert.equal(await stateOf('fresh-1'), 'active');
  });

  it('a request is approved once it was tested', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources?view=requests');
    const request = page.getByRole('article', { name: 'payroll' });
    await request.getByText('Pay slips, once a month').waitFor();
    assert.ok(await request.getByRole('button', { name: 'Approve' }).isDisabled());
    await expectNoSeriousViolations(page);
    await request.getByRole('button', { name: 'Reject' }).click();
    const dialog = page.getByRole('dialog', { name: 'Reject payroll?' });
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('payroll is rejected.').waitFor();
    await page.getByText('No requests').waitFor();
    assert.equal(await stateOf('payroll'), 'retired');
  });

  it('a source owner sees their own and changes nothing here', async () => {
    const page = await browser.signedIn(relay, 'source-owner', '/sources');
    await row(page, 'erp-production').waitFor();
    assert.equal(await row(page, 'device-').count(), 0);
    assert.equal(await page.getByRole('checkbox').count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Import' }).count(), 0);
    await page.getByRole('link', { name: 'Ask for a source' }).waitFor();
    await expectNoSeriousViolations(page);
  });

  it('in French, in the dark, and on a phone', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources', { language: 'fr', scheme: 'dark' });
    await page.getByRole('button', { name: /^Arrêtées/ }).waitFor();
    await row(page, 'device-00000').waitFor();
    await screenshot(page, 'sources-dark-fr');
    const phone = await browser.signedIn(relay, 'operator', '/sources', { viewport: PHONE });
    await row(phone, 'device-00007').waitFor();
    await expectNoSidewaysScroll(phone);
    await expectNoSeriousViolations(phone);
    await screenshot(phone, 'sources-phone');
  });

  it('the keyboard marks and opens', async () => {
    const page = await browser.signedIn(relay, 'operator', '/sources?search=device-0000');
    await row(page, 'device-00000').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press(' ');
    await page.getByText('1 source marked').waitFor();
  });

  async function stateOf(name: string): Promise<string> {
    return (await relay.api<{ state: string }>('GET', `/sources/${name}`)).body.state;
  }
});

it('an empty relay says what a source is for', async () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  try {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.api('DELETE', '/sources/demo');
    const page = await browser.signedIn(relay, 'operator', '/sources');
    await page.getByText('No sources yet').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'sources-empty');
    browser.expectNoComplaints();
  } finally {
    await browser.close();
    await relay.remove();
  }
});
