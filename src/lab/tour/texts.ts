import type { ActorResult } from './stage.ts';

/** What is said at one step. Paragraphs are wrapped where they are shown. */
export interface StepTexts<Notes extends string = never> {
  title: string;
  /** What will happen. */
  before: string;
  /** Why it matters to the business. */
  why: string;
  /** Between what is shown. */
  notes: Readonly<Record<Notes, string>>;
  /** What to remember; a paragraph each. */
  remember: readonly string[];
}

/** All that the tour says. One type, so that no language lacks anything. */
export interface TourTexts {
  title: string;
  welcome: string;
  labels: {
    /** `Step 3 of 9` */
    step(number: number, of: number): string;
    why: string;
    remember: string;
    enter: string;
    /** For a lab that the tour has started by itself. */
    starting: string;
    leaving: string;
    restored: string;
    folders: Readonly<Record<'Inbox' | 'Junk' | 'Quarantine', string>>;
    /** `Arrived: Anna Keller, Inbox` */
    arrived(name: string, folder: string): string;
    refused: string;
    lost: string;
    from(address: string, hello: string): string;
    /** Instead of `from`, for whoever sends through the relay. */
    toRelay(hello: string): string;
    octets(count: number): string;
    /** Follows the TLS version. */
    certificate: string;
    connectors: string;
    /** With its colon. */
    connector: string;
    none: string;
    link: string;
    table: { address: string; name: string; sender: string; messages: string };
    noName: string;
    command: string;
    published(name: string): string;
  };
  steps: {
    tenant: StepTexts;
    printer: StepTexts<'spf'>;
    lure: StepTexts<'verdict' | 'code'>;
    inventory: StepTexts<'list' | 'find'>;
    reject: StepTexts<'again' | 'spared'>;
    relay: StepTexts<'signed'>;
    application: StepTexts<'off' | 'on'>;
    header: StepTexts<'taken' | 'published' | 'moved' | 'lookalike'>;
    next: StepTexts<'lab' | 'own'>;
  };
  /** What may be done next: a command, and what it does. */
  commands: readonly (readonly [command: string, what: string])[];
  /** One's own tenant, in the order in which it is done. */
  order: readonly string[];
  /** Why a step did not go as it has to; `what` is the actor's name. */
  unexpected(what: Pick<ActorResult, 'actor' | 'reply'>): string;
}
