import type { Clock } from '../platform/clock.ts';

const MINUTE = 60_000;
/** Networks share counters by chance; who shares one with an attacker loses transcripts, never events. */
const COUNTERS = 1024;

/**
 * How many transcripts are taken: a few of each network a minute tell all that there is to know, and whoever is
 * refused ten thousand times a minute must not fill the disk with it.
 */
export class TranscriptIntake {
  readonly #clock: Clock;
  readonly #perNetwork: number;
  readonly #inAll: number;
  readonly #counts = new Uint16Array(COUNTERS);
  #total = 0;
  #since: number;

  constructor(clock: Clock, limits: { perNetwork: number; inAll: number }) {
    this.#clock = clock;
    this.#perNetwork = limits.perNetwork;
    this.#inAll = limits.inAll;
    this.#since = clock.monotonic();
  }

  /** Whether one more is taken; counts it if so. */
  admit(network: string): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#since >= MINUTE) {
      this.#since = now;
      this.#total = 0;
      this.#counts.fill(0);
    }
    const place = placeOf(network);
    const count = this.#counts[place] as number;
    if (this.#total >= this.#inAll || count >= this.#perNetwork) return false;
    this.#total++;
    this.#counts[place] = count + 1;
    return true;
  }
}

/** IPv6 by its first 64 bits: whoever has one such network has all addresses in it. */
function placeOf(network: string): number {
  const end = network.includes(':') ? fourthColon(network) : network.length;
  let hash = 0;
  for (let at = 0; at < end; at++) hash = (Math.imul(hash, 31) + network.charCodeAt(at)) | 0;
  return (hash >>> 0) % COUNTERS;
}

function fourthColon(address: string): number {
  let at = -1;
  for (let count = 0; count < 4; count++) {
    const next = address.indexOf(':', at + 1);
    if (next < 0) return address.length;
    at = next;
  }
  return at;
}
