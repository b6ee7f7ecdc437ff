import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { Generations } from '../../platform/generations.ts';
import { addressText, parseAddress } from '../../platform/ip-address.ts';

/** A network that came again as it should. */
export interface KnownNetwork {
  /** `192.0.2.0/24` */
  network: string;
  /** When it was last seen: wall time, because it outlives a restart. */
  seenAt: number;
}

export interface GreylistOptions {
  clock: Clock;
  /** How long a stranger waits at least, until when it has to be back, and how long a network is let through; milliseconds. */
  delayMs: number;
  windowMs: number;
  lifetimeMs: number;
  /** Networks, and as many first attempts, that are remembered. */
  entries: number;
}

/** A network is written down again only when it was last seen so long before, so that a busy one costs no writes. */
const RENEWED_MS = 86_400_000;

/**
 * Greylisting (RFC 6647): a network, sender and recipient that were never seen together are to come again later. A
 * network that did so once is known, and all its mail passes for weeks. First attempts are kept in memory alone, and
 * apart from networks: a flood of them takes no place from who is known, and writes nothing.
 */
export class Greylist {
  readonly #options: GreylistOptions;
  readonly #networks: Generations<KnownNetwork>;
  readonly #attempts: Generations<{ at: number }>;
  readonly #changed = new Generations<KnownNetwork>(CHANGES);

  constructor(options: GreylistOptions) {
    this.#options = options;
    this.#networks = new Generations(options.entries);
    this.#attempts = new Generations(options.entries);
  }

  /** Networks that are known, about. */
  get size(): number {
    return this.#networks.size;
  }

  /** Takes back what an earlier run had written down. */
  load(networks: Iterable<KnownNetwork>): void {
    for (const known of networks) this.#networks.set(known.network, known);
  }

  /** Milliseconds that it has to wait, or undefined when it may pass. */
  wait(address: string, sender: string, recipient: string): number | undefined {
    const { clock, delayMs, windowMs, lifetimeMs } = this.#options;
    const now = clock.now();
    const network = greylistNetwork(address);
    const known = this.#networks.get(network);
    if (known && now - known.seenAt < lifetimeMs) {
      if (now - known.seenAt >= RENEWED_MS) this.#note(network, now);
      return undefined;
    }
    const key = attemptKey(network, sender, recipient);
    const age = clock.monotonic() - (this.#attempts.get(key)?.at ?? Number.NEGATIVE_INFINITY);
    if (age > windowMs) {
      this.#attempts.set(key, { at: clock.monotonic() });
      return delayMs;
    }
    if (age < delayMs) return delayMs - age;
    this.#note(network, now);
    return undefined;
  }

  /** What has changed since the last call, to be written down. */
  takeChanges(): KnownNetwork[] {
    return this.#changed.take();
  }

  /** Networks that were last seen before this time count no more. */
  get oldest(): number {
    return this.#options.clock.now() - this.#options.lifetimeMs;
  }

  get places(): number {
    return this.#options.entries;
  }

  #note(network: string, seenAt: number): void {
    const known = { network, seenAt };
    this.#networks.set(network, known);
    this.#changed.set(network, known);
  }
}

/** Changes that wait to be written down; beyond them the oldest are forgotten at a restart. */
const CHANGES = 20_000;

/** Servers of one sender are neighbours: the /24 of IPv4, the /64 of IPv6. */
function greylistNetwork(address: string): string {
  const parsed = parseAddress(address);
  if (!parsed) return address.slice(0, 64);
  const bits = parsed.family === 4 ? 24 : 64;
  const octets = parsed.octets.map((octet, index) => (index < bits / 8 ? octet : 0));
  return `${addressText({ ...parsed, octets })}/${bits}`;
}

/** Hashed: of one length, whatever the addresses are. */
function attemptKey(network: string, sender: string, recipient: string): string {
  const text = [network, sender.toLowerCase(), recipient.toLowerCase()].join('\n');
  return createHash('sha256').update(text).digest('base64url').slice(0, 24);
}
