import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Clock } from '../platform/clock.ts';
import { RegistryError } from '../sources/registry.ts';
import { check } from '../sources/source-fields.ts';
import type { ControlStore } from '../store/control.ts';
import { Serial } from '../store/serial.ts';
import { canonicalRecipient, recipientAddress } from './fields.ts';

/** What a list in memory may hold: more addresses than that are asked of a directory (LDAP, call-ahead). */
const MOST_RECIPIENTS = 500_000;
const ROWS_A_STATEMENT = 200;

export interface RecipientPage {
  /** Part of the address. */
  search?: string;
  domain?: string;
  /** Only addresses behind this one. */
  after?: string;
  limit: number;
}

export interface RecipientChange {
  added: number;
  removed: number;
  /** How many there are then. */
  total: number;
}

/** The recipients that were listed: a set in memory for RCPT, in the control store for good. */
export class StoredRecipients {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #changes = new Serial();
  readonly #known = new Set<string>();
  readonly #counts = new Map<string, number>();

  constructor(db: ControlStore, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  async open(): Promise<void> {
    for (const { address } of await this.#db.selectFrom('edge_recipients').select('address').execute())
      this.#note(address);
  }

  /** Whether the address is listed, however it is written. */
  has(address: string): boolean {
    const canonical = canonicalRecipient(address);
    return canonical !== undefined && this.#known.has(canonical);
  }

  get size(): number {
    return this.#known.size;
  }

  /** Listed recipients of exactly this domain. */
  countOf(domain: string): number {
    return this.#counts.get(domain) ?? 0;
  }

  /** Domains that have listed recipients. */
  domains(): string[] {
    return [...this.#counts.keys()];
  }

  /** In the order of addresses. */
  async page({ search, domain, after, limit }: RecipientPage): Promise<string[]> {
    let query = this.#db.selectFrom('edge_recipients').select('address');
    if (domain !== undefined) query = query.where('domain', '=', domain);
    if (after !== undefined) query = query.where('address', '>', after);
    if (search !== undefined) {
      const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
      query = query.where(sql<boolean>`address like ${pattern} escape '\\'`);
    }
    const rows = await query.orderBy('address').limit(limit).execute();
    return rows.map(({ address }) => address);
  }

  /** Answers false when it was listed already. @throws RegistryError `invalid` */
  async add(address: string): Promise<boolean> {
    const { added } = await this.change([check(recipientAddress, address)]);
    return added > 0;
  }

  /** @throws RegistryError `not-found` */
  remove(address: string): Promise<void> {
    return this.#changes.run(async () => {
      const canonical = check(recipientAddress, address);
      if (!this.#known.has(canonical))
        throw new RegistryError('not-found', `${canonical} is not among the listed recipients`);
      await this.#write([], [canonical]);
    });
  }

  removeDomain(domain: string): Promise<number> {
    return this.#changes.run(async () => {
      const gone = [...this.#known].filter((address) => address.endsWith(`@${domain}`));
      await this.#write([], gone);
      return gone.length;
    });
  }

  /**
   * Adds what is not listed yet.
   * @param addresses canonical
   * @param replace what is listed of the domains that occur among them, and is not among them, goes
   * @param dryRun changes nothing, and answers what would have been changed
   * @throws RegistryError `invalid` when there would be too many
   */
  change(
    addresses: readonly string[],
    { replace = false, dryRun = false }: { replace?: boolean; dryRun?: boolean } = {},
  ): Promise<RecipientChange> {
    return this.#changes.run(async () => {
      const wanted = new Set(addresses);
      const added = [...wanted].filter((address) => !this.#known.has(address));
      const replaced = new Set(replace ? [...wanted].map(domainOf) : []);
      const removed =
        replaced.size === 0
          ? []
          : [...this.#known].filter((address) => !wanted.has(address) && replaced.has(domainOf(address)));
      const total = this.#known.size + added.length - removed.length;
      if (total > MOST_RECIPIENTS) {
        throw new RegistryError(
          'invalid',
          `the list can hold ${MOST_RECIPIENTS} recipients, and would have ${total}; ask a directory instead (LDAP or call-ahead)`,
        );
      }
      if (!dryRun) await this.#write(added, removed);
      return { added: added.length, removed: removed.length, total };
    });
  }

  /** All of it or nothing; in memory only once it is stored. */
  async #write(added: readonly string[], removed: readonly string[]): Promise<void> {
    const created_at = this.#clock.now();
    await this.#db.transaction().execute(async (transaction) => {
      for (const some of batches(removed)) {
        await transaction.deleteFrom('edge_recipients').where('address', 'in', some).execute();
        await nextTurn();
      }
      for (const some of batches(added)) {
        const rows = some.map((address) => ({ address, domain: domainOf(address), created_at }));
        await transaction
          .insertInto('edge_recipients')
          .values(rows)
          .onConflict((conflict) => conflict.column('address').doNothing())
          .execute();
        await nextTurn();
      }
    });
    for (const address of removed) this.#forget(address);
    for (const address of added) this.#note(address);
  }

  #note(address: string): void {
    if (this.#known.has(address)) return;
    this.#known.add(address);
    const domain = domainOf(address);
    this.#counts.set(domain, this.countOf(domain) + 1);
  }

  #forget(address: string): void {
    if (!this.#known.delete(address)) return;
    const domain = domainOf(address);
    const left = this.countOf(domain) - 1;
    if (left > 0) this.#counts.set(domain, left);
    else this.#counts.delete(domain);
  }
}

function* batches(addresses: readonly string[]): Generator<string[]> {
  for (let at = 0; at < addresses.length; at += ROWS_A_STATEMENT)
    yield addresses.slice(at, at + ROWS_A_STATEMENT);
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
