/**
 * Watches each source for what it does not usually do, and contains it step by step.
 *
 *   event ──▶ hour in progress ──▶ deviations ──▶ points ──▶ none · alert · slow · hold · suspend
 *                    │ over                                      │
 *                    ▼                                           ▼
 *             learnt as usual  ◀── "this is expected" ── owner ── "this is an attack" ──▶ suspended
 *
 * An hour that deviates is not learnt until somebody has said that it was expected, or, where it led to no more than
 * an alert, until a day has passed. In mode `watch` everything is told and nothing is done.
 */
import type { EventSink, JournalEvent } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { type Deviation, deviations, isRipe, type Ripeness } from './deviation.ts';
import { networkName } from './network-name.ts';
import { countMessage, type Hour, newHour, Normal } from './normal.ts';
import { readStored, type Stored, writeStored } from './stored.ts';

export type Level = 'none' | 'alert' | 'slow' | 'hold' | 'suspend';
export type Mode = 'off' | 'watch' | 'act';

export const LEVELS: readonly Level[] = ['none', 'alert', 'slow', 'hold', 'suspend'];

export interface ContainmentOptions {
  clock: Clock;
  events: EventSink;
  /** For sources that have no mode of their own. */
  mode: Mode;
  ripeness: Ripeness;
  /** Points from which on each step is taken. */
  steps: Record<Exclude<Level, 'none'>, number>;
  store: NormalStore;
  /** The last step. @param why for the journal. @throws what says why it can not be suspended */
  suspend(source: string, why: string): Promise<void>;
  /** Deliveries go on when their source is gone already: nothing is learnt of it. */
  isKnown(source: string): boolean;
}

/** What is written down of a source. */
export interface StoredNormal {
  source: string;
  learnt: string;
  level: Level;
  /** Undefined: that of the relay. */
  mode: Mode | undefined;
}

/** Where what was learnt outlives a restart. */
export interface NormalStore {
  load(source: string): Promise<string | undefined>;
  /** Sources that are contained, or have a mode of their own. */
  marked(): Promise<string[]>;
  /** All of them, or none. */
  save(normals: readonly StoredNormal[], at: number): Promise<void>;
  remove(source: string): Promise<void>;
}

/** What is known of one source; also what the API shows. */
export interface Watched {
  source: string;
  normal: Normal;
  hour: Hour;
  level: Level;
  /** Wall time of the level, milliseconds. */
  levelAt: number;
  deviations: Deviation[];
  /** Hours that deviated, until it is known what they were. */
  doubtful: Hour[];
  /** Undefined: that of the relay. */
  mode: Mode | undefined;
}

interface Entry {
  watched: Watched;
  /** What was learnt before is being read; until then nothing is judged. */
  loading: Promise<void> | undefined;
  /** Points of `deviations`, so that they are told again only when they have risen. */
  points: number;
  changed: boolean;
  /** What was learnt before could not be read: it is not written over, and read another time. */
  unread: boolean;
  /** Messages let through in the five minutes in progress, while slowed. */
  slice: number;
  let: number;
}

const HOUR = 3_600_000;
const SLICE = 300_000;
const MOST_DOUBTFUL = 72;
/** An alert that led to nothing is taken as usual after this. */
const ALERT_LASTS = 24 * HOUR;
/** Sources that did nothing for so long are not kept in memory. */
const IDLE = 24 * HOUR;
/** Sources that are written down in one transaction; mail gets its turn between two of them. */
const SAVED_TOGETHER = 200;

export class Containment implements EventSink {
  readonly #options: ContainmentOptions;
  readonly #entries = new Map<string, Entry>();
  /** The last address that was asked about: messages come in rows. */
  #last = { address: '', network: '' };

  constructor(options: ContainmentOptions) {
    this.#options = options;
  }

