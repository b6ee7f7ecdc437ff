import ipaddr from 'ipaddr.js';

/**
 * What counts as the same place on the network: an IPv4 /24, an IPv6 /48. A device that gets another address of
 * its own network has not moved. Empty for what is no address.
 */
export function networkName(address: string): string {
  if (!ipaddr.isValid(address)) return '';
  const parsed = ipaddr.process(address);
  const bits = parsed.kind() === 'ipv4' ? 24 : 48;
  const octets = parsed.toByteArray();
  for (let index = bits / 8; index < octets.length; index++) octets[index] = 0;
  return `${ipaddr.fromByteArray(octets).toString()}/${bits}`;
}
