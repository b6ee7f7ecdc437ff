import { toALabels } from '../../message/address-list.ts';
import type { Clock } from '../../platform/clock.ts';
import { RegistryError } from '../../sources/registry.ts';
import type { ControlStore } from '../../store/control.ts';
import type { KeyRow } from '../../store/schema.ts';
import type { Seal } from '../../store/seal.ts';
import { Serial } from '../../store/serial.ts';
import { type Staged, writeEach } from '../../store/staged.ts';
import type { SigningDomain, SigningKey } from './domain.ts';
import type { DomainRegistry } from './domains.ts';
import { isSelector, makeKey, newSelector } from './keys.ts';
import { withActivated, withNewKey, withoutKey } from './rotation.ts';

/** Many changes that hold together or not at all; see `StoredDomainRegistry.stage`. */
export interface DomainBatch {
  /** From `make`. */
  added: SigningDomain[];
  changed: Pick<SigningDomain, 'name' | 'internal'>[];
  /** Names; their keys go with them. */
  removed: string[];
}

/**
 * Signing domains: in memory for the hot path, in the control store for good, private keys sealed there. Values that
 * it hands out are never changed in place.
 */
export class StoredDomainRegistry implements DomainRegistry {
  readonly #db: ControlStore;
  readonly #seal: Seal;
  readonly #clock: Clock;
  readonly #changes = new Serial();
  readonly #domains = new Map<string, SigningDomain>();

  constructor(db: ControlStore, seal: Seal, clock: Clock) {
    this.#db = db;
    this.#seal = seal;
    this.#clock = clock;
  }

