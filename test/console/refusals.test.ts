import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { until } from '../support/story-relay.ts';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectHeading,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

interface Policy {
  policy: { pairs: { envelope: string; header: string }[]; recipients: { patterns: string[] } };
}

describe('refusals', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  let password = '';

  const send = async (from: string, to = 'desk@corp.test', header = from): Promise<string> => {
    const session = await relay.session('scanner', password);
    const reply = await session.send({
      from,
      to: [to],
      content: plainMessage([`From: ${header}`, `To: ${to}`, 'Subject: Scan']),
    });
    await session.say('QUIT');
    session.destroy();
    return reply;
  };
  const policy = async () => (await relay.api<Policy>('GET', '/sources/scanner')).body.policy;

  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.api('POST', '/domains', { name: 'corp.test', internal: true });
    password = await relay.addSource('scanner', '--from', 'scan@corp.test', '--unaligned', 'send');
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('nobody was refused yet, and it says so', async () => {
    const page = await browser.signedIn(relay, 'operator', '/refusals');
    await page.getByText('Nobody was refused').waitFor();
    await expectNoSeriousViolations(page);
  });

  it('stand in groups, the worst first, new ones by themselves', async () => {
    for (let count = 0; count < 3; count++) assert.match(await send('scan-2@corp.test'), /S401/);
    assert.match(await send('scan@corp.test', 'desk@corp.test', 'scan-3@corp.test'), /S402/);
    const page = await browser.signedIn(relay, 'operator', '/refusals', { expected: [/status of 400/] });
    const rows = page.getByRole('grid', { name: 'Refusals' }).locator('[data-index]');
    await rows.nth(1).waitFor();
    assert.match(
      (await rows.first().textContent()) ?? '',
      /S401.*Envelope sender is not allowed.*scanner.*3/,
    );
    for (let count = 0; count < 5; count++) await send('scan@corp.test', `x${count}@elsewhere.test`);
    await page.getByRole('row', { name: /R501/ }).waitFor();
    assert.match((await rows.first().textContent()) ?? '', /R501/);
    const stranger = await relay.connect();
    assert.match(await stranger.login('nobody', 'wrong'), /^535/);
    stranger.destroy();
    await page.getByRole('row', { name: /A301.*127\.0\.0\.1/ }).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'refusals');
    await page.getByRole('button', { name: 'Last' }).click();
    await page.waitForURL(/sort=last/);
    await page.getByLabel('Code').fill('s402');
    await page.locator('[role=grid][aria-rowcount="2"]').waitFor();
    await page.getByLabel('Code').fill('S4029');
    await page.getByText('there is no refusal code').waitFor();
  });

  it('in French the particulars are French, and what was on the wire is not', async () => {
    const page = await browser.signedIn(relay, 'operator', '/refusals?group=scanner:S401', {
      language: 'fr',
    });
    const detail = page.getByRole('dialog').first();
    await detail
      .getByText(/l’expéditeur d’enveloppe «\u{a0}scan-2@corp\.test\u{a0}» ne figure dans aucune paire/u)
      .first()
      .waitFor();
    await detail.getByText('550 5.7.1 S401 Envelope sender not allowed for this source').first().waitFor();
    assert.doesNotMatch((await detail.textContent()) ?? '', /is in no pair/);
    await page
      .getByRole('row', { name: /R501.*n’est pas d’un domaine interne|R501.*liste des destinataires/ })
      .waitFor();
    await expectNoSeriousViolations(page);
  });

  it('one says why, what was said, and is mended by one button, which can be undone', async () => {
    const page = await browser.signedIn(relay, 'operator', '/refusals');
    await page.getByRole('row', { name: /S401/ }).click();
    await page.waitForURL(/group=scanner/);
    const detail = page.getByRole('dialog').first();
    await detail.getByText('is in none of the address pairs of the source').waitFor();
    await detail.getByText('MAIL FROM "scan-2@corp.test" is in no pair').first().waitFor();
    await detail.getByText('AUTH PLAIN').waitFor();
    await expectNoSeriousViolations(page);
    await detail.getByRole('button', { name: 'Allow this address' }).click();
    const question = page.getByRole('dialog', { name: /Allow what/ });
    await question.getByRole('checkbox', { name: 'scan-2@corp.test' }).waitFor();
    await expectNoSeriousViolations(page);
    await question.getByRole('button', { name: 'Allow this address' }).click();
    await page.getByText('scanner may do that from now on.').waitFor();
    assert.deepEqual((await policy()).pairs.at(-1), {
      envelope: 'scan-2@corp.test',
      header: 'scan-2@corp.test',
    });
    assert.match(await send('scan-2@corp.test'), /^250/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone.').waitFor();
    assert.equal((await policy()).pairs.length, 1);
    assert.match(await send('scan-2@corp.test'), /S401/);
  });

  it('several recipients are proposed, and each can be left out', async () => {
    const page = await browser.signedIn(relay, 'operator', '/refusals?group=scanner%3AR501');
    await page.getByRole('button', { name: 'Allow these recipients' }).click();
    const question = page.getByRole('dialog', { name: /to write there/ });
    for (const left of [0, 1, 2, 3]) await question.getByRole('checkbox', { name: `x${left}@` }).uncheck();
    await question.getByRole('button', { name: 'Allow this recipient' }).click();
    await page.getByText('may do that from now on').waitFor();
    assert.deepEqual((await policy()).recipients.patterns, ['x4@elsewhere.test']);
  });

  it('the mail to the owner is shown before, and the command where there is no setting', async () => {
    const page = await browser.signedIn(relay, 'operator', '/refusals?group=scanner%3AS402');
    await page.getByRole('button', { name: 'Mail to the owner' }).click();
    const mail = page.getByRole('dialog', { name: 'The mail to the owner' });
    await mail.getByText('owner@corp.test').first().waitFor();
    await mail.getByText('scan-3@corp.test').first().waitFor();
    await expectNoSeriousViolations(page);
    await page.goto('/refusals?group=127.0.0.1%3AA301');
    await page.getByText('postern discovery list').first().waitFor();
  });

  it('every code has its page', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/refusals/S402');
    await expectHeading(page, 'S402 From address is not allowed for this source');
    await page.getByText('550 5.7.1 S402').waitFor();
    await page.getByRole('link', { name: 'scanner' }).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'refusal-code');
    await page.getByLabel('Look up another code').first().fill('D953');
    await page.getByRole('option').first().click();
    await page.waitForURL(/refusals\/D953/);
    await page.getByText('null MX').waitFor();
    const lost = await browser.signedIn(relay, 'auditor', '/refusals/Z999', { expected: [/404/] });
    await lost.getByText('There is no code Z999').waitFor();
  });

  it('auditors see why and may not change; source owners see those of their own sources', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/refusals?group=scanner%3AS402');
    const button = page.getByRole('button', { name: 'Allow this address' });
    await button.waitFor();
    assert.ok(await button.isDisabled());
    const own = await browser.signedIn(relay, 'source-owner', '/refusals');
    await own.getByRole('row', { name: /S402/ }).waitFor();
    assert.equal(await own.getByRole('row', { name: /A301/ }).count(), 0);
    await own.getByRole('row', { name: /S402/ }).click();
    await own.getByRole('heading', { name: 'What would change it' }).waitFor();
    await expectNoSeriousViolations(own);
  });

  it('in French, dark, and on a phone', async () => {
    await until('there are groups', async () =>
      (await relay.api<{ items: object[] }>('GET', '/refusal-groups')).body.items.length > 2
        ? true
        : undefined,
    );
    const page = await browser.signedIn(relay, 'operator', '/refusals?group=scanner%3AS402', {
      language: 'fr',
      scheme: 'dark',
    });
    await page.getByText('L’en-tête « De » contient une adresse').waitFor();
    await screenshot(page, 'refusals-dark-fr');
    const phone = await browser.signedIn(relay, 'operator', '/refusals', { language: 'fr', viewport: PHONE });
    await phone.getByRole('row', { name: /S402/ }).waitFor();
    await expectNoSidewaysScroll(phone);
    await expectNoSeriousViolations(phone);
    await phone.getByRole('row', { name: /S402/ }).click();
    await phone.getByText('Ce qui y changerait').waitFor();
    await expectNoSidewaysScroll(phone);
    await phone.goto('/refusals/S402');
    await phone.getByText('Que faire').waitFor();
    await expectNoSidewaysScroll(phone);
  });
});
