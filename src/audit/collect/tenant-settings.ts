import path from 'node:path';
import { domainToASCII } from 'node:url';
import type { AcceptedDomain, InboundConnector } from '../../edge/tenant.ts';
import type { Disk } from '../../platform/disk.ts';
import { isRecord } from './evidence-folder.ts';

/** What is known of an organisation's settings; absent is what no file tells. */
export interface TenantSettings {
  domains?: AcceptedDomain[];
  /** The list of domains does not tell whether subdomains match: it came from Graph. */
  subdomainsUnknown?: boolean;
  connectors?: InboundConnector[];
  rejectDirectSend?: boolean;
  /** A file that looked like settings and is none, or was only read in part. */
  problems: string[];
  /** Where it was found. */
  files: string[];
}

const MOST_OCTETS = 16 * 2 ** 20;
const MOST_ENTRIES = 20_000;

type Kind = 'accepted-domains' | 'graph-domains' | 'connectors' | 'organisation';

/**
 * Settings that the collectors and the script have left in a folder, or that somebody exported with `ConvertTo-Json`. They are found
 * by what is in them, whatever their names. Of two files that tell the same, the later by name counts.
 * @throws the system's error when the folder can not be read
 */
export async function settingsIn(disk: Disk, folder: string): Promise<TenantSettings> {
  const settings: TenantSettings = { problems: [], files: [] };
  for (const name of (await disk.list(folder)).filter((one) => /^[^.].*\.json$/i.test(one)).sort()) {
    const text = await textOf(disk, path.join(folder, name));
    // a large file is evidence
    if (text === undefined) continue;
    const entries = entriesOf(text);
    const kind = kindOf(entries?.[0]);
    if (entries === undefined || kind === undefined) continue;
    settings.files.push(name);
    if (entries.length > MOST_ENTRIES)
      settings.problems.push(`${name}: only the first ${MOST_ENTRIES} entries count`);
    take(settings, kind, entries.slice(0, MOST_ENTRIES), name);
  }
  return settings;
}

function take(settings: TenantSettings, kind: Kind, entries: Record<string, unknown>[], file: string): void {
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
    case 'connectors':
      settings.connectors = entries.flatMap((entry) => connector(entry, wrong) ?? []);
      return;
    case 'organisation':
      settings.rejectDirectSend = truth(entries[0]?.['RejectDirectSend']);
  }
}

function kindOf(entry: Record<string, unknown> | undefined): Kind | undefined {
  if (entry === undefined) return undefined;
  if ('ConnectorType' in entry && 'SenderDomains' in entry) return 'connectors';
  if ('DomainName' in entry && 'DomainType' in entry) return 'accepted-domains';
  if ('supportedServices' in entry && 'isVerified' in entry) return 'graph-domains';
  return 'RejectDirectSend' in entry ? 'organisation' : undefined;
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

/** A list, or the one value that PowerShell makes of a list of one. */
function texts(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one): one is string => typeof one === 'string' && one !== '').slice(0, MOST_ENTRIES);
}

/** The objects of a JSON document: a list, a list in `value`, or one alone. */
function entriesOf(text: string): Record<string, unknown>[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = isRecord(document) && Array.isArray(document['value']) ? document['value'] : document;
  return (Array.isArray(list) ? list : [list]).filter(isRecord);
}

/** Windows PowerShell writes UTF-16 with `>`, and a byte order mark with `-Encoding UTF8`. */
async function textOf(disk: Disk, name: string): Promise<string | undefined> {
  const file = await disk.open(name, 'read');
  try {
    const chunks: Buffer[] = [];
    for (let at = 0; at <= MOST_OCTETS; ) {
      const chunk = Buffer.alloc(1 << 18);
      const count = await file.read(chunk, at);
      if (count === 0) {
        const octets = Buffer.concat(chunks);
        const wide = octets[0] === 0xff && octets[1] === 0xfe;
        return new TextDecoder(wide ? 'utf-16le' : 'utf-8').decode(octets);
      }
      chunks.push(chunk.subarray(0, count));
      at += count;
    }
    return undefined;
  } finally {
    await file.close();
  }
}
