import type { Content } from '../../message/content.ts';
import type { Envelope, Recipient } from '../../message/envelope.ts';
import type { RefusalCode } from '../../refusals.ts';

/** How it went for one recipient. `reply` is one line, bounded and escaped. */
export type RecipientResult =
  | { kind: 'delivered'; reply: string }
  /** Refused for good; `code` says when it was this relay that concluded it, not the next hop's reply. */
  | { kind: 'failed'; reply: string; status?: string; code?: RefusalCode }
  /** `uncertain`: the content was sent to its end and no reply came. Trying again may make a duplicate. */
  | { kind: 'deferred'; reply: string; status?: string; code?: RefusalCode; uncertain?: true }
  /** Nothing was said about it: give it to another connection, this was no attempt. */
  | { kind: 'untried'; reply: string }
  /** `withdrawn` answered true before the content left. */
  | { kind: 'withdrawn' };

export interface TransactionResult {
  /** In the order of the transaction's recipients. */
  recipients: RecipientResult[];
  /** The next hop understands DSN: reporting success is its business now (RFC 3461 §5.2.2). */
  dsnPassedOn: boolean;
  /** 8-bit content was sent to a server that did not announce 8BITMIME. */
  eightBitUnannounced: boolean;
}

/** One mail transaction (RFC 5321 §3.3) that a session is to carry out. */
export interface Transaction {
  /** Spool identifier and source, for those who keep what they carry. */
  message?: string;
  source?: string;
  envelope: Omit<Envelope, 'recipients'>;
  recipients: Recipient[];
  content: Content;
  /** Asked when the server is ready for the content: true drops the connection and sends nothing. */
  withdrawn?(): boolean;
  /** Called exactly once. */
  finish(result: TransactionResult): void;
}

/** RFC 5321 §4.5.3.2, milliseconds. */
export interface ClientTimeouts {
  connect: number;
  tls: number;
  greeting: number;
  hello: number;
  mail: number;
  recipient: number;
  dataStart: number;
  dataBlock: number;
  dataEnd: number;
  quit: number;
}

export const DEFAULT_CLIENT_TIMEOUTS: ClientTimeouts = {
  connect: 30_000,
  tls: 60_000,
  greeting: 300_000,
  hello: 300_000,
  mail: 300_000,
  recipient: 300_000,
  dataStart: 120_000,
  dataBlock: 180_000,
  dataEnd: 600_000,
  quit: 5_000,
};
