import { z } from 'zod';
import type { SystemMail } from '../deliver/system-mail.ts';
import type { EventFilter, EventSink, RecordedEvent } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { check, line } from '../sources/source-fields.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { Credential, Source } from '../sources/source.ts';
import type { ControlStore } from '../store/control.ts';
import type { Settings } from '../store/settings.ts';
import { DIGEST_LANGUAGES, type DigestLanguage, digestText, type SourceDigest } from './digest-text.ts';

export const digestFields = z.strictObject({
  enabled: z.boolean().default(false),
  every: z.enum(['week', 'day']).default('week'),
  weekday: z.int().min(1).max(7).default(1).describe('1 is Monday; for weekly digests.'),
  hour: z.int().min(0).max(23).default(7).describe('Hour of the day, UTC.'),
  language: z.enum(DIGEST_LANGUAGES).default('en'),
  otherLanguages: z
    .array(
      z.strictObject({
        match: line(254).min(1).describe('An address, or a domain.'),
        language: z.enum(DIGEST_LANGUAGES),
      }),
    )
    .max(1000)
    .default([])
    .describe('Owners who read another language.'),
});

export type DigestSettings = z.infer<typeof digestFields>;

export interface DigestsOptions {
  clock: Clock;
  db: ControlStore;
  settings: Settings;
  sources: Pick<SourceRegistry, 'list' | 'credentials'>;
  search(filter: EventFilter, limit: number, before?: number): Promise<RecordedEvent[]>;
  mail: SystemMail;
  events: EventSink;
  hostname: string;
}

const KEY = 'owner-digest';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LENGTH_MS = { week: 7 * DAY_MS, day: DAY_MS };
const PAGE = 500;
/** Beyond, a digest says that its numbers are the least there were. */
const MOST_EVENTS = 5_000_000;
const WARN_MS = 30 * DAY_MS;
const KEEP_MARKS_MS = 90 * DAY_MS;

interface Stored {
  settings: DigestSettings;
  /** Since when it is on: what ended before is not told. */
  since: number;
  /** The last period that all owners were told of. */
  done?: string;
}

interface Period {
  name: string;
  from: number;
  until: number;
}

interface Tally {
  messages: number;
  refusals: Map<string, number>;
}

/** The regular mail to owners of sources: what theirs sent, what was refused and why, what ends soon. */
export class Digests {
  readonly #options: DigestsOptions;
  #stored: Stored = { settings: digestFields.parse({}), since: 0 };

  constructor(options: DigestsOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const text = await this.#options.settings.get(KEY);
    if (text === undefined) return;
    const stored = JSON.parse(text) as Stored;
    this.#stored = { ...stored, settings: digestFields.parse(stored.settings) };
  }

  get(): DigestSettings {
    return this.#stored.settings;
  }

