import type { Clock } from '../../platform/clock.ts';
import { Generations } from '../../platform/generations.ts';

export interface RateLimits {
  messagesPerMinute: number;
  messagesPerHour: number;
  recipientsPerMinute: number;
  recipientsPerHour: number;
}

interface Window {
  /** Monotonic. */
  since: number;
  messages: number;
  recipients: number;
}

interface Entry {
  minute: Window;
  hour: Window;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** Networks that are counted; those that were not heard of for longest are forgotten first. */
const NETWORKS = 100_000;

/** Counts messages and recipients of each network, in windows that begin with its first one. */
export class NetworkRates {
  readonly #clock: Clock;
  readonly #limits: RateLimits;
  readonly #entries = new Generations<Entry>(NETWORKS);

  constructor(clock: Clock, limits: RateLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Networks that are counted now, about. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Counts a recipient, unless the network is above a limit already: then it says which.
   * @param factor multiplies the limits
   */
  recipient(network: string, factor: number): string | undefined {
    const { minute, hour } = this.#entry(network);
    const { messagesPerMinute, messagesPerHour, recipientsPerMinute, recipientsPerHour } = this.#limits;
    const over = (count: number, limit: number, what: string): string | undefined =>
      count >= limit * factor ? `${what}, allowed are ${limit * factor}` : undefined;
    const exceeded =
      over(minute.messages, messagesPerMinute, `${minute.messages} messages within a minute`) ??
      over(hour.messages, messagesPerHour, `${hour.messages} messages within an hour`) ??
      over(minute.recipients, recipientsPerMinute, `${minute.recipients} recipients within a minute`) ??
      over(hour.recipients, recipientsPerHour, `${hour.recipients} recipients within an hour`);
    if (exceeded !== undefined) return exceeded;
    minute.recipients++;
    hour.recipients++;
    return undefined;
  }

  /** Counts a message that was taken. */
  message(network: string): void {
    const { minute, hour } = this.#entry(network);
    minute.messages++;
    hour.messages++;
  }

  #entry(network: string): Entry {
    const now = this.#clock.monotonic();
    let entry = this.#entries.get(network);
    if (!entry) this.#entries.set(network, (entry = { minute: startedAt(now), hour: startedAt(now) }));
    if (now - entry.minute.since >= MINUTE) entry.minute = startedAt(now);
    if (now - entry.hour.since >= HOUR) entry.hour = startedAt(now);
    return entry;
  }
}

function startedAt(since: number): Window {
  return { since, messages: 0, recipients: 0 };
}
