/** Single values of all sources in one form each. */
import { addressText, parseAddress } from '../../platform/ip-address.ts';
import type { Connector, Direction } from './observation.ts';

/**
 * An address in lower case, without angle brackets; `''` for the null sender and for an empty field. What is no address stays, cut
 * at 320 characters: the judgement of it belongs elsewhere.
 */
export function mailAddress(text: string): string {
  let address = text.trim();
  if (address.startsWith('<') && address.endsWith('>')) address = address.slice(1, -1).trim();
  else if (address.endsWith('>') && address.includes('<'))
    address = address.slice(address.lastIndexOf('<') + 1, -1);
  return address.toLowerCase().slice(0, 320);
}

/** Canonical; undefined for anything that is no address. A port behind it or brackets around it go. */
export function networkAddress(text: string): string | undefined {
  const trimmed = text.trim().replace(/^\[(?:IPv6:)?([^\]]+)\](?::\d+)?$/i, '$1');
  const direct = parseAddress(trimmed) ?? parseAddress(trimmed.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1'));
  return direct && addressText(direct);
}

/** 32 hexadecimal digits in lower case, with or without dashes and braces; undefined for anything else. */
export function messageGuid(text: string): string | undefined {
  const digits = text.length > 60 ? '' : text.replace(/[-{}\s]/g, '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits : undefined;
}

/** With its brackets; undefined where it is empty or was cut for the screen. */
export function messageIdentifier(text: string): string | undefined {
  const id = text.trim();
  if (id === '' || id.length > 1000 || /(?:\.\.\.|…)>?$/.test(id)) return undefined;
  return id.startsWith('<') ? id : `<${id}>`;
}

/** `Incoming`, `1`, `Inbound`; documented as numbers, seen as words. */
export function direction(text: string): Direction | undefined {
  switch (text.trim().toLowerCase()) {
    case 'incoming':
    case 'inbound':
    case 'received':
    case '1':
      return 'incoming';
    case 'originating':
    case '2':
      return 'originating';
    case 'outbound':
    case 'sent':
      return 'outgoing';
    case 'intra-org':
    case 'intraorg':
    case 'intra-organization':
      return 'intra-org';
    default:
      return undefined;
  }
}

const DEFAULT_CONNECTOR = /\\Default(?:\s|$)/i;

/** The connector of a trace: its data go first, the default connector of a server is none. */
export function connectorOf(
  id: string | undefined,
  data: { name: string; type?: string } | undefined,
  proxied: 'client' | 'no-client' | 'unknown',
): Connector | undefined {
  if (data) return data;
  if (id === undefined && proxied === 'unknown') return undefined;
  if (id !== undefined && id !== '' && !DEFAULT_CONNECTOR.test(id)) return { name: id.slice(0, 200) };
  return proxied === 'no-client' ? 'internal-relay' : 'none';
}

/** The name of a connector in a report for people. */
export function namedConnector(name: string, type?: string): Connector {
  const both = `${name} ${type ?? ''}`;
  if (/without a connector|no\s?connector|sans connecteur|ohne connector/i.test(both)) return 'none';
  if (/^(?:|-|none|null|\[\]|n\/a)$/i.test(name.trim()))
    return type && !/^none$/i.test(type) ? { type } : 'none';
  return type ? { name: name.trim().slice(0, 200), type } : { name: name.trim().slice(0, 200) };
}

/** A table's cell as Excel leaves it: `="0042"` is `0042`. */
export function unwrapped(text: string): string {
  const trimmed = text.trim();
  const formula = /^="(.*)"$/s.exec(trimmed);
  return formula ? formula[1]!.replaceAll('""', '"') : trimmed;
}