  /** @throws RegistryError `invalid` */
  async set(fields: unknown): Promise<DigestSettings> {
    const settings = check(digestFields, fields);
    const on = settings.enabled && !this.#stored.settings.enabled;
    await this.#store({
      ...this.#stored,
      settings,
      since: on ? this.#options.clock.now() : this.#stored.since,
    });
    return settings;
  }

  /**
   * Sends what is due; to be called every few minutes. Each owner gets one mail a period, also over restarts.
   * @throws the first error; the rest was tried, and those who got nothing are due again
   */
  async send(): Promise<void> {
    const { clock, events } = this.#options;
    const { settings, since, done } = this.#stored;
    if (!settings.enabled) return;
    const period = lastPeriod(settings, clock.now());
    if (period.until <= since || period.name === done) return;
    const { byOwner, partial } = await this.#collect(period);
    let sent = 0;
    let failed: unknown;
    for (const [owner, sources] of byOwner) {
      try {
        if (await this.#sendOne(period, owner, sources, partial)) sent++;
      } catch (error) {
        failed ??= error;
      }
    }
    if (sent > 0) events.write({ type: 'system', text: `digest sent to ${sent} owners of sources` });
    if (failed !== undefined) throw failed;
    await this.#store({ ...this.#stored, done: period.name });
    await this.#options.db
      .deleteFrom('digest_mails')
      .where('sent_at', '<', clock.now() - KEEP_MARKS_MS)
      .execute();
  }

  /** The mail that an owner would get now, of the time until now; undefined when nothing is theirs. */
  async preview(owner: string): Promise<{ subject: string; text: string } | undefined> {
    const { settings } = this.#stored;
    const until = this.#options.clock.now();
    const period = { name: '', from: until - LENGTH_MS[settings.every], until };
    const { byOwner, partial } = await this.#collect(period);
    const sources = byOwner.get(owner.toLowerCase());
    return sources && this.#textOf(period, owner, sources, partial);
  }

  /** The mark comes first: a kill in between costs one owner one digest, and nobody ever gets two. */
  async #sendOne(period: Period, owner: string, sources: SourceDigest[], partial: boolean): Promise<boolean> {
    const { db, clock, mail, events } = this.#options;
    const mark = { period: period.name, owner, sent_at: clock.now() };
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('digest_mails')
      .values(mark)
      .onConflict((conflict) => conflict.columns(['period', 'owner']).doNothing())
      .executeTakeFirst();
    if (Number(numInsertedOrUpdatedRows ?? 0) === 0) return false;
    try {
      await mail.send({ to: [owner], ...this.#textOf(period, owner, sources, partial) });
      return true;
    } catch (error) {
      // an address that no mail can be sent to is none the next time either
      if (error instanceof RangeError) {
        events.write({
          type: 'system',
          to: [owner],
          text: `the owner ${owner} got no digest: ${error.message}`,
        });
        return false;
      }
      await db
        .deleteFrom('digest_mails')
        .where('period', '=', period.name)
        .where('owner', '=', owner)
        .execute();
      throw error;
    }
  }

  #textOf(period: Period, owner: string, sources: SourceDigest[], partial: boolean) {
    const { hostname } = this.#options;
    return digestText(sources, { ...period, hostname, partial }, languageOf(this.#stored.settings, owner));
  }

  async #collect({
    from,
    until,
  }: Period): Promise<{ byOwner: Map<string, SourceDigest[]>; partial: boolean }> {
    const { tallies, partial } = await this.#count(from, until);
    const byOwner = new Map<string, SourceDigest[]>();
    for (const source of this.#options.sources.list()) {
      const owner = source.owner.toLowerCase();
      if (!owner.includes('@') || source.state === 'retired') continue;
      const mine = byOwner.get(owner) ?? [];
      mine.push(
        digestOf(source, this.#options.sources.credentials(source.id), tallies.get(source.id), from, until),
      );
      byOwner.set(owner, mine);
    }
    return { byOwner, partial };
  }

  /** One pass over the journal for all sources; it runs in the journal's own thread, page by page. */
  async #count(since: number, until: number): Promise<{ tallies: Map<string, Tally>; partial: boolean }> {
    const tallies = new Map<string, Tally>();
    const filter: EventFilter = { types: ['acceptance', 'refusal'], since, until };
    let before: number | undefined;
    for (let seen = 0; seen < MOST_EVENTS; seen += PAGE) {
      const page = await this.#options.search(filter, PAGE, before);
      for (const { source, type, code } of page) {
        if (source === undefined) continue;
        const tally = tallies.get(source) ?? { messages: 0, refusals: new Map<string, number>() };
        tallies.set(source, tally);
        if (type === 'acceptance') tally.messages++;
        else if (code !== undefined) tally.refusals.set(code, (tally.refusals.get(code) ?? 0) + 1);
      }
      if (page.length < PAGE) return { tallies, partial: false };
      before = page.at(-1)?.id;
    }
    return { tallies, partial: true };
  }

  async #store(stored: Stored): Promise<void> {
    await this.#options.settings.set(KEY, JSON.stringify(stored), this.#options.clock.now());
    this.#stored = stored;
  }
}

/** The period that ended last. */
export function lastPeriod({ every, weekday, hour }: DigestSettings, now: number): Period {
  const shifted = now - hour * HOUR_MS;
  let day = Math.floor(shifted / DAY_MS);
  if (every === 'week') {
    // 1 January 1970 was a Thursday
    const weekdayOf = ((day + 3) % 7) + 1;
    day -= (weekdayOf - weekday + 7) % 7;
  }
  const until = day * DAY_MS + hour * HOUR_MS;
  return {
    name: `${new Date(until).toISOString().slice(0, 10)}/${every}`,
    from: until - LENGTH_MS[every],
    until,
  };
}

function digestOf(
  { name, description }: Source,
  credentials: Credential[],
  tally: Tally | undefined,
  from: number,
  until: number,
): SourceDigest {
  const active = credentials.filter(({ state }) => state === 'active');
  const uses = credentials.flatMap(({ lastUsedAt }) => (lastUsedAt === undefined ? [] : [lastUsedAt]));
  return {
    name,
    description,
    messages: tally?.messages ?? 0,
    refusals: [...(tally?.refusals ?? [])].map(([code, count]) => ({ code, count })),
    expiring: active.flatMap(({ label, account, expiresAt }) =>
      expiresAt !== undefined && expiresAt >= from && expiresAt < until + WARN_MS
        ? [{ label: label || (account ?? ''), at: expiresAt }]
        : [],
    ),
    lastUsedAt: uses.length > 0 ? Math.max(...uses) : undefined,
  };
}

function languageOf({ language, otherLanguages }: DigestSettings, owner: string): DigestLanguage {
  const address = owner.toLowerCase();
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const exact = otherLanguages.find(({ match }) => match.toLowerCase() === address);
  return (exact ?? otherLanguages.find(({ match }) => match.toLowerCase() === domain))?.language ?? language;
}
