import type { EvidenceKind } from '../evidence/observation.ts';
import type { FileReport } from '../evidence/report.ts';
import type { Tally } from '../facts/facts.ts';

const DAY = 86_400_000;

/** What of a file's report matters here. */
export type FileCounts = Pick<FileReport, 'cut' | 'kind' | 'name' | 'outcome' | 'refused' | 'rows'>;

/** How much of the time and of the mail the evidence tells of, and what it can't see. */
export interface Coverage {
  /** Days since 1970: the first and the last with evidence. */
  firstDay?: number;
  lastDay?: number;
  days: number;
  /**
   * Days with evidence of every message, as opposed to samples, selections and counts; from the first to the last of them; and
   * how old the newest is.
   */
  completeDays: number;
  completeSpan?: number;
  completeAge?: number;
  /** Days between the first and last without any. */
  gaps: number;
  kinds: EvidenceKind[];
  /** Messages that the evidence tells of, by what became of them: kept, internal, outgoing, foreign, unnamed. */
  messages: Record<string, number>;
  /** Share of what may be Direct Send that is proven one way or the other. */
  proven: number;
  /** What it can't see, and the same in plain sentences. */
  spots: BlindSpot[];
  blind: string[];
}

export interface BlindSpot {
  code: BlindSpotCode;
  /** How many: days, rows or files. */
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
  | 'partly-complete'
  | 'selection'
  | 'refused-rows'
  | 'unread-files'
  | 'cut-files'
  | 'unnamed-domains'
  | 'strange-authors'
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
  'partly-complete': (days) =>
    `${days} days have samples or selections only: what is not in them is not seen. Add the message trace of these days.`,
  selection: () =>
    'The message trace holds no mail of others, and none that was sent: it seems to be a selection. Export all of it.',
  'refused-rows': (rows) => `${rows} rows could not be read: what they tell is missing.`,
  'unread-files': (files) => `${files} files look like evidence and could not be read.`,
  'cut-files': (files) =>
    `${files} files end at the most rows that an export gives: the rest is most likely missing. Export shorter periods.`,
  'unnamed-domains': (messages) =>
    `${messages} messages came in to domains that nobody named as yours: name all accepted domains, the rule is one for all.`,
  'strange-authors': () =>
    'A message trace shows authors: mail of yours with the author of others, as web forms send it, is not seen. Add EmailEvents.',
  'no-dmarc-reports': () =>
    'The MX records lead elsewhere: Microsoft sends no DMARC reports for such domains.',
  'silent-devices': () =>
    'A device that sent nothing in this time is not seen at all: a fire alarm, a UPS, a yearly batch.',
};

/** Evidence of every message, as opposed to samples, selections and counts. */
const COMPLETE: ReadonlySet<string> = new Set(['trace', 'connector-report', 'email-events']);
/** Rows that an export ends at: the message trace by PowerShell, the reports of Exchange, hunting. */
const LIMITS: Partial<Record<string, readonly number[]>> = {
  trace: [1000, 5000, 10_000],
  'trace-extended': [1000, 100_000],
  'trace-enhanced': [50_000, 100_000],
  'connector-report': [100_000, 1_000_000],
  'email-events': [1000, 10_000, 30_000, 100_000],
};
/** What a person exports by one question, compressed or not; a program asks on, and writes a record a line. */
const EXPORTED = /\.(?:csv|json)(?:\.\w+)?!?$/i;
/** Evidence of every message that tells its envelope sender. */
const COMPLETE_ENVELOPES: ReadonlySet<string> = new Set(['email-events', 'trace-extended']);
/** Share of messages to domains that nobody named, from which on they are more than members of groups who are elsewhere. */
const TOO_MANY_UNNAMED = 0.01;
/** Share of refused rows from which on the rest is no basis. */
const TOO_MANY_REFUSED = 0.01;
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

/**
 * @param now wall time, ms; @param mxPointsHere whether the MX records lead to Microsoft 365
 * @param files what became of each file of evidence
 */
