import type { SystemMail } from '../deliver/system-mail.ts';
import type { EventSink, JournalEvent } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Source } from '../sources/source.ts';
import { ENGLISH } from './notice-english.ts';
import type { NoticeStore, Waiting } from './notice-store.ts';
import { LANGUAGES, type Language, type NoticeItem, noticeText } from './notice-text.ts';
import type { GroupDetails } from './refusal-report.ts';

export interface OwnerNoticesOptions {
  clock: Clock;
  store: NoticeStore;
  mail: SystemMail;
  /** For the fact that somebody was told. */
  events: EventSink;
  sources: { byId(id: string): Source | undefined };
  /** Nobody is told of anything when false. */
  on: boolean;
  language: Language;
  timeZone: string;
  /** Of the same code of the same source an owner is told no more often. */
  everyHours: number;
  /** Whom an owner may ask. */
  contact: string;
}

export interface OwnerNotice {
  to: string;
  language: Language;
  subject: string;
  text: string;
}

/** Sources and codes that may wait for the next turn; of more nobody is told, but the journal has them. */
const MOST_PENDING = 2000;
/** One owner gets no second mail within this time, whatever else is refused: it waits for the next one. */
const OWNER_GAP_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;
/** What nobody was refused for so long is forgotten. */
const FORGET_MS = 90 * 24 * HOUR_MS;

/** A tag that switches the mails of a source off, and the beginning of one that chooses their language. */
const SILENT_TAG = 'no-notices';
const LANGUAGE_TAG = 'lang:';

/** What stands in a mail of what an event tells. */
const FACTS = ['envelope', 'header', 'recipient', 'size'];
const LONGEST_FACT = 200;

/**
 * Tells the owner of a source when its mail begins to be refused, once, and again after a while with a count. What
 * is refused of all sources of one owner within a turn is one mail. Refusals that pass by themselves (the relay is
 * full, or stops), and those that other parts tell of (brown-out, requests, exceptions), are left out.
 */
export class OwnerNotices implements EventSink {
  readonly #options: OwnerNoticesOptions;
  /** A new one each time it is written down. */
  #pending = new Map<string, Waiting>();
  /** When each owner got the last mail; those of long ago are left out at each turn. */
  #mailed = new Map<string, number>();

  constructor(options: OwnerNoticesOptions) {
    this.#options = options;
  }

  write(event: JournalEvent): void {
    const { type, code, source } = event;
    if (type !== 'refusal' && type !== 'authentication-failure' && type !== 'tls-failure') return;
    if (!this.#options.on || source === undefined || code === undefined || !Object.hasOwn(ENGLISH.what, code))
      return;
    const at = event.at ?? this.#options.clock.now();
    const facts = factsOf(event.detail);
    this.#add({ source, code, count: 1, first: at, last: at, network: event.network, facts });
  }

  #add(one: Waiting): void {
    const key = `${one.source}\n${one.code}`;
    const known = this.#pending.get(key);
    if (known) {
      const { last, network, facts } = one;
      Object.assign(known, { count: known.count + one.count, last, network, facts });
    } else if (this.#pending.size < MOST_PENDING) {
      this.#pending.set(key, one);
    }
  }

  /** Writes down what came; also before the end, so that a restart loses none. @throws what the store throws */
  async keep(): Promise<void> {
    const pending = this.#pending;
    if (pending.size === 0) return;
    this.#pending = new Map();
    try {
      await this.#options.store.add([...pending.values()]);
    } catch (error) {
      const meanwhile = this.#pending;
      this.#pending = pending;
      for (const one of meanwhile.values()) this.#add(one);
      throw error;
    }
  }

  /** One turn: writes down what came, and tells those who are to be told. @throws the first error; the rest was tried */
  async sweep(): Promise<void> {
    const { store, clock, everyHours } = this.#options;
    await this.keep();
    const now = clock.now();
    const due: Waiting[] = [];
    const unwanted: Waiting[] = [];
    for (const one of await store.due(now, everyHours * HOUR_MS)) {
      const source = this.#options.sources.byId(one.source);
      (source && this.#silence(source) === undefined ? due : unwanted).push(one);
    }
    // they would stand in the way of those that somebody wants
    if (unwanted.length > 0) await store.drop(unwanted);
    let failed: unknown;
    for (const { to, language, waiting } of this.#byOwner(due, now)) {
      try {
        await this.#tell(to, language, waiting, now);
      } catch (error) {
        failed ??= error;
      }
    }
    await store.forget(now - FORGET_MS);
    if (failed !== undefined) throw failed;
  }

  /** What the owner would read of a group. */
  preview(source: Source, group: GroupDetails, language?: Language): OwnerNotice {
    const { code, count, first, last, events } = group;
    const item = this.#item(source, {
      code,
      count,
      first,
      last,
      network: events[0]?.network,
      facts: factsOf(events[0]?.detail),
    });
    const chosen = language ?? this.#languageOf(source);
    return { to: source.owner, language: chosen, ...this.#write([item], chosen) };
  }

