import type { ArcResult } from '../authentication/arc/verify.ts';
import { readResults } from '../authentication/results-syntax.ts';
import { toALabels } from '../message/address-list.ts';
import type { Tenant } from './tenant.ts';

/**
 * The first sealer of an intact ARC chain, when the tenant trusts every sealer in it and that first one found DMARC
 * passed for the author who is shown: what was changed since is theirs. An untrusted hop could have changed anything
 * (RFC 8617 §9.2), and so can whoever sends a sealed message again what its seal does not cover.
 */
export function trustedSealer(
  { organization }: Tenant,
  { result, hops, unsignedFields = [] }: ArcResult,
  authorDomain: string,
): string | undefined {
  const [first] = hops;
  if (result !== 'pass' || first?.sealer === undefined) return undefined;
  if (unsignedFields.length > 0 || hops.at(-1)?.partial) return undefined;
  const trusted = hops.every(
    ({ sealer }) => sealer !== undefined && organization.trustedSealers.includes(sealer.toLowerCase()),
  );
  if (!trusted) return undefined;
  const found = readResults(first.results)?.results.some(
    ({ method, result: outcome, properties }) =>
      method === 'dmarc' &&
      outcome === 'pass' &&
      properties.some(({ name, value }) => name === 'header.from' && toALabels(value) === authorDomain),
  );
  return found ? first.sealer : undefined;
}