  /** Takes up again what was contained before the last stop, and modes. Call it before mail is taken. */
  async start(): Promise<void> {
    for (const source of await this.#options.store.marked()) await this.#loaded(source);
  }

  /** Cheap, for every event. */
  write(event: JournalEvent): void {
    const { type, source, outcome } = event;
    if (source === undefined || source === '') return;
    if (type !== 'acceptance' && type !== 'attempt') return;
    if (!this.#entries.has(source) && (this.#options.mode === 'off' || !this.#options.isKnown(source)))
      return;
    const entry = this.#entry(source);
    const { watched } = entry;
    this.#turn(entry);
    if (type === 'acceptance') {
      countMessage(watched.hour, this.#networkOf(event.network ?? ''), domainsOf(event.to), event.size ?? 0);
    } else if (outcome === 'delivered' || outcome === 'failed') {
      watched.hour.finished++;
      if (outcome === 'failed') watched.hour.failed++;
    } else return;
    entry.changed = true;
    if (!entry.loading) this.#judge(entry);
  }

  /** Asked for each message before it is stored. */
  check(source: string): 'ok' | 'slow' | 'hold' {
    const entry = this.#entries.get(source);
    if (!entry || this.#mode(entry) !== 'act') return 'ok';
    const { watched } = entry;
    if (watched.level === 'hold' || watched.level === 'suspend') return 'hold';
    if (watched.level !== 'slow') return 'ok';
    const slice = Math.floor(this.#options.clock.now() / SLICE);
    if (slice !== entry.slice) {
      entry.slice = slice;
      entry.let = 0;
    }
    const most = Math.max(1, Math.ceil(watched.normal.busiest.messages / 12));
    return ++entry.let > most ? 'slow' : 'ok';
  }

  /** What is known of a source, whether or not it is active now. */
  async watched(source: string): Promise<Watched> {
    return (await this.#loaded(source)).watched;
  }

  /** Those with a level above `none`, the worst first. */
  contained(): Watched[] {
    return [...this.#entries.values()]
      .map(({ watched }) => watched)
      .filter(({ level }) => level !== 'none')
      .sort(byUrgency);
  }

  /** Of what is in memory, where everything contained is. */
  levelOf(source: string): Level {
    return this.#entries.get(source)?.watched.level ?? 'none';
  }

  isRipe({ normal }: Watched): boolean {
    return isRipe(normal, this.#options.ripeness, this.#options.clock.now());
  }

  modeOf(watched: Watched): Mode {
    return watched.mode ?? this.#options.mode;
  }

  async setMode(source: string, mode: Mode | undefined): Promise<void> {
    const entry = await this.#loaded(source);
    entry.watched.mode = mode;
    await this.#save([entry]);
  }

  /** Its owner says that what happened was meant: it is usual from now on. */
  async expected(source: string): Promise<void> {
    const entry = await this.#loaded(source);
    const { watched } = entry;
    for (const hour of watched.doubtful) watched.normal.learn(hour);
    watched.doubtful = [];
    // the hour in progress is part of it
    watched.normal.learn(watched.hour);
    watched.hour = newHour(watched.hour.hour);
    this.#calm(entry);
    await this.#save([entry]);
  }

  /** It was an attack: nothing of it is learnt. */
  async attack(source: string): Promise<void> {
    const entry = await this.#loaded(source);
    const { watched } = entry;
    watched.doubtful = [];
    watched.hour = newHour(watched.hour.hour);
    this.#calm(entry);
    await this.#save([entry]);
  }

  async forget(source: string): Promise<void> {
    this.#entries.delete(source);
    await this.#options.store.remove(source);
  }

  /** Writes down what was learnt, and lets go of those that are idle. Now and then, and at the end. */
  async tend(): Promise<void> {
    let changed: Entry[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.unread) entry.loading ??= this.#load(entry);
      await entry.loading;
      this.#turn(entry);
      if (entry.changed) changed.push(entry);
      if (changed.length < SAVED_TOGETHER) continue;
      await this.#save(changed);
      changed = [];
    }
    await this.#save(changed);
    for (const [source, entry] of this.#entries) if (this.#isIdle(entry)) this.#entries.delete(source);
  }

  #isIdle({ watched, changed }: Entry): boolean {
    const { hour, level, mode } = watched;
    const marked = level !== 'none' || mode !== undefined;
    return !marked && !changed && this.#options.clock.now() - hour.hour * HOUR > IDLE;
  }

  /** @throws Error while what was learnt before can not be read */
  async #loaded(source: string): Promise<Entry> {
    const entry = this.#entry(source);
    if (entry.unread) entry.loading ??= this.#load(entry);
    await entry.loading;
    if (entry.unread) throw new Error(`what is usual for the source ${source} can not be read now`);
    this.#turn(entry);
    return entry;
  }

  #entry(source: string): Entry {
    const known = this.#entries.get(source);
    if (known) return known;
    const now = this.#options.clock.now();
    const watched: Watched = {
      source,
      normal: new Normal(now),
      hour: newHour(Math.floor(now / HOUR)),
      level: 'none',
      levelAt: now,
      deviations: [],
      doubtful: [],
      mode: undefined,
    };
    const entry: Entry = {
      watched,
      loading: undefined,
      points: 0,
      changed: false,
      unread: false,
      slice: 0,
      let: 0,
    };
    entry.loading = this.#load(entry);
    this.#entries.set(source, entry);
    return entry;
  }

  async #load(entry: Entry): Promise<void> {
    const { watched } = entry;
    const tell = (what: string, error: unknown): void =>
      this.#options.events.write({
        type: 'system',
        source: watched.source,
        text: `what is usual for a source can not be read, and ${what}: ${messageOf(error)}`,
      });
    let text: string | undefined;
    try {
      text = await this.#options.store.load(watched.source);
      entry.unread = false;
    } catch (error) {
      if (!entry.unread) tell('is tried again', error);
      entry.unread = true;
    }
    try {
      if (text !== undefined) take(entry, readStored(text));
    } catch (error) {
      tell('is learnt anew', error);
    }
    entry.loading = undefined;
  }

  /** An hour that is over is learnt, or put aside. */
  #turn(entry: Entry): void {
    const { watched } = entry;
    const now = this.#options.clock.now();
    const current = Math.floor(now / HOUR);
    // a clock that was set back goes on with the hour that there is
    if (current <= watched.hour.hour || entry.loading) return;
    const over = watched.hour;
    watched.hour = newHour(current);
    if (watched.level === 'none' || watched.deviations.length === 0) watched.normal.learn(over);
    else if (over.messages > 0) {
      watched.doubtful.push(over);
      if (watched.doubtful.length > MOST_DOUBTFUL) watched.doubtful.shift();
    }
    entry.changed = true;
    if (watched.level === 'slow' && over.messages === 0) watched.level = 'alert';
    if (watched.level === 'alert' && now - watched.levelAt > ALERT_LASTS) {
      for (const hour of watched.doubtful) watched.normal.learn(hour);
      watched.doubtful = [];
      this.#calm(entry);
    }
  }

  #judge(entry: Entry): void {
    const { watched } = entry;
    const mode = this.#mode(entry);
    if (mode === 'off' || !this.isRipe(watched)) return;
    const found = deviations(watched.normal, watched.hour);
    const total = points(found);
    if (total <= entry.points) return;
    const level = this.#levelOf(total);
    entry.points = total;
    watched.deviations = found;
    if (LEVELS.indexOf(level) <= LEVELS.indexOf(watched.level)) return;
    watched.level = level;
    watched.levelAt = this.#options.clock.now();
    const what = found.map(({ text }) => text).join('; ');
    this.#options.events.write({
      type: 'alarm',
      source: watched.source,
      code: 'unusual-sending',
      outcome: level === 'alert' ? 'warning' : 'critical',
      text: `Unusual: ${what}. ${DONE[mode === 'act' ? level : 'watch']}`,
      detail: { level, mode, points: total, deviations: found },
    });
    if (level === 'suspend' && mode === 'act') {
      void this.#suspend(watched.source, `unusual sending: ${what}`);
    }
  }

  /** Never rejects. What can not be suspended is told; its mail is held all the same, see `check`. */
  async #suspend(source: string, why: string): Promise<void> {
    try {
      await this.#options.suspend(source, why);
    } catch (error) {
      this.#options.events.write({
        type: 'alarm',
        source,
        code: 'suspension-failed',
        outcome: 'critical',
        text: `It could not be suspended: ${messageOf(error)}. What it still sends is held until somebody answers.`,
      });
    }
  }

  #networkOf(address: string): string {
    if (address !== this.#last.address) this.#last = { address, network: networkName(address) };
    return this.#last.network;
  }

  #levelOf(total: number): Level {
    const { alert, slow, hold, suspend } = this.#options.steps;
    if (total >= suspend) return 'suspend';
    if (total >= hold) return 'hold';
    if (total >= slow) return 'slow';
    return total >= alert ? 'alert' : 'none';
  }

  #calm(entry: Entry): void {
    entry.points = 0;
    entry.watched.deviations = [];
    entry.watched.level = 'none';
    entry.watched.levelAt = this.#options.clock.now();
    entry.changed = true;
  }

  #mode({ watched }: Entry): Mode {
    return this.modeOf(watched);
  }

  async #save(entries: readonly Entry[]): Promise<void> {
    // one that was forgotten meanwhile must not come back
    const present = entries.filter((entry) => this.#entries.get(entry.watched.source) === entry);
    const kept = present.filter(({ unread }) => !unread);
    if (kept.length === 0) return;
    for (const entry of kept) entry.changed = false;
    try {
      await this.#options.store.save(kept.map(storedOf), this.#options.clock.now());
    } catch (error) {
      for (const entry of kept) entry.changed = true;
      throw error;
    }
  }
}

