import ipaddr from 'ipaddr.js';

/** What the wire bounds. Every bound has its refusal in `src/refusals.ts`. */
export interface ServerLimits {
  /** Simultaneous connections, in all (C102) and from one network (C101): an IPv4 address, an IPv6 /64. */
  connections: number;
  connectionsPerNetwork: number;
  /** Octets in a command line with its CR LF (C107). RFC 5321 §4.5.3.1.4 wants 512, and more for extensions. */
  commandLine: number;
  /** Commands in one connection (C109). */
  commands: number;
  /** Negative replies in one connection that are the client's fault (C108). */
  errors: number;
  /** Recipients in one transaction (R502); RFC 5321 §4.5.3.1.8 wants at least 100. */
  recipients: number;
  /** Octets in a message (M601). */
  messageBytes: number;
  /** How long the server waits for the next command (C110); RFC 5321 §4.5.3.2.7 wants 300. */
  idleSeconds: number;
  /** How long it waits for the next octets of a message (C110). */
  dataIdleSeconds: number;
  /** How long a connection may last (C111). */
  sessionSeconds: number;
  /** A message that arrives more slowly, for half a minute, is dropped (C110); 0 drops none. */
  minimumBytesPerSecond: number;
}

/** The address in the form in which it is shown and compared: IPv4-mapped IPv6 as IPv4, IPv6 in short form, without zone. */
export function canonicalAddress(address: string): string {
  return ipaddr.process(address.replace(/%.*$/, '')).toString();
}

/** The network that shares one limit: the IPv4 address itself, the first 64 bits of an IPv6 address. */
export function networkOf(address: string): string {
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/** Networks in CIDR notation; a bare address is a network of one. Throws RangeError for what is neither. */
export class NetworkList {
  readonly #networks: [ipaddr.IPv4 | ipaddr.IPv6, number][];

  constructor(networks: string[]) {
    this.#networks = networks.map((network) => {
      if (ipaddr.isValidCIDR(network)) return ipaddr.parseCIDR(network);
      if (!ipaddr.isValid(network)) throw new RangeError(`"${network}" is not a network in CIDR notation`);
      const address = ipaddr.process(network);
      return [address, address.kind() === 'ipv4' ? 32 : 128];
    });
  }

  contains(address: string): boolean {
    if (this.#networks.length === 0) return false;
    const parsed = ipaddr.process(address);
    return this.#networks.some(
      ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
    );
  }
}

/** Counts the connections of each network; forgets a network with its last one. */
export class NetworkCounter {
  readonly #counts = new Map<string, number>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a place for `network`; false if all are taken. */
  enter(network: string): boolean {
    const count = this.#counts.get(network) ?? 0;
    if (count >= this.#limit) return false;
    this.#counts.set(network, count + 1);
    return true;
  }

  leave(network: string): void {
    const count = this.#counts.get(network) ?? 0;
    if (count > 1) this.#counts.set(network, count - 1);
    else this.#counts.delete(network);
  }
}
