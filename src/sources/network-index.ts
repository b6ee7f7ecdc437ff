import ipaddr from 'ipaddr.js';

/** Look-ups that are remembered; emptied when full, so that a scan over many addresses costs no memory. */
const CACHE_SIZE = 20_000;

/**
 * Finds the values whose CIDR block holds an address. One Map for each prefix length in use, by the network's
 * bits: a look-up costs the same with ten blocks and with a hundred thousand.
 */
export class NetworkIndex<T> {
  readonly #v4 = new Map<number, Map<number, Set<T>>>();
  readonly #v6 = new Map<number, Map<bigint, Set<T>>>();
  /** Longest first. */
  #v4Lengths: number[] = [];
  #v6Lengths: number[] = [];
  readonly #cache = new Map<string, readonly T[]>();

  /** @param cidr canonical, see `canonicalNetwork` */
  add(cidr: string, value: T): void {
    this.#cache.clear();
    const { bits, length } = parseBlock(cidr);
    if (typeof bits === 'number') {
      if (insert(this.#v4, length, bits, value)) this.#v4Lengths = longestFirst(this.#v4);
    } else if (insert(this.#v6, length, bits, value)) this.#v6Lengths = longestFirst(this.#v6);
  }

  remove(cidr: string, value: T): void {
    this.#cache.clear();
    const { bits, length } = parseBlock(cidr);
    if (typeof bits === 'number') {
      if (withdraw(this.#v4, length, bits, value)) this.#v4Lengths = longestFirst(this.#v4);
    } else if (withdraw(this.#v6, length, bits, value)) this.#v6Lengths = longestFirst(this.#v6);
  }

  /** Every value whose block holds the address, the narrowest block first; nothing for what is no address. */
  find(address: string): readonly T[] {
    const known = this.#cache.get(address);
    if (known) return known;
    const found = this.#search(address);
    if (this.#cache.size >= CACHE_SIZE) this.#cache.clear();
    this.#cache.set(address, found);
    return found;
  }

  #search(address: string): T[] {
    if (!ipaddr.isValid(address)) return [];
    // process: an IPv4-mapped IPv6 address counts as the IPv4 address it stands for
    const parsed = ipaddr.process(address);
    const found = new Set<T>();
    if (parsed.kind() === 'ipv4') {
      const bits = bitsOf4(parsed.toByteArray());
      for (const length of this.#v4Lengths) {
        for (const value of this.#v4.get(length)?.get(mask4(bits, length)) ?? []) found.add(value);
      }
    } else {
      const bits = bitsOf6(parsed.toByteArray());
      for (const length of this.#v6Lengths) {
        for (const value of this.#v6.get(length)?.get(mask6(bits, length)) ?? []) found.add(value);
      }
    }
    return [...found];
  }
}

/**
 * The canonical form of an address or CIDR block (`10.0.0.0/8`, `2001:db8::/32`); undefined when it is none,
 * or when bits are set behind the prefix, which is nearly always a slip of the pen.
 */
export function canonicalNetwork(text: string): string | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  // isValid also takes shortened and octal IPv4 forms, which people and programs read differently
  if (!ipaddr.IPv6.isValid(address) && !ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  if (address.includes('%')) return undefined;
  let parsed = ipaddr.parse(address);
  const suffix = slash < 0 ? undefined : text.slice(slash + 1);
  if (suffix !== undefined && !/^(0|[1-9]\d{0,2})$/.test(suffix)) return undefined;
  let length = suffix === undefined ? (parsed.kind() === 'ipv4' ? 32 : 128) : Number(suffix);
  if (length > (parsed.kind() === 'ipv4' ? 32 : 128)) return undefined;
  if (parsed.kind() === 'ipv6' && (parsed as ipaddr.IPv6).isIPv4MappedAddress()) {
    if (length < 96) return undefined;
    parsed = (parsed as ipaddr.IPv6).toIPv4Address();
    length -= 96;
  }
  const bytes = parsed.toByteArray();
  const clean =
    parsed.kind() === 'ipv4'
      ? mask4(bitsOf4(bytes), length) === bitsOf4(bytes)
      : mask6(bitsOf6(bytes), length) === bitsOf6(bytes);
  return clean ? `${parsed.toString()}/${length}` : undefined;
}

function parseBlock(cidr: string): { bits: number | bigint; length: number } {
  const [address, length] = ipaddr.parseCIDR(cidr);
  const bytes = address.toByteArray();
  return { bits: address.kind() === 'ipv4' ? bitsOf4(bytes) : bitsOf6(bytes), length };
}

function bitsOf4(bytes: number[]): number {
  return bytes.reduce((bits, byte) => ((bits << 8) | byte) >>> 0, 0);
}

function bitsOf6(bytes: number[]): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function mask4(bits: number, length: number): number {
  // a shift by 32 would shift by nothing
  return length === 0 ? 0 : (bits & (0xffffffff << (32 - length))) >>> 0;
}

function mask6(bits: bigint, length: number): bigint {
  const shift = BigInt(128 - length);
  return (bits >> shift) << shift;
}

/** Answers whether a prefix length came into use. */
function insert<K, T>(index: Map<number, Map<K, Set<T>>>, length: number, bits: K, value: T): boolean {
  const networks = index.get(length);
  const values = networks?.get(bits);
  if (values) values.add(value);
  else if (networks) networks.set(bits, new Set([value]));
  else index.set(length, new Map([[bits, new Set([value])]]));
  return networks === undefined;
}

/** Answers whether a prefix length went out of use. */
function withdraw<K, T>(index: Map<number, Map<K, Set<T>>>, length: number, bits: K, value: T): boolean {
  const networks = index.get(length);
  const values = networks?.get(bits);
  if (!networks || !values) return false;
  values.delete(value);
  if (values.size === 0) networks.delete(bits);
  if (networks.size > 0) return false;
  return index.delete(length);
}

function longestFirst(index: Map<number, unknown>): number[] {
  return [...index.keys()].sort((a, b) => b - a);
}
