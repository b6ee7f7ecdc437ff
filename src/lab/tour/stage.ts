import type { Outcome } from '../actors/actor.ts';
import type { DirectSender } from '../inventory.ts';
import type { LabLanguage } from '../lab.ts';

/** What came of letting an actor send, as far as the tour shows it. */
export type ActorResult = Omit<Outcome, 'message'>;

/** The lab as the tour acts on it: by the API, whether the tour has started it or found it running. */
export interface Stage {
  send(actor: string, language: LabLanguage): Promise<ActorResult>;
  /** Settings of the first tenant, by name. */
  settings(): Promise<ReadonlyMap<string, unknown>>;
  set(name: string, value: unknown): Promise<void>;
  connectors(): Promise<{ name: string; enabled: boolean; certificateName?: string }[]>;
  switchConnector(name: string, enabled: boolean): Promise<void>;
  /** What the lab's name server answers. */
  records(name: string, type: 'TXT' | 'MX'): Promise<string[]>;
  mailboxes(): Promise<{ address: string; name: string }[]>;
  /** @param since wall time, milliseconds */
  directSenders(since: number): Promise<DirectSender[]>;
}
