import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { SINK_CERTIFICATE, SINK_KEY } from '../support/sink-certificate.ts';
import { until } from '../support/until.ts';
import {
  ConsoleBrowser,
  expectGone,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectHeading,
  heading,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

describe('alerts', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  const received: string[] = [];
  const hook = http.createServer((request, response) => {
    request.setEncoding('utf8');
    request.on('data', (text: string) => received.push(text));
    request.on('end', () => response.writeHead(204).end());
  });
  before(async () => {
    await new Promise<void>((resolve) => {
      hook.listen(0, '127.0.0.1', resolve);
    });
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
  });
  after(async () => {
    await browser.close();
    await relay.remove();
    hook.close();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('a channel is added, tried, and its secret is shown once', async () => {
    const page = await browser.signedIn(relay, 'owner', '/alerts');
    await page.getByText('Nothing needs you').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('link', { name: 'Who is told' }).click();
    await page.getByText('No channels').waitFor();
    await page.getByRole('button', { name: 'Add channel' }).click();
    const form = page.getByRole('dialog', { name: 'Add channel' });
    await form.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'Webhook' }).click();
    await form.getByLabel('Name').fill('on-call');
    const { port } = hook.address() as AddressInfo;
    await form.getByLabel('Address (URL)').fill(`http://127.0.0.1:${port}/alerts`);
    await form.getByLabel('May be a private address').check();
    await expectNoSeriousViolations(page);
    await form.getByRole('button', { name: 'Add channel' }).click();
    await page.getByText('Secret that signs').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('on-call has taken the test.').waitFor();
    assert.ok(received.length > 0);
    await screenshot(page, 'alert-channels');

    await page.getByRole('tab', { name: 'Rules' }).click();
    await page.getByText('The certificate ends within 21 days').waitFor();
    await page.getByRole('button', { name: 'Edit the rule refusal-rate' }).click();
    const rule = page.getByRole('dialog', { name: 'Edit the rule refusal-rate' });
    await rule.getByLabel('So many events').fill('3');
    await rule.getByRole('button', { name: 'Save' }).click();
    await page.getByText('3 events within').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'alert-rules');

    await page.getByRole('tab', { name: 'Digest to owners' }).click();
    await page.getByLabel('Send digests').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.', { exact: true }).waitFor();
    await relay.addSource('erp-production', '--from', 'corp.test');
    await page.getByLabel('Owner’s address').fill('owner@corp.test');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('Subject:').waitFor();
    await expectNoSeriousViolations(page);
  });

  it('a rule is made, changed, removed, and brought back', async () => {
    const page = await browser.signedIn(relay, 'operator', '/alerts/settings?tab=rules', {
      expected: [/status of 404/, /status of 412/],
    });
    await page.getByRole('button', { name: 'Add rule' }).press('Enter');
    const form = page.getByRole('dialog', { name: 'Add rule' });
    await form.getByLabel('Name').fill('wrong-sender');
    await form.getByLabel('Codes').pressSequentially('S401,X9*,');
    await form.getByLabel('Source', { exact: true }).fill('nobody');
    await form.getByLabel('So many events').fill('5');
    await form.getByLabel('Name').press('Enter');
    await form
      .getByText(/there is no source/)
      .first()
      .waitFor();
    await expectNoSeriousViolations(page);
    await form.getByLabel('Source', { exact: true }).fill('erp-production');
    await form.getByRole('button', { name: 'Add rule' }).click();
    await page.getByText('5 events within 10 mins: Refusal, S401, X9*').waitFor();
    const rule = async () => {
      const { body } = await relay.api<{ items: Record<string, unknown>[] }>('GET', '/alert-rules');
      return body.items.find(({ name }) => name === 'wrong-sender');
    };
    const made = await rule();
    await page.getByRole('button', { name: 'Edit the rule wrong-sender' }).click();
    const edit = page.getByRole('dialog', { name: 'Edit the rule wrong-sender' });
    await edit.getByLabel('First waits').fill('45');
    await edit.getByRole('button', { name: 'Save' }).click();
    await edit.waitFor({ state: 'hidden' });
    const changed = { ...made, gatherSeconds: 45 };
    assert.deepEqual(await rule(), changed, 'nothing else of it');
    await page.getByRole('button', { name: 'Remove the rule wrong-sender' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Edit the rule wrong-sender' }).waitFor({ state: 'detached' });
    assert.equal(await rule(), undefined);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Edit the rule wrong-sender' }).waitFor();
    assert.deepEqual(await rule(), changed);
    await screenshot(page, 'alert-rules');

    // somebody else was faster: nothing of theirs is overwritten, and nothing that was typed is lost
    await page.getByRole('button', { name: 'Edit the rule wrong-sender' }).click();
    await edit.getByLabel('First waits').fill('50');
    const { name: _, ...body } = { name: '', ...changed, quietSeconds: 7200 };
    await relay.api('PUT', '/alert-rules/wrong-sender', body);
    await edit.getByRole('button', { name: 'Save' }).click();
    await edit.getByRole('alert').waitFor();
    assert.equal(await edit.getByLabel('First waits').inputValue(), '50');
    assert.deepEqual(await rule(), { ...changed, quietSeconds: 7200 });
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit the rule wrong-sender' }).click();
    await edit.getByLabel('First waits').fill('50');
    await edit.getByRole('button', { name: 'Save' }).click();
    await expectGone(edit);
    assert.deepEqual(await rule(), { ...changed, quietSeconds: 7200, gatherSeconds: 50 });
  });

  it('an edit of a channel keeps whom it trusts and what it shows', async () => {
    const clientCertificate = { certificate: SINK_CERTIFICATE, privateKey: SINK_KEY };
    const settings = { kind: 'syslog', host: '::1', allowPrivate: true, facility: 3, clientCertificate };
    await relay.api('PUT', '/alert-channels/siem', { settings });
    const page = await browser.signedIn(relay, 'owner', '/alerts/settings');
    await page.getByRole('button', { name: 'Edit siem' }).click();
    const form = page.getByRole('dialog', { name: 'Edit siem' });
    await form.getByText('One is shown to the server.').waitFor();
    await form.getByLabel('Authority of your own').fill(SINK_CERTIFICATE);
    await form.getByLabel('Send events of the journal as well').check();
    await expectNoSeriousViolations(page);
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The channel siem is saved.').waitFor();
    await page.getByRole('button', { name: 'Edit siem' }).click();
    await form.getByLabel('Least severity').click();
    await page.getByRole('option', { name: 'Critical' }).click();
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/from Critical/).waitFor();
    const { body } = await relay.api<Record<string, unknown>>('GET', '/alert-channels/siem');
    assert.equal(body['ca'], SINK_CERTIFICATE);
    assert.equal(body['clientCertificate'], true);
    assert.equal(body['facility'], 3);
    assert.ok(body['events']);
    await page.getByRole('button', { name: 'Add channel' }).click();
    const other = page.getByRole('dialog', { name: 'Add channel' });
    await other.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'OpenTelemetry' }).click();
    await other.getByLabel('Name', { exact: true }).fill('collector');
    await other.getByLabel('Address (URL)').fill('https://collector.example');
    await other.getByLabel('Header fields').fill('authorization: Bearer very-secret');
    await other.getByLabel('Metrics every').fill('60');
    await other.getByRole('button', { name: 'Add channel' }).click();
    await page.getByText('The channel collector is saved.').waitFor();
    const { body: made } = await relay.api<Record<string, unknown>>('GET', '/alert-channels/collector');
    assert.deepEqual(made['headers'], ['authorization']);
    assert.equal(made['metricsSeconds'], 60);
    for (const name of ['siem', 'collector']) await relay.api('DELETE', `/alert-channels/${name}`);
  });

  it('refusals become an alert, which is acknowledged, muted, and told no more', async () => {
    const session = await relay.connect();
    for (let number = 0; number < 4; number++) await session.login('erp-production', 'not its password');
    session.destroy();
    await until('an alert', async () => {
      const { body } = await relay.api<{ items: unknown[] }>('GET', '/alerts');
      return body.items.length > 0;
    });
    const page = await browser.signedIn(relay, 'operator', '/alerts');
    const list = page.getByRole('list', { name: 'Alerts' });
    await list.getByText('Warning').first().waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'alerts');
    await list.getByRole('button', { name: 'Acknowledge' }).first().click();
    await list.getByText('Acknowledged by').waitFor();
    await list.getByRole('button', { name: 'Mute' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Mute alerts' });
    await dialog.getByLabel('Reason').fill('being mended');
    await expectNoSeriousViolations(page);
    await dialog.getByRole('button', { name: 'Mute' }).click();
    await list.getByText('Muted').waitFor();
    await list.locator('li button').first().click();
    await page.getByRole('dialog', { name: 'Details' }).getByText('Messages about it').waitFor();
    await expectNoSeriousViolations(page);
    await page.goto('/alerts/settings?tab=mutes');
    await page.getByText('being mended').waitFor();
    await page.getByRole('button', { name: 'End' }).click();
    await page.getByText('Nothing is muted').waitFor();
  });

  it('narrow, in French and dark, for who only looks', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/alerts', {
      language: 'fr',
      scheme: 'dark',
      viewport: PHONE,
    });
    await expectHeading(page, 'Alertes');
    await page.getByRole('list', { name: 'Alertes' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Prendre en compte' }).count(), 0);
    await expectNoSidewaysScroll(page);
    await expectNoSeriousViolations(page);
    await screenshot(page, 'alerts-phone');
    for (const tab of ['channels', 'rules', 'mutes', 'digest']) {
      await page.goto(`/alerts/settings?tab=${tab}`);
      await heading(page);
      await expectNoSidewaysScroll(page);
    }
    const other = await browser.signedIn(relay, 'source-owner', '/alerts');
    await expectHeading(other, 'This page is not for your role');
  });
});
