import type { Counts, Profile } from '../classify/profile.ts';
import type { Organisation } from '../classify/decision.ts';
import type { JudgedSender, Judgement } from '../classify/judge.ts';
import { hashOf } from '../facts/hash.ts';
import type { SenderLine } from './line.ts';
import { noteOn, type StoredNote } from './notes.ts';
import { rhythmOf } from './rhythm.ts';
import { wayOutOf } from './way-out.ts';

const DAY = 86_400_000;
const SOME = 20;

/** One line a sender, those that matter most first; with notes, ways out and waves. */
export function inventoryOf(
  { senders, first, last }: Pick<Judgement, 'senders' | 'first' | 'last'>,
  organisation: Organisation,
  notes: ReadonlyMap<string, StoredNote> = new Map(),
): SenderLine[] {
  const span = last > first ? Math.max(1, (last - first) / DAY) : 1;
  return withWaysOut(
    senders.map((sender) => describe(sender, span, notes)),
    organisation,
  );
}

/** Adds how each sender gets off Direct Send, and in which order; made anew whenever a note changes. */
export function withWaysOut(
  described: readonly Omit<SenderLine, 'wayOut' | 'wave'>[],
  organisation: Organisation,
): SenderLine[] {
  const uses = new Map<string, number>();
  for (const { addresses } of described)
    for (const address of addresses) uses.set(address, (uses.get(address) ?? 0) + 1);
  const context = { organisation, isShared: (address: string) => (uses.get(address) ?? 0) > 1 };
  const lines = described.map((line) => ({ ...line, wayOut: wayOutOf(line, context) }));
  const order = { proven: 0, candidate: 1, no: 2 };
  lines.sort(
    (a, b) =>
      order[a.directSend] - order[b.directSend] ||
      b.messages.total - a.messages.total ||
      (a.id < b.id ? -1 : 1),
  );
  return withWaves(lines);
}

export function senderId(key: string): string {
  return `s${hashOf(key).toString(36)}`;
}

function describe(
  { profile, classification }: JudgedSender,
  span: number,
  notes: ReadonlyMap<string, StoredNote>,
): Omit<SenderLine, 'wayOut' | 'wave'> {
  const note = noteOn(notes, profile.key, profile.places.top(SOME));
  const proven = profile.outcomes['direct-send'];
  const candidates = profile.outcomes.candidate;
  const total = profile.volume;
  return {
    id: senderId(profile.key),
    key: profile.key,
    name: nameOf(profile),
    ...classification,
    directSend: proven > 0 ? 'proven' : candidates > 0 ? 'candidate' : 'no',
    messages: { total, proven, candidates, perDay: Math.round((total / span) * 100) / 100 },
    missing: Object.fromEntries(profile.missing.entries),
    ...(profile.service && { service: profile.service.name }),
    networks: profile.places.top(SOME),
    addresses: profile.addresses.top(50),
    helos: profile.helos.top(SOME),
    names: profile.ptrs.top(SOME).filter((name) => name !== ''),
    tls: table(profile.tls),
    connectors: table(profile.connectors),
    ...(Number.isFinite(profile.first) && { first: profile.first, last: profile.last }),
    rhythm: rhythmOf(profile),
    days: Object.fromEntries(
      [...profile.days].map(([day, { messages, counted }]) => [day, Math.max(messages, counted)]),
    ),
    // each has its own answer: none may be left out because others send more
    domains: table(profile.domains, Infinity),
    senders: profile.p1Senders.top(SOME),
    authors: profile.authors.top(SOME),
    recipients: {
      count: profile.recipients.size,
      more: profile.recipients.overflow,
      some: profile.recipients.top(SOME),
    },
    subjects: profile.subjects.top(5),
    authentication: { spf: table(profile.spf), dkim: table(profile.dkim), dmarc: table(profile.dmarc) },
    abuse: {
      messages: profile.abusive,
      reasons: profile.abuseReasons.top(8),
      hidden: profile.hiddenAbuse,
      campaigns: profile.campaigns.top(5),
    },
    evidence: table(profile.kinds),
    ...(note && { note }),
  };
}

function nameOf(profile: Profile): string {
  if (profile.service) return profile.service.name;
  const [campaign] = profile.campaigns.top(1);
  if (campaign !== undefined) return `Campaign ${campaign}`;
  const [connector] = profile.connectors.top(1);
  if (connector !== undefined) return connector;
  const helo = profile.helos.top(1)[0];
  const where = profile.addresses.top(1)[0];
  if (helo && where) return `${helo} at ${where}`;
  return where ?? profile.p1Senders.top(1)[0] ?? profile.authors.top(1)[0] ?? 'unknown';
}

function table(counts: Counts, most = SOME): Record<string, number> {
  return Object.fromEntries(counts.top(most).map((value) => [value, counts.of(value)]));
}

/**
 * Easy and big first: the first wave is what an import moves, down to the last fifth of its traffic; then what needs a
 * setting at a partner; then the rest. A wave that somebody chose stays.
 */
function withWaves(lines: Omit<SenderLine, 'wave'>[]): SenderLine[] {
  const easy = lines
    .filter(({ wayOut }) => wayOut.kind === 'relay-source')
    .sort((a, b) => b.messages.total - a.messages.total);
  const traffic = easy.reduce((sum, { messages }) => sum + messages.total, 0);
  const first = new Set<string>();
  let taken = 0;
  for (const { id, messages } of easy) {
    if (taken >= traffic * 0.8) break;
    first.add(id);
    taken += messages.total;
  }
  return lines.map((line) => {
    const wave = line.note?.wave ?? waveOf(line, first);
    return wave === undefined ? line : { ...line, wave };
  });
}

function waveOf(
  { id, wayOut, note }: Omit<SenderLine, 'wave'>,
  first: ReadonlySet<string>,
): number | undefined {
  if (note?.decision === 'ignored' || note?.decision === 'migrated') return undefined;
  switch (wayOut.kind) {
    case 'relay-source':
      return first.has(id) ? 1 : 2;
    case 'partner-connector':
    case 'custom-return-path':
      return 3;
    case 'fix-forwarding':
    case 'investigate':
      return 4;
    case 'block':
    case 'nothing':
      return undefined;
  }
}
