import type { SenderLine } from '../inventory/line.ts';
import type { FilterException } from '../collect/filter-exceptions.ts';
import { isWithin } from '../../edge/connector.ts';
import type { Tenant } from '../../edge/tenant.ts';
import { belongingOf, domainOf } from '../facts/own-domains.ts';
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
  'rules-unknown',
  'rule-skips-filter-for-own-domain',
  'rule-skips-filter-by-address',
  'rule-skips-filter',
  'allowed-own-domain',
  'allowed-addresses',
  'no-lockdown',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];

/** What the settings themselves show. */
export function findingsOf(
  { tenant, connectorsKnown, exceptions }: Organisation,
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
  // with the MX records elsewhere anybody can go round what stands there, unless a connector lets in nobody else
  const lockdown = tenant.connectors.some(
    ({ enabled, type, senderDomains, restrictToAddresses, restrictToCertificate }) =>
      enabled &&
      type === 'partner' &&
      senderDomains.includes('*') &&
      (restrictToAddresses || restrictToCertificate),
  );
  if (connectorsKnown && !tenant.organization.mxPointsHere && !lockdown)
    findings.push({ code: 'no-lockdown' });
  if (exceptions === undefined) findings.push({ code: 'rules-unknown' });
  findings.push(
    ...(exceptions ?? []).flatMap((one) => exceptionFinding(one, tenant) ?? []).slice(0, MOST_EXCEPTIONS),
  );
  return findings;
}

const MOST_EXCEPTIONS = 200;
const SHOWN = 5;

/** What an exception from filtering means for mail in the organisation's own name. */
function exceptionFinding(
  { kind, name, domains, senders, networks, narrowed }: FilterException,
  tenant: Tenant,
): Finding | undefined {
  const isOwn = (domain: string): boolean =>
    belongingOf(tenant, `@${domain}`) === 'own' || tenant.domains.some((one) => isWithin(one.name, domain));
  const own = [...domains, ...senders.map((text) => domainOf(text))].filter(
    (one) => one !== '' && isOwn(one),
  );
  const subject = (shown: readonly string[]): string =>
    shown.length === 0
      ? name
      : `${name} (${shown.slice(0, SHOWN).join(', ')}${shown.length > SHOWN ? ', …' : ''})`;
  switch (kind) {
    case 'allowed-addresses':
      return { code: 'allowed-addresses', subject: subject(networks) };
    case 'allowed-domains':
    case 'allowed-senders':
      return own.length > 0 ? { code: 'allowed-own-domain', subject: subject(own) } : undefined;
    case 'rule':
      // addresses together with anything else identify more than any name that a client can give itself
      if (networks.length > 0) return { code: 'rule-skips-filter-by-address', subject: subject(networks) };
      if (own.length > 0 && !narrowed)
        return { code: 'rule-skips-filter-for-own-domain', subject: subject(own) };
      return { code: 'rule-skips-filter', subject: subject([...domains, ...senders]) };
  }
}
