import type { Fact } from '../facts/fact.ts';
import type { Places } from './places.ts';
import type { Traits } from './traits.ts';

export interface AbuseScore {
  score: number;
  /** What added and what took away, as plain phrases. */
  reasons: string[];
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
  when(fact: Fact, traits: Traits, context: AbuseContext): boolean;
}

/** From here on a message is taken for abuse; nothing in it is by itself enough. */
export const ABUSE = 7;

const TEXTLESS = /\.(?:pdf|svgz?|html?|docx?|shtml)$/i;

/** Signs of abuse, each with its weight: they add up, and none has to be there. */
export const ABUSE_RULES: readonly AbuseRule[] = [
  { points: 3, reason: 'sent to the address that it pretends to come from', when: (_, { self }) => self },
  {
    points: 3,
    reason: 'the client calls itself by an address',
    when: (_, { helo }) => helo === 'loopback' || helo === 'literal',
  },
  {
    points: 2,
    reason: 'the address has no name',
    when: ({ told }) => told.ptr === '' || told.ptr === 'InfoDomainNonexistent',
  },
  {
    points: 2,
    reason: 'mail of the own domains comes from this network for hardly any time',
    when: (_, traits, { places }) => (places.of(traits)?.days.size ?? 3) <= 2,
  },
  { points: 2, reason: 'DMARC fails', when: ({ told }) => told.dmarc === 'fail' },
  {
    points: 1,
    reason: 'and the policy says reject or quarantine',
    when: ({ told }) => told.dmarc === 'fail' && /reject|quarantine/.test(told.extra?.['action'] ?? ''),
  },
  {
    points: 2,
    reason: 'composite authentication takes it for a forgery',
    when: ({ told: { compauth, reason = '' } }) =>
      (compauth === 'fail' && /^(?:010|6\d\d)$/.test(reason)) || (compauth === 'none' && reason === '451'),
  },
  {
    points: 1,
    reason: 'composite authentication fails',
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
    when: (_, { calendar, list, notice }) => calendar || list || notice,
  },
];

/** Anybody can write as a scanner does; who does so on several days is one. */
function speaksAsDevice(traits: Traits, places: Places): boolean {
  return traits.deviceName || (traits.deviceWords && (places.of(traits)?.days.size ?? 0) >= 3);
}

/** Scores one message that came in without a connector and shows an own domain; others can't abuse Direct Send. */
export function abuseOf(fact: Fact, traits: Traits, context: AbuseContext): AbuseScore {
  const own = [traits.p1, traits.p2].some((one) => one === 'own' || one === 'subdomain');
  if (!traits.anonymous || !own || traits.place === '') return { score: 0, reasons: [] };
  const hits = ABUSE_RULES.filter((rule) => rule.when(fact, traits, context));
  return {
    score: hits.reduce((sum, { points }) => sum + points, 0),
    reasons: hits.map(({ points, reason }) => `${reason} (${points > 0 ? '+' : ''}${points})`),
  };
}

/** Whether an allow list let abuse through: what the filter would have caught was skipped. */
export function isHiddenByAllowList({ verdict }: Fact['told']): boolean {
  return verdict !== undefined && /^SK[AN]$/i.test(verdict);
}
