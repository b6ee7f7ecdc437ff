import { breath } from './breath.ts';
import type { Organisation } from './classify/decision.ts';
import { ABUSE } from './classify/abuse.ts';
import { judge } from './classify/judge.ts';
import { type DomainEffect, WhatIf } from './classify/what-if.ts';
import type { Campaign } from './campaigns/campaigns.ts';
import type { FactSource } from './classify/judge.ts';
import type { Judged } from './classify/standing.ts';
import type { Fact } from './facts/fact.ts';
import type { Tally } from './facts/facts.ts';
import {
  ConnectorProofs,
  type Proof,
  Refusals,
  type Refused,
  type Silent,
  silentSenders,
} from './gate/after.ts';
import { type Coverage, coverageOf, type FileCounts } from './gate/coverage.ts';
import { type Gate, gatesOf } from './gate/gate.ts';
import { inventoryOf, senderId } from './inventory/inventory.ts';
import type { SenderLine } from './inventory/line.ts';
import { type MessageProof, MessageProofs, weightOf } from './inventory/proofs.ts';
import { noteOn, type SenderNotes } from './inventory/notes.ts';

const DAY = 86_400_000;
/** Kinds of messages whose effects are added at a time. */
const MOST_KINDS = 20_000;
/** Messages that are looked at before others have their turn. */
const AT_A_STRETCH = 4096;

/** One day of the organisation's mail that matters. */
export interface TimelineDay {
  /** Days since 1970. */
  day: number;
  proven: number;
  candidates: number;
  abusive: number;
}

/** Where an answer comes from. */
export interface AnswerSource extends FactSource {
  tallies(): Promise<Tally[]>;
}

/** Everything that the audit says, from one look at the facts. */
export interface Answer {
  senders: SenderLine[];
  campaigns: Campaign[];
  /** Suspect messages that the search for campaigns could not hold. */
  suspectsLeftOut: number;
  /** What the rule would do, for each accepted domain. */
  effects: DomainEffect[];
  gates: Gate[];
  coverage: Coverage;
  timeline: TimelineDay[];
  /** Some messages of each sender, by its identifier: what its line rests on. */
  proofs: Record<string, MessageProof[]>;
  /** After the switch, where its time is known. */
  after?: { silent: Silent[]; refused: Refused[]; proofs: Proof[] };
}

export interface AnswerOptions {
  organisation: Organisation;
  notes: SenderNotes;
  /** Wall time, ms. */
  now: number;
  /** What became of each file of evidence. */
  files?: readonly FileCounts[];
  /** When the rule was switched on, or senders were moved, ms. */
  switchedAt?: number;
  /** Ends it. */
  signal?: AbortSignal;
}

/** Judges all facts and answers. Memory grows with senders, days and suspects, not with messages. */
export async function answer(
  facts: AnswerSource,
  { organisation, notes, now, files, switchedAt, signal }: AnswerOptions,
): Promise<Answer> {
  const noted = await notes.all();
  const effects = new WhatIf(organisation);
  const refusals = new Refusals(switchedAt ?? 0);
  const timeline = new Map<number, TimelineDay & { counted: number }>();
  const shown = new MessageProofs();
  const ids = new Map<string, string>();
  // messages that are judged alike are looked at once
  const kinds = new Map<Judged, { fact: Fact; weight: number; isRefused: boolean; times: number }>();
  const addEffects = (): void => {
    for (const [{ decision }, { fact, times }] of kinds) effects.add(fact, decision, times);
    kinds.clear();
  };
  const judgement = await judge(facts, organisation, {
    // who is approved is asked of every message
    ...(noted.size > 0 && {
      approved: (sender: string) => noteOn(noted, sender)?.decision === 'approved',
    }),
    ...(signal && { signal }),
    witness(message, judged, sender) {
      const { decision, abuse } = judged;
      let id = ids.get(sender);
      if (id === undefined) ids.set(sender, (id = senderId(sender)));
      let kind = kinds.get(judged);
      if (!kind) {
        if (kinds.size === MOST_KINDS) addEffects();
        const { fact } = message;
        const isRefused = Refusals.isOne(fact);
        kinds.set(judged, (kind = { fact, weight: weightOf(fact, decision), isRefused, times: 0 }));
      }
      kind.times++;
      if (kind.isRefused) refusals.add(message.fact, id);
      shown.add(id, kind.weight, message, decision, abuse);
      const isAbusive = abuse.score >= ABUSE;
      const { at, count = 1 } = message.fact.told;
      if (at === undefined || (decision.outcome === 'not' && !isAbusive)) return;
      const day = Math.floor(at / DAY);
      let known = timeline.get(day);
      if (!known) timeline.set(day, (known = { day, proven: 0, candidates: 0, abusive: 0, counted: 0 }));
      if (decision.outcome !== 'not' && message.fact.told.count !== undefined) known.counted += count;
      else if (decision.outcome === 'direct-send') known.proven += count;
      else if (decision.outcome === 'candidate') known.candidates += count;
      if (isAbusive) known.abusive += count;
    },
  });
  addEffects();
  const senders = inventoryOf(judgement, organisation, noted);
  const totals = { proven: 0, candidates: 0 };
  for (const { messages } of senders) {
    totals.proven += messages.proven;
    totals.candidates += messages.candidates;
  }
  const { tenant } = organisation;
  const coverage = coverageOf(await facts.tallies(), totals, now, tenant.organization.mxPointsHere, files);
  const result: Answer = {
    senders,
    campaigns: judgement.campaigns,
    suspectsLeftOut: judgement.suspectsLeftOut,
    effects: effects.effects,
    gates: gatesOf(
      tenant.domains.map(({ name }) => name),
      senders,
      coverage,
    ),
    coverage,
    // what reports count are the same messages, as far as others tell them one by one
    timeline: [...timeline.values()]
      .map(({ counted, ...day }) => ({
        ...day,
        candidates: Math.max(day.candidates, counted - day.proven),
      }))
      .sort((a, b) => a.day - b.day),
    proofs: shown.bySender,
  };
  if (switchedAt === undefined) return result;
  const migrated = senders.filter(({ note }) => note?.decision === 'migrated');
  const proofs = new ConnectorProofs(migrated, switchedAt);
  let followed = 0;
  if (migrated.length > 0)
    for await (const fact of facts.scan()) {
      if (++followed % AT_A_STRETCH === 0) await breath(signal);
      proofs.add(fact);
    }
  const silent = silentSenders(senders, switchedAt, judgement.last);
  // what was moved is silent at its old place, as it should be
  const moved = new Set(proofs.all.filter(({ state }) => state === 'proven').map(({ id }) => id));
  return {
    ...result,
    after: { silent: silent.filter(({ id }) => !moved.has(id)), refused: refusals.all, proofs: proofs.all },
  };
}
