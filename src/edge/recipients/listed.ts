import { domainOf } from '../../message/envelope.ts';
import type { RecipientList, RecipientSource } from './source.ts';

/**
 * The list as a source. A domain of which nobody is listed is a domain that was not set up yet: its mail waits, and is
 * not refused for good.
 */
export function listedRecipients(list: RecipientList): RecipientSource {
  let problem: string | undefined;
  return {
    name: 'list',
    find(tenant, address) {
      if (list.has(tenant, address)) return 'known';
      const domain = domainOf(address);
      const empty = list.isEmpty(tenant, domain);
      problem = empty ? `no recipient of ${domain} is listed` : undefined;
      return empty ? 'unavailable' : 'unknown';
    },
    problem: () => problem,
  };
}
