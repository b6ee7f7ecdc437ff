import type { Silent } from '../gate/after.ts';
import type { SenderLine } from '../inventory/line.ts';
import type { StoredAnswer } from './book.ts';

/** A sender in two audits. */
export interface Compared {
  id: string;
  name: string;
  class: SenderLine['class'];
  /** Messages a day. */
  before: number;
  after: number;
}

/** What has changed from one audit to a later one of the same organisation. */
export interface Comparison {
  /** Direct Send before, no more after: moved, stopped, or refused. */
  gone: (Compared & { connectors: string[] })[];
  still: Compared[];
  /** Direct Send after that nobody had seen before. */
  appeared: Compared[];
  /** Where the second knows when the rule was switched on: who has lost the own rhythm. */
  silent: Silent[];
  perDay: { before: number; after: number };
}

/** Compares sender by sender, by what brings their messages together; attacks come and go and are left out. */
export function compare(before: StoredAnswer, after: StoredAnswer): Comparison {
  const result: Comparison = {
    gone: [],
    still: [],
    appeared: [],
    silent: after.answer.after?.silent ?? [],
    perDay: { before: 0, after: 0 },
  };
  const then = new Map(directIn(before).map((line) => [line.key, line]));
  const now = new Map(directIn(after).map((line) => [line.key, line]));
  for (const line of then.values()) {
    result.perDay.before += line.messages.perDay;
    const found = now.get(line.key);
    if (found) result.still.push(entry(found, line.messages.perDay, found.messages.perDay));
    else {
      // its senders may have come by another way
      const connectors = connectorsOf(line, after);
      result.gone.push({ ...entry(line, line.messages.perDay, 0), connectors });
    }
  }
  for (const line of now.values()) {
    result.perDay.after += line.messages.perDay;
    if (!then.has(line.key)) result.appeared.push(entry(line, 0, line.messages.perDay));
  }
  return result;
}

function directIn({ answer }: StoredAnswer): SenderLine[] {
  return answer.senders.filter((line) => line.directSend !== 'no' && line.class !== 'attack');
}

function entry({ id, name, class: kind }: SenderLine, before: number, after: number): Compared {
  return { id, name, class: kind, before, after };
}

function connectorsOf(gone: SenderLine, { answer }: StoredAnswer): string[] {
  const addresses = new Set(gone.senders.length > 0 ? gone.senders : gone.authors);
  const found = new Set<string>();
  for (const line of answer.senders) {
    const names = Object.keys(line.connectors);
    if (names.length > 0 && [...line.senders, ...line.authors].some((address) => addresses.has(address)))
      for (const name of names) found.add(name);
  }
  return [...found];
}
