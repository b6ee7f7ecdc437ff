import type { Payload } from '../spool/spool.ts';
import type { Entry } from './entry.ts';

/**
 * What the map holds of an entry. When a map of V8's grows or is tidied, its old table keeps what it held and points
 * to the new one; once one table is old enough for the old generation, all its successors survive with it, and all
 * that they ever held, until the next full collection. An emptied slot holds nothing.
 */
interface Slot {
  entry: Entry | undefined;
}

/** The deliveries in memory, by key, within a number; and their messages, within a number of octets. */
export class LookAhead {
  readonly #limits: { lookAhead: number; payloadBytes: number };
  readonly #entries = new Map<string, Slot>();
  #bytes = 0;

  constructor(limits: { lookAhead: number; payloadBytes: number }) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  get full(): boolean {
    return this.#entries.size >= this.#limits.lookAhead;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key)?.entry;
  }

  /** An offered message that is one too many is read from the spool again when its turn comes. */
  add(entry: Entry): void {
    this.#entries.set(entry.key, { entry });
    if (!entry.payload) return;
    // of one message's several deliveries each counts: the bound is what matters, not the sum
    if (this.#bytes + entry.delivery.size > this.#limits.payloadBytes) entry.payload = undefined;
    else this.#bytes += entry.delivery.size;
  }

  /** A message that was read for an entry; nothing when the entry has gone meanwhile. */
  attach(entry: Entry, payload: Payload): void {
    if (entry.payload || !this.#entries.has(entry.key)) return;
    entry.payload = payload;
    this.#bytes += entry.delivery.size;
  }

  delete(entry: Entry): boolean {
    const slot = this.#entries.get(entry.key);
    if (!slot) return false;
    slot.entry = undefined;
    this.#entries.delete(entry.key);
    if (entry.payload) this.#bytes -= entry.delivery.size;
    // an entry may have been made in the old generation, and dies there late: not with the message
    entry.payload = undefined;
    return true;
  }
}
