/**
 * Message search on a large journal (`node bench/message-search.ts [MESSAGES [FOLDER]]`): fills a journal with five events a
 * message, builds the index, and asks for the first page of typical and of nasty searches, as the API does. Prints JSON
 * lines. A folder that is given is kept, and used again when it is full already.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EventReader } from '../src/journal/followers/event-reader.ts';
import { Follower } from '../src/journal/followers/follower.ts';
import { IndexBuilder, type IndexProgress } from '../src/journal/messages/index-builder.ts';
import { MessageIndex } from '../src/journal/messages/message-index.ts';
import type { MessageQuery } from '../src/journal/messages/message-query.ts';
import { SqliteJournal } from '../src/journal/sqlite-journal.ts';
import { systemClock } from '../src/platform/clock.ts';
import { fillJournal } from './support/journal-data.ts';
import { percentiles } from './support/percentiles.ts';

const messages = Number(process.argv[2] ?? 1_000_000);
const given = process.argv[3];
const folder = given ?? mkdtempSync(path.join(os.tmpdir(), 'postern-messages-'));
const ROUNDS = 20;
const PAGE = 100;
const UNTIL = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;

const print = (line: object) => console.log(JSON.stringify(line));
const journal = path.join(folder, 'journal.db');
const file = path.join(folder, 'messages.db');
mkdirSync(folder, { recursive: true });
if (!existsSync(journal)) {
  const begun = performance.now();
  const { events } = fillJournal(journal, { messages, until: UNTIL });
  print({ what: 'journal', events, seconds: seconds(begun), megabytes: megabytes(journal) });
}
if (!existsSync(file)) build();

function build(): void {
  const builder = new IndexBuilder({ path: file, edgeListeners: ['mx'] });
  const follower = new Follower(new EventReader(journal), { builder });
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const steps: number[] = [];
  let progress: IndexProgress;
  do {
    const start = performance.now();
    const outcome = follower.step({ now: Date.now(), urgent: false }).builder;
    if ('error' in outcome) throw new Error(outcome.error);
    progress = outcome.progress;
    steps.push(performance.now() - start);
  } while (progress.more);
  follower.close();
  const { user, system } = process.cpuUsage(cpu);
  print({
    what: 'index',
    rows: progress.rows,
    rowsPerSecond: Math.round(progress.rows / seconds(begun)),
    cpuMicrosecondsPerMessage: Math.round((user + system) / progress.rows),
    stepMilliseconds: percentiles(steps),
    megabytes: megabytes(file),
  });
}

const SEARCHES: [name: string, query: MessageQuery][] = [
  ['newest', {}],
  ['busy source', { sources: ['src_00000000'] }],
  ['quiet source', { sources: [`src_${(1999).toString(36).padStart(8, '0')}`] }],
  ['unknown source', { sources: ['src_none'] }],
  [
    '200 sources',
    { sources: Array.from({ length: 200 }, (_, n) => `src_${(n * 9).toString(36).padStart(8, '0')}`) },
  ],
  ['sender', { from: 'app17@corp.example' }],
  ['sender domain', { from: '@sender77.example' }],
  ['common sender domain', { from: '@corp.example' }],
  ['part of a sender', { from: 'app199' }],
  ['recipient', { to: 'anna.meier7@customer3.example' }],
  ['recipient that does not exist', { to: 'nobody@nowhere.example' }],
  ['recipient domain', { to: '@customer3.example' }],
  ['common word', { text: 'invoice' }],
  ['rare word', { text: 'invoice 2026-4711' }],
  ['no such word', { text: 'zzqzzq' }],
  ['common letters, no hit', { text: 'example.scan.com' }],
  ['two letters', { text: 'me' }],
  ['two letters, no hit', { text: 'ÿý' }],
  ['subject not in ASCII', { subject: 'bestätigung mül' }],
  ['Message-ID that does not exist', { message: '<nobody@nowhere>' }],
  ['beginning of an identifier', { message: '1' }],
  ['address', { network: '10.0.17.1' }],
  ['/16', { network: '203.0.0.0/16' }],
  ['/21', { network: '10.3.8.0/21' }],
  ['/21 without a hit', { network: '172.16.8.0/21' }],
  ['/7', { network: '10.0.0.0/7' }],
  ['all addresses of IPv6', { network: '::/0' }],
  ['delivered', { states: ['delivered'] }],
  ['deferred', { states: ['deferred'] }],
  ['held', { states: ['held'] }],
  ['refused', { states: ['refused'] }],
  ['code', { code: 'S402' }],
  ['code that does not occur', { code: 'K801' }],
  ['edge', { directions: ['edge'] }],
  ['one hour', { since: UNTIL - 12 * DAY, until: UNTIL - 12 * DAY + 3_600_000 }],
  ['source and state', { sources: ['src_00000000'], states: ['bounced'] }],
  ['common source, word of others', { sources: ['src_00000000'], text: 'zzqzzq' }],
  ['edge and a common word and refused', { directions: ['edge'], text: 'invoice', states: ['refused'] }],
  [
    'domain, network and word',
    { from: '@corp.example', network: '10.0.0.0/8', text: 'scan', to: '@customer3.example' },
  ],
  ['two large sets that do not meet', { directions: ['edge'], network: '10.0.0.0/8' }],
  ['delivered with a code that bounces have', { states: ['delivered'], code: 'D956' }],
];

const searched = new SqliteJournal({ folder, clock: systemClock });
await searched.open();
const index = new MessageIndex({
  journal: searched,
  followers: { onStep() {}, async catchUp() {}, async remake() {} },
});
await index.find({}, 1);
const all: number[] = [];
for (const [name, query] of SEARCHES) {
  const times: number[] = [];
  let page = await index.find(query, PAGE);
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    page = await index.find(query, PAGE);
    if (page.next !== undefined) await index.count(query);
    times.push(performance.now() - begun);
  }
  all.push(...times);
  const pages = page.next === undefined || page.rows.length === PAGE ? 1 : await pagesToEnd(query);
  print({
    search: name,
    rows: page.rows.length,
    more: page.next !== undefined,
    pages,
    milliseconds: percentiles(times),
  });
}
print({ what: 'all first pages', milliseconds: percentiles(all) });
await searched.close();
if (given === undefined) rmSync(folder, { recursive: true });

/** Answers how often one has to go on until a page is full or everything was looked at. */
async function pagesToEnd(query: MessageQuery): Promise<number> {
  let next: number | undefined;
  let found = 0;
  let pages = 0;
  do {
    const page = await index.find(query, PAGE, next);
    found += page.rows.length;
    next = page.next;
    pages++;
  } while (next !== undefined && found < PAGE);
  return pages;
}

function seconds(begun: number): number {
  return Math.round((performance.now() - begun) / 100) / 10;
}

function megabytes(name: string): number {
  return Math.round(statSync(name).size / 1e6);
}
