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

const ENOUGH_DAYS = 31;
/** Below this, an absence of findings is no answer. */
const LOWEST_CONFIDENCE = 0.5;

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
      .map((line) => ({ line, share: shareOf(line, domain) }))
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

/** Attacks shall break; what was ignored or blocked may; what was migrated is told by its own proof. */
export function isLeft({ directSend, class: kind, note }: SenderLine): boolean {
  if (directSend === 'no' || kind === 'attack') return false;
  const { decision } = note ?? {};
  return decision !== 'ignored' && decision !== 'blocked' && decision !== 'migrated';
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

function confidenceOf({ days, gaps, proven, kinds }: Coverage): number {
  if (kinds.length === 0) return 0;
  const time = Math.min(1, days / ENOUGH_DAYS);
  const whole = days + gaps === 0 ? 0 : days / (days + gaps);
  return Math.round(time * (0.5 + 0.5 * whole) * (0.4 + 0.6 * proven) * 100) / 100;
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
