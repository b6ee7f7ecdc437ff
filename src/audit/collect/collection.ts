import type { Clock } from '../../platform/clock.ts';
import type { EvidenceFolder } from './evidence-folder.ts';
import type { Pace } from './pace.ts';
import type { ServiceClient } from './service-client.ts';
import type { CollectState, StateKeeper } from './state.ts';
import type { Interval } from './windows.ts';

export const PARTS = ['domains', 'organisation', 'trace', 'hunting', 'details'] as const;
export type Part = (typeof PARTS)[number];

export interface Progress {
  part: Part;
  /** Steps of this run that are done, and how many there are. */
  done: number;
  total: number;
  text?: string;
}

/** What all parts of one run share. */
export interface Collection {
  client: ServiceClient;
  clock: Clock;
  folder: EvidenceFolder;
  keeper: StateKeeper;
  state: CollectState;
  /** Without a slash at the end. */
  graphUrl: string;
  exchangeUrl: string;
  /** The tenant's GUID, where only a domain of it was given. */
  tenantId(): Promise<string>;
  /** The period that is asked for; its end is old enough that all of it is known to the service. */
  wanted: Interval;
  /** The message trace and its details count together. */
  tracePace: Pace;
  huntingPace: Pace;
  /** The organisation's own domains, lower case, as far as they are known. */
  domains: Set<string>;
  /** Details for each pair of address and sender, a day. */
  detailsPerSender: number;
  signal?: AbortSignal;
  progress(progress: Progress): void;
  /** Adds to what the part reports. */
  count(rows: number, files: number): void;
  /** Something that the person must know of, which is no failure. */
  note(text: string): void;
}
