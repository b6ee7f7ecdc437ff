/** Debian's Chromium at the console. One browser for a file of stories; what it complains about fails the story. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { PASSWORD, PEOPLE, type Role } from './console-relay.ts';

export type { Page } from 'playwright-core';

const SCREENSHOTS = fileURLToPath(new URL('../../docs/images/console/', import.meta.url));
export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export interface OpenOptions {
  language?: 'en' | 'fr';
  scheme?: 'light' | 'dark';
  viewport?: { width: number; height: number };
  /** Messages and addresses that a story provokes on purpose. */
  expected?: RegExp[];
}

/** A relay with a console, or a lab. */
interface Site {
  address: string;
}

/** A browser, and pages that watch themselves. */
export class ConsoleBrowser {
  #browser: Browser | undefined;
  readonly #contexts: BrowserContext[] = [];
  readonly #complaints: string[] = [];

  async start(): Promise<this> {
    this.#browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      // Chromium's own sandbox does not work for root
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    return this;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    this.#browser = undefined;
  }

  /** A new page with cookies of its own, at nothing yet. */
  async newPage(relay: Site, options: OpenOptions = {}): Promise<Page> {
    if (!this.#browser) throw new Error('the browser was not started');
    const { language = 'en', scheme = 'light', viewport = DESKTOP, expected = [] } = options;
    const settings: BrowserContextOptions = {
      baseURL: relay.address,
      viewport,
      locale: language === 'fr' ? 'fr-FR' : 'en-GB',
      timezoneId: 'Europe/Paris',
      colorScheme: scheme,
      reducedMotion: 'reduce',
      ignoreHTTPSErrors: true,
    };
    const context = await this.#browser.newContext(settings);
    this.#contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const complain = (text: string) => {
      if (!expected.some((one) => one.test(text))) this.#complaints.push(text);
    };
    page.on('console', (message) => {
      // violations of the Content-Security-Policy come here too
      if (message.type() === 'error') complain(`console: ${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => complain(`error: ${error.stack ?? error.message}`));
    page.on('requestfailed', (request) => {
      // what a page leaves behind when it goes is no failure
      const reason = request.failure()?.errorText ?? '';
      if (reason !== 'net::ERR_ABORTED') complain(`request: ${request.method()} ${request.url()} ${reason}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) complain(`answer: ${response.status()} ${response.url()}`);
    });
    return page;
  }

  /** A page of somebody who has signed in, at `path`. */
  async signedIn(relay: Site, role: Role, path = '/', options: OpenOptions = {}): Promise<Page> {
    const page = await this.newPage(relay, options);
    const { email } = PEOPLE[role];
    const answer = await page.context().request.post(`${relay.address}/api/v1/session`, {
      headers: { 'x-postern-request': '1', origin: relay.address },
      data: { email, password: PASSWORD },
    });
    assert.equal(answer.status(), 200, await answer.text());
    await page.goto(path);
    await heading(page);
    return page;
  }

  /** Fails when a page had something to complain about. For `afterEach`. */
  expectNoComplaints(): void {
    const complaints = this.#complaints.splice(0);
    assert.deepEqual(complaints, []);
  }

  /** Ends all pages of this test. */
  async closePages(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
  }
}

/** Waits until the page has its heading, and says it. */
export async function heading(page: Page): Promise<string> {
  const first = page.locator('h1').first();
  await first.waitFor();
  return (await first.textContent()) ?? '';
}

/** Waits until the page is the one of this name: while it loads, it may have another. */
export async function expectHeading(page: Page, title: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title, exact: true }).first().waitFor();
}

/** Waits until there is nothing of it, or no more. */
export async function expectGone(found: Locator): Promise<void> {
  await found.first().waitFor({ state: 'detached' });
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** WCAG 2.2 A and AA, serious and critical; in both colour schemes; of the whole page, or of what is `within` a selector. */
export async function expectNoSeriousViolations(page: Page, within = ':root'): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.waitForFunction(
      (wanted) => document.documentElement.dataset['mantineColorScheme'] === wanted,
      scheme,
    );
    // colours on their way from one scheme to the other are neither's
    // (asked for at once: one that is cancelled while another is awaited has a new promise, which nothing settles)
    await page.evaluate(async () => {
      const ends = document
        .getAnimations()
        .flatMap((one) => (one instanceof CSSTransition ? [one.finished] : []));
      await Promise.race([Promise.allSettled(ends), new Promise((resolve) => setTimeout(resolve, 2000))]);
    });
    const { violations } = await new AxeBuilder({ page })
      .include(within)
      // mail of strangers, where no script may look
      .exclude('iframe[sandbox=""]')
      // no frame is looked into, so that the results need no page of their own to be put together in
      .setLegacyMode()
      .withTags(RULES)
      .analyze();
    const serious = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }) =>
          `${scheme}: ${id} (${help})\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join('\n')}`,
      );
    assert.deepEqual(serious, [], serious.join('\n'));
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

/** Nothing is cut off or pushes the page wider than its window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const { wide, window } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  assert.ok(wide <= window + 1, `the page is ${wide} px wide in a window of ${window} px`);
}

/** Into docs/images/console, when UPDATE_SCREENSHOTS is set: a test run leaves the tree as it is. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['UPDATE_SCREENSHOTS'] === undefined ? process.env['SCREENSHOTS'] : SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });
}
