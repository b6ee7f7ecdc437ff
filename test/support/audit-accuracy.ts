import type { Decision, Organisation } from '../../src/audit/classify/decision.ts';
import { type FactSource, judge } from '../../src/audit/classify/judge.ts';
import type { EvidenceKind } from '../../src/audit/evidence/observation.ts';
import type { Told } from '../../src/audit/facts/fact.ts';
import { Facts } from '../../src/audit/facts/facts.ts';
import { openAuditStore } from '../../src/store/audit-store.ts';
import { observationsOf, type Traffic, type TrueMessage } from './audit-traffic.ts';

export interface Accuracy {
  /** Proven Direct Send against true Direct Send among the messages that the evidence holds. */
  proven: { precision: number; recall: number };
  /** The same with candidates counted as found. */
  found: { precision: number; recall: number };
  /** Mean over classes of F1, and each of them. */
  macro: number;
  classes: Record<string, number>;
  /** Of messages whose sender has one candidate: their share, how many of them are right, and the mean of F1 over classes. */
  claimed: { coverage: number; right: number; macro: number };
  /** Of all messages: how many have the true class among the candidates, and how many candidates there are. */
  among: { right: number; size: number };
  /** `recall` is absent where no message of a campaign was told of by itself. */
  campaigns: { recall?: number /** Share of legitimate messages taken into a campaign. */; false: number };
  messages: number;
  /** Where classes were mistaken: `true > judged`, with the number of messages. */
  mistakes: Record<string, number>;
}

/** Sends the evidence of known traffic through facts and judgement, and compares. */
export async function measure(
  traffic: Traffic,
  kinds: readonly { kind: EvidenceKind; share?: number }[],
): Promise<Accuracy> {
  const db = await openAuditStore(':memory:');
  try {
    const facts = new Facts(db, traffic.organisation.tenant);
    for (const [index, { kind, share = 1 }] of kinds.entries()) {
      const { number } = await facts.file(`${index}`, kind);
      for (const observation of observationsOf(traffic, kind, { file: number, share, seed: index + 1 })) {
        if (facts.add(observation)) await facts.checkpoint(number, {});
      }
      await facts.checkpoint(number, {}, true);
    }
    return await compare(facts, traffic.organisation, truthOf(traffic));
  } finally {
    await db.destroy();
  }
}

export type Truth = TrueMessage['truth'];

interface Seen {
  truth: Truth;
  sender: string;
  outcome: Decision['outcome'];
}

/** What is true of the messages that a fact is about; none when nobody knows it. */
export type TruthOf = (told: Told) => readonly Truth[];

function truthOf(traffic: Traffic): TruthOf {
  const byNetwork = new Map<string, TrueMessage>();
  const byMessage = new Map<string, TrueMessage>();
  for (const message of traffic.messages) {
    byNetwork.set(message.told.networkMessageId, message);
    // of two journeys of one message the one from outside is what evidence keeps
    byMessage.set(`${message.told.messageId} ${message.told.recipient}`, message);
  }
  return (told) => {
    const id = told.networkMessageId ?? told.traceId;
    const found = id === undefined ? byMessage.get(`${told.messageId} ${told.recipient}`) : byNetwork.get(id);
    return found ? [found.truth] : [];
  };
}

/**
 * Judges the facts, and compares what is said with what is true. What a report counts is looked at for messages that nothing
 * else told of.
 */
