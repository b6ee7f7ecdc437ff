/**
 * How the keys of a domain change: `next` (published, not used), `active` (signs), `retiring` (published, no
 * longer used). Pure functions: a domain in, a new one out; the registry makes it durable.
 */
import { RegistryError } from '../../sources/registry.ts';
import type { SigningDomain, SigningKey } from './domain.ts';
import { isSelector } from './keys.ts';

/** Each active key is a signature on every message, and each key a record to publish. */
const MOST_KEYS = 10;

/**
 * Adds a key in the stage `next`.
 * @throws RegistryError `invalid` for a selector that is none, `conflict` when it is taken or there are too many keys.
 */
export function withNewKey(domain: SigningDomain, key: Omit<SigningKey, 'stage'>): SigningDomain {
  if (!isSelector(key.selector)) {
    throw new RegistryError('invalid', `"${key.selector}" is not a DKIM selector`, 'selector');
  }
  if (domain.keys.some((other) => other.selector === key.selector)) {
    throw new RegistryError('conflict', `${domain.name} has a key ${key.selector} already`, 'selector');
  }
  if (domain.keys.length >= MOST_KEYS) {
    throw new RegistryError(
      'conflict',
      `${domain.name} has ${MOST_KEYS} keys; remove one that no longer signs`,
    );
  }
  return { ...domain, keys: [...domain.keys, { ...key, stage: 'next' }] };
}

/**
 * Lets a key sign; active keys of the same algorithm become `retiring`. A retiring key can come back: that is
 * the way out when the new one turns out to be published wrongly.
 * @throws RegistryError `not-found`, or `conflict` when it signs already.
 */
export function withActivated(domain: SigningDomain, selector: string): SigningDomain {
  const chosen = find(domain, selector);
  if (chosen.stage === 'active') {
    throw new RegistryError(
      'conflict',
      `the key ${selector} of ${domain.name} is active already`,
      'selector',
    );
  }
  const keys = domain.keys.map((key): SigningKey => {
    if (key === chosen) return { ...key, stage: 'active' };
    if (key.stage === 'active' && key.algorithm === chosen.algorithm) return { ...key, stage: 'retiring' };
    return key;
  });
  return { ...domain, keys };
}

/**
 * Removes a key that does not sign.
 * @throws RegistryError `not-found`, or `conflict` when it is active.
 */
export function withoutKey(domain: SigningDomain, selector: string): SigningDomain {
  const chosen = find(domain, selector);
  if (chosen.stage === 'active') {
    throw new RegistryError(
      'conflict',
      `the key ${selector} of ${domain.name} signs; activate another one first`,
      'selector',
    );
  }
  return { ...domain, keys: domain.keys.filter((key) => key !== chosen) };
}

function find(domain: SigningDomain, selector: string): SigningKey {
  const key = domain.keys.find((candidate) => candidate.selector === selector);
  if (!key) throw new RegistryError('not-found', `${domain.name} has no key ${selector}`, 'selector');
  return key;
}
