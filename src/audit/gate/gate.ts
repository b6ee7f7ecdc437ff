import type { SenderLine } from '../inventory/line.ts';
import type { Coverage } from './coverage.ts';

/** Whether the rule may be switched on, as far as one accepted domain is concerned. */
export interface Gate {
  domain: string;
  answer: 'yes' | 'no' | 'unknown';
  /** One line for people. */
  text: string;
  /** Senders of the domain that would be refused and for which nothing was decided. */
  left: { id: string; name: string; class: SenderLine['class']; perDay: number; proven: boolean }[];
  /** Their messages a day. */
  perDay: number;
  /** 0 to 1: how far this answer can be relied on. */
  confidence: number;
  reasons: string[];
}

const DAY = 86_400_000;
const ENOUGH_DAYS = 31;
/** Four weeks: what sends once a month is most likely in them, and in EmailEvents, which reach back no further. */
const FEWEST_DAYS = 28;
/** Below this, an absence of findings is no answer. */
const LOWEST_CONFIDENCE = 0.5;
const HIGHEST_THIN = 0.4;

/** The answer for each accepted domain; the rule itself is one switch for all of them. */
export function gatesOf(
  domains: readonly string[],
  lines: readonly SenderLine[],
  coverage: Coverage,
): Gate[] {
  const confidence = confidenceOf(coverage);
  return domains.map((domain) => {
    const left = lines
      .filter((line) => isLeft(line))
      .map((line) => ({ line, share: isOfNone(line, domains) ? 1 : shareOf(line, domain) }))
      .filter(({ share }) => share > 0)
      .map(({ line, share }) => ({
        id: line.id,
        name: line.name,
        class: line.class,
        perDay: Math.round(line.messages.perDay * share * 100) / 100,
        proven: line.directSend === 'proven',
      }))
      .sort((a, b) => b.perDay - a.perDay);
    const perDay = Math.round(left.reduce((sum, one) => sum + one.perDay, 0) * 10) / 10;
    const answer = left.length > 0 ? 'no' : confidence < LOWEST_CONFIDENCE ? 'unknown' : 'yes';
    return {
      domain,
      answer,
      text: textOf(domain, answer, left.length, perDay, coverage),
      left,
      perDay,
      confidence,
      reasons: coverage.blind,
    };
  });
}

/**
 * Attacks shall break, where the evidence leaves open nothing else; what was ignored or blocked may; what was migrated is not
 * left, unless it is seen all the same.
 */
export function isLeft(line: SenderLine): boolean {
  const { candidates, directSend, class: kind, note } = line;
  if (directSend === 'no' || (kind === 'attack' && candidates.length <= 1)) return false;
  const { decision } = note ?? {};
  if (decision === 'migrated') return isStillDirect(line);
  return decision !== 'ignored' && decision !== 'blocked';
}

/** Somebody said that it was moved, and its mail came without a connector a day later and after. */
function isStillDirect({ last, note }: Pick<SenderLine, 'last' | 'note'>): boolean {
  return note?.decision === 'migrated' && (last ?? 0) > (note.decidedAt ?? Infinity) + DAY;
}

/** A sender that shows none of the domains may use any of them. */
function isOfNone(line: SenderLine, domains: readonly string[]): boolean {
  return domains.every((domain) => shareOf(line, domain) === 0);
}

function shareOf({ domains }: SenderLine, wanted: string): number {
  let all = 0;
  let own = 0;
  for (const [domain, count] of Object.entries(domains)) {
    all += count;
    if (domain === wanted || domain.endsWith(`.${wanted}`)) own += count;
  }
  return all === 0 ? 0 : own / all;
}

/** With one of these nothing that was not found can be relied on. */
const DISQUALIFYING: ReadonlySet<string> = new Set([
  'no-evidence',
  'no-complete-source',
  'no-connectors',
  'no-envelopes',
  'selection',
  'refused-rows',
  'unread-files',
  'cut-files',
  'unnamed-domains',
]);
/** Days after which evidence tells of another time. */
const OLDEST_DAYS = 14;

function confidenceOf({
  days,
  completeDays,
  completeSpan = 0,
  completeAge = Infinity,
  gaps,
  proven,
  spots,
}: Coverage): number {
  // samples show what is there, and never that there is no more
  const time = Math.min(1, completeDays / ENOUGH_DAYS);
  const whole = days + gaps === 0 ? 0 : completeDays / (days + gaps);
  const most =
    completeSpan < FEWEST_DAYS ||
    completeAge > OLDEST_DAYS ||
    spots.some(({ code }) => DISQUALIFYING.has(code))
      ? HIGHEST_THIN
      : 1;
  return Math.min(most, Math.round(time * (0.5 + 0.5 * whole) * (0.4 + 0.6 * proven) * 100) / 100);
}

function textOf(
  domain: string,
  answer: Gate['answer'],
  senders: number,
  perDay: number,
  { days }: Coverage,
): string {
  const begin = `Safe to switch on for ${domain}`;
  if (answer === 'no') {
    const messages =
      perDay < 1
        ? 'less than one message a day'
        : `${Math.round(perDay)} message${Math.round(perDay) === 1 ? '' : 's'} a day`;
    return `${begin}: no; ${senders} sender${senders === 1 ? '' : 's'} left, ${messages}.`;
  }
  if (answer === 'yes') return `${begin}: yes; no sender left in ${days} days of evidence.`;
  return `${begin}: not known; nothing was found, and the evidence is too thin to rely on that.`;
}
