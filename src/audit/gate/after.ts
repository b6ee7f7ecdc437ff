import type { Fact } from '../facts/fact.ts';
import { placeOf } from '../facts/public-address.ts';
import type { SenderLine } from '../inventory/line.ts';

const DAY = 86_400_000;
/** How unlikely a silence has to be by chance. */
const UNLIKELY = 0.01;

/** A sender that had a rhythm and has lost it. */
export interface Silent {
  id: string;
  name: string;
  /** Wall time of its last message before. */
  last: number;
  /** Messages a day before. */
  perDay: number;
  /** Days without any. */
  days: number;
  /** How likely such a silence was before: 0.001 is once in a thousand times. */
  chance: number;
}

/**
 * Senders that sent before a moment and not after, where their own rhythm makes that more than chance.
 * @param since the switch, ms; @param until the end of the evidence, ms
 */
export function silentSenders(lines: readonly SenderLine[], since: number, until: number): Silent[] {
  const border = Math.floor(since / DAY);
  const end = Math.floor(until / DAY);
  const found: Silent[] = [];
  for (const line of lines) {
    if (line.class === 'attack' || line.last === undefined) continue;
    const days = Object.entries(line.days).map(([day, count]) => [Number(day), count] as const);
    const before = days.filter(([day]) => day < border);
    if (before.length === 0 || days.some(([day]) => day > border)) continue;
    const first = Math.min(...before.map(([day]) => day));
    const rate = before.length / (border - first);
    const quiet = quietDays(line, border, end);
    const chance = (1 - Math.min(rate, 0.99)) ** quiet;
    if (chance >= UNLIKELY) continue;
    const total = before.reduce((sum, [, count]) => sum + count, 0);
    found.push({
      id: line.id,
      name: line.name,
      last: line.last,
      perDay: Math.round((total / (border - first)) * 100) / 100,
      days: quiet,
      chance: Number(chance.toPrecision(2)),
    });
  }
  return found.sort((a, b) => b.perDay - a.perDay);
}

/** Whole days after the switch, without the weekdays on which it never sent. */
function quietDays({ rhythm }: SenderLine, border: number, end: number): number {
  const sends = rhythm.weekdays.some((count) => count > 0) ? rhythm.weekdays : undefined;
  let count = 0;
  for (let day = border + 1; day <= end; day++) {
    const weekday = new Date(day * DAY).getUTCDay();
    if (!sends || (sends[weekday] ?? 0) > 0) count++;
  }
  return count;
}

/** Refusals by the rule, of one sender. */
export interface Refused {
  sender: string;
  messages: number;
  first: number;
  last: number;
  envelopeSenders: string[];
  addresses: string[];
}

const REFUSAL = /\b5\.7\.68\b|Direct Send not allowed/i;

/** Gathers what the rule has refused, from notices of failure, traces and logs; one fact after the other. */
export class Refusals {
  readonly #since: number;
  readonly #bySender = new Map<string, Refused>();

  constructor(since: number) {
    this.#since = since;
  }

  /** Whether a message was refused by the rule, and all others of its manner were. */
  static isOne({ told: { reply = '', extra = {} } }: Fact): boolean {
    return REFUSAL.test(reply) || Object.values(extra).some((value) => REFUSAL.test(value));
  }

  /** Takes a message that was refused. */
  add({ told }: Fact, sender: string): void {
    const { at = Infinity } = told;
    if (at < this.#since) return;
    const known = this.#bySender.get(sender) ?? {
      sender,
      messages: 0,
      first: at,
      last: at,
      envelopeSenders: [],
      addresses: [],
    };
    this.#bySender.set(sender, known);
    known.messages += told.count ?? 1;
    known.first = Math.min(known.first, at);
    known.last = Math.max(known.last, at);
    keep(known.envelopeSenders, told.p1 || told.sender);
    keep(known.addresses, told.address);
  }

  /** Those with the most messages first. */
  get all(): Refused[] {
    return [...this.#bySender.values()].sort((a, b) => b.messages - a.messages);
  }
}

/** What shows that a sender was moved. */
export interface Proof {
  id: string;
  name: string;
  /**
   * proven: its mail comes over a connector and none without; mixed: some does; still-direct: none does; silent: no mail of it
   * was seen; not-told: nobody told of connectors.
   */
  state: 'proven' | 'mixed' | 'still-direct' | 'silent' | 'not-told';
  connectors: string[];
  through: number;
  without: number;
  last?: number;
}

/** Follows the mail of migrated senders by their envelope senders, from wherever it now comes. */
export class ConnectorProofs {
  readonly #since: number;
  readonly #proofs = new Map<string, Proof & { untold: number }>();
  readonly #byAddress = new Map<string, Set<string>>();
  readonly #byPlace = new Map<string, Set<string>>();

  /** @param lines senders that were migrated; @param since when, ms */
  constructor(lines: readonly SenderLine[], since: number) {
    this.#since = since;
    for (const { id, name, senders, authors, networks } of lines) {
      this.#proofs.set(id, { id, name, state: 'silent', connectors: [], through: 0, without: 0, untold: 0 });
      for (const address of senders.length > 0 ? senders : authors) index(this.#byAddress, address, id);
      for (const network of networks) index(this.#byPlace, network, id);
    }
  }

  add({ told }: Fact): void {
    const { at, connector, address } = told;
    if (at === undefined || at < this.#since) return;
    const sender = told.p1 || told.sender || told.p2 || '';
    const direct = connector === 'none' || connector === undefined;
    const place = address ? placeOf(address) : '';
    for (const id of this.#byAddress.get(sender) ?? []) {
      // without a connector it is this sender's only where it was: others may use its address
      if (direct && place !== '' && !this.#byPlace.get(place)?.has(id)) continue;
      const proof = this.#proofs.get(id)!;
      proof.last = Math.max(proof.last ?? 0, at);
      if (connector === undefined) proof.untold++;
      else if (connector === 'none') proof.without++;
      else {
        proof.through++;
        keep(
          proof.connectors,
          connector === 'internal-relay' ? 'internal relay' : (connector.name ?? connector.type),
        );
      }
    }
  }

  get all(): Proof[] {
    return [...this.#proofs.values()].map(({ untold, ...proof }) => ({
      ...proof,
      state: stateOf(proof, untold),
    }));
  }
}

function stateOf({ through, without }: Proof, untold: number): Proof['state'] {
  if (through > 0) return without > 0 ? 'mixed' : 'proven';
  if (without > 0) return 'still-direct';
  return untold > 0 ? 'not-told' : 'silent';
}

function index(map: Map<string, Set<string>>, key: string, id: string): void {
  const known = map.get(key);
  if (known) known.add(id);
  else map.set(key, new Set([id]));
}

function keep(list: string[], value: string | undefined): void {
  if (value && list.length < 20 && !list.includes(value)) list.push(value);
}
