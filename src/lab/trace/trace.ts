/** Message trace as Exchange Online tells it: rows by recipient, and events of each row. */

export interface TraceFilter {
  /** `*@contoso.test` takes a domain. */
  sender?: string;
  recipient?: string;
  status?: TraceStatus;
  messageId?: string;
  messageTraceId?: string;
  fromIp?: string;
  /** Part of the subject. */
  subject?: string;
  /** Wall times, milliseconds. */
  start?: number;
  end?: number;
  /** Most rows; 1000 without it, and never more than 5000. */
  resultSize?: number;
}

export type TraceStatus = 'Delivered' | 'Failed' | 'FilteredAsSpam' | 'Quarantined' | 'Pending';

/** A row of Get-MessageTraceV2. It has no column for the connector; that is in the detail. */
export interface MessageTrace {
  Organization: string;
  MessageTraceId: string;
  MessageId: string;
  /** RFC 3339, UTC. */
  Received: string;
  /** The displayed sender; the envelope sender is `ReturnPath` in the detail. */
  SenderAddress: string;
  RecipientAddress: string;
  Subject: string;
  Status: TraceStatus;
  FromIP: string;
  ToIP: string;
  Size: number;
  Index: number;
}

/** A row of Get-MessageTraceDetailV2. */
export interface TraceDetail {
  MessageTraceId: string;
  MessageId: string;
  Date: string;
  Event: 'Receive' | 'Spam' | 'Deliver' | 'Fail';
  Action: string;
  Detail: string;
  /** `<root><MEP …/></root>` */
  Data: string;
}
