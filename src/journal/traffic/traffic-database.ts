/**
 * What was counted of mail, in `traffic.db`: rows by minute, hour and day, written together with how far the journal
 * has been counted. So each event that the journal holds is counted once, whatever ends the process between two
 * steps, and a journal that there was before is counted from its beginning.
 */
import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isDamage } from '../followers/damage.ts';
import { addRow, emptyRow, REFUSED, type Row } from './counts.ts';
import type { AddressCounts, EventCounts, MinuteCounts } from './event-counts.ts';
import type { TrafficLimits } from './limits.ts';
import { OTHERS } from './names.ts';
import { DAY, floor, type Grain, GRAINS, HOUR, MINUTE } from './periods.ts';
import {
  ALL_RECIPIENT_DOMAIN,
  CODE,
  DIRECTION,
  prepare,
  prepareSchema,
  RECIPIENT_DOMAIN,
  SENDER,
  SOURCE,
  SOURCE_CODE,
  type Statements,
  TOTAL,
} from './traffic-schema.ts';

/** Numbers of rows of periods that are remembered. */
const MOST_REMEMBERED = 5000;
const TRIM_ROWS = 5000;

export class TrafficDatabase {
  readonly #path: string;
  readonly #limits: TrafficLimits;
  #database: DatabaseSync | undefined;
  #statements: Statements | undefined;
  /** Rows of a kind in a period, by `grain kind at `; and of one source in it, by that and the source. */
  readonly #periods = new Map<string, number>();
  readonly #sources = new Map<string, number>();

  constructor(path: string, limits: TrafficLimits) {
    this.#path = path;
    this.#limits = limits;
  }

  /**
   * To be called with where the journal ended before it took new events. A journal that is shorter than what was counted has lost its
   * end by a power cut, or is a new one: what it gets from now on is counted, and what was counted stays. Damaged
   * counts are moved aside and made anew from what the journal still holds; `damaged` is their new name.
   * @param last identifier of the journal's last event
   * @throws the library's error
   */
  open(last: number): { damaged?: string } {
    try {
      this.#goBackTo(last);
      return {};
    } catch (error) {
      if (!isDamage(error)) throw error;
      const damaged = this.setAside();
      this.#goBackTo(last);
      return { damaged };
    }
  }

