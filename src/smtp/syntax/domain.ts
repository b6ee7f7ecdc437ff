import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

// The underscore is not in RFC 5321's sub-domain, but device names such as `scanner_1.corp.example` hold it.
const LABELS = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * The canonical form of a domain (RFC 5321 §4.1.2): lower case, U-labels as A-labels (RFC 5890), so that one
 * domain has one spelling for every later comparison. Undefined if it is not a domain of at most 255 octets.
 */
export function parseDomain(text: string): string | undefined {
  // 255 octets of UTF-8 are never more than 255 UTF-16 units
  if (text.length === 0 || text.length > 255) return undefined;
  const ascii = /^[!-~]+$/.test(text) ? text.toLowerCase() : domainToASCII(text);
  return ascii.length <= 255 && LABELS.test(ascii) ? ascii : undefined;
}

/**
 * The canonical form of an address literal with its brackets (RFC 5321 §4.1.3), in lower case; undefined for
 * anything but `[IPv4]` and `[IPv6:address]`. No other tag was ever registered.
 */
export function parseAddressLiteral(text: string): string | undefined {
  const literal = /^\[(?:(ipv6:)([0-9a-f:.]{2,45})|([0-9.]{7,15}))\]$/i.exec(text);
  if (!literal) return undefined;
  const valid = literal[1] ? isIPv6(literal[2] ?? '') : isIPv4(literal[3] ?? '');
  return valid ? text.toLowerCase() : undefined;
}
