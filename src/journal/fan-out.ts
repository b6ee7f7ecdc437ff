import type { EventSink, JournalEvent } from './event.ts';

/** One sink that hands each event to all, in the order in which they were added. */
export class FanOut implements EventSink {
  #sinks: readonly EventSink[];

  constructor(...sinks: EventSink[]) {
    this.#sinks = sinks;
  }

  write(event: JournalEvent): void {
    for (const sink of this.#sinks) sink.write(event);
  }

  /** Later events go to this one too. Answers a function that ends it. */
  add(sink: EventSink): () => void {
    this.#sinks = [...this.#sinks, sink];
    return () => {
      this.#sinks = this.#sinks.filter((one) => one !== sink);
    };
  }
}
