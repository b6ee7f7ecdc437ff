/**
 * The journal in one file, `journal.db`. Writing an event is an append to an array; ten times a second, or
 * when there are many, they go to a thread that stores them. Searching is another thread's work.
 * Trouble with the journal never stops mail: events wait in memory up to a number, then the oldest are dropped
 * and counted, and the count is an event of its own.
 */
import { join } from 'node:path';
import type { Clock, Timer } from '../platform/clock.ts';
import { WorkerLink } from '../platform/worker-link.ts';
import { ClockTrust } from './clock-trust.ts';
import { isDamage } from './followers/damage.ts';
import type { EventFilter, JournalEvent, RecordedEvent } from './event.ts';
import { eventMatcher } from './filter.ts';
import type { Journal, MessageJournal } from './journal.ts';
import type { Appended, Opened } from './journal-database.ts';
import { type Cell, eventOf, pushRow } from './journal-rows.ts';
import type { SearchAnswer } from './journal-search.ts';
import type { DerivedQuestion, JournalRequest, JournalWorkerData } from './journal-worker.ts';
import { type RefusalQuery, type RefusalStepAnswer, type RefusalTally, Tallies } from './refusal-groups.ts';
import type { KeptTranscript, Transcripts } from './transcript.ts';
import { TranscriptIntake } from './transcript-intake.ts';

export interface SqliteJournalOptions {
  /** An existing folder. */
  folder: string;
  clock: Clock;
  /** Told when the journal itself can not be written; it must not write to this journal. */
  onTrouble?: (text: string) => void;
  /** Events older than this many milliseconds are removed, by a clock that is believed. */
  keepMs?: number;
  /** Events, and octets of the file, that are kept at most. */
  keepEvents?: number;
  keepBytes?: number;
  /** Octets of transcripts that are kept at most; they go by age like events. */
  keepTranscriptBytes?: number;
  /** Events that wait in memory at most. */
  pending?: number;
}

const BATCH = 500;
const BATCH_MS = 50;
const RETRY_MS = 1000;
const RETAIN_MS = 60_000;
const RETAIN_ROWS = 1000;
const SEARCH_MS = 25;
const DAY_MS = 86_400_000;
/** Transcripts that wait in memory at most, and that are taken a minute. */
const PENDING_TRANSCRIPTS = 200;
const TRANSCRIPTS_A_MINUTE = { perNetwork: 20, inAll: 600 };
/** Events that a count of refusals looks at before it answers that there are more. */
const MOST_COUNTED = 2_000_000;

interface Follower {
  matches: (event: RecordedEvent) => boolean;
  listener: (event: RecordedEvent) => void;
}

export class SqliteJournal implements Journal, MessageJournal, Transcripts {
  readonly #options: SqliteJournalOptions;
  readonly #clock: Clock;
  readonly #pending: number;
  readonly #writer: WorkerLink;
  readonly #reader: WorkerLink;
  readonly #followers = new Set<Follower>();
  #state: 'new' | 'open' | 'closed' = 'new';
  #events: JournalEvent[] = [];
  #times: number[] = [];
  /** Rows that were refused by the disk, tried again before anything else. */
  #refused: Cell[] | undefined;
  readonly #intake: TranscriptIntake;
  #transcripts: KeptTranscript[] = [];
  #trust: ClockTrust | undefined;
  #last = 0;
  #dropped = 0;
  #timer: Timer | undefined;
  #retention: Timer | undefined;
  #sending: Promise<void> | undefined;
  #troubled = false;
  /** A search has found it damaged, and that was told. */
  #foundDamaged = false;

  constructor(options: SqliteJournalOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#pending = options.pending ?? 50_000;
    this.#intake = new TranscriptIntake(options.clock, TRANSCRIPTS_A_MINUTE);
    const url = new URL('./journal-worker.ts', import.meta.url);
    const file = join(options.folder, 'journal.db');
    this.#writer = new WorkerLink(url, { role: 'writer', file } satisfies JournalWorkerData);
    this.#reader = new WorkerLink(url, { role: 'reader', file } satisfies JournalWorkerData);
  }

