/** What has become of a message, as far as the journal knows. */
export const MESSAGE_STATES = [
  'queued', // accepted, not tried yet
  'deferred', // tried, to be tried again
  'held', // waits for a person
  'partly', // some recipients have it, others wait or were given up
  'delivered',
  'bounced', // given up for all recipients
  'refused', // never accepted
  'deleted', // an administrator took it out
] as const;

export type MessageState = (typeof MESSAGE_STATES)[number];

/** Where something can still happen. */
export const OPEN_STATES: readonly MessageState[] = ['queued', 'deferred', 'held', 'partly'];

/** How a message came in: over SMTP from a source, by the send API, from the internet, written by the relay itself. */
export const DIRECTIONS = ['submission', 'api', 'edge', 'relay'] as const;

export type Direction = (typeof DIRECTIONS)[number];

/** What is not finished of a message, by the last word about it. */
export type Waiting = 'queued' | 'deferred' | 'held' | 'deleted' | 'refused';

/** One message of the index: what a list shows, and what it is found by. */
export interface MessageRow {
  /** Identifier of the event that it began with: rises with time, and stays the same when the index is built anew. */
  id: number;
  /** Wall time of acceptance or refusal, milliseconds. */
  at: number;
  /** Spool identifier; absent for what was refused. */
  message?: string;
  session?: string;
  source?: string;
  listener?: string;
  direction: Direction;
  network?: string;
  /** Envelope sender; empty for notices, absent when the refusal came before it. */
  from?: string;
  /** Header From, where it is not the envelope sender. */
  headerFrom?: string;
  /** The first of them. */
  recipients: string[];
  recipientCount: number;
  subject?: string;
  messageId?: string;
  size?: number;
  state: MessageState;
  /** Why it is held. */
  hold?: string;
  /** The last code of a refusal or of an attempt. */
  code?: string;
  /** The last reply, one line. */
  reply?: string;
  attempts: number;
  /** Wall time of the last event about it. */
  lastAt: number;
}

/** As stored, with what the state is made of. */
export interface IndexedMessage extends MessageRow {
  waiting: Waiting;
  /** Recipients that have it, and that were given up. */
  delivered: number;
  failed: number;
  /** They by name: a delivery is told again when the process died before the spool knew. Empty when all have ended. */
  ended: Set<string>;
}

/** Without what only the state is made of. */
export function shownOf({
  waiting: _waiting,
  delivered: _delivered,
  failed: _failed,
  ended: _ended,
  ...row
}: IndexedMessage): MessageRow {
  return row;
}

/** Recipients that a row names. */
export const MOST_NAMED = 50;
/** Recipients that a message is found by. */
export const MOST_FOUND = 5000;

type Counted = Pick<IndexedMessage, 'delivered' | 'failed' | 'recipientCount'>;

/** Whether nothing of it is open any more. */
export function hasEnded({ delivered, failed, recipientCount }: Counted): boolean {
  return delivered + failed >= recipientCount && recipientCount > 0;
}

export function stateOf(row: Counted & Pick<IndexedMessage, 'waiting'>): MessageState {
  const { waiting, delivered, failed } = row;
  if (hasEnded(row)) {
    if (failed === 0) return 'delivered';
    return delivered === 0 ? 'bounced' : 'partly';
  }
  return delivered + failed > 0 ? 'partly' : waiting;
}
