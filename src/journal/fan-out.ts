import type { EventSink } from './event.ts';

/** One sink that hands each event to all, in order. */
export function fanOut(...sinks: EventSink[]): EventSink {
  return {
    write(event) {
      for (const sink of sinks) sink.write(event);
    },
  };
}
