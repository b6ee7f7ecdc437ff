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

/** Which messages are listed; all conditions must hold. */
export interface InboxFilter {
  /** Identifier in the inbox: only older ones. */
  before?: number;
  /** Identifier of a source. */
  source?: string;
  /** Part of subject, From field, envelope sender or a recipient, in any case. */
  search?: string;
}

/** The filter as a test of an entry. */
export function inboxTest({
  before = Number.MAX_SAFE_INTEGER,
  source,
  search = '',
}: InboxFilter): (entry: InboxEntry) => boolean {
  const wanted = folded(search);
  return ({ id, source: of, subject, headerFrom, from, recipients }) =>
    id < before &&
    (source === undefined || source === of) &&
    (wanted === '' ||
      [subject, headerFrom, from, ...recipients.map(({ address }) => address)].some((text) =>
        folded(text).includes(wanted),
      ));
}

/** Accents may be written as one character or two. */
const folded = (text: string): string => text.normalize('NFC').toLowerCase();

/** The sandbox: takes all mail until a route is set, keeps the newest messages within a number and a size. */
export interface Inbox {
  /** Resolves when it is on stable storage. Depositing the same message and recipients again changes nothing. */
  deposit(entry: Omit<InboxEntry, 'id' | 'headerFrom' | 'subject'>, content: Buffer): Promise<void>;
  /** Newest first. */
  list(limit: number, filter?: InboxFilter): Promise<InboxEntry[]>;
  content(id: number): Promise<{ entry: InboxEntry; content: Buffer } | undefined>;
  clear(): Promise<number>;
  onArrival(listener: (entry: InboxEntry) => void): () => void;
}
