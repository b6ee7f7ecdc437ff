import type { EventFilter, EventSink, RecordedEvent } from './event.ts';

/** What the journal holds of one message. */
export interface MessageJournal {
  /**
   * Events of one message, oldest first, and how many there are in all between two identifiers.
   * @param message its identifier in the spool, whole
   */
  ofMessage(
    message: string,
    limit: number,
    after?: number,
    before?: number,
  ): Promise<{ events: RecordedEvent[]; count: number }>;
}

/** The one place of events: written in batches off the main thread, searched, followed, and aged out. */
export interface Journal extends EventSink {
  open(): Promise<void>;
  /** Newest first; `before` is the cursor. @param after only events with higher identifiers */
  search(filter: EventFilter, limit: number, before?: number, after?: number): Promise<RecordedEvent[]>;
  /** Every event from now on that matches, as soon as it is written. Answers a function that ends it. */
  follow(filter: EventFilter, listener: (event: RecordedEvent) => void): () => void;
  /** Resolves when everything written so far can be found by `search`. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
