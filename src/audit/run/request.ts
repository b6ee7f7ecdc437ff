import type { Mapping } from '../evidence/fields.ts';
import type { DateOrder } from '../evidence/moments.ts';

/** What somebody asks an audit for. */
export interface RunRequest {
  /** Files and folders of evidence. None: what earlier runs have read is judged again. */
  paths: string[];
  /** Accepted domains; `*.contoso.com` is one whose subdomains match. None: as the evidence or an earlier run says. */
  domains?: string[];
  /** Domains that count where nobody else names any. */
  fallbackDomains?: string[];
  /** Those of them that are internal relay domains. */
  internalRelay?: string[];
  mappings?: Mapping[];
  dateOrder?: DateOrder;
  /** Only messages of this time count, ms UTC. */
  from?: number;
  to?: number;
  /** When the rule was switched on, or senders were moved, ms. */
  switchedAt?: number;
  /** Ask reverse DNS for the names of addresses: their owners can see that somebody asks. */
  ptr?: boolean;
  /** The MX records do not lead to Microsoft 365. */
  mxElsewhere?: boolean;
}

/** How far a run is. */
export interface RunProgress {
  phase: 'settings' | 'reading' | 'names' | 'judging' | 'done';
  files: { done: number; total: number };
  /** Octets; of compressed files as they are stored. */
  octets: { done: number; total: number };
  rows: number;
  /** Since the beginning. */
  rowsPerSecond: number;
  /** Milliseconds that reading will take; absent while nobody can tell. */
  leftMs?: number;
  /** What is read now. */
  file?: string;
}
