import type { RecordedEvent } from '../journal/event.ts';
import { beginRow, continueRow } from '../journal/messages/fold.ts';
import type { MessageIndexStatus, MessagePage, MessageSearching } from '../journal/messages/message-index.ts';
import { type MessageQuery, planOf } from '../journal/messages/message-query.ts';
import { type IndexedMessage, type MessageRow, shownOf } from '../journal/messages/message-row.ts';

/** For tests: messages of events in memory, each question answered by going through all of them. */
export class MemoryMessages implements MessageSearching {
  readonly #events: () => RecordedEvent[];

  constructor(events: () => RecordedEvent[]) {
    this.#events = events;
  }

  async find(query: MessageQuery, limit: number, below = Number.MAX_SAFE_INTEGER): Promise<MessagePage> {
    const rows = this.#rows().filter((row) => row.id < below && matches(query, row));
    const page = rows.slice(0, limit);
    return { rows: page, next: rows.length > limit ? page.at(-1)?.id : undefined };
  }

  async count(query: MessageQuery) {
    return { count: this.#rows().filter((row) => matches(query, row)).length, more: false };
  }

  async row(id: number): Promise<MessageRow | undefined> {
    return this.#rows().find((row) => row.id === id);
  }

  async message(id: string): Promise<MessageRow | undefined> {
    const found = this.#rows().find(({ message }) => message === id);
    return found && shownOf(found);
  }

  status(): MessageIndexStatus {
    return { messages: this.#rows().length, behind: 0, building: false, progress: 1 };
  }

  #rows(): IndexedMessage[] {
    const rows: IndexedMessage[] = [];
    for (const event of this.#events()) {
      const known = rows.find(({ message }) => message !== undefined && message === event.message);
      if (known) continueRow(known, event);
      else rows.push(...[beginRow(event, new Set(['mx']))].filter((row) => row !== undefined));
    }
    return rows.reverse();
  }
}

function matches(query: MessageQuery, row: IndexedMessage): boolean {
  const { sources, states, directions, code, message } = query;
  return (
    (sources === undefined || (row.source !== undefined && sources.includes(row.source))) &&
    (states === undefined || states.includes(row.state)) &&
    (directions === undefined || directions.includes(row.direction)) &&
    (code === undefined || row.code === code) &&
    (message === undefined || row.messageId !== undefined || (row.message?.startsWith(message) ?? false)) &&
    (planOf(query).matches?.(row) ?? true)
  );
}
