import { domainToASCII } from 'node:url';
import type { AcceptedDomain, InboundConnector } from '../../edge/tenant.ts';
import type { Disk } from '../../platform/disk.ts';
import {
  exceptionKindOf,
  type ExceptionKind,
  exceptionOf,
  type FilterException,
} from './filter-exceptions.ts';
import { settingsFiles } from './settings-files.ts';

/** What is known of an organisation's settings; absent is what no file tells. */
export interface TenantSettings {
  domains?: AcceptedDomain[];
  /** The list of domains does not tell whether subdomains match: it came from Graph. */
  subdomainsUnknown?: boolean;
  connectors?: InboundConnector[];
  rejectDirectSend?: boolean;
  /** What lets mail past the filters, of the outputs that are there. */
  exceptions?: FilterException[];
  /** A file that looked like settings and is none, or was only read in part. */
  problems: string[];
  /** Where it was found. */
  files: string[];
}

const MOST_ENTRIES = 20_000;
const MOST_EXCEPTIONS = 2000;

type Kind = 'accepted-domains' | 'graph-domains' | 'connectors' | 'organisation' | ExceptionKind;

/**
 * Settings that the collectors and the script have left in a folder, or that somebody exported with `ConvertTo-Json` or
 * `Export-Csv`, in archives too. They are found by what is in them, whatever their names. Of two files that tell the same, the
 * later by name counts.
 * @throws the system's error when the folder can not be read
 */
export async function settingsIn(disk: Disk, folder: string): Promise<TenantSettings> {
  const settings: TenantSettings = { problems: [], files: [] };
  const told = new Set<ExceptionKind>();
  for await (const { name, entries } of settingsFiles(disk, folder)) {
    const kind = kindOf(entries[0]);
    if (kind === undefined) continue;
    settings.files.push(name);
    if (entries.length > MOST_ENTRIES)
      settings.problems.push(`${name}: only the first ${MOST_ENTRIES} entries count`);
    take(settings, kind, entries.slice(0, MOST_ENTRIES), name, told);
  }
  return settings;
}

function take(
  settings: TenantSettings,
  kind: Kind,
  entries: Record<string, unknown>[],
  file: string,
  told: Set<ExceptionKind>,
): void {
  const wrong = (what: string): void => void settings.problems.push(`${file}: ${what}`);
  switch (kind) {
    case 'accepted-domains':
      settings.domains = entries.flatMap((entry) => acceptedDomain(entry, wrong) ?? []);
      settings.subdomainsUnknown = undefined;
      return;
    case 'graph-domains':
      // what Exchange itself says is better
      if (settings.domains !== undefined && !settings.subdomainsUnknown) return;
      settings.domains = entries.flatMap((entry) => graphDomain(entry) ?? []);
      settings.subdomainsUnknown = true;
      return;
    case 'connectors': {
      const connectors = entries.flatMap((entry) => connector(entry, wrong) ?? []);
      // a list of which nothing is known is none
      if (connectors.length > 0) settings.connectors = connectors;
      return;
    }
    case 'organisation':
      settings.rejectDirectSend = truth(entries[0]?.['RejectDirectSend']);
      return;
    case 'transport-rules':
    case 'content-filter':
    case 'connection-filter': {
      const found = entries.flatMap((entry) => exceptionOf(kind, entry));
      // the same output again, of another day, takes the place of the earlier
      const others = (settings.exceptions ?? []).filter(
        (one) => !told.has(kind) || kindOfException(one) !== kind,
      );
      settings.exceptions = [...others, ...found].slice(0, MOST_EXCEPTIONS);
      told.add(kind);
    }
  }
}

function kindOfException({ kind }: FilterException): ExceptionKind {
  if (kind === 'rule') return 'transport-rules';
  return kind === 'allowed-addresses' ? 'connection-filter' : 'content-filter';
}

function kindOf(entry: Record<string, unknown> | undefined): Kind | undefined {
  if (entry === undefined) return undefined;
  if ('ConnectorType' in entry && 'SenderDomains' in entry) return 'connectors';
  if ('DomainName' in entry && 'DomainType' in entry) return 'accepted-domains';
  if ('supportedServices' in entry && 'isVerified' in entry) return 'graph-domains';
  return 'RejectDirectSend' in entry ? 'organisation' : exceptionKindOf(entry);
}

function acceptedDomain(
  entry: Record<string, unknown>,
  wrong: (what: string) => void,
): AcceptedDomain | undefined {
  const text = String(entry['DomainName']);
  const name = domainToASCII(text.replace(/^\*\./, ''));
  if (name === '') {
    wrong(`${JSON.stringify(text.slice(0, 100))} is no domain`);
    return undefined;
  }
  return {
    name,
    type: /^(internal|external)relay$/i.test(String(entry['DomainType']))
      ? 'internal-relay'
      : 'authoritative',
    // `*.contoso.com` is how a domain with its subdomains may be written
    matchSubDomains: truth(entry['MatchSubDomains']) ?? text.startsWith('*.'),
  };
}

function graphDomain({
  id,
  isVerified,
  supportedServices,
}: Record<string, unknown>): AcceptedDomain | undefined {
  const name = domainToASCII(String(id));
  const mail = Array.isArray(supportedServices) && supportedServices.includes('Email');
  return name === '' || isVerified === false || !mail
    ? undefined
    : { name, type: 'authoritative', matchSubDomains: false };
}

function connector(
  entry: Record<string, unknown>,
  wrong: (what: string) => void,
): InboundConnector | undefined {
  const name = String(entry['Name'] ?? entry['Identity']);
  const type = String(entry['ConnectorType']).toLowerCase();
  if (type !== 'partner' && type !== 'onpremises') {
    wrong(`connector ${JSON.stringify(name.slice(0, 100))} is of an unknown type`);
    return undefined;
  }
  const certificate = entry['TlsSenderCertificateName'];
  // a table has the name of the type in place of a list
  if (
    String(entry['SenderDomains']).startsWith('System.') ||
    String(entry['SenderIPAddresses']).startsWith('System.')
  ) {
    wrong(
      `the lists of the connector ${JSON.stringify(name.slice(0, 100))} are not in the table: export with ConvertTo-Json`,
    );
    return undefined;
  }
  return {
    name,
    enabled: truth(entry['Enabled']) ?? true,
    type: type === 'partner' ? 'partner' : 'on-premises',
    // Exchange prints an address space as `smtp:*.contoso.com;1`
    senderDomains: texts(entry['SenderDomains']).map((text) =>
      text
        .replace(/^smtp:/i, '')
        .replace(/;\d+$/, '')
        .toLowerCase(),
    ),
    senderAddresses: texts(entry['SenderIPAddresses']),
    ...(typeof certificate === 'string' && certificate !== ''
      ? { certificateName: certificate.toLowerCase() }
      : {}),
    requireTls: truth(entry['RequireTls']) ?? false,
    restrictToAddresses: truth(entry['RestrictDomainsToIPAddresses']) ?? false,
    restrictToCertificate: truth(entry['RestrictDomainsToCertificate']) ?? false,
  };
}

function truth(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' || !/^(true|false)$/i.test(value)) return undefined;
  return value.toLowerCase() === 'true';
}

/** A list, the one value that PowerShell makes of a list of one, or the text that a CSV file has for it. */
function texts(value: unknown): string[] {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[,|\s]+/) : [value];
  return list.filter((one): one is string => typeof one === 'string' && one !== '').slice(0, MOST_ENTRIES);
}
