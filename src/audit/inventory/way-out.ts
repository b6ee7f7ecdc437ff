import ipaddr from 'ipaddr.js';
import { getDomain } from 'tldts';
import type { ExchangeRow } from '../../sources/exchange/row.ts';
import type { Organisation } from '../classify/decision.ts';
import { serviceOfHost } from '../classify/services.ts';
import type { SenderLine } from './line.ts';

/** How a sender gets off Direct Send. */
export type WayOut =
  /** Sends through Postern; `row` is ready for `postern source import`. */
  | { kind: 'relay-source'; why: string; row: ExchangeRow }
  /** A partner connector lets it in; `powershell` is ready to be read and run. */
  | { kind: 'partner-connector'; why: string; powershell: string }
  /** The service can use a return path that is not an accepted domain. */
  | { kind: 'custom-return-path'; why: string; domain: string; powershell?: string }
  | { kind: 'fix-forwarding'; why: string }
  | { kind: 'block'; why: string }
  | { kind: 'investigate'; why: string }
  | { kind: 'nothing'; why: string };

type Line = Omit<SenderLine, 'wayOut' | 'wave'>;

export interface WayContext {
  organisation: Organisation;
  /** Whether other senders use the same public address. */
  isShared(address: string): boolean;
}

export function wayOutOf(line: Line, context: WayContext): WayOut {
  if (line.note?.decision === 'blocked') return { kind: 'block', why: 'It was decided to let it break.' };
  if (line.candidates.includes('attack') && line.candidates.length > 1 && line.note?.decision !== 'approved')
    return {
      kind: 'investigate',
      why:
        line.class === 'attack'
          ? 'It looks like an attack, and may be mail that you want: block it, or ask whose it may be.'
          : 'It may be an attack that looks like mail of yours: approve it when you know whose it is.',
    };
  if (line.class === 'attack' && line.candidates.length === 1)
    return {
      kind: 'block',
      why: 'Abuse: the rule refuses what has an own envelope; DMARC and anti-spoofing have to stop the rest.',
    };
  if (line.directSend === 'no') return { kind: 'nothing', why: 'The rule does not touch it.' };
  const connector = connectorScript(line, context.organisation);
  switch (line.class) {
    case 'device':
    case 'cloud':
    case 'attack':
      return {
        kind: 'relay-source',
        why: 'A device or application of your own: let it send through the relay, by name and with limits.',
        row: relayRow(line, context),
      };
    case 'service': {
      const domain = `bounce.${Object.keys(line.domains)[0] ?? 'example.com'}`;
      return {
        kind: 'custom-return-path',
        why: `Let the service use ${domain} as return path: the rule looks at accepted domains only. Where it can't, the connector lets it in.`,
        domain,
        ...(connector && { powershell: connector }),
      };
    }
    case 'reinjection':
    case 'awareness':
    case 'own-gateway':
      return connector
        ? {
            kind: 'partner-connector',
            why:
              line.class === 'own-gateway'
                ? 'It stands in front of the service and no connector knows it: add one, with enhanced filtering.'
                : 'Its connector is missing, or does not cover all of its addresses.',
            powershell: line.class === 'own-gateway' ? `${connector} -EFSkipLastIP $true` : connector,
          }
        : {
            kind: 'investigate',
            why: isOnItsWord(line)
              ? 'It needs a connector, and only its own word says who it is: ask the service for its addresses, or name them by reverse DNS.'
              : 'It needs a connector, and neither a certificate name nor an IPv4 address is known.',
          };
    case 'forwarding':
    case 'calendar':
      return {
        kind: 'fix-forwarding',
        why: 'Others forward your own mail back to you with its envelope: ask them to rewrite the sender (SRS), or accept that it breaks.',
      };
    case 'service-own-path':
    case 'mailing-list':
    case 'hybrid':
    case 'internal-relay':
    case 'in-service':
    case 'partner-connector':
    case 'unknown':
      return {
        kind: 'investigate',
        why: 'The evidence does not tell what it is: ask for more, or ask its owner.',
      };
  }
}

