import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { Generations } from '../../platform/generations.ts';
import { addressText, parseAddress } from '../../platform/ip-address.ts';

/** A network that has passed, or a first attempt. Times are wall time, because they outlive a restart. */
export interface GreylistEntry {
  key: string;
  /** When it was first seen. */
  firstAt: number;
  /** When it was last seen. */
  seenAt: number;
  /** A network that came again as it should. */
  passed: boolean;
}

export interface GreylistOptions {
  clock: Clock;
  /** How long a stranger waits at least, until when it has to be back, and how long a network is let through; milliseconds. */
  delayMs: number;
  windowMs: number;
  lifetimeMs: number;
  entries: number;
}

/** A network is written down again only when it was last seen so long before, so that a busy one costs no writes. */
const RENEWED_MS = 86_400_000;

/**
 * Greylisting (RFC 6647): a network, sender and recipient that were never seen together are to come again later. A
 * network that did so once is known, and all its mail passes for weeks.
 */
export class Greylist {
  readonly #options: GreylistOptions;
  readonly #entries: Generations<GreylistEntry>;
  readonly #changed = new Generations<GreylistEntry>(CHANGES);

  constructor(options: GreylistOptions) {
    this.#options = options;
    this.#entries = new Generations(options.entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Takes back what an earlier run had written down. */
  load(entries: Iterable<GreylistEntry>): void {
    for (const entry of entries) this.#entries.set(entry.key, entry);
  }

  /** Milliseconds that it has to wait, or undefined when it may pass. */
  wait(address: string, sender: string, recipient: string): number | undefined {
    const { clock, delayMs, windowMs, lifetimeMs } = this.#options;
    const now = clock.now();
    const network = greylistNetwork(address);
    const known = this.#entries.get(networkKey(network));
    if (known && now - known.seenAt < lifetimeMs) {
      if (now - known.seenAt >= RENEWED_MS) this.#note({ ...known, seenAt: now });
      return undefined;
    }
    const key = attemptKey(network, sender, recipient);
    const first = this.#entries.get(key);
    // one from the future was noted before the clock was set back
    const age = first && first.firstAt <= now ? now - first.firstAt : Number.POSITIVE_INFINITY;
    if (age > windowMs) {
      this.#note({ key, firstAt: now, seenAt: now, passed: false });
      return delayMs;
    }
    if (age < delayMs) return delayMs - age;
    this.#note({ key: networkKey(network), firstAt: now, seenAt: now, passed: true });
    return undefined;
  }

  /** What has changed since the last call, to be written down. */
  takeChanges(): GreylistEntry[] {
    return this.#changed.take();
  }

  /** Entries older than this count no more. */
  get oldest(): { networks: number; attempts: number } {
    const { clock, lifetimeMs, windowMs } = this.#options;
    return { networks: clock.now() - lifetimeMs, attempts: clock.now() - windowMs };
  }

  #note(entry: GreylistEntry): void {
    this.#entries.set(entry.key, entry);
    this.#changed.set(entry.key, entry);
  }
}

/** Changes that wait to be written down; beyond them the oldest are forgotten at a restart. */
const CHANGES = 20_000;

/** Servers of one sender are neighbours: the /24 of IPv4, the /64 of IPv6. */
export function greylistNetwork(address: string): string {
  const parsed = parseAddress(address);
  if (!parsed) return address.slice(0, 64);
  const bits = parsed.family === 4 ? 24 : 64;
  const octets = parsed.octets.map((octet, index) => (index < bits / 8 ? octet : 0));
  return `${addressText({ ...parsed, octets })}/${bits}`;
}

function networkKey(network: string): string {
  return `n ${network}`;
}

/** Hashed: of bounded length whatever the addresses are, and nobody's correspondence is on disk. */
function attemptKey(network: string, sender: string, recipient: string): string {
  const text = [network, sender.toLowerCase(), recipient.toLowerCase()].join('\n');
  return `a ${createHash('sha256').update(text).digest('base64url').slice(0, 24)}`;
}
