import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { DnsServer } from '../support/dns-server.ts';
import { LISTENERS } from '../support/story-relay.ts';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectHeading,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

interface ShownKey {
  selector: string;
  stage: string;
  record: { name: string; text: string };
}

describe('domains', () => {
  const dns = new DnsServer();
  const browser = new ConsoleBrowser();
  let relay: ConsoleRelay;
  const keysOf = async (domain: string) =>
    (await relay.api<{ keys: ShownKey[] }>('GET', `/domains/${domain}`)).body.keys;
  const publish = ({ record }: ShownKey) => dns.set(record.name, 'TXT', record.text);

  before(async () => {
    await dns.listen();
    relay = new ConsoleRelay({
      config: `hostname = "relay.corp.test"\n${LISTENERS}\n[dns]\nservers = ["${dns.address}"]\n`,
    });
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    // a new relay has one to try things with
    await relay.api('DELETE', '/domains/postern.test');
  });
  after(async () => {
    await browser.close();
    await relay.remove();
    await dns.close();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('from no domain to one whose records are published', async () => {
    const page = await browser.signedIn(relay, 'operator', '/domains', { expected: [/status of 400/] });
    await page.getByText('No domains yet').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('button', { name: 'Add domain' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a domain' });
    await dialog.getByLabel('Domain', { exact: true }).fill('no domain');
    await dialog.getByRole('button', { name: 'Add domain' }).click();
    await dialog.locator('[id$=-error]').waitFor();
    await dialog.getByLabel('Domain', { exact: true }).fill('corp.test');
    await dialog.getByRole('button', { name: 'Add domain' }).click();
    await page.getByRole('heading', { name: 'corp.test', level: 1 }).waitFor();

    await page.getByText('3 records to mend').waitFor();
    const [key] = await keysOf('corp.test');
    assert.ok(key);
    const dkim = page.getByRole('region', { name: `DKIM key ${key.selector}` });
    await dkim.getByText(key.record.text, { exact: true }).waitFor();
    await dkim.getByText(`${key.selector}._domainkey`, { exact: true }).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'domain');

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await dkim.getByRole('button', { name: 'Copy the value' }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key.record.text);
    await page.getByText('Zone file').click();
    await page.waitForURL(/form=zone/);
    await page.getByRole('button', { name: 'Copy all lines' }).click();
    const zone = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(zone, new RegExp(`^${key.selector}\\._domainkey\\.corp\\.test\\.\\s.*TXT`));
    assert.equal(zone.trimEnd().split('\n').length, 3);

    // cut at 255 characters, as some panels do
    dns.set(key.record.name, 'TXT', key.record.text.slice(0, 255));
    dns.set('corp.test', 'TXT', 'v=spf1 a:relay.corp.test -all');
    dns.set('_dmarc.corp.test', 'TXT', 'v=DMARC1; p=reject');
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('1 record to mend').waitFor();
    await dkim.getByText('Different').waitFor();
    await dkim.locator('mark', { hasText: '(cut off here)' }).waitFor();
    await screenshot(page, 'domain-different');
    publish(key);
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('All published').waitFor();
    await expectNoSeriousViolations(page);
  });

  it('rotates the key step by step, and back', async () => {
    const page = await browser.signedIn(relay, 'operator', '/domains/corp.test');
    await page.getByRole('button', { name: 'Rotate key' }).click();
    await page.getByRole('button', { name: 'Make the new key' }).click();
    const steps = page.getByRole('list', { name: 'Rotation of the RSA key' });
    await steps.locator('[aria-current=step]', { hasText: 'Record published' }).waitFor();
    const [old, next] = await keysOf('corp.test');
    assert.ok(old && next);
    await page.getByRole('button', { name: 'Let it sign anyway' }).click();
    await page.getByText('Receivers can not verify any signature').waitFor();
    await page.keyboard.press('Escape');
    publish(next);
    await page.getByRole('button', { name: 'Check now' }).click();
    await steps.locator('[aria-current=step]', { hasText: 'New key signs' }).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'domain-rotation');
    await page.getByRole('button', { name: 'Let it sign', exact: true }).click();
    await page.getByRole('dialog').getByText(`signs instead of ${old.selector}`).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Let it sign' }).click();
    await steps.locator('[aria-current=step]', { hasText: 'Old key removed' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone.').waitFor();
    assert.deepEqual(
      (await keysOf('corp.test')).map(({ stage }) => stage),
      ['active', 'retiring'],
    );
    await page.getByRole('button', { name: 'Remove the old key' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the key' }).click();
    await steps.waitFor({ state: 'detached' });
  });

  it('says whose mail it is before a domain goes', async () => {
    await relay.addSource('erp-production', '--from', 'corp.test', '--recipients', 'any');
    const page = await browser.signedIn(relay, 'owner', '/domains/corp.test');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Remove domain' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove corp.test?' });
    await dialog.getByText('1 source writes as it: erp-production.').waitFor();
    const verb = dialog.getByRole('button', { name: 'Remove the domain' });
    assert.equal(await verb.isDisabled(), true);
    await dialog.getByLabel(/to confirm/).fill('corp.test');
    await verb.click();
    await page.getByText('No domains yet').waitFor();
  });

  it('many domains, long names, narrow, in French and dark, for who only looks', async () => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.test`;
    for (const name of ['news.corp.test', 'bücher.test', long]) await relay.api('POST', '/domains', { name });
    await relay.api('POST', '/domains', { name: 'corp.test' });
    for (const key of await keysOf('corp.test')) publish(key);
    const page = await browser.signedIn(relay, 'auditor', '/domains', { language: 'fr', scheme: 'dark' });
    await expectHeading(page, 'Domaines');
    assert.equal(await page.getByRole('button', { name: 'Ajouter un domaine' }).count(), 0);
    await page.getByRole('row', { name: /news\.corp\.test/ }).click();
    await page.getByText('à corriger').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Renouveler la clé' }).count(), 0);
    await expectNoSeriousViolations(page);
    await page.goto('/domains');
    await page.getByRole('searchbox', { name: 'Rechercher' }).fill('corp');
    await page.waitForURL(/search=corp/);
    await page.locator('[role=grid][aria-rowcount="3"]').waitFor();

    const phone = await browser.signedIn(relay, 'operator', `/domains/${long}`, { viewport: PHONE });
    await phone.getByText('records to mend').waitFor();
    await expectNoSidewaysScroll(phone);
    await screenshot(phone, 'domain-phone');
    await phone.goto('/domains');
    await phone.getByRole('row').nth(1).waitFor();
    await expectNoSidewaysScroll(phone);

    const other = await browser.signedIn(relay, 'source-owner', '/domains');
    await expectHeading(other, 'This page is not for your role');
    const gone = await browser.signedIn(relay, 'auditor', '/domains', { expected: [/status of 404/] });
    await gone.goto('/domains/none.test');
    await gone.getByText('there is no domain').waitFor();
  });
});
