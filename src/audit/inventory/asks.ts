import { LACKS, type Lack } from '../classify/doubts.ts';
import type { SenderLine } from './line.ts';

/** Evidence that would tell what senders are. */
export interface Ask {
  lack: Lack;
  /** Senders that have several candidates for want of it. */
  senders: number;
}

/** What to export next: of which lack most senders suffer, the most first. */
export function asksOf(lines: readonly SenderLine[]): Ask[] {
  return LACKS.map((lack) => ({ lack, senders: lines.filter(({ lacks }) => lacks.includes(lack)).length }))
    .filter(({ senders }) => senders > 0)
    .sort((a, b) => b.senders - a.senders);
}

/** What would tell, in words for a terminal. */
export const WOULD_TELL: Record<Lack, string> = {
  connector:
    'whether a connector matched: details of the message trace, EmailEvents, or the list of connectors',
  envelope: 'the envelope sender: details of the message trace, EmailEvents or the extended search',
  address: 'the address of the client: the message trace, or EmailEvents',
  name: 'the name of the client: details of the message trace, the extended search, headers of stored mail, or --ptr',
  sent: 'what the organisation had sent, and where mail of others comes in: the message trace, or EmailEvents, of all mail',
  time: 'more than one message: evidence of more days',
  message: 'messages one by one: the message trace',
};