  /** @throws when a private key was sealed under another key. */
  async open(): Promise<void> {
    const keys = new Map<string, SigningKey[]>();
    for (const row of await this.#db
      .selectFrom('keys')
      .selectAll()
      .orderBy('created_at')
      .orderBy('selector')
      .execute()) {
      const key = this.#keyOf(row);
      const list = keys.get(row.domain);
      if (list) list.push(key);
      else keys.set(row.domain, [key]);
    }
    for (const row of await this.#db.selectFrom('domains').selectAll().execute()) {
      this.#domains.set(row.name, {
        name: row.name,
        internal: row.internal === 1,
        createdAt: row.created_at,
        keys: keys.get(row.name) ?? [],
      });
    }
  }

  byName(name: string): SigningDomain | undefined {
    return this.#domains.get(name);
  }

  list(): SigningDomain[] {
    return [...this.#domains.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  isInternal(domain: string): boolean {
    for (let name = domain; ; ) {
      if (this.#domains.get(name)?.internal) return true;
      const dot = name.indexOf('.');
      if (dot < 0) return false;
      name = name.slice(dot + 1);
    }
  }

  add(
    text: string,
    options: { selector?: string; internal?: boolean; ed25519?: boolean },
  ): Promise<SigningDomain> {
    return this.#changes.run(async () => {
      const domain = await this.make(text, options);
      await this.#db.transaction().execute((transaction) => this.#insert(transaction, domain));
      this.#domains.set(domain.name, domain);
      return domain;
    });
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#changes.run(work);
  }

  /** A domain with its keys, for `stage`. @throws RegistryError `conflict`, `invalid` */
  async make(
    text: string,
    {
      selector,
      internal = true,
      ed25519 = false,
    }: { selector?: string; internal?: boolean; ed25519?: boolean },
  ): Promise<SigningDomain> {
    const name = toALabels(text.endsWith('.') ? text.slice(0, -1) : text);
    if (name === undefined || !name.includes('.')) {
      throw new RegistryError('invalid', `${shown(text)} is no domain name`, 'name');
    }
    if (this.#domains.has(name))
      throw new RegistryError('conflict', `there is a domain ${name} already`, 'name');
    const at = this.#clock.now();
    const first = checkedSelector(selector ?? newSelector(at, []));
    const keys = [await makeKey({ algorithm: 'rsa-sha256', selector: first, stage: 'active', at })];
    if (ed25519) {
      const second = newSelector(at, [first]);
      keys.push(await makeKey({ algorithm: 'ed25519-sha256', selector: second, stage: 'active', at }));
    }
    return { name, internal, createdAt: at, keys };
  }

  stage({ added, changed, removed }: DomainBatch): Staged {
    for (const { name } of added) {
      if (this.#domains.has(name))
        throw new RegistryError('conflict', `there is a domain ${name} already`, 'name');
    }
    const edited = changed.map(({ name, internal }) => ({ ...this.#existing(name), internal }));
    for (const name of removed) this.#existing(name);
    return {
      write: async (transaction) => {
        await writeEach(removed, async (name) => {
          await transaction.deleteFrom('keys').where('domain', '=', name).execute();
          await transaction.deleteFrom('domains').where('name', '=', name).execute();
        });
        await writeEach(added, (domain) => this.#insert(transaction, domain));
        await writeEach(edited, ({ name, internal }) =>
          transaction
            .updateTable('domains')
            .set({ internal: internal ? 1 : 0 })
            .where('name', '=', name)
            .execute(),
        );
      },
      commit: () => {
        for (const name of removed) this.#domains.delete(name);
        for (const domain of [...added, ...edited]) this.#domains.set(domain.name, domain);
      },
    };
  }

  remove(name: string): Promise<void> {
    return this.#changes.run(async () => {
      this.#existing(name);
      await this.#db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('keys').where('domain', '=', name).execute();
        await transaction.deleteFrom('domains').where('name', '=', name).execute();
      });
      this.#domains.delete(name);
    });
  }

  addKey(
    name: string,
    { selector, algorithm }: { selector?: string; algorithm: SigningKey['algorithm'] },
  ): Promise<SigningKey> {
    return this.#changes.run(async () => {
      const domain = this.#existing(name);
      const at = this.#clock.now();
      const chosen = checkedSelector(
        selector ??
          newSelector(
            at,
            domain.keys.map((key) => key.selector),
          ),
      );
      // refused before the key is made, which takes a while
      withNewKey(domain, { selector: chosen, algorithm, privateKey: '', publicKey: '', createdAt: at });
      const key = await makeKey({ algorithm, selector: chosen, stage: 'next', at });
      const changed = withNewKey(domain, key);
      await this.#db.insertInto('keys').values(this.#rowOf(name, key)).execute();
      this.#domains.set(name, changed);
      return key;
    });
  }

  activateKey(name: string, selector: string): Promise<SigningDomain> {
    return this.#changes.run(async () => {
      const changed = withActivated(this.#existing(name), selector);
      await this.#db.transaction().execute(async (transaction) => {
        for (const key of changed.keys) {
          await transaction
            .updateTable('keys')
            .set({ stage: key.stage })
            .where('domain', '=', name)
            .where('selector', '=', key.selector)
            .execute();
        }
      });
      this.#domains.set(name, changed);
      return changed;
    });
  }

  removeKey(name: string, selector: string): Promise<SigningDomain> {
    return this.#changes.run(async () => {
      const changed = withoutKey(this.#existing(name), selector);
      await this.#db.deleteFrom('keys').where('domain', '=', name).where('selector', '=', selector).execute();
      this.#domains.set(name, changed);
      return changed;
    });
  }

  markPublished(name: string, selector: string, at: number | undefined): Promise<void> {
    return this.#changes.run(async () => {
      const domain = this.#existing(name);
      if (!domain.keys.some((key) => key.selector === selector)) {
        throw new RegistryError('not-found', `${name} has no key ${selector}`, 'selector');
      }
      await this.#db
        .updateTable('keys')
        .set({ published_at: at ?? null })
        .where('domain', '=', name)
        .where('selector', '=', selector)
        .execute();
      const keys = domain.keys.map((key) => (key.selector === selector ? { ...key, publishedAt: at } : key));
      this.#domains.set(name, { ...domain, keys });
    });
  }

  async #insert(
    transaction: ControlStore,
    { name, internal, createdAt, keys }: SigningDomain,
  ): Promise<void> {
    await transaction
      .insertInto('domains')
      .values({ name, internal: internal ? 1 : 0, created_at: createdAt })
      .execute();
    await transaction
      .insertInto('keys')
      .values(keys.map((key) => this.#rowOf(name, key)))
      .execute();
  }

  #existing(name: string): SigningDomain {
    const domain = this.#domains.get(name);
    if (!domain) throw new RegistryError('not-found', `there is no domain ${name}`);
    return domain;
  }

  #rowOf(domain: string, key: SigningKey): KeyRow {
    return {
      domain,
      selector: key.selector,
      algorithm: key.algorithm,
      stage: key.stage,
      private_key: this.#seal.seal(key.privateKey, purpose(domain, key.selector)),
      public_key: key.publicKey,
      created_at: key.createdAt,
      published_at: key.publishedAt ?? null,
    };
  }

  #keyOf(row: KeyRow): SigningKey {
    let privateKey: string;
    try {
      privateKey = this.#seal.open(row.private_key, purpose(row.domain, row.selector));
    } catch (error) {
      throw new Error(
        `the key ${row.selector} of ${row.domain} can not be unsealed: the sealing key is another one, or the control data was altered`,
        { cause: error },
      );
    }
    return {
      selector: row.selector,
      algorithm: row.algorithm === 'ed25519-sha256' ? 'ed25519-sha256' : 'rsa-sha256',
      stage: row.stage === 'active' ? 'active' : row.stage === 'next' ? 'next' : 'retiring',
      privateKey,
      publicKey: row.public_key,
      createdAt: row.created_at,
      publishedAt: row.published_at ?? undefined,
    };
  }
}

function purpose(domain: string, selector: string): string {
  return `dkim:${selector}._domainkey.${domain}`;
}

function checkedSelector(text: string): string {
  const selector = text.toLowerCase();
  if (isSelector(selector)) return selector;
  throw new RegistryError('invalid', `${shown(text)} is not a DKIM selector`, 'selector');
}

/** What was given, so that it can be printed anywhere. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80)).replaceAll(/[^ -~]/g, '?');
}
