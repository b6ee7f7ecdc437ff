import type { Fact } from '../facts/fact.ts';
import type { Places } from './places.ts';
import type { Traits } from './traits.ts';

export interface AbuseScore {
  score: number;
  /** What added and what took away, as plain phrases. */
  reasons: string[];
  /** Whether any of it is what honest devices do not show. */
  isTelling: boolean;
}

/** What is known besides the message. */
export interface AbuseContext {
  places: Places;
  /** Whether an administrator has approved the sender. */
  approved: boolean;
}

interface AbuseRule {
  points: number;
  reason: string;
  /** Honest devices show it as well: those that nobody gave a name, a place in SPF or another sender than the user. */
  common?: true;
  when(fact: Fact, traits: Traits, context: AbuseContext): boolean;
}

/** From here on a message is taken for abuse; nothing in it is by itself enough. */
export const ABUSE = 7;

const TEXTLESS = /\.(?:pdf|svgz?|html?|docx?|shtml)$/i;

/** Signs of abuse, each with its weight: they add up, and none has to be there. */
export const ABUSE_RULES: readonly AbuseRule[] = [
  {
    points: 3,
    reason: 'sent to the address that it pretends to come from',
    common: true,
    when: (_, { self }) => self,
  },
  {
    points: 3,
    reason: 'the client calls itself by an address',
    when: (_, { helo }) => helo === 'loopback' || helo === 'literal',
  },
  {
    points: 2,
    reason: 'the address has no name',
    common: true,
    when: ({ told }) => told.ptr === '' || told.ptr === 'InfoDomainNonexistent',
  },
  {
    points: 2,
    reason: 'mail of the own domains comes from this network for hardly any time',
    common: true,
    when: (_, traits, { places }) => places.isNew(traits),
  },
  { points: 2, reason: 'DMARC fails', common: true, when: ({ told }) => told.dmarc === 'fail' },
  {
    points: 1,
    reason: 'and the policy says reject or quarantine',
    common: true,
    when: ({ told }) => told.dmarc === 'fail' && /reject|quarantine/.test(told.extra?.['action'] ?? ''),
  },
  {
    points: 2,
    reason: 'composite authentication takes it for a forgery',
    common: true,
    when: ({ told: { compauth, reason = '' } }) =>
      (compauth === 'fail' && /^(?:010|6\d\d)$/.test(reason)) || (compauth === 'none' && reason === '451'),
  },
  {
    points: 1,
    reason: 'composite authentication fails',
    common: true,
    when: ({ told: { compauth, reason } }) => compauth === 'fail' && reason === undefined,
  },
  { points: 2, reason: 'the subject is a known lure', when: (_, { lure }) => lure },
  {
    points: 2,
    reason: 'an attachment that such mail brings',
    when: ({ told: { attachments = [] } }, traits, { places }) =>
      !speaksAsDevice(traits, places) && attachments.some(({ name = '' }) => TEXTLESS.test(name)),
  },
  { points: 2, reason: 'written by PowerShell', when: ({ told }) => /powershell/i.test(told.mailer ?? '') },
  {
    points: 1,
    reason: 'the filter took it for spam or phishing',
    common: true,
    when: ({ told }) =>
      /^(?:spm|phsh|hphsh|hphish)$/i.test(told.verdict ?? '') ||
      /quarantined|filteredasspam/.test(told.status ?? ''),
  },
  { points: -4, reason: 'the sender is approved', when: (_, __, { approved }) => approved },
  {
    points: -2,
    reason: 'signed by the own domain',
    when: ({ told }, { p2 }) =>
      told.dkim === 'pass' && (p2 === 'own' || p2 === 'subdomain') && told.dmarc === 'pass',
  },
  {
    points: -3,
    reason: 'the network is one that sends for weeks',
    when: (_, traits, { places }) => places.isEstablished(traits),
  },
  {
    points: -2,
    reason: 'the network sends on many days',
    when: (_, traits, { places }) => places.isSteady(traits) && !places.isEstablished(traits),
  },
  {
    points: -2,
    reason: 'SPF allows the address',
    when: ({ told }, { p1 }) => told.spf === 'pass' && (p1 === 'own' || p1 === 'subdomain'),
  },
  {
    points: -3,
    reason: 'name or words of a device',
    when: (_, traits, { places }) => speaksAsDevice(traits, places),
  },
  {
    points: 1,
    reason: 'the client calls itself by a private address',
    common: true,
    when: (_, { helo }) => helo === 'private-literal',
  },
  {
    points: -3,
    reason: 'a known service',
    when: (_, { doubtful, service }) => service !== undefined && service.kind !== 'cloud' && !doubtful,
  },
  {
    points: -4,
    reason: 'a meeting, a list or a notice',
    when: (_, traits) => isExcused(traits),
  },
];

/** Anybody can write as a scanner does; who does so on several days is one. */
function speaksAsDevice(traits: Traits, places: Places): boolean {
  return traits.deviceName || (traits.deviceWords && (places.of(traits)?.days.size ?? 0) >= 3);
}

/**
 * A meeting, a list or a notice, which the signs of abuse say nothing about. Anybody can write their words: nobody answers
 * oneself, and no list writes to its authors in their own envelopes.
 */
export function isExcused({ calendar, list, notice, p1, self }: Traits): boolean {
  return notice || ((calendar || list) && !(self && p1 === 'own'));
}

/** Scores one message that came in without a connector and shows an own domain; others can't abuse Direct Send. */
export function abuseOf(fact: Fact, traits: Traits, context: AbuseContext): AbuseScore {
  const own = [traits.p1, traits.p2].some((one) => one === 'own' || one === 'subdomain');
  if (!traits.anonymous || !own || traits.place === '') return { score: 0, reasons: [], isTelling: false };
  const hits = ABUSE_RULES.filter((rule) => rule.when(fact, traits, context));
  return {
    score: hits.reduce((sum, { points }) => sum + points, 0),
    reasons: hits.map(({ points, reason }) => `${reason} (${points > 0 ? '+' : ''}${points})`),
    isTelling: hits.some(({ points, common }) => points > 0 && common !== true),
  };
}

/** Whether an allow list let abuse through: what the filter would have caught was skipped. */
export function isHiddenByAllowList({ verdict }: Fact['told']): boolean {
  return verdict !== undefined && /^SK[AN]$/i.test(verdict);
}
