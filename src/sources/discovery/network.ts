import ipaddr from 'ipaddr.js';
import type { Device } from './device.ts';

/** What counts as one device: an IPv4 address, or the /64 of an IPv6 address, of which a host takes what it likes. */
export function deviceNetwork(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const { parts } = parsed as ipaddr.IPv6;
  return `${new ipaddr.IPv6([...parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`;
}

/** The CIDR block of all that counts as this device. */
export function wholeNetwork({ network }: Device): string {
  return network.includes('/') ? network : `${network}/32`;
}

/** The narrowest CIDR blocks in which the device was seen. */
export function seenNetworks(device: Device): string[] {
  const { seen, others } = device.seen.addresses;
  if (!device.network.includes('/') || others > 0) return [wholeNetwork(device)];
  return seen.map(({ value }) => `${value}/128`);
}
