// The landing page: from nothing at all to a relay at work, live, with what needs somebody and where it is mended.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { REFUSALS } from '../../src/refusals.ts';
import { plainMessage, SmtpDialogue } from '../support/smtp-dialogue.ts';
import { until } from '../support/until.ts';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectHeading,
  type Page,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

interface Totals {
  totals: Record<string, number>;
}

const LONG = `printer-${'x'.repeat(50)}`;

async function send(session: SmtpDialogue, from: string, to: string[], subject = 'Report'): Promise<void> {
  const content = plainMessage([`From: ${from}`, `To: ${to.join(', ')}`, `Subject: ${subject}`]);
  await session.send({ from, to, content });
}

/** A morning: three sources, mail that is delivered, refused, held and that waits. */
async function work(relay: ConsoleRelay): Promise<void> {
  await relay.api('POST', '/domains', { name: 'corp.test', internal: true });
  const passwords = new Map<string, string>();
  for (const name of ['erp-production', 'scanner-3rd-floor', LONG, 'kiosk-lobby'])
    passwords.set(name, await relay.addSource(name, '--from', 'corp.test', '--recipients', 'any'));
  const morning = async (counts: Record<string, number>, to: string) => {
    for (const [name, count] of Object.entries(counts)) {
      const session = await relay.session(name, passwords.get(name) ?? '');
      for (let number = 0; number < count; number++) await send(session, 'desk@corp.test', [to]);
      await send(session, 'boss@elsewhere.test', [to]);
      session.destroy();
    }
  };
  await morning({ 'erp-production': 12, 'scanner-3rd-floor': 5, [LONG]: 3 }, 'desk@customer.test');
  // nobody answers behind the route
  await relay.api('PUT', '/routes/default', {
    match: {},
    target: { kind: 'smarthost', hosts: [{ host: '127.0.0.1', port: 9 }] },
  });
  await morning({ 'erp-production': 4, 'kiosk-lobby': 2 }, 'sales@partner.test');
  await relay.api('POST', '/sources/kiosk-lobby/disable', {});
  // somebody without an account
  const stranger = await relay.connect();
  await stranger.say('MAIL FROM:<x@evil.test>');
  stranger.destroy();
}

