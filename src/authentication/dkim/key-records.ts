import { parseKeyRecord } from './key-record.ts';
import type { KeyRecord, KeyRecordFailure } from './key-record.ts';

type Read = KeyRecord | { failure: KeyRecordFailure };

const SLOTS = 1024;

/**
 * Remembers what key records say by their text: OpenSSL takes longer to read an RSA key than to verify with it.
 * It has nothing to do with DNS and its times: the text is what DNS answered this time. A fixed number of places,
 * chosen by the text, so that no sender can make it grow; who collides takes the place.
 */
export class KeyRecords {
  readonly #places: ({ text: string; record: Read } | undefined)[] = Array.from({ length: SLOTS });

  /** As `parseKeyRecord`. */
  read(text: string): Read {
    const place = placeOf(text);
    const known = this.#places[place];
    if (known?.text === text) return known.record;
    const record = parseKeyRecord(text);
    this.#places[place] = { text, record };
    return record;
  }
}

/** Keys differ in the middle of their records; flags and the exponent are at the ends. FNV-1a. */
function placeOf(text: string): number {
  let hash = 0x811c9dc5;
  const from = Math.max(0, (text.length >> 1) - 16);
  const to = Math.min(text.length, from + 32);
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return ((hash ^ text.length) >>> 0) % SLOTS;
}
