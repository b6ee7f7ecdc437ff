import type { EventSink, EventType, JournalEvent } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { Serial } from '../store/serial.ts';
import { type Alert, headline, type Notice, type NoticeKind, reaches } from './alert.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import { AlertBook } from './book.ts';
import { type Channel, ChannelError, type Sender } from './channel.ts';
import { Channels } from './channels.ts';
import type { AlertIntake } from './intake.ts';
import { GIVE_UP_MS } from './lane.ts';
import { eventTest, type Rule } from './rule.ts';
import type { AlertFilter, Dispatch, StoredAlerts } from './stored-alerts.ts';
import { identifier, type StoredAlertSettings } from './stored-settings.ts';
import { streamedTypes, streamFilter } from './stream.ts';

export interface AlertsOptions {
  clock: Clock;
  random: Random;
  /** The journal: what was told to whom. */
  events: EventSink;
  intake: AlertIntake;
  store: StoredAlerts;
  settings: StoredAlertSettings;
  hostname: string;
  senderOf(channel: Channel): Sender;
  sourceName(id: string): string | undefined;
  metrics(): AlertMetrics;
  /** Trouble of its own, for the log. */
  onTrouble(text: string, error?: unknown): void;
}

/** Events that are looked at in one turn, so that nothing else waits for it. */
const TURN = 1000;
const TICK_MS = 1000;
const KEEP_MS = 90 * 86_400_000;
/** Closed alerts; an attacker can make many, from many networks. */
const KEEP_MOST = 100_000;
/** What is said when a channel has failed must not go to the channel that has. */
export const UNDELIVERED = 'alert-undelivered';

/** From events to messages: rules, folding, channels. Call `turn` several times a second. */
export class Alerts {
  readonly settings: StoredAlertSettings;
  readonly #options: AlertsOptions;
  readonly #book: AlertBook;
  readonly #channels: Channels;
  #changed = new Set<Alert>();
  #told: Dispatch[] = [];
  readonly #saves = new Serial();
  #nextTick = 0;
  #storeTrouble = false;

