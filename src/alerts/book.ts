import type { JournalEvent } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { type Alert, type NoticeKind, plainLine, reaches } from './alert.ts';
import { eventTest, keyOf, type Rule, severityOf } from './rule.ts';
import { RateCounter } from './rate-counter.ts';

export interface BookOptions {
  clock: Clock;
  newId: () => string;
  isMuted(alert: Alert): boolean;
  /** It is to be stored, soon. */
  changed(alert: Alert): void;
  /** A message about it is to be sent. */
  tell(kind: NoticeKind, alert: Alert, rule: Rule): void;
}

interface Watched {
  rule: Rule;
  /** Absent for what is looked at now and then. */
  test?: (event: JournalEvent) => boolean;
  rate?: RateCounter;
  count: number;
}

/** More storms than that at once are counted together, a storm a rule. */
const MOST_OPEN = 1000;
const LONGEST_TEXT = 500;

/**
 * The open alerts, and the folding of storms into them.
 *
 *   first occurrence ──gather──▶ told ──grown, repeat──▶ told again ──quiet──▶ closed, total told
 */
export class AlertBook {
  readonly #options: BookOptions;
  readonly #open = new Map<string, Alert>();
  #watched: Watched[] = [];

  constructor(options: BookOptions) {
    this.#options = options;
  }

  /** Takes rules into use; counts that go on under the same condition are kept. */
  setRules(rules: Rule[]): void {
    const before = new Map(this.#watched.map((watched) => [watched.rule.name, watched]));
    this.#watched = rules
      .filter(({ enabled }) => enabled)
      .map((rule) => {
        const { when } = rule;
        if (when.kind !== 'events') return { rule, count: 1 };
        const old = before.get(rule.name);
        const same = old && JSON.stringify(old.rule.when) === JSON.stringify(when) ? old.rate : undefined;
        const rate = when.count > 1 ? (same ?? new RateCounter(when.withinSeconds * 1000)) : undefined;
        return { rule, test: eventTest(when), rate, count: when.count };
      });
  }

  /** Takes up what was open when the relay stopped. */
  restore(alerts: Alert[]): void {
    for (const alert of alerts) this.#open.set(nameOf(alert), alert);
  }

  byId(id: string): Alert | undefined {
    for (const alert of this.#open.values()) if (alert.id === id) return alert;
    return undefined;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Looks at one event with every rule. */
  see(event: JournalEvent & { at: number }): void {
    for (const { rule, test, rate, count } of this.#watched) {
      if (!test?.(event)) continue;
      if (!rate) {
        this.#occurred(rule, event, 1);
        continue;
      }
      const lately = rate.add(keyOf(rule, event), event.at);
      if (lately >= count) this.#occurred(rule, event, lately);
    }
  }

  /** What a rule of another kind than events has found. */
  found(rule: Rule, event: JournalEvent & { at: number }): void {
    this.#occurred(rule, event, 1);
  }

  /** @param before how many there were when this one made it an alert */
  #occurred(rule: Rule, event: JournalEvent & { at: number }, before: number): void {
    let key = keyOf(rule, event);
    let alert = this.#open.get(nameOf({ rule: rule.name, key }));
    const full = alert === undefined && this.#open.size >= MOST_OPEN;
    if (full) {
      key = '*';
      alert = this.#open.get(nameOf({ rule: rule.name, key }));
    }
    const severity = severityOf(rule, event);
    const text = plainLine(event.text ?? event.reply ?? event.code ?? rule.name, LONGEST_TEXT);
    if (alert) {
      alert.count++;
      alert.lastAt = Math.max(alert.lastAt, event.at);
      alert.text = text;
      if (reaches(severity, alert.severity)) alert.severity = severity;
    } else {
      const named = full ? {} : pick(rule, event);
      alert = {
        id: this.#options.newId(),
        rule: rule.name,
        key,
        severity,
        ...named,
        text,
        state: 'open',
        count: before,
        firstAt: event.at,
        lastAt: event.at,
        toldCount: 0,
      };
      this.#open.set(nameOf(alert), alert);
    }
    this.#options.changed(alert);
  }

  /** Tells what is due and closes what is over; to be called every second or so. */
  tick(): void {
    const now = this.#options.clock.now();
    for (const alert of this.#open.values()) {
      const rule = this.#watched.find((watched) => watched.rule.name === alert.rule)?.rule;
      if (rule) this.#settle(alert, rule, now);
      else this.#close(alert, now);
    }
  }

  #settle(alert: Alert, rule: Rule, now: number): void {
    // a clock that was set back must not keep it open for ever
    if (alert.lastAt > now) alert.lastAt = now;
    if (alert.firstAt > now) alert.firstAt = now;
    const over = now - alert.lastAt >= rule.quietSeconds * 1000;
    if (!this.#options.isMuted(alert)) {
      if (alert.toldAt === undefined) {
        if (over || now - alert.firstAt >= rule.gatherSeconds * 1000) this.#tell('opened', alert, rule, now);
      } else if (!over && this.#isRepeatDue(alert, rule, now)) {
        this.#tell('continues', alert, rule, now);
      }
      const grown = alert.count > alert.toldCount;
      if (over && (rule.closing === 'always' || (rule.closing === 'grown' && grown))) {
        alert.state = 'closed';
        alert.closedAt = now;
        this.#tell('closed', alert, rule, now);
      }
    }
    if (over) this.#close(alert, now);
  }

  #isRepeatDue({ acknowledgedAt, toldAt = 0, toldCount, count }: Alert, rule: Rule, now: number): boolean {
    if (rule.repeatSeconds === 0 || acknowledgedAt !== undefined || count === toldCount) return false;
    return now - toldAt >= rule.repeatSeconds * 1000;
  }

  #tell(kind: NoticeKind, alert: Alert, rule: Rule, now: number): void {
    alert.toldAt = now;
    alert.toldCount = alert.count;
    this.#options.changed(alert);
    this.#options.tell(kind, { ...alert }, rule);
  }

  #close(alert: Alert, now: number): void {
    alert.state = 'closed';
    alert.closedAt = now;
    this.#open.delete(nameOf(alert));
    this.#options.changed(alert);
  }

  /** Somebody has seen it: it is not told again until it is over. False when it is not open. */
  acknowledge(id: string, by: string): boolean {
    const alert = this.byId(id);
    if (!alert) return false;
    alert.acknowledgedAt ??= this.#options.clock.now();
    alert.acknowledgedBy ??= by;
    this.#options.changed(alert);
    return true;
  }
}

const nameOf = ({ rule, key }: Pick<Alert, 'rule' | 'key'>): string => `${rule} ${key}`;

/** What is the same in all occurrences; for a single kind of event also what the first one says. */
function pick(rule: Rule, event: JournalEvent): Partial<Alert> {
  const { by } = rule;
  const folded: Partial<Alert> = {};
  if (by.includes('code')) folded.code = short(event.code);
  if (by.includes('source')) folded.source = short(event.source);
  if (by.includes('network') || (by.includes('source') && event.source === undefined))
    folded.network = short(event.network);
  if (by.includes('destination')) folded.destination = short(event.destination);
  return folded;
}

const short = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : plainLine(text, 300);
