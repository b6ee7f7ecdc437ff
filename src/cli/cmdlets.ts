/** The cmdlets of Exchange Online that the lab understands, with their parameters as Microsoft spells them. */
export const CMDLETS = {
  'Get-OrganizationConfig': [],
  'Set-OrganizationConfig': ['RejectDirectSend'],
  'Get-ArcConfig': [],
  'Set-ArcConfig': ['Identity', 'ArcTrustedSealers'],
  'Get-InboundConnector': ['Identity'],
  'New-InboundConnector': [
    'Name',
    'ConnectorType',
    'Enabled',
    'SenderDomains',
    'SenderIPAddresses',
    'TlsSenderCertificateName',
    'RequireTls',
    'RestrictDomainsToIPAddresses',
    'RestrictDomainsToCertificate',
  ],
  'Set-InboundConnector': [
    'Identity',
    'ConnectorType',
    'Enabled',
    'SenderDomains',
    'SenderIPAddresses',
    'TlsSenderCertificateName',
    'RequireTls',
    'RestrictDomainsToIPAddresses',
    'RestrictDomainsToCertificate',
  ],
  'Remove-InboundConnector': ['Identity'],
  'Get-AcceptedDomain': ['Identity'],
  'New-AcceptedDomain': ['Name', 'DomainName', 'DomainType', 'MatchSubDomains'],
  'Set-AcceptedDomain': ['Identity', 'DomainType', 'MatchSubDomains'],
  'Get-MessageTraceV2': [
    'EndDate',
    'FromIP',
    'MessageId',
    'MessageTraceId',
    'RecipientAddress',
    'ResultSize',
    'SenderAddress',
    'StartDate',
    'Status',
    'Subject',
  ],
  'Get-MessageTraceDetailV2': ['MessageTraceId', 'RecipientAddress'],
  'Start-HistoricalSearch': [
    'ReportTitle',
    'ReportType',
    'ConnectorType',
    'Direction',
    'SenderAddress',
    'RecipientAddress',
    'StartDate',
    'EndDate',
    'NotifyAddress',
  ],
} as const satisfies Record<string, readonly string[]>;

export type Cmdlet = keyof typeof CMDLETS;

/**
 * `postern lab set-organizationconfig -rejectdirectsend:$true`, as people type it, in the one spelling that the command
 * line knows. Everything else stays as it is.
 */
export function withCmdletSpelling(argv: readonly string[]): string[] {
  const [group, given = '', ...rest] = argv;
  const name = Object.keys(CMDLETS).find((one) => one.toLowerCase() === given.toLowerCase());
  if (group !== 'lab' || name === undefined) return [...argv];
  const parameters: readonly string[] = CMDLETS[name as Cmdlet];
  const spelled = rest.flatMap((word) => {
    const [, written = '', value] = /^--?([A-Za-z]+)(?:[:=](.*))?$/s.exec(word) ?? [];
    const parameter = parameters.find((one) => one.toLowerCase() === written.toLowerCase());
    if (parameter === undefined) return [word];
    // `-Enabled:$true` is one word in PowerShell, too
    return value === undefined ? [`--${parameter}`] : [`--${parameter}`, value];
  });
  return ['lab', name, ...spelled];
}

/** `$true`, `true`, `1`. Undefined for what is no truth value. */
export function truthOf(text: string): boolean | undefined {
  const word = text.replace(/^\$/, '').toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : undefined;
}

/** `a,b`, `@("a","b")`; `$null` is empty. */
export function listOf(text: string): string[] {
  if (/^\$null$/i.test(text)) return [];
  return text
    .replace(/^@\(|\)$/g, '')
    .split(',')
    .map((one) => one.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .filter((one) => one !== '');
}
