import type { Fact } from '../facts/fact.ts';
import type { Belonging } from '../facts/own-domains.ts';
import type { Decision } from './decision.ts';
import type { Service } from './services.ts';
import type { Traits } from './traits.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MOST_VALUES = 200;
const MOST_DAYS = 400;

/** What counts of belongings and of HELO forms have where a source says nothing. */
const NOTHING_TOLD: ReadonlySet<string> = new Set(['unknown', 'none']);

/** What is known of a message besides it. */
export interface About {
  decision: Decision;
  sentBefore: boolean;
  unmarked?: boolean;
  /** Of its sender. */
  domain?: string;
}

/** How often each value came, for a bounded number of values. */
export class Counts {
  readonly #counts = new Map<string, number>();
  /** More values came than are told apart. */
  overflow = false;

  add(value: string | undefined, count = 1): void {
    if (value === undefined) return;
    const known = this.#counts.get(value);
    if (known === undefined && this.#counts.size >= MOST_VALUES) this.overflow = true;
    else this.#counts.set(value, (known ?? 0) + count);
  }

  get size(): number {
    return this.#counts.size;
  }

  of(value: string): number {
    return this.#counts.get(value) ?? 0;
  }

  /** Share among all values that say something. */
  among(...values: string[]): number {
    let told = 0;
    for (const [value, count] of this.#counts) if (!NOTHING_TOLD.has(value)) told += count;
    return told === 0 ? 0 : values.reduce((sum, value) => sum + this.of(value), 0) / told;
  }

  /** The most frequent first. */
  top(most = MOST_VALUES): string[] {
    return [...this.#counts]
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .slice(0, most)
      .map(([value]) => value);
  }

  get entries(): [string, number][] {
    return [...this.#counts];
  }
}

/** Everything that came from one sender, added up in bounded space. */
export class Profile {
  readonly key: string;
  /** Messages that were told one by one. */
  messages = 0;
  /** Messages that reports count; they may be the same ones. */
  counted = 0;
  first = Infinity;
  last = -Infinity;
  /** Messages by day since 1970, and in aggregates. */
  readonly days = new Map<number, { messages: number; counted: number }>();
  readonly hours = new Float64Array(24);
  readonly weekdays = new Float64Array(7);
  readonly outcomes = { 'direct-send': 0, candidate: 0, not: 0 };
  readonly missing = new Counts();
  readonly domains = new Counts();
  readonly p1 = new Counts();
  readonly p2 = new Counts();
  readonly p1Senders = new Counts();
  readonly authors = new Counts();
  readonly recipients = new Counts();
  readonly addresses = new Counts();
  readonly places = new Counts();
  readonly helos = new Counts();
  readonly heloForms = new Counts();
  readonly ptrs = new Counts();
  readonly tls = new Counts();
  readonly connectors = new Counts();
  readonly services = new Counts();
  readonly spf = new Counts();
  readonly dkim = new Counts();
  readonly dmarc = new Counts();
  readonly dkimDomains = new Counts();
  readonly statuses = new Counts();
  readonly kinds = new Counts();
  readonly subjects = new Counts();
  readonly campaigns = new Counts();
  readonly abuseReasons = new Counts();
  service: Service | undefined;
  self = 0;
  device = 0;
  calendar = 0;
  list = 0;
  notice = 0;
  anonymous = 0;
  internalRelay = 0;
  /** Messages of which nobody told whether a connector matched. */
  connectorUntold = 0;
  /** Of these, those that do not bear the front door's mark of Direct Send, where others do. */
  unmarked = 0;
  /** A source that tells addresses told that there was none. */
  blank = 0;
  onPremises = 0;
  /** Messages that the organisation itself had sent before, and of how many that could be told. */
  sentBefore = 0;
  abusive = 0;
  hiddenAbuse = 0;

  constructor(key: string) {
    this.key = key;
  }

  add(fact: Fact, traits: Traits, about: About): void {
    this.addOwn(fact, about);
    this.addAlike(fact, traits, about, 1);
  }

  /** What each message has of its own. */
  addOwn({ told }: Fact, { sentBefore }: Pick<About, 'sentBefore'>): void {
    const count = told.count ?? 1;
    if (sentBefore) this.sentBefore += count;
    this.#time(told, count);
    if (told.p1) this.p1Senders.add(told.p1, count);
    this.authors.add(told.p2 ?? told.sender, count);
    if (told.recipient) this.recipients.add(told.recipient, count);
    this.subjects.add(told.subject, count);
  }

  /** What messages of one manner have in common. @param fact any of them; @param times how many they are */
  addAlike({ told, kinds }: Fact, traits: Traits, about: Omit<About, 'sentBefore'>, times: number): void {
    const count = (told.count ?? 1) * times;
    if (told.count === undefined) this.messages += times;
    else this.counted += count;
    this.outcomes[about.decision.outcome] += count;
    for (const one of about.decision.missing) this.missing.add(one, count);
    this.domains.add(about.domain, count);
    this.p1.add(traits.p1, count);
    this.p2.add(traits.p2, count);
    if (told.address === '') this.blank += count;
    if (told.address) this.addresses.add(told.address, count);
    if (traits.place) this.places.add(traits.place, count);
    if (told.helo) this.helos.add(told.helo, count);
    this.heloForms.add(traits.helo, count);
    this.ptrs.add(told.ptr, count);
    this.tls.add(told.tls, count);
    this.spf.add(told.spf, count);
    this.dkim.add(told.dkim, count);
    this.dmarc.add(told.dmarc, count);
    this.dkimDomains.add(told.dkimDomain, count);
    this.statuses.add(told.status, count);
    for (const kind of kinds) this.kinds.add(kind, count);
    if (traits.service) {
      this.service ??= traits.service;
      this.services.add(traits.service.name, count);
    }
    if (traits.self) this.self += count;
    if (traits.deviceName || traits.deviceWords) this.device += count;
    if (traits.calendar) this.calendar += count;
    if (traits.list) this.list += count;
    if (traits.notice) this.notice += count;
    if (traits.anonymous) this.anonymous += count;
    if (about.unmarked === true) this.unmarked += count;
    const { connector } = told;
    if (connector === undefined) this.connectorUntold += count;
    if (connector === 'internal-relay') this.internalRelay += count;
    else if (connector !== undefined && connector !== 'none') {
      this.connectors.add(connector.name ?? connector.type ?? 'unnamed', count);
      // a partner's mail stays incoming: what a connector lets in as the organisation's own is of own servers
      const inside = told.direction === 'originating' || told.direction === 'intra-org';
      if (/on-?prem/i.test(connector.type ?? '') || (connector.type === undefined && inside))
        this.onPremises += count;
    }
  }

  /**
   * Takes over how much and when reports counted, and leaves what the sender is to what was told one by one. Results of
   * authentication are taken over where nothing else told them, as shares of its own messages.
   */
  absorb(reports: Profile): void {
    this.counted += reports.counted;
    this.first = Math.min(this.first, reports.first);
    this.last = Math.max(this.last, reports.last);
    for (const [day, { counted }] of reports.days) {
      const known = this.days.get(day) ?? { messages: 0, counted: 0 };
      known.counted += counted;
      if (this.days.size < MOST_DAYS || this.days.has(day)) this.days.set(day, known);
    }
    for (const [kind, count] of reports.kinds.entries) this.kinds.add(kind, count);
    for (const [address, count] of reports.addresses.entries) this.addresses.add(address, count);
    for (const name of ['spf', 'dkim', 'dmarc', 'dkimDomains'] as const) {
      if (this[name].size > 0) continue;
      for (const [result, count] of reports[name].entries)
        this[name].add(result, Math.round((count * this.messages) / reports.counted));
    }
  }

  /** Messages and those that only reports count, each day's larger number. */
  get volume(): number {
    let sum = 0;
    for (const { messages, counted } of this.days.values()) sum += Math.max(messages, counted);
    return Math.max(sum, this.messages);
  }

  /** The number of days between two with mail, where it is always the same one; at least four such days. */
  get interval(): number | undefined {
    const days = [...this.days.keys()].sort((a, b) => a - b);
    if (days.length < 4) return undefined;
    const gaps = days.slice(1).map((day, index) => day - days[index]!);
    const [least, most] = [Math.min(...gaps), Math.max(...gaps)];
    return most - least <= 1 ? Math.round(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length) : undefined;
  }

  get all(): number {
    return this.messages + this.counted;
  }

  /** Share of its messages. */
  share(count: number): number {
    const of = this.messages > 0 ? this.messages : this.counted;
    return of === 0 ? 0 : count / of;
  }

  /** Share of its messages that nobody told it of; for any other belonging, the share among those where it is known. */
  belongs(side: 'p1' | 'p2', belonging: Belonging): number {
    return belonging === 'unknown' ? this.share(this[side].of(belonging)) : this[side].among(belonging);
  }

  #time({ at, until, count }: Fact['told'], weight: number): void {
    if (at === undefined) return;
    this.first = Math.min(this.first, at);
    this.last = Math.max(this.last, until ?? at);
    const day = Math.floor(at / DAY);
    let known = this.days.get(day);
    if (!known) {
      known = { messages: 0, counted: 0 };
      if (this.days.size < MOST_DAYS) this.days.set(day, known);
    }
    if (count !== undefined) {
      known.counted += weight;
      return;
    }
    known.messages++;
    this.hours[Math.floor((at - day * DAY) / HOUR)]! += 1;
    // day 0 was a Thursday
    this.weekdays[(((day + 4) % 7) + 7) % 7]! += 1;
  }
}
