/** What the tests of a spool begin with. */
import { NO_TRAITS } from '../message/content.ts';
import type { Recipient } from '../message/envelope.ts';
import type { ManualClock } from '../platform/clock.ts';
import type { MessageIds } from './message-id.ts';
import type { Delivery, NewMessage, Settlement, Spool } from './spool.ts';

/** Storage of its own for one test. */
export interface SpoolHarness {
  /** The clock that the spools are given. */
  clock: ManualClock;
  /** A spool over the storage, not open yet; it raises `ids` as it opens. */
  spool(ids: MessageIds): Spool;
  /** What a kill of the process at this moment leaves: a harness over that. The old spool must not be used. */
  killed(): Promise<SpoolHarness>;
  /** Ends the storage; spools have been closed. */
  dispose(): Promise<void>;
}

/** A message of one recipient, unless told otherwise. */
export function sample(
  id: string,
  now: number,
  more: Partial<NewMessage> & { to?: string[] } = {},
): NewMessage {
  const { to = ['someone@example.org'], ...rest } = more;
  return {
    id,
    receivedAt: now,
    source: 'src_a',
    envelope: {
      from: 'app@corp.example',
      recipients: to.map((address): Recipient => ({ address })),
      smtpUtf8: false,
      body: '8bitmime',
      requireTls: false,
    },
    head: Buffer.from(`Subject: ${id}\r\n\r\n`),
    body: { kind: 'memory', bytes: Buffer.from(`body of ${id}\r\n`) },
    traits: NO_TRAITS,
    ...rest,
  };
}

/** The outcome that ends a delivery. */
export const finished = (message: string, part = 0): Settlement => ({
  message,
  part,
  outcome: { kind: 'finished' },
});

export const names = (deliveries: Delivery[]) => deliveries.map(({ message, part }) => `${message}/${part}`);

export interface Fixture {
  spool: Spool;
  ids: MessageIds;
  clock: ManualClock;
  harness: SpoolHarness;
  /** Stores a sample one millisecond after the last one. */
  store(more?: Parameters<typeof sample>[2]): Promise<NewMessage>;
  /** Closes the spool, or leaves it as a kill would, and opens it again with new identifiers. */
  again(how: 'close' | 'kill'): Promise<void>;
}

/** Adds one test, with a spool that is open and closed after it. */
export type Contract = (title: string, run: (fixture: Fixture) => Promise<void>) => void;

export function deferred({ id, envelope }: NewMessage, nextAttemptAt: number, part = 0): Settlement {
  return {
    message: id,
    part,
    outcome: {
      kind: 'deferred',
      recipients: envelope.recipients,
      nextAttemptAt,
      attempts: 1,
      lastReply: '451 later',
      delayNotified: false,
    },
  };
}
