import type { RecipientAnswer } from '../rooms.ts';
import type { Tenant } from '../tenant.ts';

/** Somebody who knows recipients: the list, a directory, the next hop. */
export interface RecipientSource {
  /** For people: `list`, `ldap`, `call-ahead`. */
  readonly name: string;
  /**
   * Never rejects: who can not be asked is `unavailable`.
   * @param address in the form in which recipients are compared (./addresses.ts)
   */
  find(tenant: Tenant, address: string): RecipientAnswer | Promise<RecipientAnswer>;
  /** Why it could not be asked the last time; absent when it could. */
  problem?(): string | undefined;
  close?(): Promise<void> | void;
}

/** The list that administrators keep. */
export interface RecipientList {
  /** @param address in the form in which recipients are compared */
  has(tenant: Tenant, address: string): boolean;
  /** Nothing is listed for the domain: then the list knows nothing, rather than that nobody is there. */
  isEmpty(tenant: Tenant, domain: string): boolean;
}
