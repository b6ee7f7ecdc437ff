import type { Author } from '../authentication/author.ts';
import { Lookalikes } from '../authentication/lookalike.ts';
import type { Evidence } from './judgement.ts';
import { acceptedDomain, type Tenant } from './tenant.ts';

/** Finds authors that are made to be taken for one of a tenant's. Remembers what it has prepared of each tenant. */
export class Imitations {
  readonly #prepared = new WeakMap<Tenant['domains'], Lookalikes>();

  /** What the author imitates; undefined for own domains, which are judged by what they prove. */
  of(tenant: Tenant, { domain, displayName }: Author & { kind: 'domain' }): Evidence['imitation'] {
    if (acceptedDomain(tenant, domain)) return undefined;
    const lookalikes = this.#lookalikesOf(tenant);
    const alike = lookalikes.domain(domain);
    if (alike) return { kind: 'lookalike', of: alike.domain };
    const shown = displayName === '' ? undefined : lookalikes.displayName(displayName);
    return shown && { kind: 'display-name', of: shown.domain };
  }

  #lookalikesOf({ domains }: Tenant): Lookalikes {
    let prepared = this.#prepared.get(domains);
    if (!prepared) {
      prepared = new Lookalikes(domains.map(({ name }) => name));
      this.#prepared.set(domains, prepared);
    }
    return prepared;
  }
}
