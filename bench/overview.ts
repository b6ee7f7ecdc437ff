/**
 * What counting mail costs, and how long its questions take, over a journal of a month (`node bench/overview.ts`), in one
 * process; `bench/console.ts` asks a relay. Prints JSON lines.
 *
 *   node bench/overview.ts [MESSAGES] [SOURCES]     default 1000000 and 2000; five events a message
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventReader } from '../src/journal/followers/event-reader.ts';
import { Follower } from '../src/journal/followers/follower.ts';
import { WINDOWS, windowAt } from '../src/journal/traffic/periods.ts';
import { DEFAULT_LIMITS } from '../src/journal/traffic/limits.ts';
import { TrafficCounter } from '../src/journal/traffic/traffic-counter.ts';
import { TrafficDatabase } from '../src/journal/traffic/traffic-database.ts';
import { overview, REPORT_KEYS, report } from '../src/journal/traffic/traffic-queries.ts';
import { REFUSALS } from '../src/refusals.ts';
import { fillJournal } from './support/journal-data.ts';
import { percentiles } from './support/percentiles.ts';

const [messages = 1_000_000, sources = 2000] = process.argv.slice(2).map(Number);
const DAY_MS = 86_400_000;
const ROUNDS = 40;

const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-overview-'));
const data = path.join(folder, 'data');
try {
  mkdirSync(data, { mode: 0o700 });
  const until = Date.now();
  const journal = path.join(data, 'journal.db');
  const { events } = fillJournal(journal, { messages, sources, until });
  console.log(JSON.stringify({ messages, events, sources, journalMegabytes: megabytes(journal) }));
  counting(journal, events);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The counting and the questions alone, in this process. */
function counting(journal: string, events: number): void {
  const file = path.join(folder, 'traffic.db');
  const database = new TrafficDatabase(file, DEFAULT_LIMITS);
  const counter = new TrafficCounter(database, { edgeListeners: ['mx'], codes: Object.keys(REFUSALS) });
  const follower = new Follower(new EventReader(journal), { counter });
  const now = Date.now();
  const cpu = process.cpuUsage();
  const started = performance.now();
  let most = 0;
  for (;;) {
    const began = performance.now();
    const outcome = follower.step({ now, urgent: false }).counter;
    if ('error' in outcome) throw new Error(outcome.error);
    most = Math.max(most, performance.now() - began);
    if (!outcome.progress.more) break;
  }
  follower.step({ now, urgent: true });
  const { user, system } = process.cpuUsage(cpu);
  const { rows } = database.reader.prepare('SELECT rows FROM progress').get() as { rows: number };
  console.log(
    JSON.stringify({
      backfillSeconds: round((performance.now() - started) / 1000),
      eventsASecond: Math.round(events / ((performance.now() - started) / 1000)),
      cpuMicrosecondsAnEvent: round((user + system) / events),
      longestStepMs: round(most),
      rows,
    }),
  );
  for (const window of WINDOWS)
    measured(`overview ${window}`, () => overview(database.reader, windowAt(window, now)));
  const some = ['src_00000000', 'src_00000001', 'src_00000002'];
  for (const window of WINDOWS)
    measured(`overview ${window}, of three sources`, () =>
      overview(database.reader, windowAt(window, now), some),
    );
  for (const by of REPORT_KEYS) {
    const query = { by, since: now - 30 * DAY_MS, until: now, finest: 1, sort: 'accepted' } as const;
    measured(`report by ${by}, 30 days`, () => report(database.reader, { ...query, limit: 100, offset: 0 }));
  }
  follower.close();
  console.log(JSON.stringify({ trafficMegabytes: megabytes(file) }));
}

function measured(what: string, ask: () => unknown): void {
  const times: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const began = performance.now();
    ask();
    times.push(performance.now() - began);
  }
  console.log(JSON.stringify({ what, ...percentiles(times) }));
}

function megabytes(file: string): number {
  // what waits in its log counts
  new DatabaseSync(file).exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return Math.round(statSync(file).size / 1e6);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
