/** A setting that lets mail past the filters: attackers who fit it are not stopped by anything. */
export interface FilterException {
  kind: 'rule' | 'allowed-domains' | 'allowed-senders' | 'allowed-addresses';
  /** Name of the rule or policy. */
  name: string;
  /** Whom it lets past: domains, addresses of mail, or networks. None, for a rule: by other marks. */
  domains: string[];
  senders: string[];
  networks: string[];
  /** The rule also wants something else, which may be hard to forge: a header, a recipient, a word. */
  narrowed: boolean;
}

const MOST = 1000;
const LONGEST = 320;
const NAME = 200;
/** Conditions of a rule that name who sends (Get-TransportRule); what a client says of itself can be forged. */
const WHO = [
  'SenderDomainIs',
  'FromAddressContainsWords',
  'FromAddressMatchesPatterns',
  'From',
  'SenderIpRanges',
];
/** What else narrows a rule. */
const NARROWING =
  /^(?:HeaderContains|HeaderMatches|SubjectContains|SubjectOrBody|SentTo|RecipientDomainIs|RecipientAddress|AttachmentNameMatches|AnyOfToHeader|MessageTypeMatches|FromMemberOf|SenderInRecipientList)/;

export type ExceptionKind = 'transport-rules' | 'content-filter' | 'connection-filter';

/** Which output of Exchange it is. */
export function exceptionKindOf(entry: Record<string, unknown>): ExceptionKind | undefined {
  if ('SetSCL' in entry && ('State' in entry || 'Mode' in entry)) return 'transport-rules';
  if ('AllowedSenderDomains' in entry) return 'content-filter';
  return 'IPAllowList' in entry ? 'connection-filter' : undefined;
}

/** What one rule or policy lets past; none when it is off, a trial, or lets nothing past. */
export function exceptionOf(kind: ExceptionKind, entry: Record<string, unknown>): FilterException[] {
  const name = textOf(entry['Name'] ?? entry['Identity']).slice(0, NAME) || '(no name)';
  const base = { name, domains: [], senders: [], networks: [], narrowed: false };
  switch (kind) {
    case 'transport-rules':
      return ruleOf(entry, name);
    case 'content-filter': {
      const domains = list(entry['AllowedSenderDomains']).map(domainOf);
      const senders = list(entry['AllowedSenders']).map((one) => one.toLowerCase());
      return [
        ...(domains.length > 0 ? [{ ...base, kind: 'allowed-domains' as const, domains }] : []),
        ...(senders.length > 0 ? [{ ...base, kind: 'allowed-senders' as const, senders }] : []),
      ];
    }
    case 'connection-filter': {
      const networks = list(entry['IPAllowList']);
      return networks.length > 0 ? [{ ...base, kind: 'allowed-addresses', networks }] : [];
    }
  }
}

function ruleOf(entry: Record<string, unknown>, name: string): FilterException[] {
  const isOff = /^disabled$/i.test(textOf(entry['State'])) || /^audit/i.test(textOf(entry['Mode']));
  // -1: the spam filter is skipped
  if (isOff || textOf(entry['SetSCL']).trim() !== '-1') return [];
  const addresses = WHO.slice(1, 4).flatMap((field) => list(entry[field]));
  return [
    {
      kind: 'rule',
      name,
      domains: list(entry['SenderDomainIs']).map(domainOf),
      senders: addresses.map((one) => one.toLowerCase()),
      networks: list(entry['SenderIpRanges']),
      narrowed: Object.entries(entry).some(
        ([field, value]) => NARROWING.test(field) && (list(value).length > 0 || value === true),
      ),
    },
  ];
}

function domainOf(text: string): string {
  return text.replace(/^\*?\.|^@/, '').toLowerCase();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** A list, the one value that PowerShell makes of a list of one, or the text that a CSV file has for it. */
function list(value: unknown): string[] {
  const values = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
  return values
    .slice(0, MOST)
    .map((one) => textOf(isNamed(one) ? (one['Domain'] ?? one['Sender'] ?? one['Address']) : one).trim())
    .filter((text) => text !== '' && text !== '{}')
    .map((text) => text.slice(0, LONGEST));
}

function isNamed(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
