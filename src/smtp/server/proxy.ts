/**
 * The header with which a load balancer tells whom it speaks for: PROXY protocol, versions 1 (text) and 2
 * (binary), as published by HAProxy. It stands before everything else, the TLS handshake included.
 */
import { isIP } from 'node:net';

export type ProxyHeader =
  | { kind: 'incomplete' }
  | { kind: 'malformed'; fault: string }
  /** `client` is absent when the balancer speaks for itself (LOCAL, a health check) or does not know (UNKNOWN). */
  | { kind: 'complete'; length: number; client?: { address: string; port: number } };

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V1 = Buffer.from('PROXY ', 'latin1');
const V1_LONGEST = 107; // section 2.1 of the specification, CR LF counted
// The addresses need 36 octets; the rest are TLVs, which no balancer fills beyond this
const V2_LONGEST_PAYLOAD = 2048;

/** Reads the header at the start of `input`, which may hold more. */
export function parseProxyHeader(input: Buffer): ProxyHeader {
  if (startsLike(input, SIGNATURE)) return parseBinary(input);
  if (startsLike(input, V1)) return parseText(input);
  return { kind: 'malformed', fault: 'the connection does not begin with a PROXY header' };
}

/** `input` begins with `pattern`, or is the beginning of it. */
function startsLike(input: Buffer, pattern: Buffer): boolean {
  const length = Math.min(input.length, pattern.length);
  return input.compare(pattern, 0, length, 0, length) === 0;
}

function parseText(input: Buffer): ProxyHeader {
  const end = input.subarray(0, V1_LONGEST).indexOf('\r\n');
  if (end < 0) {
    return input.length < V1_LONGEST
      ? { kind: 'incomplete' }
      : { kind: 'malformed', fault: 'the PROXY line is longer than 107 octets' };
  }
  const words = input.toString('latin1', 0, end).split(' ');
  const length = end + 2;
  // "UNKNOWN" may be followed by anything, which is to be ignored
  if (words[1] === 'UNKNOWN') return { kind: 'complete', length };
  const [, family, source = '', target = '', sourcePort = '', targetPort = ''] = words;
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : 0;
  if (
    words.length !== 6 ||
    version === 0 ||
    isIP(source) !== version ||
    isIP(target) !== version ||
    !isPort(sourcePort) ||
    !isPort(targetPort)
  ) {
    return { kind: 'malformed', fault: 'the PROXY line is malformed' };
  }
  return { kind: 'complete', length, client: { address: source, port: Number(sourcePort) } };
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= 65535;
}

function parseBinary(input: Buffer): ProxyHeader {
  if (input.length < 16) return { kind: 'incomplete' };
  const command = input.readUInt8(12);
  const family = input.readUInt8(13);
  const payload = input.readUInt16BE(14);
  if (command >> 4 !== 2) return { kind: 'malformed', fault: 'the PROXY version is not 2' };
  if (payload > V2_LONGEST_PAYLOAD) return { kind: 'malformed', fault: 'the PROXY header is too long' };
  const length = 16 + payload;
  if (input.length < length) return { kind: 'incomplete' };
  if ((command & 15) === 0) return { kind: 'complete', length };
  if ((command & 15) !== 1) return { kind: 'malformed', fault: 'the PROXY command is unknown' };
  // The high half is the address family, the low one the transport: 1 is a stream
  if (family === 0x11 && payload >= 12) {
    return { kind: 'complete', length, client: { address: ipv4(input, 16), port: input.readUInt16BE(24) } };
  }
  if (family === 0x21 && payload >= 36) {
    return { kind: 'complete', length, client: { address: ipv6(input, 16), port: input.readUInt16BE(48) } };
  }
  // "UNSPEC" is a client that the balancer could not name
  if (family === 0x00) return { kind: 'complete', length };
  return { kind: 'malformed', fault: 'the PROXY header holds no TCP address' };
}

function ipv4(input: Buffer, at: number): string {
  return input.subarray(at, at + 4).join('.');
}

function ipv6(input: Buffer, at: number): string {
  const groups: string[] = [];
  for (let offset = 0; offset < 16; offset += 2) groups.push(input.readUInt16BE(at + offset).toString(16));
  return groups.join(':');
}
