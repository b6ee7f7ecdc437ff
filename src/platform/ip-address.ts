import net from 'node:net';

/** An IPv4 or IPv6 address as a value; an IPv4-mapped IPv6 address is the IPv4 address that it stands for. */
export interface IpAddress {
  family: 4 | 6;
  /** 4 or 16, most significant first. */
  octets: Uint8Array;
}

/** Reads an address; a zone (`%eth0`) is left out. Undefined for anything else. */
export function parseAddress(text: string): IpAddress | undefined {
  if (text.length > 64) return undefined;
  if (net.isIPv4(text)) return { family: 4, octets: octetsOf4(text) };
  if (!net.isIPv6(text)) return undefined;
  const octets = octetsOf6(text.split('%', 1)[0]!);
  // RFC 4291 §2.5.5.2
  const mapped =
    octets.subarray(0, 10).every((octet) => octet === 0) && octets[10] === 255 && octets[11] === 255;
  return mapped ? { family: 4, octets: octets.slice(12) } : { family: 6, octets };
}

/** By hand: every address of every answer passes here. */
function octetsOf4(text: string): Uint8Array {
  const octets = new Uint8Array(4);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) at++;
    else octets[at] = octets[at]! * 10 + code - 0x30;
  }
  return octets;
}

function octetsOf6(text: string): Uint8Array {
  const octets = new Uint8Array(16);
  const [head = '', tail = ''] = text.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail);
  octets.set(before, 0);
  octets.set(after, 16 - after.length);
  return octets;
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

/** The canonical text: dotted for IPv4, RFC 5952 for IPv6. */
export function addressText({ family, octets }: IpAddress): string {
  if (family === 4) return octets.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (octets[2 * i]! << 8) | octets[2 * i + 1]!);
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length === 1) return hex.join(':');
  const before = hex.slice(0, best.start).join(':');
  return `${before}::${hex.slice(best.start + best.length).join(':')}`;
}

/** Whether both are of one family and agree in their first `bits`. */
export function sameNetwork(a: IpAddress, b: IpAddress, bits: number): boolean {
  if (a.family !== b.family) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (a.octets[i] !== b.octets[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (a.octets[whole]! ^ b.octets[whole]!) >> (8 - rest) === 0;
}

/** Each octet, or each half of one for IPv6, in the order of the address. */
export function addressLabels({ family, octets }: IpAddress): string[] {
  if (family === 4) return Array.from(octets, String);
  return Array.from(octets).flatMap((octet) => [(octet >> 4).toString(16), (octet & 15).toString(16)]);
}

/** `4.3.2.1`, or 32 hexadecimal digits: how an address is written in reverse zones (RFC 1035 §3.5, RFC 3596 §2.5). */
export function reversedLabels(address: IpAddress): string {
  return addressLabels(address).reverse().join('.');
}

/** The name at which PTR records of an address are found. */
export function reverseName(address: IpAddress): string {
  return `${reversedLabels(address)}.${address.family === 4 ? 'in-addr' : 'ip6'}.arpa`;
}
