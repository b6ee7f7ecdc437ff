import type { EventType, JournalEvent } from '../journal/event.ts';
import type { Channel, Sender } from './channel.ts';
import { eventTest } from './rule.ts';

/** A channel that can also take journal events as they happen, without waiting and without storing them. */
export interface StreamSender extends Sender {
  push(event: JournalEvent & { at: number }): void;
  /** How many records were left out or refused since the last question. */
  takeLost(): number;
}

type StreamFilter = NonNullable<Extract<Channel['settings'], { kind: 'syslog' }>['events']>;

/** Which events a channel streams; undefined: none. */
export function streamFilter({ settings, enabled }: Channel): StreamFilter | undefined {
  if (!enabled || (settings.kind !== 'syslog' && settings.kind !== 'otlp')) return undefined;
  if (settings.kind === 'otlp' && !settings.logs) return undefined;
  return settings.events;
}

/** The filter as one test; `all` are the types that an empty list stands for. */
export function streamTest(
  { types, source, codes }: StreamFilter,
  all: readonly EventType[],
): { types: readonly EventType[]; test: (event: JournalEvent) => boolean } {
  const wanted = types.length === 0 ? [...all] : types;
  const condition = { kind: 'events' as const, count: 1, withinSeconds: 1, outcomes: [] };
  return { types: wanted, test: eventTest({ ...condition, types: wanted, codes, source }) };
}