/** The worst first, then the latest. */
export function byUrgency(
  a: Pick<Watched, 'level' | 'levelAt' | 'source'>,
  b: Pick<Watched, 'level' | 'levelAt' | 'source'>,
): number {
  return (
    LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) ||
    b.levelAt - a.levelAt ||
    (a.source < b.source ? -1 : Number(a.source > b.source))
  );
}

function storedOf({ watched }: Entry): StoredNormal {
  const { source, normal, level, levelAt, deviations: found, doubtful, mode } = watched;
  const stored: Stored = { normal: normal.record(), level, levelAt, deviations: found, doubtful, mode };
  return { source, learnt: writeStored(stored), level, mode };
}

function take(entry: Entry, { normal, ...stored }: Stored): void {
  const { mode, ...rest } = stored;
  Object.assign(entry.watched, { normal: Normal.from(normal), ...rest, mode });
  entry.points = points(stored.deviations);
}

const DONE: Record<Level | 'watch', string> = {
  none: '',
  alert: 'Nothing was done.',
  watch: 'Nothing was done: the source is only watched.',
  slow: 'It is slowed to what is usual; the rest is answered 4xx.',
  hold: 'Its mail is taken and held until its owner has answered.',
  suspend: 'It is being suspended.',
};

function points(found: readonly Deviation[]): number {
  return found.reduce((sum, deviation) => sum + deviation.points, 0);
}

function domainsOf(to: readonly string[] = []): string[] {
  return to.map((address) => address.slice(address.lastIndexOf('@') + 1).toLowerCase());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
