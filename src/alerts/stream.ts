import type { EventType, JournalEvent } from '../journal/event.ts';
import type { Channel, Sender } from './channel.ts';
import { eventTest, eventType } from './rule.ts';

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

/** What a filter's list of types stands for. */
export function streamedTypes({ types }: StreamFilter): readonly EventType[] {
  return types.length === 0 ? eventType.options : types;
}

/** The filter as one test. */
export function streamTest(filter: StreamFilter): (event: JournalEvent) => boolean {
  const { source, codes } = filter;
  const types = [...streamedTypes(filter)];
  return eventTest({ kind: 'events', count: 1, withinSeconds: 1, outcomes: [], types, codes, source });
}
