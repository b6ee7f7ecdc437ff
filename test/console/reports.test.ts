// The month on one page: by whom, by what, on paper and in a spreadsheet.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { until } from '../support/until.ts';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectGone,
  expectHeading,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

const FORMULA = '=cmd|calc';

describe('reports', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.api('POST', '/domains', { name: 'corp.test', internal: true });
    const sources: [string, string, number][] = [
      ['erp-production', 'finance', 14],
      ['scanner-3rd-floor', 'floor-3', 6],
      ['payroll', 'finance', 3],
      [`printer-${'long'.repeat(13)}`, 'floor-3', 1],
    ];
    for (const [name, tag, count] of sources) {
      const password = await relay.addSource(
        name,
        '--from',
        'corp.test',
        '--recipients',
        'any',
        '--tag',
        tag,
      );
      const session = await relay.session(name, password);
      const send = (from: string, to: string) =>
        session.send({ from, to: [to], content: plainMessage([`From: ${from}`, `To: ${to}`, 'Subject: x']) });
      for (let number = 0; number < count; number++)
        await send(`${name.slice(0, 30)}@corp.test`, 'a@customer.test');
      await send(`"${FORMULA}"@corp.test`, 'b@partner.test');
      await send('boss@elsewhere.test', 'a@customer.test');
      session.destroy();
    }
    await until('all is counted', async () => {
      const { body } = await relay.api<{ totals: { accepted: number; refused: number; delivered: number } }>(
        'GET',
        '/reports?by=source',
      );
      const { accepted, refused, delivered } = body.totals;
      // the relay writes to owners itself as well
      return accepted >= 28 && refused === 4 && delivered >= 28;
    });
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('by source, then by tag, then into one tag; all of it in the address', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/reports');
    await expectHeading(page, 'Reports');
    const first = page.getByRole('region', { name: 'Report by Source' }).getByRole('row').nth(1);
    assert.match((await first.textContent()) ?? '', /^erp-production15/);
    await page.locator('figure canvas').waitFor();
    await expectNoSeriousViolations(page);
    await expectNoSidewaysScroll(page);
    await screenshot(page, 'reports');
    await page.getByRole('button', { name: 'Tag', exact: true }).click();
    await page.waitForURL(/by=tag/);
    await page.getByRole('link', { name: 'finance' }).click();
    await page.waitForURL(/tag=finance/);
    await page.getByRole('row', { name: /payroll/ }).waitFor();
    await expectGone(page.getByRole('row', { name: /scanner/ }));
    assert.match((await page.getByRole('row', { name: /^Total/ }).textContent()) ?? '', /19/);
    await page.reload();
    await page.getByRole('row', { name: /payroll/ }).waitFor();
    await page.goBack();
    await page.getByRole('row', { name: /floor-3/ }).waitFor();
  });

  it('refusals have their words, days lead into the day', async () => {
    const page = await browser.signedIn(relay, 'operator', '/reports?by=code');
    await page.getByRole('row', { name: /S401 Envelope sender is not allowed/ }).waitFor();
    await page.getByRole('button', { name: 'Day', exact: true }).click();
    await page
      .getByRole('region', { name: 'Report by Day' })
      .getByRole('rowheader')
      .first()
      .getByRole('link')
      .click();
    await page.waitForURL(/period=custom&from=\d{4}-\d\d-\d\d/);
    await page.getByRole('row', { name: /erp-production/ }).waitFor();
    // a day alone has no course
    await expectGone(page.locator('figure'));
  });

  it('sorted, compared, and nothing found', async () => {
    const page = await browser.signedIn(relay, 'owner', '/reports');
    await page.getByRole('button', { name: 'Refused' }).click();
    await page.waitForURL(/sort=refused/);
    await page.locator('th[aria-sort=descending]', { hasText: 'Refused' }).waitFor();
    await page.getByLabel('Compare with the time before').check();
    await page.waitForURL(/compare=true/);
    await page.getByText('compared with').waitFor();
    await page.getByRole('row', { name: /erp-production.*new/ }).waitFor();
    await expectNoSeriousViolations(page);
    await page.getByLabel('Period').selectOption('yesterday');
    await page.getByText('Nothing was counted in this time').waitFor();
    await page.getByLabel('Period').selectOption('custom');
    await page.getByLabel('From', { exact: true }).waitFor();
    await expectNoSeriousViolations(page);
  });

  it('as a file whose cells are no formulas', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/reports?by=address');
    await page.getByRole('rowheader', { name: /cmd/ }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download CSV' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^mail-by-address-.*\.csv$/);
    const file = await readFile(await download.path(), 'utf8');
    assert.match(file, /^"address","name","accepted"/);
    assert.match(file, /"erp-production@corp.test","erp-production@corp.test","14"/);
    assert.ok(!/(^|,)"=/m.test(file), file);
  });

  it('on paper it is a page of A4 without the console around it, from dark colours as well', async () => {
    const page = await browser.signedIn(relay, 'owner', '/reports?compare=true', {
      language: 'fr',
      scheme: 'dark',
    });
    await expectHeading(page, 'Rapports');
    await page.getByRole('row', { name: /erp-production/ }).waitFor();
    await page.locator('figure canvas').waitFor();
    await screenshot(page, 'reports-dark-fr');
    await expectNoSeriousViolations(page);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    for (const hidden of [page.getByRole('navigation'), page.getByRole('button', { name: 'Imprimer' })])
      assert.equal(await hidden.isVisible(), false);
    assert.equal(await page.getByText('Courrier par Source').isVisible(), true);
    const [ink, paper] = await page.evaluate(() => {
      const cell = document.querySelector('[role=region] tbody td:last-child');
      return [cell && getComputedStyle(cell).color, getComputedStyle(document.body).backgroundColor];
    });
    assert.equal(paper, 'rgb(255, 255, 255)');
    assert.match(ink ?? '', /^rgb\(\d{1,2}, \d{1,2}, \d{1,3}\)$/, 'dark ink');
    await page.setViewportSize({ width: 703, height: 1000 });
    await screenshot(page, 'reports-print');
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await page.emulateMedia({ media: null });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    // A4, in points
    assert.match(pdf.toString('latin1'), /\/MediaBox \[0 0 59[45][\d.]* 84[12][\d.]*\]/);
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}/reports.pdf`, pdf);
    }
  });

  it('fits a phone; a source owner sees their own', async () => {
    const page = await browser.signedIn(relay, 'source-owner', '/reports', { viewport: PHONE });
    await page.getByRole('row', { name: /erp-production/ }).waitFor();
    await expectNoSidewaysScroll(page);
    await screenshot(page, 'reports-phone');
  });

  it('a source that does not exist is said plainly', async () => {
    const page = await browser.signedIn(relay, 'owner', '/reports?source=nobody', {
      expected: [/status of 404/],
    });
    await page.getByText('there is no source').first().waitFor();
    await page.getByLabel('Source', { exact: true }).fill('payroll');
    await page.getByRole('row', { name: /payroll/ }).waitFor();
  });
});
