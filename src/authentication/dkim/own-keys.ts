import type { Resolver } from '../../platform/resolver.ts';
import type { DomainRegistry } from './domains.ts';
import { recordText } from './keys.ts';
import { dnsKeyLookup, type KeyLookup } from './verify.ts';

/**
 * Looks a key up among our own domains first, then in DNS: mail can be checked before its record is published,
 * and without a network.
 */
export function ownKeysFirst(
  domains: Pick<DomainRegistry, 'byName'>,
  resolver: Pick<Resolver, 'txt'>,
): KeyLookup {
  const dns = dnsKeyLookup(resolver);
  return async (selector, domain) => {
    const key = domains.byName(domain)?.keys.find((candidate) => candidate.selector === selector);
    return key ? [recordText(key)] : dns(selector, domain);
  };
}
