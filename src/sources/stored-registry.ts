import type { EventSink } from '../journal/event.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ControlStore } from '../store/control.ts';
import { Serial } from '../store/serial.ts';
import { CredentialIndex, isNetworkAlone } from './credential-index.ts';
import { newIdentifier } from './identifier.ts';
import { type NewSource, RegistryError, type SourceChange, type SourceRegistry } from './registry.ts';
import { credentialOf, credentialRow, sourceOf, sourceRow } from './rows.ts';
import type { Credential, Source, StoredSecret } from './source.ts';
import { check, credentialFields, sourceChanges, sourceFields } from './source-fields.ts';

const WRITE_USES_AFTER_MS = 5000;

/**
 * Sources and credentials: in memory for the hot path, in the control store for good. Values that it hands out
 * are never changed in place (but for a credential's last use), so a session may keep one.
 */
export class StoredSourceRegistry implements SourceRegistry {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #events: EventSink;
  readonly #changes = new Serial();
  readonly #sources = new Map<string, Source>();
  readonly #names = new Map<string, Source>();
  /** In the order of names; made again after a change. */
  #sorted: Source[] | undefined;
  readonly #credentials = new CredentialIndex();
  readonly #listeners = new Set<(change: SourceChange) => void>();
  readonly #used = new Map<string, { at: number; from: string }>();
  #writeUses: Timer | undefined;

  /** @param events hears of a disk that did not take the last uses */
  constructor(db: ControlStore, clock: Clock, random: Random, events: EventSink) {
    this.#db = db;
    this.#clock = clock;
    this.#random = random;
    this.#events = events;
  }