  #goBackTo(last: number): void {
    this.#counts().prepare('UPDATE progress SET counted = ? WHERE counted > ?').run(last, last);
  }

  /** Moves damaged counts out of the way. Answers their new name. @throws the system's error */
  setAside(): string {
    this.close();
    const damaged = `${this.#path}.damaged`;
    renameSync(this.#path, damaged);
    // its log belongs to the damaged file alone
    for (const suffix of ['-wal', '-shm']) rmSync(this.#path + suffix, { force: true });
    return damaged;
  }

  /** Identifier of the last event that was counted. */
  get counted(): number {
    return (this.#prepared().counted.get() as { counted: number }).counted;
  }

  /** For reading; not to be kept. */
  get reader(): DatabaseSync {
    return this.#counts();
  }

  /** Adds what was counted, and notes that it was, in one transaction. @throws the library's error */
  write({ minutes, days }: EventCounts, counted: number, now: number): void {
    const database = this.#counts();
    database.exec('BEGIN IMMEDIATE');
    let added = 0;
    try {
      const hours = together(minutes, HOUR);
      const [minutesKept, hoursKept] = this.#limits.keepMs;
      for (const [at, one] of minutes)
        if (at >= now - minutesKept) added += this.#writePeriod(MINUTE, at, one);
      for (const [at, one] of hours) if (at >= now - hoursKept) added += this.#writePeriod(HOUR, at, one);
      for (const [at, one] of together(hours, DAY)) added += this.#writePeriod(DAY, at, one);
      for (const [at, sources] of days) {
        for (const [domain, row] of byDomain(sources)) added += this.#writeDomain(at, domain, row);
        for (const [source, { senders, recipientDomains }] of sources) {
          for (const [key, row] of senders) added += this.#writeAddress(SENDER, at, source, key, row);
          for (const [key, row] of recipientDomains)
            added += this.#writeAddress(RECIPIENT_DOMAIN, at, source, key, row);
        }
      }
      this.#prepared().progress.run(counted, added);
      database.exec('COMMIT');
    } catch (error) {
      // a connection that failed is not used again; the transaction ends with it
      this.close();
      throw error;
    }
  }

  #writePeriod(grain: Grain, at: number, { total, directions, codes, sources }: MinuteCounts): number {
    let added = this.#add(grain, TOTAL, at, '', '', total);
    for (const [direction, row] of directions) added += this.#add(grain, DIRECTION, at, '', direction, row);
    for (const [code, count] of codes) added += this.#add(grain, CODE, at, '', code, refusals(count));
    const most = this.#limits.sources[grain];
    for (const [source, one] of sources) {
      added += this.#addBounded(grain, SOURCE, at, source, '', one.row, '', most);
      for (const [code, count] of one.codes)
        added += this.#addBounded(grain, SOURCE_CODE, at, source, code, refusals(count), '', most);
    }
    return added;
  }

  #writeAddress(kind: number, at: number, source: string, key: string, row: Row): number {
    const { addresses, addressesADay } = this.#limits;
    const isFull = this.#rowsOf(DAY, kind, at, '') >= addressesADay;
    return this.#addBounded(DAY, kind, at, source, key, row, source, isFull ? 0 : addresses);
  }

  #writeDomain(at: number, domain: string, row: Row): number {
    const kind = ALL_RECIPIENT_DOMAIN;
    if (this.#change(DAY, kind, at, '', domain, row)) return 0;
    const isFull = this.#rowsOf(DAY, kind, at, '') >= this.#limits.domainsADay;
    return isFull ? this.#add(DAY, kind, at, '', OTHERS, row) : this.#insert(DAY, kind, at, '', domain, row);
  }

  /** @param within the source whose rows are bounded; empty: rows of all sources together */
  #addBounded(
    grain: Grain,
    kind: number,
    at: number,
    source: string,
    key: string,
    row: Row,
    within: string,
    most: number,
  ): number {
    if (this.#change(grain, kind, at, source, key, row)) return 0;
    if (this.#rowsOf(grain, kind, at, within) < most) return this.#insert(grain, kind, at, source, key, row);
    return within === ''
      ? this.#add(grain, kind, at, OTHERS, key, row)
      : this.#add(grain, kind, at, source, OTHERS, row);
  }

  /** Answers how many rows are new. */
  #add(grain: Grain, kind: number, at: number, source: string, key: string, row: Row): number {
    if (this.#change(grain, kind, at, source, key, row)) return 0;
    return this.#insert(grain, kind, at, source, key, row);
  }

  #change(grain: Grain, kind: number, at: number, source: string, key: string, row: Row): boolean {
    return this.#prepared().change.run(...row, grain, kind, at, source, key).changes === 1;
  }

  #insert(grain: Grain, kind: number, at: number, source: string, key: string, row: Row): number {
    this.#prepared().insert.run(grain, kind, at, source, key, ...row);
    const period = `${grain} ${kind} ${at} `;
    more(this.#periods, period);
    if (kind === SENDER || kind === RECIPIENT_DOMAIN) more(this.#sources, period + source);
    return 1;
  }

  #rowsOf(grain: Grain, kind: number, at: number, within: string): number {
    const name = `${grain} ${kind} ${at} ${within}`;
    // those of whole periods are few, and cost the most to count
    const filled = within === '' ? this.#periods : this.#sources;
    let rows = filled.get(name);
    if (rows === undefined) {
      const { ofPeriod, ofSource } = this.#prepared();
      const counted = within === '' ? ofPeriod.get(grain, kind, at) : ofSource.get(grain, kind, at, within);
      ({ rows } = counted as { rows: number });
      if (filled.size >= MOST_REMEMBERED) filled.clear();
      filled.set(name, rows);
    }
    return rows;
  }

  /** Removes some rows that are too old or too many. Answers whether there may be more. @throws the library's error */
  trim(now: number): boolean {
    const database = this.#counts();
    database.exec('BEGIN IMMEDIATE');
    try {
      const removed = this.#removeSome(database, now);
      database.exec('COMMIT');
      return removed;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Rows, and the number of them. */
  #removeSome(database: DatabaseSync, now: number): boolean {
    const remove = (grain: Grain, before: number): number => {
      let removed = 0;
      const some = database.prepare(
        `DELETE FROM traffic WHERE (grain, kind, at, source, key) IN
           (SELECT grain, kind, at, source, key FROM traffic WHERE grain = ? AND kind = ? AND at < ? LIMIT ?)`,
      );
      for (let kind = TOTAL; kind <= ALL_RECIPIENT_DOMAIN; kind++)
        removed += Number(some.run(grain, kind, before, TRIM_ROWS).changes);
      if (removed > 0) database.prepare('UPDATE progress SET rows = max(0, rows - ?)').run(removed);
      return removed;
    };
    let removed = 0;
    for (const grain of [MINUTE, HOUR, DAY] as const)
      removed += remove(grain, now - this.#limits.keepMs[grain]);
    const { rows } = database.prepare('SELECT rows FROM progress').get() as { rows: number };
    if (rows > this.#limits.rows) {
      const oldest = database.prepare('SELECT min(at) AS at FROM traffic WHERE grain = ? AND kind = ?');
      for (const grain of [MINUTE, HOUR, DAY] as const) {
        const { at } = oldest.get(grain, SOURCE) as { at: number | null };
        // never what is being counted now
        if (at === null || at + 2 * GRAINS[grain] > now) continue;
        removed += remove(grain, at + 1);
        break;
      }
    }
    return removed > 0;
  }

  /** Gives the memory of its cache back. */
  shrink(): void {
    this.#periods.clear();
    this.#sources.clear();
    this.#database?.exec('PRAGMA shrink_memory');
  }

  close(): void {
    this.#statements = undefined;
    this.#periods.clear();
    this.#sources.clear();
    this.#database?.close();
    this.#database = undefined;
  }

  #counts(): DatabaseSync {
    if (this.#database) return this.#database;
    const database = new DatabaseSync(this.#path, { timeout: 2000 });
    try {
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA wal_autocheckpoint = 2000;
        PRAGMA journal_size_limit = 16777216;
        PRAGMA cache_size = -1024;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
      `);
      prepareSchema(database);
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
    return database;
  }

  #prepared(): Statements {
    this.#statements ??= prepare(this.#counts());
    return this.#statements;
  }
}

function byDomain(sources: ReadonlyMap<string, AddressCounts>): Map<string, Row> {
  const domains = new Map<string, Row>();
  for (const { recipientDomains } of sources.values())
    for (const [domain, row] of recipientDomains) addTo(domains, domain, row);
  return domains;
}

function more(filled: Map<string, number>, name: string): void {
  const rows = filled.get(name);
  if (rows !== undefined) filled.set(name, rows + 1);
}

function refusals(count: number): Row {
  const row = emptyRow();
  row[REFUSED] = count;
  return row;
}

/** Shorter periods as longer ones. */
function together(periods: ReadonlyMap<number, MinuteCounts>, grain: Grain): Map<number, MinuteCounts> {
  const longer = new Map<number, MinuteCounts>();
  for (const [at, one] of periods) {
    const from = floor(at, GRAINS[grain]);
    let sum = longer.get(from);
    if (!sum) {
      sum = { total: emptyRow(), directions: new Map(), codes: new Map(), sources: new Map() };
      longer.set(from, sum);
    }
    addRow(sum.total, one.total);
    for (const [direction, row] of one.directions) addTo(sum.directions, direction, row);
    addCodes(sum.codes, one.codes);
    for (const [source, { row, codes }] of one.sources) {
      let of = sum.sources.get(source);
      if (!of) sum.sources.set(source, (of = { row: emptyRow(), codes: new Map() }));
      addRow(of.row, row);
      addCodes(of.codes, codes);
    }
  }
  return longer;
}

function addTo<K>(rows: Map<K, Row>, key: K, row: Row): void {
  const sum = rows.get(key);
  if (sum) addRow(sum, row);
  else rows.set(key, [...row]);
}

function addCodes(to: Map<string, number>, codes: ReadonlyMap<string, number>): void {
  for (const [code, count] of codes) to.set(code, (to.get(code) ?? 0) + count);
}
