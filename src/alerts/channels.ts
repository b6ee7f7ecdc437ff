import type { JournalEvent } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Notice } from './alert.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import type { Channel, Sender } from './channel.ts';
import { Lane } from './lane.ts';
import type { Dispatch, StoredAlerts } from './stored-alerts.ts';
import { streamFilter, type StreamSender, streamTest } from './stream.ts';

export interface ChannelsOptions {
  clock: Clock;
  random: Random;
  store: StoredAlerts;
  senderOf(channel: Channel): Sender;
  metrics(): AlertMetrics;
  onTrouble(text: string, error?: unknown): void;
  /** Given up. */
  failed(dispatch: Dispatch): void;
  /** Streamed events were lost; told once a minute at most. */
  lost(channel: string, count: number): void;
}

interface Running {
  /** As it was when it was started: JSON of the channel. */
  settings: string;
  lane: Lane;
  sender: Sender;
  /** Why the last attempt failed. */
  trouble?: string;
  lost: number;
  lostToldAt: number;
  stream?: { sender: StreamSender; test: (event: JournalEvent) => boolean };
}

/** Slack takes one message a second, Teams little more. */
const CHAT_GAP_MS = 1100;
const LOST_EVERY_MS = 60_000;

/** The channels that are in use: a lane of messages each, and the events that some of them stream. */
export class Channels {
  readonly #options: ChannelsOptions;
  readonly #running = new Map<string, Running>();
  /** Also those that are not in use: what waits for them goes with them. */
  #names: string[] = [];
  #streams: NonNullable<Running['stream']>[] = [];

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  /** Starts, ends and replaces so that these are in use; what has not changed keeps its connection. */
  set(channels: Channel[]): void {
    const wanted = new Map(channels.filter(({ enabled }) => enabled).map((one) => [one.name, one]));
    for (const [name, running] of this.#running) {
      const channel = wanted.get(name);
      if (channel && JSON.stringify(channel) === running.settings) continue;
      running.lane.close();
      this.#countLost(name, running);
      this.#running.delete(name);
    }
    const names = channels.map(({ name }) => name);
    for (const name of this.#names) if (!names.includes(name)) this.#abandon(name);
    this.#names = names;
    for (const [name, channel] of wanted) {
      if (!this.#running.has(name)) this.#running.set(name, this.#start(channel));
    }
    this.#streams = [...this.#running.values()].flatMap(({ stream }) => (stream ? [stream] : []));
  }

  add(dispatch: Dispatch): void {
    this.#running.get(dispatch.channel)?.lane.add(dispatch);
  }

  stream(event: JournalEvent & { at: number }): void {
    for (const { sender, test } of this.#streams) if (test(event)) sender.push(event);
  }

  reportLost(): void {
    const now = this.#options.clock.monotonic();
    for (const [name, running] of this.#running) {
      this.#countLost(name, running);
      if (running.lost === 0 || now - running.lostToldAt < LOST_EVERY_MS) continue;
      this.#options.lost(name, running.lost);
      running.lost = 0;
      running.lostToldAt = now;
    }
  }

  troubleOf(channel: string): string | undefined {
    return this.#running.get(channel)?.trouble;
  }

  /** @throws ChannelError */
  async test(channel: Channel, notice: Notice, id: string): Promise<void> {
    const running = this.#running.get(channel.name);
    if (running) return running.sender.send(notice, id);
    // a disabled one is tried with a connection of its own
    const sender = this.#options.senderOf({ ...channel, settings: withoutMetrics(channel.settings) });
    try {
      await sender.send(notice, id);
    } finally {
      sender.close();
    }
  }

  close(): void {
    for (const { lane } of this.#running.values()) lane.close();
    this.#running.clear();
    this.#streams = [];
  }

  #start(channel: Channel): Running {
    const { clock, random, store, senderOf, onTrouble } = this.#options;
    const { name, settings } = channel;
    const sender = senderOf(channel);
    const filter = streamFilter(channel);
    const lane = new Lane({
      clock,
      random,
      sender,
      gapMs: settings.kind === 'slack' || settings.kind === 'teams' ? CHAT_GAP_MS : 0,
      more: (limit, since) => store.pending(name, limit, since),
      save: async (dispatch) => {
        running.trouble = dispatch.state === 'sent' ? undefined : dispatch.lastError;
        this.#options.metrics().attempted(name, resultOf(dispatch));
        try {
          await store.save([], [dispatch]);
          return true;
        } catch (error) {
          onTrouble(`the outcome of message ${dispatch.id} to channel ${name} can not be stored`, error);
          return false;
        }
      },
      finished: (dispatch) => {
        if (dispatch.state === 'failed') this.#options.failed(dispatch);
      },
    });
    const running: Running = {
      settings: JSON.stringify(channel),
      lane,
      sender,
      lost: 0,
      lostToldAt: Number.NEGATIVE_INFINITY,
      stream: filter && isStream(sender) ? { sender, test: streamTest(filter) } : undefined,
    };
    lane.start();
    return running;
  }

  #countLost(name: string, running: Running): void {
    if (!isStream(running.sender)) return;
    const lost = running.sender.takeLost();
    if (lost === 0) return;
    running.lost += lost;
    this.#options.metrics().lostRecords(name, lost);
  }

  #abandon(name: string): void {
    const { store, clock, onTrouble } = this.#options;
    store
      .abandon(name, 'the channel was removed', clock.now())
      .catch((error: unknown) => onTrouble(`messages to channel ${name} can not be ended`, error));
  }
}

const isStream = (sender: Sender): sender is StreamSender => 'push' in sender;

const resultOf = ({ state }: Dispatch) => (state === 'pending' ? 'deferred' : state);

function withoutMetrics(settings: Channel['settings']): Channel['settings'] {
  return settings.kind === 'otlp' ? { ...settings, metricsSeconds: 0 } : settings;
}
