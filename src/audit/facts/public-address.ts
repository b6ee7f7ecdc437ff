import net from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether an address can belong to a client on the internet; a blank, a private or a loopback address can't. */
export function isPublicAddress(address: string): boolean {
  if (address === '') return false;
  // every message's address is asked about; this form, the usual one, needs no pattern
  const parsed = net.isIPv4(address) ? new ipaddr.IPv4(address.split('.').map(Number)) : otherForm(address);
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
