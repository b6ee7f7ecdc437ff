import type { EvidenceKind } from '../evidence/observation.ts';
import type { Tally } from '../facts/facts.ts';

const DAY = 86_400_000;

/** How much of the time and of the mail the evidence tells of, and what it can't see. */
export interface Coverage {
  /** Days since 1970: the first and the last with evidence. */
  firstDay?: number;
  lastDay?: number;
  days: number;
  /** Days between the first and last without any. */
  gaps: number;
  kinds: EvidenceKind[];
  /** Messages that the evidence tells of, by what became of them: kept, internal, outgoing, foreign. */
  messages: Record<string, number>;
  /** Share of what may be Direct Send that is proven one way or the other. */
  proven: number;
  /** What it can't see, and the same in plain sentences. */
  spots: BlindSpot[];
  blind: string[];
}

export interface BlindSpot {
  code: BlindSpotCode;
  /** How many, where it is about days. */
  days?: number;
}

export type BlindSpotCode =
  | 'no-evidence'
  | 'no-complete-source'
  | 'no-connectors'
  | 'no-envelopes'
  | 'short'
  | 'gaps'
  | 'old'
  | 'no-dmarc-reports'
  | 'silent-devices';

const BLIND: Record<BlindSpotCode, (days: number) => string> = {
  'no-evidence': () => 'There is no evidence yet.',
  'no-complete-source': () =>
    'No source is complete: what is not in the samples is not seen. Add a message trace.',
  'no-connectors': () =>
    'No source tells of connectors: Direct Send can not be proven. Add trace details or EmailEvents.',
  'no-envelopes': () =>
    'No source tells envelope senders, and the rule looks at nothing else. Add trace details or EmailEvents.',
  short: (days) =>
    `The evidence spans ${days} days: what sends once a month, a quarter or a year may be missing.`,
  gaps: (days) => `${days} days in between are without evidence.`,
  old: (days) => `The newest evidence is ${days} days old.`,
  'no-dmarc-reports': () =>
    'The MX records lead elsewhere: Microsoft sends no DMARC reports for such domains.',
  'silent-devices': () =>
    'A device that sent nothing in this time is not seen at all: a fire alarm, a UPS, a yearly batch.',
};

/** Evidence of every message, as opposed to samples, selections and counts. */
const COMPLETE: ReadonlySet<string> = new Set([
  'trace',
  'connector-report',
  'email-events',
  'inbound-report',
]);
const SHOWS_CONNECTOR: ReadonlySet<string> = new Set([
  'trace-detail',
  'trace-extended',
  'trace-enhanced',
  'email-events',
  'connector-report',
  'message',
]);
const SHOWS_ENVELOPE: ReadonlySet<string> = new Set([
  'trace-detail',
  'trace-extended',
  'email-events',
  'message',
  'dmarc',
]);

/** @param now wall time, ms; @param mxPointsHere whether the MX records lead to Microsoft 365 */
export function coverageOf(
  tallies: readonly Tally[],
  { proven, candidates }: { proven: number; candidates: number },
  now: number,
  mxPointsHere: boolean,
): Coverage {
  const byDay = new Map<number, number>();
  const kinds = new Set<EvidenceKind>();
  const most = new Map<string, number>();
  for (const { day, kind, relevance, count } of tallies) {
    byDay.set(day, (byDay.get(day) ?? 0) + count);
    kinds.add(kind);
    // several kinds tell of the same messages: the fullest of a day counts
    const key = `${day} ${relevance}`;
    most.set(key, Math.max(most.get(key) ?? 0, count));
  }
  const messages: Record<string, number> = {};
  for (const [key, count] of most) {
    const relevance = key.slice(key.indexOf(' ') + 1);
    messages[relevance] = (messages[relevance] ?? 0) + count;
  }
  const days = [...byDay.keys()].sort((a, b) => a - b);
  const [firstDay, lastDay] = [days[0], days.at(-1)];
  const span = firstDay === undefined || lastDay === undefined ? 0 : lastDay - firstDay + 1;
  const total = proven + candidates;
  const spots: BlindSpot[] = [];
  const has = (set: ReadonlySet<string>) => [...kinds].some((kind) => set.has(kind));
  if (kinds.size === 0) spots.push({ code: 'no-evidence' });
  else {
    if (!has(COMPLETE)) spots.push({ code: 'no-complete-source' });
    if (!has(SHOWS_CONNECTOR)) spots.push({ code: 'no-connectors' });
    if (!has(SHOWS_ENVELOPE)) spots.push({ code: 'no-envelopes' });
    if (span < 31) spots.push({ code: 'short', days: span });
    if (span > days.length) spots.push({ code: 'gaps', days: span - days.length });
    if (lastDay !== undefined && now - (lastDay + 1) * DAY > 2 * DAY)
      spots.push({ code: 'old', days: Math.floor((now - (lastDay + 1) * DAY) / DAY) });
    if (!mxPointsHere && kinds.has('dmarc')) spots.push({ code: 'no-dmarc-reports' });
  }
  spots.push({ code: 'silent-devices' });
  return {
    ...(firstDay !== undefined && { firstDay }),
    ...(lastDay !== undefined && { lastDay }),
    days: days.length,
    gaps: span - days.length,
    kinds: [...kinds].sort(),
    messages,
    proven: total === 0 ? (has(SHOWS_CONNECTOR) && has(SHOWS_ENVELOPE) ? 1 : 0) : proven / total,
    spots,
    blind: spots.map(({ code, days: count = 0 }) => BLIND[code](count)),
  };
}
