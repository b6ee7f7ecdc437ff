import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ScriptedServer } from '../support/scripted-server.ts';
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

const ODD = '451 4.7.1 сервер занят – revenez plus tard, s’il vous plaît (id';

describe('the queue', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  let odd: ScriptedServer;
  let number = 0;
  let password = '';
  let eager = '';

  const send = async (account: string, secret: string, to: string) => {
    const session = await relay.session(account, secret);
    const reply = await session.send({
      from: `${account}@corp.test`,
      to: [to],
      content: plainMessage([`From: ${account}@corp.test`, `To: ${to}`, `Subject: Number ${number++}`]),
    });
    session.destroy();
    assert.match(reply, /^250/);
  };

  before(async () => {
    odd = await new ScriptedServer({
      reply: (line) => (line.startsWith('RCPT') ? `${ODD} ${Math.random().toString(36)})` : undefined),
    }).listen();
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.api('POST', '/domains', { name: 'corp.test', internal: true });
    password = await relay.addSource(
      ...(['erp', '--from', 'corp.test', '--recipients', 'any', '--unaligned', 'send'] as const),
    );
    for (const [name, port] of [
      ['odd', odd.port],
      ['dead', 9],
    ] as const) {
      await relay.cli(
        ...`route set ${name} --smarthost 127.0.0.1:${port} --tls none --recipient-domain ${name}.test`.split(
          ' ',
        ),
      );
    }
  });
  after(async () => {
    await browser.close();
    await relay.remove();
    await odd.close();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('is empty at first, and says so', async () => {
    const page = await browser.signedIn(relay, 'operator', '/queue');
    await page.getByText('Nothing waits').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByRole('tab', { name: /Held/ }).click();
    await page.getByText('Nothing is held').waitFor();
    await expectNoSeriousViolations(page);
  });

  it('what waits, by destination, with the reason in the words of the other side', async () => {
    for (let count = 0; count < 3; count++) await send('erp', password, `anna@odd.test`);
    for (let count = 0; count < 4; count++) await send('erp', password, `ben@dead.test`);
    await until('all were tried', async () => {
      const waiting = await relay.deliveries({ domain: 'odd.test' });
      return waiting.length === 3 && waiting.every(({ attempts }) => attempts > 0) ? true : undefined;
    });
    const page = await browser.signedIn(relay, 'operator', '/queue');
    const odds = page.getByRole('row', { name: /odd\.test/ });
    await odds.getByText('сервер занят').waitFor();
    await odds.getByRole('gridcell', { name: '3', exact: true }).waitFor();
    assert.equal(await odds.getByText('other reason').count(), 0);
    await page.getByText(/dead\.test can not be reached: 4 deliveries wait/).waitFor();
    await page.getByText('nothing listens there').first().waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'queue');
    await page.getByRole('searchbox', { name: 'Domain' }).fill('odd');
    await page.waitForURL(/domain=odd/);
    await page.locator('[role=grid][aria-rowcount="2"]').waitFor();
    await page.getByRole('searchbox', { name: 'Domain' }).fill('nowhere');
    await page.getByText('Nothing waits for this').waitFor();
  });

  it('many are held, with the count before, and go back by one click', async () => {
    const page = await browser.signedIn(relay, 'operator', '/queue');
    await page
      .getByRole('row', { name: /dead\.test/ })
      .getByRole('checkbox')
      .check();
    await page
      .getByRole('row', { name: /odd\.test/ })
      .getByRole('checkbox')
      .check();
    await page.getByText('2 domains, 7 waiting').waitFor();
    await page.getByRole('button', { name: 'Hold', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('7 deliveries stay in the spool').waitFor();
    await expectNoSeriousViolations(page);
    await dialog.getByRole('button', { name: 'Hold' }).click();
    await page.getByText('7 deliveries are held.').waitFor();
    await page.getByText('Nothing waits').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone.').waitFor();
    await page.getByRole('row', { name: /dead\.test/ }).waitFor();
    assert.equal((await relay.deliveries({ state: 'held' })).length, 0);
  });

  it('held ones stand by their reason, and are released', async () => {
    eager = await relay.addSource(
      'eager',
      '--from',
      'corp.test',
      '--recipients',
      'any',
      '--unaligned',
      'send',
    );
    await relay.api('PATCH', '/sources/eager', {
      policy: { limits: [{ unit: 'messages', per: 'hour', most: 1 }], overLimit: 'hold' },
    });
    for (let count = 0; count < 3; count++) await send('eager', eager, 'carla@odd.test');
    const page = await browser.signedIn(relay, 'operator', '/queue?state=held');
    const held = page.getByRole('listitem').filter({ hasText: 'more than its limit' });
    await held.getByText('2 deliveries').waitFor();
    await held.getByText('eager').waitFor();
    await expectNoSeriousViolations(page);
    await held.getByRole('button', { name: 'Release' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await page.getByText('2 deliveries are released.').waitFor();
    await page.getByText('Nothing is held').waitFor();
  });

  it('more than a few are deleted only when their number is typed', async () => {
    for (let count = 0; count < 8; count++) await send('erp', password, `dora@dead.test`);
    const page = await browser.signedIn(relay, 'operator', '/queue?domain=dead');
    await page.getByText(/12 deliveries wait/).waitFor();
    await page
      .getByRole('row', { name: /dead\.test/ })
      .getByRole('checkbox')
      .check();
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('12 deliveries are gone for good').waitFor();
    assert.ok(await dialog.getByRole('button', { name: 'Delete' }).isDisabled());
    await dialog.getByRole('textbox').fill('12');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('12 deliveries are deleted.').waitFor();
    assert.equal((await relay.deliveries({ domain: 'dead.test' })).length, 0);
  });

  it('auditors see it and change nothing; source owners do not see it', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/queue');
    await page.getByRole('row', { name: /odd\.test/ }).waitFor();
    assert.equal(await page.getByRole('checkbox').count(), 0);
    const other = await browser.signedIn(relay, 'source-owner', '/queue');
    await expectHeading(other, 'This page is not for your role');
  });

  it('in French, dark, and on a phone', async () => {
    await send('erp', password, 'ben@dead.test');
    await until('it was tried', async () =>
      (await relay.api<{ unreachable: object[] }>('GET', '/queue-groups')).body.unreachable.length > 0
        ? true
        : undefined,
    );
    const page = await browser.signedIn(relay, 'operator', '/queue', { language: 'fr', scheme: 'dark' });
    await expectHeading(page, 'File d’attente');
    await page.getByText(/est injoignable/).waitFor();
    const phone = await browser.signedIn(relay, 'operator', '/queue', { language: 'fr', viewport: PHONE });
    await phone.getByText(/est injoignable/).waitFor();
    await expectNoSidewaysScroll(phone);
    await expectNoSeriousViolations(phone);
    await screenshot(phone, 'queue-phone-fr');
  });
});
