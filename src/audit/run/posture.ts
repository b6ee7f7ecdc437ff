import type { SenderLine } from '../inventory/line.ts';
import type { Organisation } from '../classify/decision.ts';

/** A setting that a person should look at; the words for it are the report's. */
export interface Finding {
  code: FindingCode;
  /** The connector, domain or sender that it is about. */
  subject?: string;
}

export const FINDING_CODES = [
  'reject-on',
  'reject-off',
  'connectors-unknown',
  'connector-by-domain-only',
  'connector-disabled',
  'allow-list-hides-abuse',
  'subdomains-untouched',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];

/** What the settings themselves show. */
export function findingsOf(
  { tenant, connectorsKnown }: Organisation,
  senders: readonly SenderLine[],
  effects: readonly { domain: string; withSubdomains: number }[],
): Finding[] {
  const findings: Finding[] = [{ code: tenant.organization.rejectDirectSend ? 'reject-on' : 'reject-off' }];
  if (!connectorsKnown) findings.push({ code: 'connectors-unknown' });
  for (const { name, enabled, type, senderAddresses, certificateName } of tenant.connectors) {
    if (!enabled) findings.push({ code: 'connector-disabled', subject: name });
    // sender domains alone identify nobody: such a connector exempts no mail from the rule
    else if (type === 'partner' && senderAddresses.length === 0 && certificateName === undefined)
      findings.push({ code: 'connector-by-domain-only', subject: name });
  }
  for (const { name, abuse } of senders)
    if (abuse.hidden > 0) findings.push({ code: 'allow-list-hides-abuse', subject: name });
  for (const { domain, withSubdomains } of effects)
    if (withSubdomains > 0) findings.push({ code: 'subdomains-untouched', subject: domain });
  return findings;
}
