// The first start by link, signing in and out, an ended session, a lost connection, language and colours.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import {
  ConsoleBrowser,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  expectHeading,
  PHONE,
  screenshot,
} from './browser.ts';
import { ConsoleRelay, PASSWORD, PEOPLE } from './console-relay.ts';

describe('from the first start to signing out', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  const linkOf = (output: string) => /\/welcome#(pst_setup_[\w-]+)$/m.exec(output)?.[1] ?? '';

  before(() => Promise.all([relay.start(), browser.start()]));
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('the link of the first start makes the first owner, once', async () => {
    const token = linkOf(relay.output);
    assert.notEqual(token, '', relay.output);
    const page = await browser.newPage(relay, { expected: [/status of 40[03]/] });
    await page.goto(`/welcome#${token}`);
    await expectHeading(page, 'Welcome to Postern');
    assert.equal(new URL(page.url()).hash, '', 'the secret does not stay in the history');
    await expectNoSeriousViolations(page);
    await screenshot(page, 'welcome');
    await page.getByLabel('Your name').fill('Olivia Owner');
    await page.getByLabel('E-mail address').fill('olivia@corp.test');
    await page.getByLabel('New password', { exact: true }).fill('aaaaaaaaaaaaaa');
    await page.getByRole('button', { name: 'Make my account' }).click();
    await page.getByText('repeats too few characters').waitFor();
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Make my account' }).click();
    await page.getByRole('button', { name: 'Account of Olivia Owner' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/');

    const again = await browser.newPage(relay, { expected: [/status of 403/] });
    await again.goto(`/welcome#${token}`);
    await again.getByLabel('Your name').fill('Mallory');
    await again.getByLabel('E-mail address').fill('mallory@evil.test');
    await again.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await again.getByRole('button', { name: 'Make my account' }).click();
    await again.getByText('the link is wrong, used up, or over').waitFor();
  });

  it('a later start prints the address alone, and the command line makes another link', async () => {
    await relay.stop();
    relay.output = '';
    await relay.start();
    assert.equal(linkOf(relay.output), '');
    assert.match(relay.output, /Console {2}http:\/\/127\.0\.0\.1:\d+\/\n/);
    const { link } = await relay.json<{ link: string }>('console');
    const page = await browser.newPage(relay);
    await page.goto(link);
    await page.getByLabel('Your name').fill('Second Owner');
    await page.getByLabel('E-mail address').fill('second@corp.test');
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Make my account' }).click();
    await page.getByRole('button', { name: 'Account of Second Owner' }).waitFor();
  });

  it('password, language, colours, and out again', async () => {
    const page = await browser.newPage(relay, { expected: [/status of 401/] });
    await page.goto('/audit-log?actor=olivia%40corp.test');
    await expectHeading(page, 'Sign in');
    await expectNoSeriousViolations(page);
    await screenshot(page, 'sign-in');
    await page.getByLabel('E-mail address').fill(PEOPLE.owner.email);
    await page.getByLabel('Password', { exact: true }).fill('something else entirely');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('the address, the password or the code is wrong').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Audit log', level: 1 }).waitFor();
    assert.match(page.url(), /actor=olivia%40corp.test/, 'the page that was asked for');

    await page.getByRole('button', { name: 'Account of Olivia Owner' }).click();
    await page.getByRole('menuitemradio', { name: 'Français' }).click();
    await page.getByRole('heading', { name: 'Journal d’audit', level: 1 }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
    await page.getByRole('menuitemradio', { name: 'Sombre' }).click();
    await page.waitForFunction(() => document.documentElement.dataset['mantineColorScheme'] === 'dark');
    await page.reload();
    await page.getByRole('heading', { name: 'Journal d’audit', level: 1 }).waitFor();
    assert.equal(await page.locator('html').getAttribute('data-mantine-color-scheme'), 'dark');
    await page.getByRole('button', { name: /Compte de Olivia/ }).click();
    await page.getByRole('menuitem', { name: 'Se déconnecter' }).click();
    await page.getByRole('heading', { name: 'Connexion', level: 1 }).waitFor();
  });

  it('keyboard: the skip link, Ctrl+K to a page, and its heading has the focus', async () => {
    const page = await browser.signedIn(relay, 'owner');
    await page.keyboard.press('Tab');
    assert.equal(await page.locator(':focus').textContent(), 'Skip to content');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).fill('audit log');
    await page.getByRole('option', { name: /Audit log/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Audit log', level: 1 }).waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  });

  it('an ended session: signing in over the page, which goes on', async () => {
    const page = await browser.signedIn(relay, 'owner', '/audit-log', { expected: [/status of 401/] });
    await page.getByLabel('Source', { exact: true }).fill('half-typed');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Verify' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.waitFor();
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Whole: no entry was altered, removed or moved').waitFor();
    assert.equal(await page.getByLabel('Source', { exact: true }).inputValue(), 'half-typed');
  });

  it('a lost connection is said, and comes back by itself', async () => {
    const page = await browser.signedIn(relay, 'owner', '/audit-log', {
      expected: [/ERR_CONNECTION|Failed to (?:load|fetch)|Unable to preload CSS/],
    });
    await relay.stop();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('Connection to the relay lost').waitFor();
    await screenshot(page, 'connection-lost');
    await relay.start();
    await page.getByText('Connected again').waitFor({ timeout: 20_000 });
    await page.getByText('Whole: no entry was altered').waitFor({ timeout: 20_000 });
  });

  it('a page that is asked for while the relay is away comes when it is back, with its texts', async () => {
    const page = await browser.signedIn(relay, 'owner', '/audit-log', {
      expected: [/ERR_CONNECTION|Failed to (?:load|fetch)|Unable to preload CSS/],
    });
    const menu = page.getByRole('navigation', { name: 'Pages' });
    await relay.stop();
    await menu.getByRole('link', { name: 'Routes' }).click();
    await page.getByText('A part of the console could not be loaded').waitFor();
    await page.getByText('Connection to the relay lost').waitFor();
    await screenshot(page, 'page-not-loaded');
    await relay.start();
    await page.getByRole('heading', { name: 'Routes', level: 1 }).waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Add route' }).first().waitFor();
  });

  it('the first page is asked for again when its code did not come', async () => {
    const page = await browser.newPage(relay, {
      expected: [/ERR_FAILED|Failed to (?:load|fetch)|Unable to preload CSS/],
    });
    await page.context().request.post(`${relay.address}/api/v1/session`, {
      headers: { 'x-postern-request': '1', origin: relay.address },
      data: { email: PEOPLE.owner.email, password: PASSWORD },
    });
    const code = /\/assets\/(?:signed-in|page)-/;
    await page.route(code, (route) => route.abort());
    await page.goto('/routes');
    await page.getByText('A part of the console could not be loaded').waitFor();
    await expectNoSeriousViolations(page);
    await page.unroute(code);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expectHeading(page, 'Routes');
  });

  it('on a phone the navigation opens by its button', async () => {
    const page = await browser.signedIn(relay, 'owner', '/', { viewport: PHONE });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('heading', { name: 'Audit log', level: 1 }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectNoSeriousViolations(page);
    await screenshot(page, 'audit-log-phone');
  });
});
