/** What the tests of the counts begin with: a journal, and counts that follow it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import type { JournalEvent } from '../event.ts';
import { JournalDatabase } from '../journal-database.ts';
import { type Cell, pushRow } from '../journal-rows.ts';
import { REFUSALS } from '../../refusals.ts';
import { EventReader } from '../followers/event-reader.ts';
import { Follower } from '../followers/follower.ts';
import { DAY, GRAINS } from './periods.ts';
import { DEFAULT_LIMITS, type TrafficLimits } from './limits.ts';
import { TrafficCounter, type TrafficProgress } from './traffic-counter.ts';
import { TrafficDatabase } from './traffic-database.ts';

export const NOW = Date.parse('2026-03-10T10:07:30Z');
export const DAY_MS = GRAINS[DAY];

export function folderOf(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-traffic-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function scene(t: TestContext, limits: Partial<TrafficLimits> = {}) {
  const folder = folderOf(t);
  const journalPath = path.join(folder, 'journal.db');
  const journal = new JournalDatabase(journalPath);
  let { last } = journal.open();
  t.after(() => journal.close());
  const open = () => {
    const reader = new EventReader(journalPath);
    const database = new TrafficDatabase(path.join(folder, 'traffic.db'), { ...DEFAULT_LIMITS, ...limits });
    const opened = database.open(reader.bounds().last);
    const counter = new TrafficCounter(database, { edgeListeners: ['mx'], codes: Object.keys(REFUSALS) });
    const follower = new Follower(reader, { traffic: counter });
    t.after(() => follower.close());
    /** One batch. */
    const step = (now = NOW): TrafficProgress => {
      const { traffic } = follower.step({ now, urgent: true });
      assert.ok('progress' in traffic, JSON.stringify(traffic));
      return traffic.progress;
    };
    const countAll = (now = NOW): void => {
      while (step(now).more);
    };
    return { database, opened, step, countAll, close: () => follower.close() };
  };
  const append = (events: JournalEvent[]): void => {
    const cells: Cell[] = [];
    for (const event of events) pushRow(cells, ++last, event.at ?? NOW, event);
    journal.append(cells);
  };
  return { folder, journalPath, journal, open, append };
}

export const accepted = (more: Partial<JournalEvent> = {}): JournalEvent => ({
  type: 'acceptance',
  source: 'src_a',
  listener: 'smtp',
  from: 'a@corp.example',
  to: ['b@example.net'],
  size: 100,
  outcome: 'queued',
  ...more,
});

/** Overwrites what a file holds beyond its first page. */
export function damage(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xa5, 4096));
}
