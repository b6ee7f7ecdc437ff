import type { SenderClass } from '../../../src/audit/classify/class-rules.ts';

/** What is true of a message, whoever tells of it. */
export interface Truth {
  class: SenderClass | 'background';
  /** Name of the sender in the real world. */
  sender: string;
  /** Name of the attack that it is part of. */
  campaign?: string;
}

/** A message that a client brings to the front door. */
export interface Sending {
  /** Wall time, ms. */
  at: number;
  truth: Truth;
  address: string;
  helo: string;
  tls: boolean;
  /** Envelope sender; empty: the null sender. */
  from: string;
  to: string;
  author: string;
  subject: string;
  /** With angle brackets. */
  messageId: string;
  fields?: readonly (readonly [name: string, value: string])[];
  attachment?: { name: string; type: string; content: string };
  /** Names of the keys that sign it, the first one lowest. */
  keys?: readonly string[];
  /** Whoever passed it on has changed the body after the signature. */
  changed?: boolean;
}

/** A message that no front door has seen: of a mailbox, of the service itself, or of a server behind the service. */
export interface InsideMail {
  at: number;
  truth: Truth;
  way: 'mailbox' | 'outgoing' | 'internal-relay' | 'notice';
  from: string;
  to: string;
  author: string;
  subject: string;
  messageId: string;
}

/** Key that signs, as it is published. */
export interface KeyName {
  name: string;
  domain: string;
  selector: string;
}
