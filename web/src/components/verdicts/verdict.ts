import type { Tone } from '../state-badge.tsx';

const CHECKS = ['spf', 'dkim', 'dmarc', 'arc', 'iprev'] as const;
export type Check = (typeof CHECKS)[number];

/** What one check of a sender found. */
export interface Verdict {
  check: Check;
  /** As in Authentication-Results (RFC 8601): pass, fail, none, temperror, ... */
  result: string;
  /** What was asked about: a signing domain, a policy. */
  of?: string;
}

const TONES: Record<string, Tone> = {
  pass: 'good',
  bestguesspass: 'good',
  fail: 'bad',
  softfail: 'warn',
  temperror: 'warn',
  permerror: 'warn',
};

/** `none` and `neutral` prove nothing, for or against. */
export function toneOf(result: string): Tone {
  return TONES[result] ?? 'quiet';
}

interface Found {
  spf?: string;
  dkim: readonly { domain: string; result: string }[];
  dmarc?: string;
  dmarcPolicy?: string;
  arc?: string;
  iprev?: string;
}

/** All that was looked at; what was refused before it was read has nothing here. */
export function verdictsOf({ spf, dkim, dmarc, dmarcPolicy, arc, iprev }: Found): Verdict[] {
  const verdicts: Verdict[] = [];
  if (spf !== undefined) verdicts.push({ check: 'spf', result: spf });
  for (const { domain, result } of dkim) verdicts.push({ check: 'dkim', result, of: domain });
  // a message that was read and has no signature says so
  if (dkim.length === 0 && iprev !== undefined) verdicts.push({ check: 'dkim', result: 'none' });
  if (dmarc !== undefined) {
    verdicts.push({
      check: 'dmarc',
      result: dmarc,
      ...(dmarcPolicy !== undefined && { of: `p=${dmarcPolicy}` }),
    });
  }
  if (arc !== undefined) verdicts.push({ check: 'arc', result: arc });
  // RFC 8601 section 2.7.3: an address without a PTR record is a permerror
  if (iprev !== undefined) verdicts.push({ check: 'iprev', result: iprev === 'permerror' ? 'none' : iprev });
  return verdicts;
}

/** One for each kind: of several signatures the best one. */
export function shortVerdicts(verdicts: readonly Verdict[]): Verdict[] {
  return CHECKS.filter((check) => check !== 'iprev').flatMap((check) => {
    const of = verdicts.filter((one) => one.check === check);
    return of.find(({ result }) => result === 'pass') ?? of[0] ?? [];
  });
}
