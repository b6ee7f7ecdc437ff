import { acceptedDomain, type Tenant } from '../../edge/tenant.ts';
import { isWithin } from '../../edge/connector.ts';

/** Whose domain an address has: of the organisation, below one of its domains, of others; the null sender; not told. */
export type Belonging = 'own' | 'subdomain' | 'foreign' | 'null' | 'unknown';

/** Domain of an address or of `@domain`, lower case; '' for the null sender. */
export function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return domain.endsWith('.') ? domain.slice(0, -1) : domain;
}

/**
 * Where an address belongs. `own` is what the front door takes for an accepted domain, subdomains included where they
 * are set to match.
 */
export function belongingOf(tenant: Tenant, address: string | undefined): Belonging {
  if (address === undefined) return 'unknown';
  if (address === '') return 'null';
  const domain = domainOf(address);
  if (acceptedDomain(tenant, domain)) return 'own';
  return tenant.domains.some(({ name }) => isWithin(domain, name)) ? 'subdomain' : 'foreign';
}
