import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { writeExport } from '../support/audit-month/exports.ts';
import { makeMonth } from '../support/audit-month/month.ts';
import { until } from '../support/until.ts';
import {
  ConsoleBrowser,
  DESKTOP,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectGone,
  expectHeading,
  type Page,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

const SEED = 59;
const OWN = ['northwind.example', 'northwind-services.example'];
/** What a connection that is cut on purpose makes the browser say. */
const CUT = [/ERR_FAILED|ERR_INTERNET_DISCONNECTED|ERR_ABORTED/];

interface Sender {
  id: string;
  name: string;
  class: string;
  wayOut: { kind: string; row?: { name: string } };
}

async function sendersOf(relay: ConsoleRelay, query: string): Promise<Sender[]> {
  return (await relay.api<{ items: Sender[] }>('GET', `/audit/senders?${query}`)).body.items;
}

async function readAll(relay: ConsoleRelay, request: object = {}): Promise<void> {
  const { status, body } = await relay.api('POST', '/audit/run', request);
  assert.equal(status, 202, JSON.stringify(body));
  await until('the run has ended', async () => {
    const { state, error } = (await relay.api<{ state: string; error?: string }>('GET', '/audit/run')).body;
    assert.notEqual(state, 'failed', error ?? 'failed');
    return state === 'done';
  });
}

describe('the Direct Send audit', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-console-audit-'));
  const month = path.join(folder, 'month');
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    const made = await makeMonth({ seed: SEED, days: 32, users: 40 });
    await writeExport(made, 'trace', month);
    await writeExport(made, 'details', month, { share: 0.6 });
  });
  after(async () => {
    await browser.close();
    await relay.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('takes a new administrator by the hand', async () => {
    const page = await browser.signedIn(relay, 'operator', '/direct-send');
    await page.getByText('Find out who would break before you switch Direct Send off').waitFor();
    await page.getByText('Extended message trace', { exact: true }).waitFor();
    await expectNoSeriousViolations(page);
    await look(page, 'direct-send-start');
    await page.getByRole('link', { name: 'Get the script' }).click();
    await page.waitForURL(/direct-send\/evidence\?tab=export/);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the script' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'postern-audit.ps1');
    assert.match(await readFile(await download.path(), 'utf8'), /Get-MessageTraceV2/);
    await page.getByRole('button', { name: 'Show the script' }).click();
    await page.getByText('.SYNOPSIS').waitFor();
    await expectNoSeriousViolations(page);
    const inventory = await browser.signedIn(relay, 'auditor', '/direct-send/senders', { language: 'fr' });
    await inventory.getByText('Rien n’a encore été audité').waitFor();
  });

  it('uploads in parts, and goes on after a lost connection and in a new window', async () => {
    const large = path.join(folder, 'large trace.csv');
    writeFileSync(large, 'no table at all\n'.repeat(900_000));
    utimesSync(large, 1_700_000_000, 1_700_000_000);
    const page = await browser.signedIn(relay, 'operator', '/direct-send/evidence', { expected: CUT });
    const offsets: number[] = [];
    let cuts = 1;
    await page.route(/audit\/evidence\/large/, async (route) => {
      const offset = Number(new URL(route.request().url()).searchParams.get('offset'));
      offsets.push(offset);
      if (offset >= 4_194_304 && cuts-- > 0) await route.abort('failed');
      else await route.continue();
    });
    await page.locator('input[type=file]').setInputFiles(large);
    await page.getByText('Connection lost, trying again').waitFor();
    await page.getByText('1 file uploaded', { exact: true }).waitFor();
    assert.deepEqual(offsets, [0, 4_194_304, 4_194_304, 8_388_608, 12_582_912]);
    await page.getByRole('button', { name: 'Remove large trace.csv' }).click();
    await page.getByRole('button', { name: 'Remove large trace.csv' }).waitFor({ state: 'detached' });

    // the window is closed in the middle
    cuts = Number.POSITIVE_INFINITY;
    offsets.length = 0;
    await page.locator('input[type=file]').setInputFiles(large);
    await page.getByText('Connection lost, trying again').waitFor();
    page.on('dialog', (dialog) => void dialog.accept());
    cuts = 0;
    await page.reload();
    await page.getByText('Choose the same file again: it goes on where it broke off.').waitFor();
    offsets.length = 0;
    await page.locator('input[type=file]').setInputFiles(large);
    await page.getByText('1 file uploaded', { exact: true }).waitFor();
    assert.deepEqual(offsets, [4_194_304, 8_388_608, 12_582_912]);
    await relay.api('DELETE', '/audit/evidence/large%20trace.csv');
  });

  it('reads what was dropped, asks what it does not understand, and says what each file became', async () => {
    const page = await browser.signedIn(relay, 'operator', '/direct-send/evidence');
    const files = readdirSync(month).map((name) => path.join(month, name));
    await page.locator('input[type=file]').setInputFiles(files);
    // two exports with columns of somebody's own, one of them with rows that are damaged
    await page.evaluate(() => {
      const rows = (from: number) =>
        Array.from(
          { length: 20 },
          (_, index) =>
            `2026-10-${String(1 + index).padStart(2, '0')}T0${index % 10}:00:00Z;boiler${from}@northwind.example;ann@northwind.example;198.51.100.${from}`,
        ).join('\r\n');
      const transfer = new DataTransfer();
      const head = 'Wann genau;Von wem;An wen;Woher\r\n';
      transfer.items.add(new File([`${head}${rows(7)}\r\nnever;x;y\r\n`], 'Heizung.csv'));
      transfer.items.add(new File([head + rows(8)], 'Heizung \u202eneu\u{1f525}.csv'));
      const zone = [...document.querySelectorAll('*')].find((one) =>
        /drop_|_drop/.test(one.getAttribute('class') ?? ''),
      );
      zone?.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    });
    await until(
      'all files have arrived',
      async () => {
        const { status, body } = await relay.api<{ items: { incomplete: boolean }[] }>(
          'GET',
          '/audit/evidence',
        );
        assert.equal(status, 200, JSON.stringify(body));
        return body.items.filter(({ incomplete }) => !incomplete).length === files.length + 2;
      },
      60_000,
    );
    // nobody says yet which domains are ours
    await page.getByRole('button', { name: 'Read the evidence' }).click();
    await page.getByText('Neither the evidence nor the relay says which domains are yours').waitFor();
    await page.getByRole('combobox', { name: 'Your domains' }).fill(`${OWN.join(',')},`);
    await page.getByRole('button', { name: 'Read the evidence' }).click();
    await page.getByRole('progressbar', { name: 'Progress of the audit' }).waitFor();
    await page.getByText('The evidence was read.').waitFor({ timeout: 60_000 });
    await page.getByText(/more file is alike/).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'direct-send-evidence');
    for (const [label, column] of [
      ['Time', 'Wann genau'],
      ['Sender', 'Von wem'],
      ['Recipient', 'An wen'],
      ['Address of the client', 'Woher'],
    ] as const) {
      const field = page.getByRole('alert').getByRole('combobox', { name: label, exact: true });
      if ((await field.count()) === 0) continue;
      await field.click();
      await page.getByRole('option', { name: column }).click();
    }
    await page.getByRole('button', { name: 'Read with these columns' }).click();
    await page.getByText('Which column is which?').waitFor({ state: 'detached', timeout: 60_000 });
    const heating = page.getByRole('row', { name: /Heizung\.csv/ });
    await heating.getByText('read in part').waitFor();
    await heating.click();
    await page.getByRole('dialog').getByText('Why rows were refused').waitFor();
    await expectNoSeriousViolations(page);
  });

  it('answers first, and says what stands in the way', async () => {
    const { gates } = (
      await relay.api<{ gates: { domain: string; left: unknown[]; perDay: number }[] }>('GET', '/audit/gate')
    ).body;
    const worst = gates.toSorted((a, b) => b.perDay - a.perDay)[0];
    const page = await browser.signedIn(relay, 'operator', '/direct-send');
    await page.getByText(`Safe to switch on for ${worst?.domain}?`).waitFor();
    await page.getByText(new RegExp(`${worst?.left.length} senders left`)).waitFor();
    await page.getByText('What the evidence can not see').waitFor();
    await page.getByRole('figure', { name: 'Direct Send by day' }).locator('canvas').waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'direct-send');
    // what if the first wave were moved
    const row = page.getByRole('row', { name: new RegExp(`^${worst?.domain}`) });
    const before = await row.textContent();
    await page.getByText('After wave 1', { exact: true }).click();
    await page.waitForURL(/after=1/);
    await until('the table supposes the wave', async () => (await row.textContent()) !== before);
    // reports and files
    for (const [item, name] of [
      ['Report in French (HTML)', /fr\.html$/],
      ['Inventory for a spreadsheet (CSV)', /\.csv$/],
      ['Connectors (PowerShell)', /\.ps1$/],
    ] as const) {
      await page.getByRole('button', { name: 'Export' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: item }).click(),
      ]);
      assert.match(download.suggestedFilename(), name);
      // the menu goes with a transition: what is still seen of it is not open
      await expectGone(page.getByRole('menuitem'));
    }
  });

  it('lists senders, narrowed by the address of the page, and by keyboard', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/direct-send/senders?left=true');
    const left = (await sendersOf(relay, 'left=true&limit=500')).length;
    await page.locator(`[role=grid][aria-rowcount="${left + 1}"]`).waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'direct-send-inventory');
    await page.getByRole('searchbox', { name: 'Search' }).fill('boiler8');
    await page.waitForURL(/search=boiler8/);
    await page.locator('[role=grid][aria-rowcount="2"]').waitFor();
    await page.getByRole('grid').getByRole('row').nth(1).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/direct-send\/senders\/s/);
    await page.getByText('The evidence leaves this open').waitFor();
    await page.getByRole('link', { name: 'What to export, and where to click' }).first().waitFor();
    assert.equal(
      await page.getByRole('button', { name: 'Let it break' }).count(),
      0,
      'an auditor only looks',
    );
    assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0);
    await expectNoSeriousViolations(page);
  });

  it('makes the source of a device, keeps the decision, and takes it back', async () => {
    const device = (await sendersOf(relay, 'left=true&limit=500')).find(
      ({ wayOut }) => wayOut.kind === 'relay-source',
    );
    assert.ok(device?.wayOut.row, 'there is a device to move');
    const page = await browser.signedIn(relay, 'operator', `/direct-send/senders/${device.id}`);
    await page.getByText('Way out: through the relay').waitFor();
    await screenshot(page, 'direct-send-sender');
    await page.getByRole('button', { name: 'Create the relay source' }).click();
    const dialog = page.getByRole('dialog');
    assert.equal(
      await dialog.getByRole('textbox', { name: 'Name', exact: true }).inputValue(),
      device.wayOut.row.name,
    );
    await dialog.getByLabel('Owner').fill('anna@northwind.example');
    await expectNoSeriousViolations(page);
    await dialog.getByRole('button', { name: 'Create the source' }).click();
    await dialog.getByText('This is shown once.', { exact: false }).waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('The relay source is there').waitFor();
    await page.getByText('Decided: approved, owner anna@northwind.example').waitFor();
    assert.equal((await relay.api('GET', `/sources/${device.wayOut.row.name}`)).status, 200);

    // it has been moved
    await page.getByRole('radio', { name: 'moved' }).check();
    await page.getByLabel('Note').fill('Now by way of the relay');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved. It counts at once.').waitFor();
    await page.getByText('Decided: moved').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone.').waitFor();
    assert.ok(await page.getByRole('radio', { name: 'approved' }).isChecked());
    await expectNoSeriousViolations(page);
  });

  it('loses no edit when somebody else has decided meanwhile', async () => {
    const [sender] = await sendersOf(relay, 'left=true&decided=false&limit=1');
    assert.ok(sender);
    const page = await browser.signedIn(relay, 'operator', `/direct-send/senders/${sender.id}`, {
      expected: [/412/],
    });
    await page.getByLabel('Note').fill('asked Anna');
    await relay.api('PATCH', `/audit/senders/${sender.id}`, { decision: 'ignored' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody has decided in the meantime').waitFor();
    await page.getByText('It now says: may break', { exact: false }).waitFor();
    assert.equal(await page.getByLabel('Note').inputValue(), 'asked Anna');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved. It counts at once.').waitFor();
    // and it shall break
    await page.getByRole('button', { name: 'Let it break' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Let it break' }).click();
    await page.getByText('Decided: shall break').waitFor();
  });

  it('shows attacks with what gave them away', async () => {
    const page = await browser.signedIn(relay, 'auditor', '/direct-send/campaigns');
    await page.getByRole('grid').getByRole('row').nth(1).click();
    await page.getByRole('dialog').getByText('What gave it away').waitFor();
    await page.getByRole('dialog').getByRole('link').first().waitFor();
    await expectNoSeriousViolations(page);
    await screenshot(page, 'direct-send-attacks');
  });

  it('lets an owner set up the collection, whose secret nobody sees again', async () => {
    const page = await browser.signedIn(relay, 'owner', '/direct-send/evidence?tab=collect', {
      expected: [/40[09]|422/],
    });
    await page.getByText('How to make the app registration').waitFor();
    await expectNoSeriousViolations(page);
    await page.getByLabel('Tenant').fill('northwind.example');
    await page.getByLabel('Application (client) ID').fill('nonsense');
    await page.getByLabel('Value of the secret').fill('hush-hush-hush');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('is no application (client) ID').first().waitFor();
    await page.getByLabel('Application (client) ID').fill('00000000-1111-4222-8333-444444444444');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Fetch now' }).waitFor();
    await page.reload();
    await page.getByText('As it is (Client secret)').waitFor();
    assert.ok(!(await page.content()).includes('hush-hush'));
    await look(page, 'direct-send-collection');
    const operator = await browser.signedIn(relay, 'operator', '/direct-send/evidence?tab=collect');
    await operator.getByText('Only an owner can change this').waitFor();
    assert.ok(await operator.getByRole('button', { name: 'Fetch now' }).isEnabled());
    const auditor = await browser.signedIn(relay, 'auditor', '/direct-send/evidence?tab=collect');
    assert.ok(await auditor.getByRole('button', { name: 'Fetch now' }).isDisabled());
    await page.getByRole('button', { name: 'Forget application' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget application' }).click();
    await page.getByText('Application and secret are forgotten.').waitFor();
  });

  it('speaks French, in the dark and on a phone; source owners stay outside', async () => {
    const page = await browser.signedIn(relay, 'owner', '/direct-send', { language: 'fr', scheme: 'dark' });
    await page.getByText('Ce que les éléments ne voient pas').waitFor();
    await page.getByRole('figure', { name: 'Direct Send jour par jour' }).locator('canvas').waitFor();
    await screenshot(page, 'direct-send-dark-fr');
    const [device] = await sendersOf(relay, 'class=device&limit=1');
    for (const place of [
      '',
      '/senders',
      `/senders/${device?.id}`,
      '/campaigns',
      '/evidence',
      '/evidence?tab=collect',
      '/evidence?tab=export',
    ]) {
      const phone = await browser.signedIn(relay, 'operator', `/direct-send${place}`, {
        language: 'fr',
        viewport: PHONE,
      });
      await phone.waitForLoadState('networkidle').catch(() => {});
      await settled(phone);
      await expectNoSidewaysScroll(phone);
      await expectNoSeriousViolations(phone);
      await look(phone, `direct-send-phone${place.replaceAll(/[^a-z]+/g, '-')}`);
      await browser.closePages();
    }
    const other = await browser.signedIn(relay, 'source-owner', '/direct-send/senders');
    await expectHeading(other, 'This page is not for your role');
  });
});

describe('an inventory of thousands', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  /** What a client may call itself: 200 characters. */
  const LONG = [
    'scanner-with-a-name-that-nobody-has-ever-read-to-its-end-and-more',
    'floor-three-behind-the-kitchen-of-the-old-building-by-the-river',
    'site-of-the-former-brewery-in-the-north-of-the-old-town',
    'lan.contoso.com',
  ]
    .map((label) => label.slice(0, 63))
    .join('.');
  const MAIL = [
    `Received: from ${LONG} (120.1.2.77) by DB5EUR02FT013.mail.protection.outlook.com (10.13.58.200)`,
    ' with Microsoft SMTP Server id 15.20.1.1 via Frontend Transport; Tue, 1 Sep 2026 08:00:01 +0000',
    'Authentication-Results: spf=fail (sender IP is 120.1.2.77) smtp.mailfrom=contoso.com; dkim=none;',
    ' dmarc=fail action=none header.from=contoso.com;compauth=none reason=451',
    'X-MS-Exchange-Organization-AuthAs: Anonymous',
    'Return-Path: scanner@contoso.com',
    'From: scanner@contoso.com',
    'To: ann@contoso.com',
    'Subject: \u202escan \ud83d\udd25',
    'Date: Tue, 1 Sep 2026 08:00:00 +0000',
    'Message-ID: <long@scan.example>',
    '',
    'x',
  ].join('\r\n');
  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    const head =
      'Received,SenderAddress,RecipientAddress,Subject,Status,FromIP,Size,MessageTraceId,MessageId';
    const rows = Array.from({ length: 6000 }, (_, index) => {
      const sender = Math.floor(index / 2);
      const day = new Date(Date.UTC(2026, 8, 1 + (index % 28), 8)).toISOString();
      const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      return `${day},device${sender}@contoso.com,ann@contoso.com,Scan \u05d0\u05d1 ${index},Delivered,${60 + (sender % 60)}.${Math.floor(sender / 60)}.${(sender * 7) % 250}.${1 + (sender % 200)},1000,${id},<${index}@scan.example>`;
    });
    for (const [name, content] of [
      ['trace.csv', [head, ...rows].join('\r\n')],
      ['scan.eml', MAIL],
    ] as const) {
      const { status } = await relay.request('POST', `/api/v1/audit/evidence/${name}`, {
        key: relay.token,
        body: Buffer.from(content),
        headers: { 'content-type': 'application/octet-stream' },
      });
      assert.equal(status, 201);
    }
    await readAll(relay, { domains: ['contoso.com'] });
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('scrolls without a blank row, sorts, and says what the evidence lacks', async () => {
    const page = await browser.signedIn(relay, 'operator', '/direct-send/senders', { viewport: DESKTOP });
    const grid = page.getByRole('grid');
    await grid.getByRole('row').nth(2).waitFor();
    const total = Number(await grid.getAttribute('aria-rowcount'));
    assert.ok(total > 2500, `${total} senders`);
    await grid.getByRole('row').nth(1).focus();
    for (let press = 0; press < 40; press++) {
      await page.keyboard.press('End');
      await page.waitForTimeout(60);
      const drawn = await grid.locator('[data-index]').count();
      assert.ok(drawn > 5 && drawn < 100, `${drawn} rows are drawn`);
    }
    await page.getByRole('button', { name: 'Sender' }).click();
    await page.waitForURL(/sort=name/);
    await page.getByRole('combobox', { name: 'Evidence lacks' }).click();
    await page.getByRole('option', { name: /connectors/ }).click();
    await page.getByText('This would tell what they are:').waitFor();
    await look(page, 'direct-send-thousands');
  });

  it('is not pushed apart by a long name', async () => {
    const [long] = await sendersOf(relay, `search=${LONG.slice(0, 40)}`);
    assert.ok(long);
    const page = await browser.signedIn(relay, 'operator', `/direct-send/senders/${long.id}`, {
      viewport: PHONE,
    });
    await page.getByText('What was seen').waitFor();
    await expectNoSidewaysScroll(page);
    await look(page, 'direct-send-long-name');
    const start = await browser.signedIn(relay, 'operator', '/direct-send', { viewport: PHONE });
    await start.getByText('What would tell more').waitFor();
    await expectNoSidewaysScroll(start);
  });
});

/** A picture for whoever works on the page; the documentation does without. */
async function look(page: Page, name: string): Promise<void> {
  if (process.env['UPDATE_SCREENSHOTS'] === undefined) await screenshot(page, name);
}

/** What is read by the page has come. */
async function settled(page: Page): Promise<void> {
  await page
    .locator('.mantine-Skeleton-root, [aria-busy=true]')
    .first()
    .waitFor({ state: 'detached' })
    .catch(() => {});
}
