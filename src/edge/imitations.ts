import type { Author } from '../authentication/author.ts';
import { Lookalikes } from '../authentication/lookalike.ts';
import { parseAddressList } from '../message/address-list.ts';
import type { HeaderIndex } from '../message/headers.ts';
import type { Evidence } from './judgement.ts';
import { acceptedDomain, type Tenant } from './tenant.ts';

/** Finds authors that are made to be taken for one of a tenant's. Remembers what it has prepared of each tenant. */
export class Imitations {
  readonly #prepared = new WeakMap<Tenant['domains'], Lookalikes>();

  /**
   * What the author imitates; undefined for own domains, which are judged by what they prove. A Sender field with an own
   * address beside a foreign author is shown by mail programs as "on behalf of", and proven by nothing.
   */
  of(
    tenant: Tenant,
    { domain, displayName }: Author & { kind: 'domain' },
    index: Pick<HeaderIndex, 'all' | 'value'>,
  ): Evidence['imitation'] {
    if (acceptedDomain(tenant, domain)) return undefined;
    const sender = ownSender(tenant, index);
    if (sender !== undefined) return { kind: 'sender', of: sender };
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

/** RFC 5322 §3.6.2 allows one Sender field with one address; each of those that are there might be shown. */
function ownSender(tenant: Tenant, index: Pick<HeaderIndex, 'all' | 'value'>): string | undefined {
  for (const field of index.all('sender').slice(0, MOST_SENDERS)) {
    const { mailboxes } = parseAddressList(index.value(field).slice(0, LONGEST_SENDER));
    const own = mailboxes.find(({ domain }) => acceptedDomain(tenant, domain) !== undefined);
    if (own) return own.address;
  }
  return undefined;
}

const MOST_SENDERS = 5;
const LONGEST_SENDER = 2000;
