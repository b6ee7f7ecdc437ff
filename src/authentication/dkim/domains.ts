import type { SigningDomain, SigningKey } from './domain.ts';

/** The domains that Postern signs for, in memory for the hot path and in the store for good. */
export interface DomainRegistry {
  byName(name: string): SigningDomain | undefined;
  list(): SigningDomain[];
  /** The name itself or a parent of it is a domain of ours and is marked internal. */
  isInternal(domain: string): boolean;
  /** Makes the domain and its first key, active at once. @throws RegistryError `conflict`, `invalid` */
  add(
    name: string,
    options: { selector?: string; internal?: boolean; ed25519?: boolean },
  ): Promise<SigningDomain>;
  remove(name: string): Promise<void>;
  /** Adds a key in the stage `next`. */
  addKey(
    name: string,
    options: { selector?: string; algorithm: SigningKey['algorithm'] },
  ): Promise<SigningKey>;
  /** `next` becomes `active`, and the `active` key of the same algorithm `retiring`. */
  activateKey(name: string, selector: string): Promise<SigningDomain>;
  /** Only a key that no longer signs. */
  removeKey(name: string, selector: string): Promise<SigningDomain>;
  markPublished(name: string, selector: string, at: number | undefined): Promise<void>;
}
