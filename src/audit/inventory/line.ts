import type { SenderClass } from '../classify/class-rules.ts';
import type { Lack } from '../classify/doubts.ts';
import type { Missing } from '../classify/decision.ts';
import type { Rhythm } from './rhythm.ts';
import type { SenderNote } from './notes.ts';
import type { WayOut } from './way-out.ts';

/** One real-world sender. */
export interface SenderLine {
  /** Short and stable; what the API and notes call it. */
  id: string;
  /** How its messages are brought together: service or network, HELO pattern, way in. */
  key: string;
  /** For people: `Zendesk`, `KM3F20 at 203.0.113.25`. */
  name: string;
  class: SenderClass;
  /** All that it may be as far as the evidence goes, the class first; one: the evidence tells. */
  candidates: SenderClass[];
  /** What would tell them apart. */
  lacks: Lack[];
  confidence: number;
  reasons: string[];
  /** Whether it uses Direct Send: proven, perhaps, or not. */
  directSend: 'proven' | 'candidate' | 'no';
  messages: { total: number; proven: number; candidates: number; perDay: number };
  /** What the evidence lacks, for how many messages. */
  missing: Partial<Record<Missing, number>>;
  service?: string;
  networks: string[];
  addresses: string[];
  helos: string[];
  names: string[];
  tls: Record<string, number>;
  connectors: Record<string, number>;
  /** Milliseconds, UTC; absent where no time was told. */
  first?: number;
  last?: number;
  rhythm: Rhythm;
  /** Messages by day since 1970. */
  days: Record<number, number>;
  /** Messages by domain of the sender. */
  domains: Record<string, number>;
  senders: string[];
  authors: string[];
  recipients: { count: number; more: boolean; some: string[] };
  subjects: string[];
  authentication: Record<'spf' | 'dkim' | 'dmarc', Record<string, number>>;
  abuse: {
    messages: number;
    reasons: string[] /** Let through by an allow list. */;
    hidden: number;
    campaigns: string[];
  };
  /** Messages by kind of evidence. */
  evidence: Record<string, number>;
  wayOut: WayOut;
  /** 1 is first; absent where nothing has to be done. */
  wave?: number;
  note?: SenderNote;
}