  /** What the owner of a source was told, and what waits. */
  async stateOf(source: Source): Promise<{
    on: boolean;
    why?: string;
    to: string;
    language: Language;
    items: { code: string; toldAt?: number; waiting: number; nextAt?: number }[];
  }> {
    const rows = await this.#options.store.ofSource(source.id);
    const why = this.#silence(source);
    const period = this.#options.everyHours * HOUR_MS;
    return {
      on: why === undefined,
      ...(why !== undefined && { why }),
      to: source.owner,
      language: this.#languageOf(source),
      items: rows.map(({ code, toldAt, waiting }) => ({
        code,
        toldAt,
        waiting,
        ...(waiting > 0 &&
          why === undefined && {
            nextAt: toldAt === undefined ? this.#options.clock.now() : toldAt + period,
          }),
      })),
    };
  }

  /** Who is to be told now, each owner once a language. */
  #byOwner(due: Waiting[], now: number): { to: string; language: Language; waiting: Waiting[] }[] {
    for (const [owner, at] of this.#mailed)
      if (at > now || now - at >= OWNER_GAP_MS) this.#mailed.delete(owner);
    const owners = new Map<string, { to: string; language: Language; waiting: Waiting[] }>();
    for (const one of due) {
      const source = this.#options.sources.byId(one.source);
      if (!source || this.#mailed.has(source.owner)) continue;
      const language = this.#languageOf(source);
      const key = `${language}\n${source.owner}`;
      const known = owners.get(key);
      if (known) known.waiting.push(one);
      else owners.set(key, { to: source.owner, language, waiting: [one] });
    }
    return [...owners.values()];
  }

  async #tell(to: string, language: Language, waiting: Waiting[], now: number): Promise<void> {
    const { sources, mail, store, events } = this.#options;
    const items = waiting.flatMap((one) => {
      const source = sources.byId(one.source);
      return source ? [this.#item(source, one)] : [];
    });
    let message: string;
    try {
      message = await mail.send({ to: [to], ...this.#write(items, language) });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // an address that no mail can be sent to is none in the next turn either
      await store.told(waiting, now);
      const text = `the owner ${to} could not be told of refusals: ${error.message}`;
      events.write({ type: 'system', source: waiting[0]?.source, to: [to], outcome: 'failed', text });
      return;
    }
    this.#mailed.set(to, now);
    await store.told(waiting, now);
    for (const { source, code, count } of waiting) {
      const text = `the owner was told of ${count} ${count === 1 ? 'refusal' : 'refusals'} with ${code}`;
      events.write({ type: 'system', source, message, to: [to], outcome: 'told', text });
    }
  }

  #item(source: Source, one: Omit<Waiting, 'source'>): NoticeItem {
    return { ...one, source: source.name, description: source.description };
  }

  #write(items: NoticeItem[], language: Language): { subject: string; text: string } {
    const { timeZone, everyHours, contact } = this.#options;
    return noticeText(items, { language, timeZone, everyHours, contact });
  }

  #silence({ owner, tags }: Source): string | undefined {
    if (!this.#options.on) return 'notices.owners is off in the configuration';
    if (owner === '') return 'the source has no owner';
    return tags.includes(SILENT_TAG) ? `the source has the tag ${SILENT_TAG}` : undefined;
  }

  #languageOf({ tags }: Source): Language {
    return LANGUAGES.find((language) => tags.includes(LANGUAGE_TAG + language)) ?? this.#options.language;
  }
}

function factsOf(detail: Record<string, unknown> | undefined): Record<string, string | number> {
  const facts: Record<string, string | number> = {};
  for (const name of FACTS) {
    const value = detail?.[name];
    if (typeof value === 'string') facts[name] = value.slice(0, LONGEST_FACT);
    else if (typeof value === 'number') facts[name] = value;
  }
  return facts;
}
