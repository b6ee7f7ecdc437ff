import ipaddr from 'ipaddr.js';

export interface OwnNames {
  /** Of this host. */
  hostname: string;
  /** Accepted domains of all tenants, lower case. */
  domains: readonly string[];
}

/**
 * What is wrong with how a client from outside calls itself: one sentence for the journal, or undefined. A server
 * calls itself by its own name or address (RFC 5321 §4.1.1.1); who uses ours, or that of a loopback address, wants to
 * look like one of us. A name below an own domain is left alone: own machines have such names, and not all are known
 * by a connector.
 */
export function helloProblem(hello: string, { hostname, domains }: OwnNames): string | undefined {
  const name = hello.toLowerCase().replace(/\.$/, '');
  const literal = /^\[(?:ipv6:)?([^\]]*)\]$/.exec(name)?.[1] ?? name;
  if (ipaddr.isValid(literal) && ['loopback', 'unspecified'].includes(ipaddr.process(literal).range()))
    return `calls itself by a loopback address, ${literal}`;
  if (name === 'localhost' || name.endsWith('.localhost') || name === 'localhost.localdomain')
    return `calls itself ${name}`;
  if (name === hostname.toLowerCase()) return 'calls itself by the name of this host';
  if (domains.includes(name)) return `calls itself by the accepted domain ${name}`;
  return undefined;
}

const INSIDE = new Set(['loopback', 'private', 'linkLocal', 'uniqueLocal', 'carrierGradeNat']);

/** Whether the address is one that no client on the internet can have. */
export function isInside(address: string): boolean {
  return ipaddr.isValid(address) && INSIDE.has(ipaddr.process(address).range());
}
