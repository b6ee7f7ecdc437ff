import ipaddr from 'ipaddr.js';

/** Whether an address can belong to a client on the internet; a blank, a private or a loopback address can't. */
export function isPublicAddress(address: string): boolean {
  if (address === '' || !ipaddr.isValid(address)) return false;
  const range = ipaddr.process(address).range();
  // networks for documentation are what examples and labs are written with
  return range === 'unicast' || range === 'reserved';
}

/** The network that counts as one place: the /24 of an IPv4 address, the /48 of an IPv6 address (a site's share). */
export function placeOf(address: string): string {
  if (!ipaddr.isValid(address)) return '';
  const parsed = ipaddr.process(address);
  const octets = parsed.toByteArray();
  if (parsed.kind() === 'ipv4') return `${octets.slice(0, 3).join('.')}.0/24`;
  return `${Buffer.from(octets.slice(0, 6)).toString('hex')}/48`;
}
