import net from 'node:net';
import ipaddr from 'ipaddr.js';

/** First octets of IPv4 addresses below all of which there is nothing special (IANA's registry of special-purpose addresses). */
const PLAIN: ReadonlySet<number> = new Set(
  Array.from({ length: 223 }, (_, place) => place + 1).filter(
    (octet) => ![10, 100, 127, 169, 172, 192, 198, 203].includes(octet),
  ),
);

/** Whether an address can belong to a client on the internet; a blank, a private or a loopback address can't. */
export function isPublicAddress(address: string): boolean {
  if (address === '') return false;
  const isIPv4 = net.isIPv4(address);
  // every message's address is asked about, and most are told by their first octet
  if (isIPv4 && PLAIN.has(Number.parseInt(address, 10))) return true;
  const parsed = isIPv4 ? new ipaddr.IPv4(address.split('.').map(Number)) : otherForm(address);
  const range = parsed?.range();
  // networks for documentation are what examples and labs are written with
  return range === 'unicast' || range === 'reserved';
}

/** The network that counts as one place: the /24 of an IPv4 address, the /48 of an IPv6 address (a site's share). */
export function placeOf(address: string): string {
  if (net.isIPv4(address)) return `${address.slice(0, address.lastIndexOf('.'))}.0/24`;
  const parsed = otherForm(address);
  if (!parsed) return '';
  const octets = parsed.toByteArray();
  if (parsed.kind() === 'ipv4') return `${octets.slice(0, 3).join('.')}.0/24`;
  return `${Buffer.from(octets.slice(0, 6)).toString('hex')}/48`;
}

/** An IPv6 address, one that is an IPv4 address in it, and old ways to write IPv4. */
function otherForm(address: string): ReturnType<typeof ipaddr.process> | undefined {
  return ipaddr.isValid(address) ? ipaddr.process(address) : undefined;
}
