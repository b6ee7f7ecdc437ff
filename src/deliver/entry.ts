import type { Delivery, Payload } from '../spool/spool.ts';

/**
 * A delivery in the scheduler's memory, from when it is picked until its settlement is on disk.
 *
 * A class, because V8 makes literals in the old generation from the start once many of the same line have lived long,
 * as they do while a next hop is slow; there each would keep its message until the next full collection.
 */
export class Entry {
  readonly key: string;
  readonly delivery: Delivery;
  /** Given by acceptance, or read when a connection is ready to carry it. */
  payload: Payload | undefined;
  /** RFC 8689; learnt from the payload. */
  requireTls: boolean;
  /** How often a connection was lost before it said anything about it. */
  untried = 0;

  constructor(delivery: Delivery, payload?: Payload) {
    this.key = keyOf(delivery);
    this.delivery = delivery;
    this.payload = payload;
    this.requireTls = payload?.envelope.requireTls ?? false;
  }
}

export function keyOf(delivery: { message: string; part: number }): string {
  return `${delivery.message}/${delivery.part}`;
}

/** A source's entries. */
interface Line {
  readonly source: string;
  entries: Entry[];
}

/** Empty lines that are kept: without them one busy source's line would be made anew for each message. */
const MOST_EMPTY = 64;

/** Entries in line, the sources taking turns, so that one with a thousand does not hold up one with a single. */
export class FairQueue {
  readonly #lines = new Map<string, Line>();
  /** The lines that are not empty, the next one first. */
  #turns: Line[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(entry: Entry): void {
    const { source } = entry.delivery;
    let line = this.#lines.get(source);
    if (!line) this.#lines.set(source, (line = { source, entries: [] }));
    if (line.entries.length === 0) this.#turns.push(line);
    line.entries.push(entry);
    this.#size++;
  }

  /** The next entry, and those right behind it that are of the same message, up to a number of recipients. */
  take(mostRecipients: number): Entry[] {
    const line = this.#turns.shift();
    if (!line) return [];
    const { entries } = line;
    const first = entries.shift() as Entry;
    const group = [first];
    let recipients = first.delivery.recipients.length;
    while (entries[0]?.delivery.message === first.delivery.message) {
      recipients += entries[0].delivery.recipients.length;
      if (recipients > mostRecipients) break;
      group.push(entries.shift() as Entry);
    }
    if (entries.length > 0) this.#turns.push(line);
    else this.#emptied(line);
    this.#size -= group.length;
    return group;
  }

  /** Takes out all that `matches`. */
  remove(matches: (entry: Entry) => boolean): Entry[] {
    const removed: Entry[] = [];
    for (const line of this.#turns) {
      line.entries = line.entries.filter((entry) => {
        const out = matches(entry);
        if (out) removed.push(entry);
        return !out;
      });
    }
    const empty = this.#turns.filter(({ entries }) => entries.length === 0);
    this.#turns = this.#turns.filter(({ entries }) => entries.length > 0);
    for (const line of empty) this.#emptied(line);
    this.#size -= removed.length;
    return removed;
  }

  #emptied({ source }: Line): void {
    if (this.#lines.size - this.#turns.length > MOST_EMPTY) this.#lines.delete(source);
  }
}