export function coverageOf(
  tallies: readonly Tally[],
  { proven, candidates }: { proven: number; candidates: number },
  now: number,
  mxPointsHere: boolean,
  files: readonly FileCounts[] = [],
): Coverage {
  const byDay = new Map<number, number>();
  const kinds = new Set<EvidenceKind>();
  const complete = new Set<number>();
  const most = new Map<string, number>();
  for (const { day, kind, relevance, count } of tallies) {
    byDay.set(day, (byDay.get(day) ?? 0) + count);
    kinds.add(kind);
    if (COMPLETE.has(kind)) complete.add(day);
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
    if (complete.size === 0) spots.push({ code: 'no-complete-source' });
    else if (complete.size < days.length)
      spots.push({ code: 'partly-complete', days: days.length - complete.size });
    const { unnamed = 0 } = messages;
    const all = Object.values(messages).reduce((sum, count) => sum + count, 0);
    if (unnamed > all * TOO_MANY_UNNAMED) spots.push({ code: 'unnamed-domains', days: unnamed });
    if (complete.size > 0 && !has(COMPLETE_ENVELOPES)) spots.push({ code: 'strange-authors' });
    if (isSelection(kinds, messages)) spots.push({ code: 'selection' });
    if (!has(SHOWS_CONNECTOR)) spots.push({ code: 'no-connectors' });
    if (!has(SHOWS_ENVELOPE)) spots.push({ code: 'no-envelopes' });
    if (span < 31) spots.push({ code: 'short', days: span });
    if (span > days.length) spots.push({ code: 'gaps', days: span - days.length });
    if (lastDay !== undefined && now - (lastDay + 1) * DAY > 2 * DAY)
      spots.push({ code: 'old', days: Math.floor((now - (lastDay + 1) * DAY) / DAY) });
    spots.push(...fileSpots(files));
    if (!mxPointsHere && kinds.has('dmarc')) spots.push({ code: 'no-dmarc-reports' });
  }
  spots.push({ code: 'silent-devices' });
  return {
    ...(firstDay !== undefined && { firstDay }),
    ...(lastDay !== undefined && { lastDay }),
    days: days.length,
    completeDays: complete.size,
    ...(complete.size > 0 && {
      completeSpan: Math.max(...complete) - Math.min(...complete) + 1,
      completeAge: Math.max(0, Math.floor((now - (Math.max(...complete) + 1) * DAY) / DAY)),
    }),
    gaps: span - days.length,
    kinds: [...kinds].sort(),
    messages,
    proven: total === 0 ? (has(SHOWS_CONNECTOR) && has(SHOWS_ENVELOPE) ? 1 : 0) : proven / total,
    spots,
    blind: spots.map(({ code, days: count = 0 }) => BLIND[code](count)),
  };
}

/** A trace of a whole organisation has mail of others, or mail that it sends. */
function isSelection(kinds: ReadonlySet<string>, { keep = 0, ...others }: Record<string, number>): boolean {
  const rest = Object.values(others).reduce((sum, count) => sum + count, 0);
  const onlyTrace = kinds.has('trace') && !kinds.has('email-events') && !kinds.has('connector-report');
  return onlyTrace && keep >= 20 && rest === 0;
}

function fileSpots(files: readonly FileCounts[]): BlindSpot[] {
  const spots: BlindSpot[] = [];
  let rows = 0;
  let refused = 0;
  for (const file of files) {
    rows += file.rows;
    refused += file.refused;
  }
  if (refused > 0 && refused > rows * TOO_MANY_REFUSED) spots.push({ code: 'refused-rows', days: refused });
  const unread = files.filter(({ outcome }) => outcome === 'question' || outcome === 'refused').length;
  if (unread > 0) spots.push({ code: 'unread-files', days: unread });
  const cut = files.filter(
    ({ cut: isCut, kind = '', name, rows: count }) =>
      isCut === true || (EXPORTED.test(name) && LIMITS[kind]?.includes(count) === true),
  ).length;
  if (cut > 0) spots.push({ code: 'cut-files', days: cut });
  return spots;
}
