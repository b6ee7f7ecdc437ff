import ipaddr from 'ipaddr.js';

/**
 * What counts as one client network: an IPv4 address, or the /64 of an IPv6 address, because one host may
 * take as many addresses of its /64 as it likes.
 */
export function networkOf(address: string): string {
  if (!address.includes(':') || !ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${Buffer.from(parsed.toByteArray().slice(0, 8)).toString('hex')}/64`;
}

/** Whether `address` lies in one of the CIDR blocks; a block or address that can not be read holds nothing. */
export function inNetworks(address: string, blocks: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return blocks.some((block) => {
    const text = block.includes('/') ? block : `${block}/${block.includes(':') ? 128 : 32}`;
    if (!ipaddr.isValidCIDR(text)) return false;
    const [base, bits] = ipaddr.parseCIDR(text);
    return base.kind() === parsed.kind() && parsed.match(base, bits);
  });
}