  /** Events may be written before. @throws when the file can not be used; a damaged one is moved aside. */
  async open(): Promise<void> {
    if (this.#state !== 'new') throw new Error('a journal is opened once');
    const opened = await this.#ask<Opened>(this.#writer, { kind: 'open' });
    this.#last = opened.last;
    this.#trust = new ClockTrust(this.#clock, opened.clock);
    this.#state = 'open';
    this.#tellDamaged(opened.damaged);
    if (this.#events.length > 0) this.#schedule(0);
    this.#scheduleRetention();
  }

  write(event: JournalEvent): void {
    if (this.#state === 'closed') return;
    this.#events.push(event);
    this.#times.push(event.at ?? this.#clock.now());
    if (this.#events.length > this.#pending) this.#drop();
    if (this.#state !== 'open' || this.#troubled) return;
    if (this.#events.length >= BATCH) void this.#send();
    else if (!this.#timer) this.#schedule(BATCH_MS);
  }

  keep(transcript: KeptTranscript): void {
    if (this.#state === 'closed' || this.#transcripts.length >= PENDING_TRANSCRIPTS) return;
    if (!this.#intake.admit(transcript.network)) return;
    this.#transcripts.push(transcript);
    if (this.#state === 'open' && !this.#troubled && !this.#timer) this.#schedule(BATCH_MS);
  }

  async transcript(session: string): Promise<KeptTranscript | undefined> {
    if (this.#state !== 'open') throw new Error('the journal is not open');
    return this.#read({ kind: 'transcript', session });
  }

  /**
   * Refusals, counted by source (or address) and code, in no order. `complete` is false when there were too many to
   * count them all: then the newest of each code are counted.
   */
  async refusals(query: RefusalQuery): Promise<{ tallies: RefusalTally[]; complete: boolean }> {
    const tallies = new Tallies();
    let events = 0;
    let next: RefusalStepAnswer['next'] = { code: 0, below: Number.MAX_SAFE_INTEGER };
    while (next !== undefined && events < MOST_COUNTED) {
      if (this.#state !== 'open') throw new Error('the journal is not open');
      // in steps, so that searches go on in between
      const step = { query, ...next, budget: SEARCH_MS };
      const answer: RefusalStepAnswer = await this.#read({ kind: 'refusals', step });
      for (const one of answer.tallies) tallies.add(one);
      events += answer.events;
      next = answer.next;
    }
    return { tallies: tallies.all(), complete: next === undefined && !tallies.overflow };
  }

  async ofMessage(
    message: string,
    limit: number,
    after = 0,
    before = Number.MAX_SAFE_INTEGER,
  ): Promise<{ events: RecordedEvent[]; count: number }> {
    if (this.#state !== 'open') throw new Error('the journal is not open');
    const of = { message, limit, after, before };
    const { rows, count } = await this.#read<{ rows: Cell[][]; count: number }>({ kind: 'of-message', of });
    return { events: rows.map(eventOf), count };
  }

  /** Events by their identifiers, in no order; those that are gone are left out. At most some hundreds. */
  async events(ids: number[]): Promise<RecordedEvent[]> {
    if (this.#state !== 'open') throw new Error('the journal is not open');
    return (await this.#read<Cell[][]>({ kind: 'events', ids })).map(eventOf);
  }

  /** About messages, which are made of the journal: the thread that searches it answers. @throws WorkerError */
  async ask<T>(request: DerivedQuestion): Promise<T> {
    if (this.#state !== 'open') throw new Error('the journal is not open');
    return this.#reader.ask<T>(request);
  }

  /** Many at once, so that a full memory does not move its whole content for each event. */
  #drop(): void {
    const count = Math.max(1, Math.floor(this.#pending / 50));
    this.#events.splice(0, count);
    this.#times.splice(0, count);
    this.#dropped += count;
  }

  #schedule(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined;
      void this.#send();
    });
  }

  /** Sends what waits, batch after batch; one at a time. Never rejects. */
  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      if (this.#state === 'closed') return;
      if (this.#troubled) this.#schedule(RETRY_MS);
      else if (this.#events.length >= BATCH) void this.#send();
      else if (this.#events.length + this.#transcripts.length > 0 && !this.#timer) this.#schedule(BATCH_MS);
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    await this.#sendTranscripts();
    do {
      const cells = this.#refused ?? this.#takeBatch();
      if (cells.length === 0) return;
      this.#refused = cells;
      try {
        const { wrong, damaged } = await this.#ask<Appended>(this.#writer, { kind: 'append', cells });
        this.#refused = undefined;
        this.#tellDamaged(damaged);
        if (wrong > 0)
          this.#options.onTrouble?.(`${wrong} events have fields of a wrong type, and were left out`);
        this.#recovered();
      } catch (error) {
        if (!this.#troubled) this.#options.onTrouble?.(`the journal can not be written: ${String(error)}`);
        this.#troubled = true;
        return;
      }
    } while (this.#events.length >= BATCH || this.#tellDropped());
  }

  /** What is refused by the disk waits with the events; there is room for a few only. */
  async #sendTranscripts(): Promise<void> {
    const transcripts = this.#transcripts.splice(0);
    if (transcripts.length === 0) return;
    try {
      await this.#ask(this.#writer, { kind: 'keep', transcripts });
    } catch {
      // told by the events, which are tried in the same turn
      this.#transcripts.unshift(...transcripts.slice(0, PENDING_TRANSCRIPTS));
    }
  }

  /** @param damaged new name of the old journal, if there is one */
  #tellDamaged(damaged: string | undefined): void {
    if (damaged === undefined) return;
    this.#foundDamaged = false;
    const text = `the journal was damaged; it was moved to ${damaged}, and a new one was begun`;
    this.#options.onTrouble?.(text);
    this.write({ type: 'system', code: 'X901', text });
    // who searches has the old file open
    if (this.#reader.started)
      this.#ask(this.#reader, { kind: 'close' }).catch((error: unknown) =>
        this.#options.onTrouble?.(`the journal can not be searched: ${String(error)}`),
      );
  }

  #recovered(): void {
    if (this.#troubled) this.#options.onTrouble?.('the journal can be written again');
    this.#troubled = false;
  }

  /** When there is room again, so that the notice drops nothing itself. Answers whether there was something to tell. */
  #tellDropped(): boolean {
    if (this.#dropped === 0 || this.#events.length > this.#pending / 2) return false;
    const text = `${this.#dropped} events were dropped, because the journal could not be written fast enough`;
    this.#dropped = 0;
    this.write({ type: 'system', text });
    return true;
  }

  #takeBatch(): Cell[] {
    const events = this.#events.splice(0, BATCH);
    const times = this.#times.splice(0, BATCH);
    const cells: Cell[] = [];
    for (const [index, event] of events.entries()) {
      this.#last += 1;
      const at = times[index] as number;
      pushRow(cells, this.#last, at, event);
      if (this.#followers.size > 0) this.#tell({ ...event, id: this.#last, at });
    }
    return cells;
  }

  #tell(event: RecordedEvent): void {
    for (const { matches, listener } of this.#followers) {
      if (!matches(event)) continue;
      try {
        listener(event);
      } catch (error) {
        this.#options.onTrouble?.(`a follower of the journal failed: ${String(error)}`);
      }
    }
  }

  async search(
    filter: EventFilter,
    limit: number,
    before?: number,
    after?: number,
  ): Promise<RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    let below: number | undefined = before ?? Number.MAX_SAFE_INTEGER;
    while (below !== undefined && found.length < limit) {
      if (this.#state !== 'open') throw new Error('the journal is not open');
      // in steps, so that other searches go on in between
      const step = { filter, limit: limit - found.length, below, above: after, budget: SEARCH_MS };
      const answer: SearchAnswer = await this.#read({ kind: 'search', step });
      for (const row of answer.rows) found.push(eventOf(row));
      below = answer.below;
    }
    return found;
  }

  follow(filter: EventFilter, listener: (event: RecordedEvent) => void): () => void {
    const follower = { matches: eventMatcher(filter), listener };
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /**
   * Resolves when what was written until now is stored; what comes meanwhile is not waited for, because under load
   * there is always some. Rejects while the journal can not be written; its events are kept in memory and tried again.
   */
  async flush(): Promise<void> {
    const last = this.#last + this.#events.length;
    // a turn that is under way may have passed the transcripts already
    await this.#sending;
    do {
      await this.#send();
      if (this.#troubled) throw new Error('the journal can not be written');
    } while (this.#waitsThrough(last));
  }

  get #isBusy(): boolean {
    const waiting = this.#events.length + this.#transcripts.length > 0;
    return waiting || this.#refused !== undefined || this.#sending !== undefined;
  }

  /** Whether an event with this identifier, or an earlier one, is not stored yet. */
  #waitsThrough(last: number): boolean {
    const [first] = this.#refused ?? [];
    return (typeof first === 'number' && first <= last) || (this.#events.length > 0 && this.#last < last);
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#timer?.cancel();
    this.#retention?.cancel();
    try {
      while (this.#state === 'open' && this.#isBusy) await this.flush();
    } catch (error) {
      this.#options.onTrouble?.(`${this.#events.length} events are lost: ${String(error)}`);
    }
    this.#state = 'closed';
    this.#timer?.cancel();
    for (const link of [this.#reader, this.#writer]) {
      try {
        if (link.started) await this.#ask(link, { kind: 'close' });
      } catch (error) {
        this.#options.onTrouble?.(`the journal was not closed in order: ${String(error)}`);
      }
      await link.terminate();
    }
  }

  #scheduleRetention(): void {
    this.#retention = this.#clock.after(RETAIN_MS, () => {
      void this.retain()
        .catch((error: unknown) =>
          this.#options.onTrouble?.(`old events can not be removed: ${String(error)}`),
        )
        .finally(() => {
          if (this.#state === 'open') this.#scheduleRetention();
        });
    });
  }

  /** Whether what is old by the clock may be removed for its age; never before the journal is open. */
  trustsClock(): boolean {
    return this.#trust?.holds() ?? false;
  }

  /** Removes what is too old or too much, in small steps; runs by itself every minute. @throws WorkerError */
  async retain(): Promise<void> {
    const { keepMs = 30 * DAY_MS, keepEvents = 20_000_000, keepBytes = 4e9 } = this.#options;
    const now = this.#clock.now();
    const age = this.trustsClock() ? { now, before: now - keepMs } : undefined;
    if (this.#trust && this.#state === 'open')
      await this.#ask(this.#writer, { kind: 'keep-clock', clock: this.#trust.record });
    const retention = { age, events: keepEvents, bytes: keepBytes, step: RETAIN_ROWS };
    let more = true;
    while (more && this.#state === 'open') {
      more = await this.#ask<boolean>(this.#writer, { kind: 'retain', retention });
    }
    const bytes = this.#options.keepTranscriptBytes ?? 64e6;
    more = true;
    while (more && this.#state === 'open') {
      more = await this.#ask<boolean>(this.#writer, {
        kind: 'retain-transcripts',
        before: age?.before,
        bytes,
      });
    }
  }

  /**
   * What is damaged deep in the file only a search finds. It is not moved aside for that: most of it can be read still,
   * and who administers may save it.
   */
  async #read<T>(request: JournalRequest): Promise<T> {
    try {
      return await this.#ask<T>(this.#reader, request);
    } catch (error) {
      if (isDamage(error) && !this.#foundDamaged) {
        this.#foundDamaged = true;
        const text = 'a search has found the journal damaged; docs/durability.md says how to mend it';
        this.#options.onTrouble?.(text);
        this.write({ type: 'alarm', code: 'journal-damaged', outcome: 'critical', text });
      }
      throw error;
    }
  }

  #ask<T = void>(link: WorkerLink, request: JournalRequest): Promise<T> {
    return link.ask<T>(request);
  }
}