describe('the overview', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  const counted = (measure: string, least: number) =>
    until(`${least} ${measure}`, async () => {
      const { body } = await relay.api<Totals>('GET', '/overview?window=1h');
      return (body.totals[measure] ?? 0) >= least;
    });
  const total = (page: Page, measure: string) => page.locator(`[data-measure=${measure}] + [title]`);

  it('begins with what is to be done, and the lines of a first message work', async () => {
    const page = await browser.signedIn(relay, 'owner');
    await expectHeading(page, 'Overview');
    const setup = page.getByRole('region', { name: 'Set up your relay' });
    await setup.getByText('swaks --server').waitFor();
    await page.getByRole('region', { name: 'Health' }).waitFor();
    assert.equal(await page.locator('figure').count(), 0, 'no empty chart');
    await expectNoSeriousViolations(page);
    await screenshot(page, 'overview-first-start');
    const curl = await setup.getByText('/v1/messages').textContent();
    const [, key = ''] = /Bearer ([\w-]+)/.exec(curl ?? '') ?? [];
    const [, body = ''] = /-d '(.*)'/.exec(curl ?? '') ?? [];
    const answer = await relay.request('POST', '/v1/messages', { key, body });
    assert.equal(answer.status, 202);
    // live: the page is not touched
    await setup.getByRole('link', { name: 'Add a domain' }).waitFor();
    await total(page, 'accepted').and(page.locator('[title="1"]')).waitFor();
  });

  it('an auditor sees the same without what an auditor may not do', async () => {
    const page = await browser.signedIn(relay, 'auditor');
    await page.getByRole('region', { name: 'Set up your relay' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Add a domain' }).count(), 0);
  });

  it('shows who sends, what is refused and why, what waits, and how the relay is', async () => {
    await work(relay);
    await counted('accepted', 20);
    await counted('refused', 6);
    await counted('deferred', 1);
    const page = await browser.signedIn(relay, 'operator', '/?window=1h');
    await page.getByRole('region', { name: 'Top sources' }).getByText('erp-production').waitFor();
    await page
      .getByRole('region', { name: 'Top refusals' })
      .getByText('Envelope sender is not allowed for this source')
      .waitFor();
    await page.getByRole('region', { name: 'Waiting by destination' }).getByText('partner.test').waitFor();
    await page.getByRole('region', { name: 'Health' }).getByText('self-signed').waitFor();
    await page.getByText('2 held now').waitFor();
    await page.locator('figure canvas').waitFor();
    const legend = page.locator('figure .u-legend');
    await legend.getByText('Accepted').waitFor();
    assert.equal(await legend.locator('.u-value:visible').count(), 0, 'no values where nobody points');
    await page.locator('figure .u-over').hover();
    await legend.getByText('Time').waitFor();
    await legend.locator('.u-value').getByText(/\d/).first().waitFor();
    await page.getByRole('heading', { level: 1 }).hover();
    await legend.getByText('Time').waitFor({ state: 'hidden' });
    await expectNoSeriousViolations(page);
    await expectNoSidewaysScroll(page);
    await screenshot(page, 'overview');
    await page.getByRole('button', { name: '7 d' }).click();
    await page.waitForURL(/window=7d/);
    await page.getByRole('button', { name: '7 d', pressed: true }).waitFor();
  });

  it('says in French what needs somebody, and says it in French only', async () => {
    const page = await browser.signedIn(relay, 'owner', '/', { language: 'fr', scheme: 'dark' });
    await expectHeading(page, 'Vue d’ensemble');
    const needs = page.getByRole('region', { name: 'À traiter' });
    await needs.getByRole('listitem').first().waitFor();
    await page.locator('figure canvas').waitFor();
    await screenshot(page, 'overview-dark-fr');
    await expectNoSeriousViolations(page);
    const { body } = await relay.api<{ attention: { sentence: string }[] }>('GET', '/overview');
    const shown = (await needs.textContent()) ?? '';
    for (const { sentence } of body.attention) assert.ok(!shown.includes(sentence), sentence);
  });

  it('fits a phone', async () => {
    const page = await browser.signedIn(relay, 'owner', '/', { viewport: PHONE });
    await page.getByRole('region', { name: 'Top sources' }).waitFor();
    await expectNoSidewaysScroll(page);
    await screenshot(page, 'overview-phone');
  });

  it('a source owner sees what is theirs, and nothing of the queue', async () => {
    const page = await browser.signedIn(relay, 'source-owner');
    await page.getByRole('region', { name: 'Top sources' }).getByText('erp-production').waitFor();
    assert.equal(await page.getByRole('region', { name: 'Health' }).count(), 0);
    assert.equal(await page.getByRole('region', { name: 'Waiting by destination' }).count(), 0);
    await expectNoSeriousViolations(page);
  });

  it('is live, and comes back after a restart', async () => {
    const password = await relay.addSource('till-7', '--from', 'corp.test', '--recipients', 'any');
    const page = await browser.signedIn(relay, 'owner', '/?window=1h', { expected: [/./] });
    await page.getByText('This minute').or(page.getByText('Nothing sent this minute')).waitFor();
    await relay.stop();
    await page.getByText('Connection to the relay lost').waitFor();
    await relay.start();
    await page.getByText('Connection to the relay lost').waitFor({ state: 'hidden', timeout: 30_000 });
    const session = await relay.session('till-7', password);
    await send(session, 'till-7@corp.test', ['desk@customer.test']);
    session.destroy();
    await page.getByRole('region', { name: 'Top sources' }).getByText('till-7').waitFor({ timeout: 30_000 });
  });

  it('on a wall it is alone on the screen, until Escape', async () => {
    const page = await browser.signedIn(relay, 'owner', '/?kiosk=true&window=1h', { scheme: 'dark' });
    await page.locator('figure canvas').waitFor();
    await screenshot(page, 'overview-wall');
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.search.includes('kiosk'));
  });
});

describe('texts of the overview', () => {
  const source = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
  const texts = (place: string) =>
    JSON.parse(readFileSync(source(`web/src/${place}/fr.json`), 'utf8')) as Record<
      string,
      Record<string, string>
    >;

  it('every refusal code has its words', () => {
    assert.deepEqual(
      Object.keys(texts('components/refusal-text')['code'] ?? {}).sort(),
      Object.keys(REFUSALS).sort(),
    );
  });

  it('every kind of attention has its sentence', () => {
    const code = globSync('src/api/attention/*.ts', { cwd: source('.') })
      .map((file) => readFileSync(source(file), 'utf8'))
      .join('\n');
    const kinds = [...code.matchAll(/kind: '([\w-]+)'/g)].map(([, kind = '']) => kind);
    assert.ok(kinds.length > 25);
    const { attention = {} } = texts('pages/overview');
    const elsewhere = ['alert', 'source-contained', 'clock-set'];
    const missing = kinds.filter(
      (kind) => !elsewhere.includes(kind) && !(kind in attention) && !(`${kind}_other` in attention),
    );
    assert.deepEqual(missing, []);
  });

  it('every alarm has its words', () => {
    const code = globSync('src/**/*.ts', { cwd: source('.'), exclude: ['**/*.test.ts'] })
      .map((file) => readFileSync(source(file), 'utf8'))
      .join('\n');
    const codes = [...code.matchAll(/type: 'alarm',\s+code: '([\w-]+)'/g)].map(([, name = '']) => name);
    assert.ok(codes.length > 10, `${codes.length}`);
    const { alarm = {} } = texts('pages/overview');
    assert.deepEqual(
      codes.filter((name) => !(name in alarm)),
      [],
    );
  });
});
