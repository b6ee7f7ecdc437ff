import type { Folder, Verdict } from './lab.ts';

/** One message at the front door with all that its trace tells; a line of trace.jsonl. */
export interface Arrival {
  networkMessageId: string;
  internalId: number;
  /** With angle brackets; empty when the message has none. */
  messageId: string;
  /** Wall time, milliseconds. */
  at: number;
  clientAddress: string;
  hello: string;
  tls?: { version: string; cipher: string };
  /** Envelope sender; empty: the null sender. */
  returnPath: string;
  /** Address in From. */
  sender: string;
  subject: string;
  /** Octets. */
  size: number;
  /** Identifier of the tenant; empty when it is nobody's. */
  tenant: string;
  directionality: Verdict['directionality'];
  directSend: boolean;
  connector?: { name: string; type: 'Partner' | 'OnPremises' };
  accepted: boolean;
  /** The whole reply, as one line. */
  reply: string;
  /** Absent when it was refused before it was looked at. */
  verdict?: Verdict;
  recipients: ArrivedFor[];
}

export interface ArrivedFor {
  address: string;
  /** With `folder`: it lies in a mailbox of the lab. Neither: it would have been sent on. */
  id?: string;
  folder?: Folder;
}
