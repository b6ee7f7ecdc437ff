import type { ArcResult } from '../authentication/arc/verify.ts';
import { readResults } from '../authentication/results-syntax.ts';
import type { Tenant } from './tenant.ts';

/**
 * The first sealer of an intact ARC chain, when the tenant trusts every sealer in it and that first one found DMARC
 * passed: what was changed since is theirs. An untrusted hop could have changed anything (RFC 8617 §9.2).
 */
export function trustedSealer({ organization }: Tenant, { result, hops }: ArcResult): string | undefined {
  const [first] = hops;
  if (result !== 'pass' || first?.sealer === undefined) return undefined;
  const trusted = hops.every(
    ({ sealer }) => sealer !== undefined && organization.trustedSealers.includes(sealer.toLowerCase()),
  );
  if (!trusted) return undefined;
  const found = readResults(first.results)?.results.some(
    ({ method, result: outcome }) => method === 'dmarc' && outcome === 'pass',
  );
  return found ? first.sealer : undefined;
}
