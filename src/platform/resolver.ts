import dns from 'node:dns/promises';

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
  exchange: string;
  priority: number;
}

/** DNS behind an interface. Every method rejects with ResolveError, and with nothing else. */
export interface Resolver {
  mx(domain: string): Promise<MxRecord[]>;
  /** IPv4 and IPv6 addresses of a host, in the order of preference. */
  addresses(host: string): Promise<string[]>;
  /** Each record's strings joined. */
  txt(name: string): Promise<string[]>;
}

const FAILURES: Record<string, ResolveFailure> = { ENOTFOUND: 'nxdomain', ENODATA: 'nodata' };

async function ask<T>(name: string, kind: string, query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const failure = FAILURES[code] ?? 'temporary';
    throw new ResolveError(failure, `${kind} ${name}: ${code || String(error)}`, { cause: error });
  }
}

/**
 * The resolver of the system, or the given servers (`address` or `address:port`).
 * A query is tried twice, 3 seconds each.
 */
export function systemResolver(servers: string[] = []): Resolver {
  const resolver = new dns.Resolver({ timeout: 3000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return {
    mx: (domain) => ask(domain, 'MX', resolver.resolveMx(domain)),
    async addresses(host) {
      const [v4, v6] = await Promise.allSettled([
        ask(host, 'A', resolver.resolve4(host)),
        ask(host, 'AAAA', resolver.resolve6(host)),
      ]);
      const found = [v4, v6].flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
      if (found.length > 0) return found;
      const failures = [v4, v6].map((r) =>
        r.status === 'rejected' ? (r.reason as ResolveError) : undefined,
      );
      // one family that nobody could ask about leaves the answer open
      throw failures.find((failure) => failure?.failure === 'temporary') ?? failures[0] ?? failures[1];
    },
    txt: async (name) => (await ask(name, 'TXT', resolver.resolveTxt(name))).map((parts) => parts.join('')),
  };
}
