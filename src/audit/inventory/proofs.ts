import type { AbuseScore } from '../classify/abuse.ts';
import type { Decision } from '../classify/decision.ts';
import type { Fact, FactField, Origin } from '../facts/fact.ts';

/** Fields that are shown of a message, in this order. */
const SHOWN = [
  'at',
  'messageId',
  'networkMessageId',
  'p1',
  'p2',
  'sender',
  'recipient',
  'subject',
  'address',
  'helo',
  'ptr',
  'tls',
  'connector',
  'direction',
  'status',
  'spf',
  'dkim',
  'dmarc',
  'compauth',
  'reason',
  'reply',
  'count',
] as const satisfies FactField[];

/** One message as evidence: what was told of it, by whom, and what follows. */
export interface MessageProof {
  outcome: Decision['outcome'];
  /** One plain sentence. */
  why: string;
  told: { field: FactField; value: string; from: Origin }[];
  /** Points of abuse, with their reasons where there are any. */
  abuse: Pick<AbuseScore, 'score' | 'reasons'>;
}

const MOST = 5;
const LONGEST = 300;
const RANK = { 'direct-send': 0, candidate: 1, not: 2 };

/** Keeps the most telling messages of each sender: proven before candidates, the fullest of them, a bounded number. */
export class MessageProofs {
  readonly #bySender = new Map<string, { weight: number; proof: MessageProof }[]>();

  /** @param weight as `weightOf` has it; @param message is looked at only where it is kept */
  add(
    sender: string,
    weight: number,
    message: { readonly fact: Fact },
    { outcome, why }: Decision,
    { score, reasons }: AbuseScore,
  ): void {
    const known = this.#bySender.get(sender);
    // most messages of a sender are alike: nothing is made for those that would not stay
    if (known && known.length >= MOST && weight <= known.at(-1)!.weight) return;
    const entry = { weight, proof: { outcome, why, told: toldBy(message.fact), abuse: { score, reasons } } };
    if (!known) {
      this.#bySender.set(sender, [entry]);
      return;
    }
    known.push(entry);
    known.sort((a, b) => b.weight - a.weight);
    known.length = Math.min(known.length, MOST);
  }

  get bySender(): Record<string, MessageProof[]> {
    return Object.fromEntries(
      [...this.#bySender].map(([sender, kept]) => [sender, kept.map(({ proof }) => proof)]),
    );
  }
}

/** How much a message tells; it is the same for all of one manner. */
export function weightOf({ told }: Fact, { outcome }: Decision): number {
  return (2 - RANK[outcome]) * 100 + Object.keys(told).length;
}

function toldBy({ told, origins }: Fact): MessageProof['told'] {
  const shown: MessageProof['told'] = [];
  for (const field of SHOWN) {
    const value = told[field];
    const from = origins[field];
    if (value === undefined || from === undefined) continue;
    shown.push({ field, value: textOf(field, value).slice(0, LONGEST), from });
  }
  return shown;
}

function textOf(field: FactField, value: unknown): string {
  if (field === 'at') return new Date(value as number).toISOString();
  if (field === 'p1' && value === '') return '<>';
  if (typeof value === 'object' && value !== null) {
    const { name = '', type = '' } = value as { name?: string; type?: string };
    return [name, type && `(${type})`].filter(Boolean).join(' ');
  }
  return String(value);
}
