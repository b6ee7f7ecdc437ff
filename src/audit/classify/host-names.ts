import { isWithin } from '../../edge/connector.ts';
import type { Profile } from './profile.ts';

/** Names that mean something in one network only (RFC 6762 appendix G, RFC 8375, and what people use). */
const LOCAL_NAME = /\.(?:local|localdomain|lan|internal|intranet|private|corp|home|arpa|localhost)$/i;

export function isLocalName(host: string): boolean {
  return LOCAL_NAME.test(host);
}

/** All hosts that the sender names, or that name it, are of other organisations. */
export function hasVendorName(p: Profile, { own }: { own: readonly string[] }): boolean {
  const hosts = [...p.helos.top(5), ...p.ptrs.top(5)].filter(
    (host) => host.includes('.') && !host.startsWith('['),
  );
  return (
    hosts.length > 0 && hosts.every((host) => !own.some((domain) => isWithin(host.toLowerCase(), domain)))
  );
}

/** `static-203-0-113-25.dsl.provider.example`: providers name their lines by address. */
export function isNameOfLine(name: string, addresses: readonly string[]): boolean {
  const numbers: readonly string[] = name.match(/\d+/g) ?? [];
  return (
    /(?:^|[.-])(?:dsl|adsl|vdsl|cable|dyn|dynamic|dhcp|static|pool|ppp|broadband|cust|customer|fibre|fiber)[\d.-]/i.test(
      name,
    ) ||
    addresses.some((address) => address.split('.').filter((octet) => numbers.includes(octet)).length >= 2)
  );
}
