import type { NetworkInterfaceInfo } from 'node:os';

/** As `os.networkInterfaces` answers. */
export type Interfaces = Record<string, Pick<NetworkInterfaceInfo, 'address' | 'family'>[] | undefined>;

/**
 * The addresses at which this relay itself takes connections on `port`: a mail host there is this relay, and
 * mail for it would go in a circle (RFC 5321 §5.1). A listener on another port is not met by delivery to this
 * one, so that something else may well be reached at its address.
 * @param interfaces asked only for a listener on all addresses
 */
export function ownAddresses(
  listeners: readonly { host: string; port: number }[],
  port: number,
  interfaces: () => Interfaces,
): Set<string> {
  const own = new Set<string>();
  for (const listener of listeners) {
    if (listener.port !== port) continue;
    const { host } = listener;
    if (host !== '0.0.0.0' && host !== '::') {
      own.add(host);
      continue;
    }
    for (const { address, family } of Object.values(interfaces()).flatMap((found) => found ?? [])) {
      // a socket on :: takes IPv4 as well
      if (family === 'IPv4' || host === '::') own.add(address);
    }
  }
  return own;
}
