/** What an event is about. One word a fact; the fields say the rest. */
export type EventType =
  | 'connection' // a client came and went: how long, how much, how it ended
  | 'tls-failure' // a TLS handshake that failed, with what the client offered
  | 'authentication' // a credential was accepted
  | 'authentication-failure'
  | 'refusal' // a command or a message was answered 4xx or 5xx
  | 'acceptance' // a message was answered 250 (or 202)
  | 'warning' // accepted, with something its owner should mend
  | 'attempt' // one try to deliver to one destination
  | 'bounce' // given up: the sender was told
  | 'delay' // the sender was told that it takes longer
  | 'change' // an administrator changed something
  | 'alarm' // a person should look at it: `code` says what (a word with hyphens), `outcome` is info, warning or critical
  | 'system'; // start, stop, disk trouble and recovery

/**
 * One fact in the journal. Fields that are searched are named here; what else belongs to the fact goes into
 * `detail`. Never a body, never a secret.
 */
export interface JournalEvent {
  type: EventType;
  /** Wall time, milliseconds; filled in when absent. */
  at?: number;
  /** Source identifier. */
  source?: string;
  /** Ties the events of one connection together. */
  session?: string;
  /** Spool identifier of the message. */
  message?: string;
  /** Client's address; for an attempt, the address of the next hop. */
  network?: string;
  listener?: string;
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`; absent without TLS. */
  tls?: string;
  /** Stable refusal code, as in `postern why`. */
  code?: string;
  /** The reply as sent or received, one line. */
  reply?: string;
  /** Envelope sender. */
  from?: string;
  /** Envelope recipients. */
  to?: string[];
  /** Destination of an attempt: route and host. */
  destination?: string;
  /** `delivered`, `deferred`, `failed`, `held`, ... */
  outcome?: string;
  /** Octets. */
  size?: number;
  /** What happened, for a person. */
  text?: string;
  detail?: Record<string, unknown>;
}

/** Where rooms put events: cheap, never throws, never waits. */
export interface EventSink {
  write(event: JournalEvent): void;
}

/** An event as read back. */
export interface RecordedEvent extends JournalEvent {
  id: number;
  at: number;
}

export interface EventFilter {
  types?: EventType[];
  source?: string;
  session?: string;
  message?: string;
  /** An address, or a CIDR block. */
  network?: string;
  code?: string;
  from?: string;
  to?: string;
  outcome?: string;
  since?: number;
  until?: number;
  /** Names of listeners. */
  listeners?: readonly string[];
  /** All of them must hold. */
  details?: readonly DetailCondition[];
}

/** What an event must hold in `detail`. */
export interface DetailCondition {
  /** Members by name, `edge.spoof`; one of them is enough. Letters and dots. */
  paths: readonly string[];
  /** Absent: any value, as long as there is one. */
  values?: readonly (string | number | boolean)[];
}
