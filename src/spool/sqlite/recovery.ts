import type { EventSink } from '../../journal/event.ts';
import { formatMessageId } from '../message-id.ts';
import type { Bodies } from './bodies.ts';

const ROWS = 500;

export interface RecoveryParts {
  bodies: Bodies;
  events: EventSink;
  /** Messages whose body is a file, behind a number, in order. */
  files(after: number, limit: number): Promise<[message: number, file: string][]>;
  /** Holds all deliveries of a message, with a line for the administrator. */
  hold(message: number, reply: string): Promise<void>;
}

/**
 * Compares bodies on disk with the messages that name them. A message without its body is held and reported,
 * never dropped. Answers the files that no message names: what a kill has left between writing a body and
 * committing its message. It must run before new bodies are made.
 */
export async function compareBodies({ bodies, events, files, hold }: RecoveryParts): Promise<string[]> {
  const present = new Set(await bodies.list());
  for (let after = -1; ; ) {
    const rows = await files(after, ROWS);
    for (const [message, file] of rows) {
      after = message;
      if (present.delete(file)) continue;
      const id = formatMessageId(message);
      await hold(message, 'the body of this message is missing');
      events.write({
        type: 'system',
        message: id,
        text: `the body of message ${id} is missing; its deliveries are held`,
        detail: { path: bodies.path(file) },
      });
    }
    if (rows.length < ROWS) return [...present];
  }
}
