import type { Delivery, Payload } from '../spool/spool.ts';

/** A delivery in the scheduler's memory, from when it is picked until its settlement is on disk. */
export interface Entry {
  readonly key: string;
  readonly delivery: Delivery;
  /** Given by acceptance, or read when a connection is ready to carry it. */
  payload: Payload | undefined;
  /** RFC 8689; learnt from the payload. */
  requireTls: boolean;
  /** How often a connection was lost before it said anything about it. */
  untried: number;
}

export function keyOf(delivery: { message: string; part: number }): string {
  return `${delivery.message}/${delivery.part}`;
}

export function newEntry(delivery: Delivery, payload: Payload | undefined): Entry {
  const requireTls = payload?.envelope.requireTls ?? false;
  return { key: keyOf(delivery), delivery, payload, requireTls, untried: 0 };
}

/** Entries in line, the sources taking turns, so that one with a thousand does not hold up one with a single. */
export class FairQueue {
  readonly #lines = new Map<string, Entry[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(entry: Entry): void {
    const line = this.#lines.get(entry.delivery.source);
    if (line) line.push(entry);
    else this.#lines.set(entry.delivery.source, [entry]);
    this.#size++;
  }

  /** The next entry, and those right behind it that are of the same message, up to a number of recipients. */
  take(mostRecipients: number): Entry[] {
    for (const [source, line] of this.#lines) {
      const group: Entry[] = [line.shift() as Entry];
      const { message } = (group[0] as Entry).delivery;
      let recipients = (group[0] as Entry).delivery.recipients.length;
      while (line[0]?.delivery.message === message) {
        recipients += line[0].delivery.recipients.length;
        if (recipients > mostRecipients) break;
        group.push(line.shift() as Entry);
      }
      this.#lines.delete(source);
      if (line.length > 0) this.#lines.set(source, line);
      this.#size -= group.length;
      return group;
    }
    return [];
  }

  /** Takes out all that `matches`. */
  remove(matches: (entry: Entry) => boolean): Entry[] {
    const removed: Entry[] = [];
    for (const [source, line] of this.#lines) {
      const kept = line.filter((entry) => {
        const out = matches(entry);
        if (out) removed.push(entry);
        return !out;
      });
      if (kept.length === 0) this.#lines.delete(source);
      else this.#lines.set(source, kept);
    }
    this.#size -= removed.length;
    return removed;
  }
}
