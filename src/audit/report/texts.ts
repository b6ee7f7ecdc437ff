import type { SenderClass } from '../classify/class-rules.ts';
import type { Lack } from '../classify/doubts.ts';
import type { Missing } from '../classify/decision.ts';
import type { EvidenceKind } from '../evidence/observation.ts';
import type { FileReport } from '../evidence/report.ts';
import type { FactField } from '../facts/fact.ts';
import type { BlindSpot } from '../gate/coverage.ts';
import type { Gate } from '../gate/gate.ts';
import type { Proof } from '../gate/after.ts';
import type { SenderLine } from '../inventory/line.ts';
import type { SenderNote } from '../inventory/notes.ts';
import type { WayOut } from '../inventory/way-out.ts';
import type { Rhythm } from '../inventory/rhythm.ts';
import type { FindingCode } from '../run/posture.ts';

export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Every word of the report in one language. One type for all of them, so that none can be missing. */
export interface Texts {
  language: Language;
  /** BCP 47, for numbers and dates. */
  locale: string;
  /** As the language sets them, with the spaces around them. */
  colon: string;
  semicolon: string;
  /** Behind what is only likely. */
  perhaps: string;
  title: string;
  subtitle(organisation: string): string;
  made(at: string): string;
  period(from: string, to: string, days: number): string;
  noPeriod: string;
  verdict: Record<Gate['answer'], string>;
  question(domain: string): string;
  /** The answer for one domain in a sentence. */
  answer(gate: { answer: Gate['answer']; senders: number; perDay: string }): string;
  alreadyOn: string;
  figures: {
    left: string;
    perDay: string;
    attacks: string;
    coverage: string;
    days: string;
  };
  headings: {
    answer: string;
    next: string;
    left: string;
    timeline: string;
    classes: string;
    senders: string;
    others: string;
    campaigns: string;
    domains: string;
    findings: string;
    after: string;
    coverage: string;
    files: string;
    method: string;
  };
  next: {
    wave(number: number): string;
    senders(count: number): string;
    perDay(count: string): string;
    nothing: string;
    attacks(count: number): string;
  };
  legend: { proven: string; candidates: string; abusive: string };
  timelineNote: string;
  noTimeline: string;
  classes: Record<SenderClass, string>;
  classNotes: Record<SenderClass, string>;
  directSend: Record<SenderLine['directSend'], string>;
  decisions: Record<NonNullable<SenderNote['decision']>, string>;
  wayOut: Record<WayOut['kind'], string>;
  why(line: Pick<SenderLine, 'class' | 'wayOut' | 'note'>): string;
  rhythm: Record<Rhythm['pattern'], string>;
  missing: Record<Missing, string>;
  /** What would tell classes apart, with the evidence that has it. */
  lacks: Record<Lack, string>;
  asks: { intro: string; ask(lack: string, senders: number): string };
  columns: {
    sender: string;
    kind: string;
    perDay: string;
    total: string;
    last: string;
    wayOut: string;
    wave: string;
    domain: string;
    refused: string;
    perhaps: string;
    withSubdomains: string;
    untouched: string;
    file: string;
    rows: string;
    used: string;
    refusedRows: string;
    outcome: string;
    state: string;
    messages: string;
    recipients: string;
  };
  card: {
    seen(first: string, last: string): string;
    rhythm: string;
    confidence: string;
    candidates: string;
    wouldTell: string;
    addresses: string;
    helos: string;
    names: string;
    tls: string;
    domains: string;
    envelope: string;
    authors: string;
    recipients: string;
    subjects: string;
    authentication: string;
    evidence: string;
    reasons: string;
    abuse: string;
    hidden(count: number): string;
    owner: string;
    decision: string;
    note: string;
    proof: string;
    noProof: string;
    lacking: string;
    copy: string;
    wayOut: string;
  };
  /** Messages told one by one; `more`: only the first so many of all senders are shown. */
  moreSenders(shown: number, all: number): string;
  others(count: number): string;
  noSenders: string;
  campaign: {
    title(id: string): string;
    text(figures: { messages: number; recipients: number; self: number }): string;
    from: string;
    subjects: string;
    attachments: string;
    none: string;
  };
  domainsNote: string;
  findings: Record<FindingCode, (subject: string) => string>;
  after: {
    silent: string;
    noSilent: string;
    silentText(line: { perDay: string; days: number }): string;
    refused: string;
    noRefused: string;
    proofs: string;
    states: Record<Proof['state'], string>;
  };
  coverage: {
    proven(percent: string): string;
    messages(kept: string, internal: string, outgoing: string, foreign: string): string;
    sources: string;
    blind: string;
    gaps(days: number): string;
  };
  blind(spot: BlindSpot): string;
  kinds: Record<EvidenceKind, string>;
  dns: string;
  fileKinds: Record<Exclude<FileReport['kind'], EvidenceKind | undefined>, string>;
  outcomes: Record<FileReport['outcome'], string>;
  fields: Partial<Record<FactField, string>>;
  method: readonly string[];
  /** A phrase of the rules (classes, abuse) in this language. */
  phrase(english: string): string;
}
