import type { Recipient } from '../message/envelope.ts';

/** A message in the sandbox inbox, as it would have left. */
export interface InboxEntry {
  id: number;
  message: string;
  receivedAt: number;
  source: string;
  from: string;
  recipients: Recipient[];
  size: number;
  /** Decoded for display; empty when there is none. */
  headerFrom: string;
  subject: string;
}

/** The sandbox: takes all mail until a route is set, keeps the newest messages within a number and a size. */
export interface Inbox {
  /** Resolves when it is on stable storage. Depositing the same message and recipients again changes nothing. */
  deposit(entry: Omit<InboxEntry, 'id' | 'headerFrom' | 'subject'>, content: Buffer): Promise<void>;
  /** Newest first. */
  list(limit: number, before?: number): Promise<InboxEntry[]>;
  content(id: number): Promise<{ entry: InboxEntry; content: Buffer } | undefined>;
  clear(): Promise<number>;
  onArrival(listener: (entry: InboxEntry) => void): () => void;
}