  constructor(options: AlertsOptions) {
    this.#options = options;
    const { clock, random, settings, store } = options;
    this.settings = settings;
    this.#book = new AlertBook({
      clock,
      newId: () => identifier('alr', random),
      isMuted: (alert) => settings.isMuted(alert),
      changed: (alert) => this.#changed.add(alert),
      tell: (kind, alert, rule) => this.#tell(kind, alert, rule),
    });
    this.#channels = new Channels({
      clock,
      random,
      store,
      senderOf: options.senderOf,
      metrics: options.metrics,
      onTrouble: options.onTrouble,
      failed: (dispatch) => this.#undelivered(dispatch),
      lost: (channel, count) =>
        options.events.write({
          type: 'system',
          destination: `channel:${channel}`,
          text: `${count} events or readings could not be streamed to alert channel ${channel}, and were left out; postern alert test ${channel} shows why`,
        }),
    });
  }

  /** Takes up open alerts and messages that were not yet sent. Settings are open. */
  async start(): Promise<void> {
    this.#book.restore(await this.#options.store.open());
    this.#apply();
    this.settings.onChange(() => this.#apply());
  }

  get openCount(): number {
    return this.#book.openCount;
  }

  /** Counters in Prometheus's text format. */
  metricsText(): Promise<string> {
    return this.#options.metrics().text();
  }

  /** Looks at what has come. Never rejects. */
  async turn(): Promise<void> {
    const { clock, intake } = this.#options;
    for (const event of intake.take(TURN)) {
      this.#channels.stream(event);
      if (!isOwnDoing(event)) this.#book.see(event);
    }
    const now = clock.monotonic();
    if (now < this.#nextTick) return;
    this.#nextTick = now + TICK_MS;
    const lost = intake.takeLost();
    if (lost > 0) {
      this.#options.metrics().lostEvents(lost);
      const text = `${lost} events were not looked at for alerts, because too many came at once`;
      this.#options.events.write({ type: 'system', text });
    }
    this.#channels.reportLost();
    this.#book.tick();
    await this.#save();
  }

  /** What a look at the queue or at a certificate has found. */
  found(rule: Rule, text: string): void {
    this.#book.found(rule, { type: 'system', at: this.#options.clock.now(), text });
  }

  /** Gives up what could not be sent for a day, and removes what is closed for long; to be called every hour or so. */
  async forgetOld(): Promise<void> {
    const { store, clock, events } = this.#options;
    const now = clock.now();
    const expired = await store.expire(now - GIVE_UP_MS, now);
    if (expired > 0) {
      const text = `${expired} messages about alerts could not be sent for a day, and were given up; postern alert channel list shows which channel fails`;
      events.write({ type: 'alarm', code: UNDELIVERED, outcome: 'warning', text });
    }
    await store.forget(now - KEEP_MS, KEEP_MOST);
  }

  async list(filter: AlertFilter, limit: number, before?: { at: number; id: string }): Promise<Alert[]> {
    await this.#save();
    return this.#options.store.list(filter, limit, before);
  }

  async byId(id: string): Promise<{ alert: Alert; messages: Dispatch[] } | undefined> {
    await this.#save();
    const alert = await this.#options.store.byId(id);
    return alert && { alert, messages: await this.#options.store.dispatchesOf(id) };
  }

  /** False when there is no such open alert. */
  async acknowledge(id: string, by: string): Promise<boolean> {
    const done = this.#book.acknowledge(id, by);
    await this.#save();
    return done;
  }

  /** Sends a message to try a channel, now and once. Answers the reason when it was not taken. */
  async test(channel: Channel): Promise<string | undefined> {
    const { clock, random, hostname } = this.#options;
    const now = clock.now();
    const alert: Alert = {
      id: identifier('alr', random),
      rule: 'test',
      key: '',
      severity: 'info',
      text: `This is a test of the alert channel ${channel.name}. Nothing has happened.`,
      state: 'closed',
      count: 1,
      firstAt: now,
      lastAt: now,
      toldCount: 1,
    };
    try {
      await this.#channels.test(
        channel,
        { kind: 'test', at: now, hostname, alert },
        identifier('dsp', random),
      );
      return undefined;
    } catch (error) {
      if (error instanceof ChannelError) return error.message;
      throw error;
    }
  }

  /** Whether the last attempt of a channel failed, and why. */
  troubleOf(channel: string): string | undefined {
    return this.#channels.troubleOf(channel);
  }

  async close(): Promise<void> {
    while (this.#options.intake.waiting > 0) await this.turn();
    await this.#save();
    this.#channels.close();
  }

  #apply(): void {
    const rules = this.settings.rules();
    const channels = this.settings.channels();
    this.#book.setRules(rules);
    this.#channels.set(channels);
    const wanted = new Map<EventType, ((event: JournalEvent) => boolean)[] | undefined>();
    for (const { enabled, when } of rules) {
      if (!enabled || when.kind !== 'events') continue;
      const test = eventTest(when);
      for (const type of when.types) wanted.set(type, [...(wanted.get(type) ?? []), test]);
    }
    for (const channel of channels) {
      const filter = streamFilter(channel);
      if (!filter) continue;
      for (const type of streamedTypes(filter)) wanted.set(type, undefined);
    }
    this.#options.intake.want(wanted);
  }

  #tell(kind: NoticeKind, alert: Alert, rule: Rule): void {
    const { clock, random, hostname, events, sourceName } = this.#options;
    const at = clock.now();
    const name = alert.source === undefined ? undefined : sourceName(alert.source);
    const notice: Notice = { kind, at, hostname, sourceName: name, alert };
    const channels = this.settings
      .channels()
      .filter(
        (channel) =>
          channel.enabled &&
          reaches(alert.severity, channel.minimumSeverity) &&
          (rule.channels.length === 0 || rule.channels.includes(channel.name)) &&
          !(alert.code === UNDELIVERED && this.#channels.troubleOf(channel.name) !== undefined),
      );
    for (const channel of channels) {
      this.#told.push({
        id: identifier('dsp', random),
        channel: channel.name,
        notice,
        state: 'pending',
        attempts: 0,
        nextAttemptAt: at,
        createdAt: at,
      });
    }
    events.write({
      type: 'system',
      source: alert.source,
      text: `alert ${alert.id}: ${headline(notice)}`,
      detail: { alert: alert.id, kind, count: alert.count, channels: channels.map((one) => one.name) },
    });
  }

  #undelivered({ channel, notice, lastError }: Dispatch): void {
    this.#options.events.write({
      type: 'alarm',
      code: UNDELIVERED,
      outcome: 'warning',
      destination: `channel:${channel}`,
      text: `alert ${notice.alert.id} could not be told to channel ${channel}: ${lastError ?? 'no reason given'}`,
    });
  }

  /** Stores what has changed, then hands messages on; also when nothing can be stored, for that is what to tell. */
  #save(): Promise<void> {
    // one after another: whoever waits for it reads what it has stored, also when another one was under way
    return this.#saves.run(() => this.#saveNow());
  }

  async #saveNow(): Promise<void> {
    if (this.#changed.size === 0 && this.#told.length === 0) return;
    const told = this.#told;
    const changed = this.#changed;
    this.#told = [];
    this.#changed = new Set();
    try {
      await this.#options.store.save([...changed], told);
      this.#storeTrouble = false;
    } catch (error) {
      if (!this.#storeTrouble) this.#options.onTrouble('alerts can not be stored', error);
      this.#storeTrouble = true;
      for (const alert of changed) this.#changed.add(alert);
    }
    for (const dispatch of told) this.#channels.add(dispatch);
  }
}

/** What comes of telling: a rule over such events must not make an alert of each message about an alert. */
function isOwnDoing({ type, message, outcome, detail }: JournalEvent): boolean {
  if (type !== 'system') return false;
  return detail?.['alert'] !== undefined || (message !== undefined && outcome === 'queued');
}
