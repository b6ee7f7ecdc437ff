/** Forward-confirmed reverse DNS: the check that RFC 8601 §3 calls `iprev`. */
import { parseAddress, sameNetwork } from '../platform/ip-address.ts';
import { ResolveError } from '../platform/resolver.ts';
import { type Lookups, queryName } from './lookups.ts';

export interface ReverseDnsResult {
  result: 'pass' | 'fail' | 'temperror' | 'permerror';
  /** `pass`: a name that the address has, and that has the address. */
  name?: string;
  /** What PTR records claim, whether it is true or not; ten at most. */
  claimed: string[];
  /** One sentence for a person, unless it passed. */
  problem?: string;
}

/** Names of one address that are followed; as for SPF (RFC 7208 §4.6.4). */
const MOST_NAMES = 10;

/** Never rejects; what DNS can not tell is `temperror`. */
export async function checkReverseDns(address: string, lookups: Lookups): Promise<ReverseDnsResult> {
  const client = parseAddress(address);
  if (!client)
    return { result: 'permerror', claimed: [], problem: 'The address of the client is not known.' };
  let names: string[];
  try {
    names = await lookups.ptr(address);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    if (error.failure === 'temporary') {
      return { result: 'temperror', claimed: [], problem: `DNS gave no answer for the name of ${address}.` };
    }
    names = [];
  }
  // RFC 8601 §3: without PTR data it can not be completed, and will not be later
  if (names.length === 0)
    return { result: 'permerror', claimed: [], problem: `${address} has no name in DNS.` };
  const claimed = [...new Set(names.slice(0, MOST_NAMES).flatMap((name) => queryName(name) ?? []))];
  let unanswered: string | undefined;
  for (const name of claimed) {
    try {
      const found = client.family === 4 ? await lookups.a(name) : await lookups.aaaa(name);
      const confirmed = found.some((text) => {
        const forward = parseAddress(text);
        return forward !== undefined && sameNetwork(forward, client, 8 * client.octets.length);
      });
      if (confirmed) return { result: 'pass', name, claimed };
    } catch (error) {
      if (!(error instanceof ResolveError)) throw error;
      if (error.failure === 'temporary') unanswered ??= name;
    }
  }
  if (unanswered !== undefined) {
    return { result: 'temperror', claimed, problem: `DNS gave no answer for the address of ${unanswered}.` };
  }
  return { result: 'fail', claimed, problem: `No name that ${address} claims has that address.` };
}