/** A row of the import; what it does not know takes the defaults of a new source. */
function relayRow(line: Line, { isShared }: WayContext): ExchangeRow {
  const senders = line.senders.length > 0 ? line.senders : line.authors;
  const whole = senders.filter(
    (address) => /^[^@\s]+@[^@\s]+$/.test(address) && !/[*"<>(),;:\\]/.test(address),
  );
  const domains = [...new Set(whole.map((address) => address.slice(address.indexOf('@') + 1)))];
  // many senders are an application that speaks for people: its domain, not a list that is never complete
  const patterns = whole.length > 0 && whole.length <= 5 ? whole : domains;
  const owner = line.note?.owner;
  return {
    name: `audit-${slug(line.name)}-${line.id.slice(-5)}`.slice(0, 64),
    description: clean(`Was on Direct Send: ${line.name}`).slice(0, 200),
    ...(owner && /^[^\s@<>]+@[^\s@<>]+$/.test(owner) && { owner }),
    tags: ['direct-send', line.class],
    from: patterns.map((pattern) => ({ envelope: pattern, header: pattern })),
    recipients: 'internal',
    networks: networksOf(line, isShared),
  };
}

/** The address that it has in its own network, when it says so; a public one only where it is nobody else's. */
function networksOf(line: Line, isShared: (address: string) => boolean): string[] {
  const own = line.helos
    .map((helo) => helo.replace(/^\[|\]$/g, ''))
    .filter((text) => ipaddr.IPv4.isValidFourPartDecimal(text) && ipaddr.parse(text).range() === 'private');
  const known = own.length > 0 ? own : line.addresses.filter((address) => !isShared(address)).slice(0, 4);
  return [...new Set(known)].map((address) => `${address}/${address.includes(':') ? 128 : 32}`);
}

/** By certificate where the client names itself well over TLS, otherwise by IPv4 address. */
function connectorScript(line: Line, { tenant }: Organisation): string | undefined {
  const domains = tenant.domains.map(({ name }) => quoted(name)).join(',');
  const start = `New-InboundConnector -Name ${quoted(line.name.slice(0, 60))} -ConnectorType Partner -SenderDomains ${domains}`;
  const withTls = Object.entries(line.tls).reduce(
    (sum, [version, count]) => sum + (version === 'none' ? 0 : count),
    0,
  );
  const host = line.helos.find((helo) => /^[a-z0-9-]+(?:\.[a-z0-9-]+){2,}$/i.test(helo));
  if (host && withTls > 0 && withTls >= (line.tls['none'] ?? 0)) {
    const name = host.toLowerCase();
    const parent = name.slice(name.indexOf('.') + 1);
    // below a public suffix, or in a cloud where everybody has names, a wildcard would let in strangers
    const certificate = getDomain(parent, { allowPrivateDomains: true }) === null ? name : `*.${parent}`;
    return `${start} -TlsSenderCertificateName ${quoted(certificate)} -RequireTls $true`;
  }
  const blocks = isOnItsWord(line) ? [] : blocksOf(line.addresses);
  return blocks.length === 0
    ? undefined
    : `${start} -SenderIPAddresses ${blocks.map(quoted).join(',')} -RequireTls $false`;
}

/**
 * Only what the client calls itself says which service it is: neither the name of its address nor SPF, nor weeks of its mail.
 * Anybody could have a connector with that name.
 */
function isOnItsWord({ authentication, class: kind, names, rhythm, service }: Line): boolean {
  if (service === undefined || names.some((name) => serviceOfHost(name)?.name === service)) return false;
  return (authentication.spf['pass'] ?? 0) === 0 && (kind === 'awareness' || rhythm.activeDays <= 2);
}

/** Connectors take IPv4 from /24 to /32: a network that is used widely as a whole. */
function blocksOf(addresses: readonly string[]): string[] {
  const byNetwork = new Map<string, string[]>();
  for (const address of addresses) {
    if (!ipaddr.IPv4.isValidFourPartDecimal(address)) continue;
    const network = `${address.split('.').slice(0, 3).join('.')}.0/24`;
    byNetwork.set(network, [...(byNetwork.get(network) ?? []), address]);
  }
  return [...byNetwork]
    .flatMap(([network, members]) => (members.length > 4 ? [network] : members))
    .slice(0, 50);
}

/** A PowerShell literal: nothing in it is evaluated. All kinds of single quotes end one. */
function quoted(text: string): string {
  return `'${clean(text).replaceAll(/['\u2018\u2019\u201a\u201b]/g, "''")}'`;
}

/** Without control and direction characters: evidence is written by strangers. */
function clean(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g,
    '',
  );
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
}
