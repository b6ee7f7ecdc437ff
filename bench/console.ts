/**
 * The console on a large journal (`npm run bench:console`): a relay that finds a month of mail in its journal, asked over
 * HTTP as the console asks, for the overview and for the first page of searches; then the list of messages in Chromium,
 * scrolled as fast as it draws. Prints JSON lines.
 *
 *   node bench/console.ts [MESSAGES [SOURCES [ROWS]]]     default 1000000, 2000 and 20000 rows to scroll; five events a message
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WINDOWS } from '../src/journal/traffic/periods.ts';
import { ConsoleBrowser } from '../test/console/browser.ts';
import { ConsoleRelay } from '../test/console/console-relay.ts';
import { scrollThrough } from '../test/console/scrolling.ts';
import { bundleRelay } from './bundled-relay.ts';
import { fillJournal } from './support/journal-data.ts';
import { percentiles } from './support/percentiles.ts';

bundleRelay();

const [messages = 1_000_000, sources = 2000, rows = 20_000] = process.argv.slice(2).map(Number);
const ROUNDS = 40;
/** As somebody at the console: not one question upon the other, so that answers are not those of a moment ago. */
const PAUSE_MS = 300;

const SEARCHES = [
  '',
  'q=invoice',
  'q=invoice%202026-4711',
  'q=zzqzzq',
  'from=%40corp.example',
  'to=anna.meier7%40customer3.example',
  'network=203.0.0.0%2F16',
  'state=refused',
  'state=deferred&q=scan',
  'code=S402',
  'direction=edge&q=invoice&state=refused',
  'message=1',
];

const print = (line: object) => console.log(JSON.stringify(line));
const relay = new ConsoleRelay();
const browser = new ConsoleBrowser();
try {
  mkdirSync(relay.dataFolder, { mode: 0o700 });
  const { events } = fillJournal(path.join(relay.dataFolder, 'journal.db'), {
    messages,
    sources,
    until: Date.now(),
  });
  await Promise.all([relay.start(), browser.start()]);
  await relay.addPeople();
  const begun = performance.now();
  while ((await behind()) > 0) await delay(500);
  print({ messages, events, caughtUpSeconds: Math.round((performance.now() - begun) / 1000) });

  for (const window of WINDOWS) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) times.push(await timed(`/overview?window=${window}`));
    print({ what: `GET /overview?window=${window}`, ...percentiles(times) });
  }
  const all: number[] = [];
  for (const search of SEARCHES) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS / 4; round++) times.push(await timed(`/messages?limit=100&${search}`));
    print({ what: `GET /messages?${search}`, ...percentiles(times) });
    all.push(...times);
  }
  print({ what: 'GET /messages, all first pages', ...percentiles(all) });

  const page = await browser.signedIn(relay, 'operator', '/messages');
  await page.locator('[data-index="20"]').first().waitFor({ state: 'attached' });
  print({ what: 'scrolling messages', ...(await scrollThrough(page, rows)) });
} finally {
  await browser.close();
  await relay.remove();
}

async function timed(target: string): Promise<number> {
  await delay(PAUSE_MS);
  const begun = performance.now();
  const { status, body } = await relay.api('GET', target);
  if (status !== 200) throw new Error(`${target}: ${status} ${JSON.stringify(body)}`);
  return performance.now() - begun;
}

/** Events that the counts and the index have not taken yet. */
async function behind(): Promise<number> {
  const overview = await relay.api<{ behind: number }>('GET', '/overview?window=1h');
  const { messageIndex } = (await relay.api<{ messageIndex: { behind: number } }>('GET', '/status')).body;
  return overview.body.behind + messageIndex.behind;
}
