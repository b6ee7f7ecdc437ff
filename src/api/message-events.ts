import type { RecordedEvent } from '../journal/event.ts';
import type { ApiContext } from './context.ts';

/** Events of one message that are shown at once: how it came in, and what happened last. */
const FIRST = 100;
const NEWEST = 400;

/** Events of one message, oldest first. */
export interface MessageEvents {
  events: RecordedEvent[];
  /** What stands between the first and the newest, where there are too many. */
  omitted?: Omitted;
}

export interface Omitted {
  count: number;
  /** Identifier of the event before the gap. */
  after: number;
}

/** A message to many recipients, tried for days, has a hundred thousand of them. */
export async function readEvents({ journal }: ApiContext, message: string): Promise<MessageEvents> {
  const first = await journal.ofMessage(message, FIRST + NEWEST);
  if (first.count <= first.events.length) return { events: first.events };
  const events = first.events.slice(0, FIRST);
  const after = events.at(-1)?.id ?? 0;
  const newest = await journal.search({ message }, NEWEST, undefined, after);
  const before = newest.at(-1)?.id ?? after + 1;
  // counted now: there may be more than a moment ago
  const { count } = await journal.ofMessage(message, 0, after, before);
  events.push(...newest.reverse());
  return count === 0 ? { events } : { events, omitted: { count, after } };
}
