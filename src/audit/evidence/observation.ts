/**
 * What one source of evidence says of one message to one recipient. Readers make these; nothing of them is judged yet.
 *
 * A field is absent where the source can't say; what the source says is empty is `''` or `'none'`. `file` and `row`
 * identify the place; a row with several recipients gives several observations with the same two. A file that is
 * read again gives the same observations with the same numbers.
 */

export type EvidenceKind =
  /** Get-MessageTraceV2 or the Graph message trace: a line for each recipient, without connector. */
  | 'trace'
  /** Get-MessageTraceDetailV2 or Graph getDetailsByRecipient: one event, of which Receive tells most. */
  | 'trace-detail'
  /** Extended historical search (27 columns): one event. */
  | 'trace-extended'
  /** Enhanced summary. */
  | 'trace-enhanced'
  /** Historical search of type ConnectorReport. */
  | 'connector-report'
  /** Change Optics report: Microsoft's own verdict on samples. */
  | 'change-optics'
  /** EmailEvents of Defender XDR. */
  | 'email-events'
  /** Inbound messages report: counts of a day and connector, no message. */
  | 'inbound-report'
  /** A record of a DMARC aggregate report: counts of an address, no message. */
  | 'dmarc'
  /** Stored mail, or its header section. */
  | 'message'
  /** The journal of Postern. */
  | 'postern-log'
  /** A delivery status notification, about the message that it returns. */
  | 'notification';

/** How the message came in, as the source tells it. */
export type Connector =
  /** No connector matched, and the message came over SMTP without authentication. */
  | 'none'
  /** The default connector without a client before the front door: hybrid or internal relay, not anonymous. */
  | 'internal-relay'
  | { name?: string; type?: string };

export type Direction = 'incoming' | 'originating' | 'intra-org' | 'outgoing';

/** What happened, for sources with several rows a message. Absent: the row is about the message as a whole. */
export type EvidenceEvent = 'receive' | 'deliver' | 'fail' | 'filter' | 'refusal' | 'other';

export interface Attachment {
  name?: string;
  /** Hexadecimal, lower case. */
  sha256?: string;
  /** Lower case. */
  type?: string;
}

export interface Observation {
  kind: EvidenceKind;
  /** Number of the file among all that were ever read for one audit. */
  file: number;
  /** From 1: the record in the file, without its header line. */
  row: number;
  event?: EvidenceEvent;
  /** Milliseconds, UTC. For counts, the beginning of their period. */
  at?: number;
  /** For counts: the end of their period. */
  until?: number;
  /** With its angle brackets. */
  messageId?: string;
  /** 32 hexadecimal digits, lower case. */
  networkMessageId?: string;
  /** Of the message trace, as `networkMessageId`; the two are the same number as a rule. */
  traceId?: string;
  /**
   * Envelope sender (MAIL FROM), lower case; '' is the null sender. `@domain` where only the domain is told. Only from sources
   * that tell it: what a trace calls the sender may be the author.
   */
  p1?: string;
  /** Author (From), lower case; `@domain` where only the domain is told. */
  p2?: string;
  /** What the source calls the sender without telling which of the two it is, lower case. */
  sender?: string;
  /** Lower case. */
  recipient?: string;
  /** Domain of the recipient (RFC 9990 envelope_to), lower case. */
  envelopeTo?: string;
  subject?: string;
  /** The client's address, canonical text. */
  address?: string;
  /** As the client said it, with the brackets of an address literal. */
  helo?: string;
  /** Name of the address by reverse DNS; '' when it has none. */
  ptr?: string;
  /** `none`, or the version: `TLS1.2`. */
  tls?: string;
  connector?: Connector;
  direction?: Direction;
  /** Lower case: delivered, failed, quarantined, filteredasspam, expanded, pending, gettingstatus, ... */
  status?: string;
  /** Octets. */
  size?: number;
  /** Results as RFC 8601 names them, lower case. */
  spf?: string;
  dkim?: string;
  /** d= of the signature that passed, lower case. */
  dkimDomain?: string;
  dmarc?: string;
  compauth?: string;
  /** Three digits of compauth. */
  reason?: string;
  /** Spam filter verdict (SFV): NSPM, SPM, SKA, SKN, ... */
  verdict?: string;
  attachments?: Attachment[];
  /** X-Mailer or User-Agent. */
  mailer?: string;
  /** Messages that the row stands for, where it is not one. */
  count?: number;
  /** Reply or reason of a failure. */
  reply?: string;
  /** Anything else that the source says, by its own column or field names; values are cut at 1000 characters. */
  extra?: Record<string, string>;
}