export async function compare(
  facts: FactSource,
  organisation: Organisation,
  truthsOf: TruthOf,
): Promise<Accuracy> {
  const single: Seen[] = [];
  const counted: Seen[] = [];
  const alone = new Set<Truth>();
  const proven = { right: 0, said: 0 };
  const found = { right: 0, said: 0 };
  let real = 0;
  const judgement = await judge(facts, organisation, {
    witness({ fact: { told } }, { decision: { outcome } }, sender) {
      for (const truth of truthsOf(told)) {
        if (told.count === undefined) alone.add(truth);
        (told.count === undefined ? single : counted).push({ truth, sender, outcome });
      }
    },
  });
  const seen = [...single, ...counted.filter(({ truth }) => !alone.has(truth))];
  for (const { truth, outcome } of seen) {
    if (truth.directSend) real++;
    if (outcome === 'direct-send') proven.said++;
    if (outcome === 'direct-send' && truth.directSend) proven.right++;
    if (outcome !== 'not') found.said++;
    if (outcome !== 'not' && truth.directSend) found.right++;
  }
  const classes = new Map(
    judgement.senders.map(({ profile, classification }) => [profile.key, classification]),
  );
  const ratio = ({ right, said }: { right: number; said: number }) => ({
    precision: said === 0 ? 1 : right / said,
    recall: real === 0 ? 1 : right / real,
  });
  const table = new ClassTable();
  const claims = new ClassTable();
  const among = { right: 0, size: 0 };
  const mistakes: Record<string, number> = {};
  const attacks = new Map<string, number>();
  let legitimate = 0;
  let wronged = 0;
  for (const { truth, sender } of seen) {
    const inCampaign = sender.startsWith('campaign ');
    if (truth.class !== 'attack') {
      legitimate++;
      if (inCampaign) wronged++;
    } else if (truth.campaign !== undefined) {
      const known = attacks.get(truth.campaign) ?? 0;
      attacks.set(truth.campaign, known + (inCampaign ? 1 : 0));
    }
    if (truth.class === 'background') continue;
    const { class: judged = 'unknown', candidates = [] } = classes.get(sender) ?? {};
    table.add(truth.class, judged);
    if (candidates.length === 1 && judged !== 'unknown') claims.add(truth.class, judged);
    if (candidates.includes(truth.class)) among.right++;
    among.size += candidates.length;
    if (judged !== truth.class)
      mistakes[`${truth.class} > ${judged}`] = (mistakes[`${truth.class} > ${judged}`] ?? 0) + 1;
  }
  const sizes = new Map<string, number>();
  for (const { truth } of single)
    if (truth.campaign !== undefined) sizes.set(truth.campaign, (sizes.get(truth.campaign) ?? 0) + 1);
  const caught = [...sizes].filter(([name, size]) => (attacks.get(name) ?? 0) * 2 > size).length;
  return {
    proven: ratio(proven),
    found: ratio(found),
    macro: table.macro,
    classes: Object.fromEntries(table.f1),
    claimed: {
      coverage: table.real === 0 ? 0 : claims.real / table.real,
      right: claims.real === 0 ? 1 : claims.right / claims.real,
      macro: claims.macro,
    },
    among: {
      right: table.real === 0 ? 0 : among.right / table.real,
      size: table.real === 0 ? 0 : among.size / table.real,
    },
    campaigns: {
      ...(sizes.size > 0 && { recall: caught / sizes.size }),
      false: legitimate === 0 ? 0 : wronged / legitimate,
    },
    messages: seen.length,
    mistakes,
  };
}

/** How many were of a class, were said to be, and both. */
class ClassTable {
  readonly #cells = new Map<string, { right: number; real: number; said: number }>();
  real = 0;
  right = 0;

  add(truth: string, judged: string): void {
    this.real++;
    this.#cell(truth).real++;
    this.#cell(judged).said++;
    if (judged !== truth) return;
    this.#cell(truth).right++;
    this.right++;
  }

  get f1(): (readonly [name: string, value: number])[] {
    return [...this.#cells]
      .filter(([, { real }]) => real > 0)
      .map(([name, { right, real, said }]) => [name, (2 * right) / (real + said)] as const);
  }

  get macro(): number {
    const { f1 } = this;
    return f1.length === 0 ? 0 : f1.reduce((sum, [, value]) => sum + value, 0) / f1.length;
  }

  #cell(name: string): { right: number; real: number; said: number } {
    const known = this.#cells.get(name) ?? { right: 0, real: 0, said: 0 };
    this.#cells.set(name, known);
    return known;
  }
}
