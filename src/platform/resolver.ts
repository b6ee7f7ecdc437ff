import dns from 'node:dns/promises';

import { parseAddress, reverseName } from './ip-address.ts';

/** Why a name has no answer: it does not exist, it has no such record, or nobody could tell (try again). */
export type ResolveFailure = 'nxdomain' | 'nodata' | 'temporary';

export class ResolveError extends Error {
  readonly failure: ResolveFailure;
  constructor(failure: ResolveFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

export interface MxRecord {
  readonly exchange: string;
  readonly priority: number;
}

/** Hears how long an answer may be kept, in seconds, where the name server's word is known. */
export type TtlListener = (seconds: number) => void;

/** DNS behind an interface. Every method rejects with ResolveError, and with nothing else. */
export interface Resolver {
  mx(domain: string): Promise<MxRecord[]>;
  /** IPv4 and IPv6 addresses of a host, in the order of preference. */
  addresses(host: string): Promise<string[]>;
  /** IPv4 addresses only. */
  a(host: string, ttl?: TtlListener): Promise<string[]>;
  /** IPv6 addresses only. */
  aaaa(host: string, ttl?: TtlListener): Promise<string[]>;
  /** Names that the owner of an address gives it; anybody can claim any name. */
  ptr(address: string): Promise<string[]>;
  /** Each record's strings joined, one character an octet. */
  txt(name: string): Promise<string[]>;
}

const FAILURES: Record<string, ResolveFailure> = {
  ENOTFOUND: 'nxdomain',
  ENODATA: 'nodata',
  // what is no name can not exist
  EBADNAME: 'nxdomain',
};

async function ask<T>(name: string, kind: string, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const failure = FAILURES[code] ?? 'temporary';
    throw new ResolveError(failure, `${kind} ${name}: ${code || String(error)}`, { cause: error });
  }
}

/** Both families of a host as one answer; one that nobody could ask about leaves it open when the other has none. */
export async function bothFamilies(resolver: Pick<Resolver, 'a' | 'aaaa'>, host: string): Promise<string[]> {
  const [v4, v6] = await Promise.allSettled([resolver.a(host), resolver.aaaa(host)]);
  const found = [v4, v6].flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  if (found.length > 0) return found;
  const failures = [v4, v6].map((r) => (r.status === 'rejected' ? (r.reason as ResolveError) : undefined));
  throw (
    failures.find((failure) => failure?.failure === 'temporary') ??
    failures[0] ??
    failures[1] ??
    new ResolveError('nodata', `${host} has no address`)
  );
}

/**
 * The resolver of the system, or the given servers (`address` or `address:port`).
 * A query is tried twice, 3 seconds each.
 */
export function systemResolver(servers: string[] = []): Resolver {
  const resolver = new dns.Resolver({ timeout: 3000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  const families = {
    a: async (host: string, ttl?: TtlListener) =>
      addressesOf(await ask(host, 'A', () => resolver.resolve4(host, { ttl: true })), ttl),
    aaaa: async (host: string, ttl?: TtlListener) =>
      addressesOf(await ask(host, 'AAAA', () => resolver.resolve6(host, { ttl: true })), ttl),
  };
  return {
    ...families,
    mx: async (domain) =>
      (await ask(domain, 'MX', () => resolver.resolveMx(domain))).map(({ exchange, priority }) => ({
        exchange,
        priority,
      })),
    addresses: (host) => bothFamilies(families, host),
    async ptr(address) {
      const parsed = parseAddress(address);
      if (!parsed) throw new ResolveError('nxdomain', `PTR: ${address.slice(0, 64)} is not an address`);
      // not reverse(), which reads the hosts file too
      const name = reverseName(parsed);
      return ask(name, 'PTR', () => resolver.resolvePtr(name));
    },
    txt: async (name) =>
      (await ask(name, 'TXT', () => resolver.resolveTxt(name))).map((parts) => parts.join('')),
  };
}

function addressesOf(records: { address: string; ttl: number }[], ttl?: TtlListener): string[] {
  if (records.length > 0) ttl?.(Math.min(...records.map((record) => record.ttl)));
  return records.map(({ address }) => address);
}