  /** Reads everything from the store; before it, the registry is empty and nobody may send. */
  async open(): Promise<void> {
    for (const row of await this.#db.selectFrom('sources').selectAll().execute()) this.#keep(sourceOf(row));
    for (const row of await this.#db.selectFrom('credentials').selectAll().execute()) {
      this.#credentials.set(credentialOf(row));
    }
  }

  /** Writes what `touched` has gathered. */
  async close(): Promise<void> {
    this.#writeUses?.cancel();
    await this.#storeUses();
  }

  byId(id: string): Source | undefined {
    return this.#sources.get(id);
  }

  byName(name: string): Source | undefined {
    return this.#names.get(name);
  }

  list(): Source[] {
    // names hold ASCII only, so that this order is everybody's
    this.#sorted ??= [...this.#sources.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#sorted;
  }

  credentials(source: string): Credential[] {
    return this.#credentials.ofSource(source);
  }

  credential(id: string): Credential | undefined {
    return this.#credentials.get(id);
  }

  byAccount(account: string): Credential[] {
    return this.#credentials.byAccount(account);
  }

  /** As all look-ups but `byAccount`, it leaves revoked and expired credentials out. */
  byNetwork(address: string): Credential[] {
    return this.#live(this.#credentials.byNetwork(address));
  }

  byCertificate({ fingerprint256, subject }: { fingerprint256: string; subject: string }): Credential[] {
    return this.#live([
      ...this.#credentials.byFingerprint(fingerprint256),
      ...this.#credentials.bySubject(subject),
    ]);
  }

  byOAuthClient(issuer: string, clientId: string): Credential[] {
    return this.#live(this.#credentials.byOAuthClient(issuer, clientId));
  }

  byApiKeyHash(hash: string): Credential | undefined {
    const credential = this.#credentials.byApiKeyHash(hash);
    return credential && this.#isLive(credential) ? credential : undefined;
  }

  add(fields: NewSource): Promise<Source> {
    return this.#changes.run(async () => {
      const valid = check(sourceFields, fields);
      this.#refuseTakenName(valid.name);
      const now = this.#clock.now();
      const source: Source = {
        id: newIdentifier('src', this.#random),
        ...valid,
        state: 'active',
        createdAt: now,
        updatedAt: now,
        version: 1,
      };
      await this.#db.insertInto('sources').values(sourceRow(source)).execute();
      this.#keep(source);
      this.#announce({ kind: 'source', source });
      return source;
    });
  }

  edit(
    id: string,
    changes: Partial<NewSource> & { state?: Source['state'] },
    version?: number,
  ): Promise<Source> {
    return this.#changes.run(async () => {
      const before = this.#existing(id);
      if (version !== undefined && version !== before.version) {
        throw new RegistryError(
          'conflict',
          `source ${before.name} was changed by somebody else: it is at version ${before.version}`,
          'version',
        );
      }
      const valid = check(sourceChanges, changes);
      if (valid.name !== undefined && valid.name !== before.name) this.#refuseTakenName(valid.name);
      const source: Source = {
        ...before,
        ...valid,
        updatedAt: this.#clock.now(),
        version: before.version + 1,
      };
      await this.#db.updateTable('sources').set(sourceRow(source)).where('id', '=', id).execute();
      this.#keep(source, before);
      this.#announce({ kind: 'source', source, before });
      return source;
    });
  }

  remove(id: string): Promise<void> {
    return this.#changes.run(async () => {
      const source = this.#existing(id);
      await this.#db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('credentials').where('source', '=', id).execute();
        await transaction.deleteFrom('sources').where('id', '=', id).execute();
      });
      for (const credential of this.#credentials.ofSource(id)) this.#credentials.delete(credential.id);
      this.#sources.delete(id);
      this.#names.delete(source.name);
      this.#sorted = undefined;
      this.#announce({ kind: 'source', source, before: source, removed: true });
    });
  }

  addCredential(fields: Omit<Credential, 'id' | 'createdAt'>): Promise<Credential> {
    return this.#changes.run(async () => {
      const credential = this.#newCredential(fields);
      this.#refuseAmbiguous(credential);
      await this.#db.insertInto('credentials').values(credentialRow(credential)).execute();
      this.#credentials.set(credential);
      this.#announce({ kind: 'credential', credential });
      return credential;
    });
  }

  revokeCredential(id: string): Promise<Credential> {
    return this.#changes.run(async () => {
      const before = this.#credentials.get(id);
      if (!before) throw new RegistryError('not-found', `there is no credential ${id}`);
      if (before.state === 'revoked') return before;
      const credential: Credential = { ...before, state: 'revoked' };
      await this.#db.updateTable('credentials').set({ state: 'revoked' }).where('id', '=', id).execute();
      this.#credentials.set(credential);
      this.#announce({ kind: 'credential', credential, before });
      return credential;
    });
  }

  /**
   * Puts a new secret beside that of a credential: same account and other factors. Both work until the old one
   * expires, `graceMs` from now (at once with 0); an earlier end that it already had stays.
   */
  rotateCredential(
    id: string,
    replacement: { secret: StoredSecret } | { apiKeyHash: string },
    graceMs: number,
  ): Promise<{ credential: Credential; replaced: Credential }> {
    return this.#changes.run(async () => {
      const before = this.#credentials.get(id);
      if (!before) throw new RegistryError('not-found', `there is no credential ${id}`);
      if (before.state === 'revoked') {
        throw new RegistryError('conflict', `credential ${id} has been revoked; add a new one`);
      }
      const end = this.#clock.now() + graceMs;
      const replaced: Credential = { ...before, expiresAt: Math.min(before.expiresAt ?? end, end) };
      const { id: _, createdAt: __, expiresAt: ___, lastUsedAt: ____, lastUsedFrom: _____, ...same } = before;
      const credential = this.#newCredential({ ...same, ...replacement });
      await this.#db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('credentials')
          .set({ expires_at: replaced.expiresAt })
          .where('id', '=', id)
          .execute();
        await transaction.insertInto('credentials').values(credentialRow(credential)).execute();
      });
      this.#credentials.set(replaced);
      this.#credentials.set(credential);
      this.#announce({ kind: 'credential', credential: replaced, before });
      this.#announce({ kind: 'credential', credential });
      return { credential, replaced };
    });
  }

  touched(id: string, at: number, from: string): void {
    const credential = this.#credentials.get(id);
    if (!credential) return;
    credential.lastUsedAt = at;
    credential.lastUsedFrom = from;
    this.#used.set(id, { at, from });
    this.#writeUsesSoon();
  }

  onChange(listener: (change: SourceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #keep(source: Source, before?: Source): void {
    if (before && before.name !== source.name) this.#names.delete(before.name);
    this.#sources.set(source.id, source);
    this.#names.set(source.name, source);
    this.#sorted = undefined;
  }

  #announce(change: SourceChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #existing(id: string): Source {
    const source = this.#sources.get(id);
    if (!source) throw new RegistryError('not-found', `there is no source ${id}`);
    return source;
  }

  #refuseTakenName(name: string): void {
    if (this.#names.has(name))
      throw new RegistryError('conflict', `there is a source ${name} already`, 'name');
  }

  #isLive(credential: Credential): boolean {
    if (credential.state !== 'active') return false;
    return credential.expiresAt === undefined || credential.expiresAt > this.#clock.now();
  }

  #live(credentials: Credential[]): Credential[] {
    return credentials.filter((credential) => this.#isLive(credential));
  }

  #newCredential(fields: Omit<Credential, 'id' | 'createdAt'>): Credential {
    const valid = check(credentialFields, fields);
    this.#existing(valid.source);
    if ((valid.account === undefined) !== (valid.secret === undefined)) {
      throw new RegistryError('invalid', 'an account needs a password, and a password an account', 'account');
    }
    if (
      valid.networks.length === 0 &&
      !valid.secret &&
      !valid.certificate &&
      !valid.oauth &&
      !valid.apiKeyHash
    ) {
      throw new RegistryError('invalid', 'a credential needs at least one thing that proves it', 'networks');
    }
    return { ...valid, id: newIdentifier('crd', this.#random), createdAt: this.#clock.now() };
  }

  /** Refuses what would leave open whose message it is. */
  #refuseAmbiguous(credential: Credential): void {
    const { account, certificate, oauth, apiKeyHash } = credential;
    if (account !== undefined && this.#live(this.#credentials.byAccount(account)).length > 0) {
      throw new RegistryError('conflict', `there is an account ${account} already`, 'account');
    }
    if (apiKeyHash !== undefined && this.#credentials.byApiKeyHash(apiKeyHash)) {
      throw new RegistryError('conflict', 'the API key is in use', 'apiKeyHash');
    }
    const same = this.#live([
      ...(certificate && 'subject' in certificate ? this.#credentials.bySubject(certificate.subject) : []),
      ...(certificate && 'fingerprint256' in certificate
        ? this.#credentials.byFingerprint(certificate.fingerprint256)
        : []),
      ...(oauth ? this.#credentials.byOAuthClient(oauth.issuer, oauth.clientId) : []),
    ]).find(
      ({ source, networks }) =>
        source !== credential.source && networks.length * credential.networks.length === 0,
    );
    if (same) {
      throw new RegistryError(
        'conflict',
        `source ${this.#sources.get(same.source)?.name} has the same ${oauth ? 'OAuth client' : 'certificate'}; give both credentials networks to tell them apart`,
        oauth ? 'oauth' : 'certificate',
      );
    }
    if (!isNetworkAlone(credential)) return;
    for (const block of credential.networks) {
      const [address = ''] = block.split('/');
      const taken = this.#live(this.#credentials.byNetwork(address)).find(
        ({ source, networks }) => source !== credential.source && networks.includes(block),
      );
      if (taken) {
        throw new RegistryError(
          'conflict',
          `${block} is the network of source ${this.#sources.get(taken.source)?.name}`,
          'networks',
        );
      }
    }
  }

  #writeUsesSoon(): void {
    this.#writeUses ??= this.#clock.after(WRITE_USES_AFTER_MS, () => void this.#storeUses());
  }

  async #storeUses(): Promise<void> {
    this.#writeUses = undefined;
    const uses = [...this.#used];
    this.#used.clear();
    if (uses.length === 0) return;
    try {
      await this.#db.transaction().execute(async (transaction) => {
        for (const [id, { at, from }] of uses) {
          await transaction
            .updateTable('credentials')
            .set({ last_used_at: at, last_used_from: from })
            .where('id', '=', id)
            .execute();
        }
      });
    } catch (error) {
      // the disk is in trouble: kept for the next time, unless used again since
      for (const [id, use] of uses) if (!this.#used.has(id)) this.#used.set(id, use);
      this.#events.write({
        type: 'system',
        text: `last uses of credentials could not be written: ${String(error)}`,
      });
      this.#writeUsesSoon();
    }
  }
}
