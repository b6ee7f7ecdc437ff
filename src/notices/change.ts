import type { RecordedEvent } from '../journal/event.ts';
import { isRefusalCode, REFUSALS } from '../refusals.ts';
import type { Source } from '../sources/source.ts';
import { commandLine } from './command-line.ts';

/** The one thing that would change a refusal. */
export interface Advice {
  /** What exactly was refused. */
  cause: string;
  change: {
    /** command: ready to be run. configuration: for the configuration file. device: not the relay is to change. */
    kind: 'command' | 'configuration' | 'device';
    line: string;
  };
  /** What to think of before doing it. */
  caution?: string;
  /** The domain that the change would allow, and that is none of the organisation's. */
  foreign?: string;
}

/** What advice is made from. */
export interface Refused {
  code: string;
  /** Absent where nobody was recognized. */
  source?: Source;
  /** Of this code, newest first; at least one. */
  events: RecordedEvent[];
  /** Who answers for what has no owner: an e-mail address. */
  contact: string;
}

export type Change = Omit<Advice, 'cause'>;

export const device = (line: string): Change => ({ change: { kind: 'device', line } });

export const configuration = (line: string, caution?: string): Change => ({
  change: { kind: 'configuration', line },
  ...(caution !== undefined && { caution }),
});

/** A command, or what the list of refusals says where it could not be pasted safely. */
export function command(code: string, words: (string | { value: string })[], caution?: string): Change {
  const line = commandLine(words);
  if (line === undefined)
    return remedy(code, 'What the client sent is not fit for a command line; see the events.');
  return { change: { kind: 'command', line }, ...(caution !== undefined && { caution }) };
}

/** What the list of refusals says. */
export function remedy(code: string, caution?: string): Change {
  const line = isRefusalCode(code) ? REFUSALS[code].remedy : 'See the events in the journal.';
  return { change: { kind: 'device', line }, ...(caution !== undefined && { caution }) };
}

export function fact(event: RecordedEvent, name: string): string | undefined {
  const value = event.detail?.[name];
  return typeof value === 'string' ? value : undefined;
}

export function factNumber(event: RecordedEvent, name: string): number | undefined {
  const value = event.detail?.[name];
  return typeof value === 'number' ? value : undefined;
}
