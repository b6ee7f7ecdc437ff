import type { EventSink } from '../journal/event.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ControlStore } from '../store/control.ts';
import { Serial } from '../store/serial.ts';
import { type Staged, writeEach } from '../store/staged.ts';
import { CredentialIndex, isNetworkAlone } from './credential-index.ts';
import {
  beginRotation,
  endRotation,
  type Replacement,
  type RotationEnd,
  type RotationOutcome,
} from './credential-rotation.ts';
import { newIdentifier } from './identifier.ts';
import type { Cause } from './lifecycle.ts';
import {
  type NewSource,
  RegistryError,
  type SourceBatch,
  type SourceChange,
  type SourceChanges,
  type SourceRegistry,
} from './registry.ts';
import { credentialOf, credentialRow, sourceOf, sourceRow } from './rows.ts';
import { SortedSources } from './sorted-sources.ts';
import { editedSource, newSource, stateEvent } from './source-changes.ts';
import type { Credential, Source } from './source.ts';
import { check, credentialFields } from './source-fields.ts';

const WRITE_USES_AFTER_MS = 5000;
const NONE: ReadonlySet<string> = new Set();
/** Rows of a batch that are written before others get their turn on the thread. */
const ROWS_AT_A_TIME = 100;

/** One step of `applyAll`. */
export type SourceStep = { add: NewSource } | { edit: string; changes: SourceChanges; version?: number };

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
  readonly #sorted = new SortedSources();
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

  /** In the order of names; a change makes a new array, so that one may be read at leisure. */
  list(): Source[] {
    return this.#sorted.list();
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
      const source = this.#made(fields);
      this.#refuseTakenName(source.name);
      await this.#db.insertInto('sources').values(sourceRow(source)).execute();
      this.#keep(source);
      this.#announce({ kind: 'source', source });
      return source;
    });
  }

  edit(id: string, changes: SourceChanges, version?: number, cause: Cause = UNNAMED): Promise<Source> {
    return this.#changes.run(async () => {
      const before = this.#existing(id);
      const source = this.#edited(before, changes, cause, version);
      if (source.name !== before.name) this.#refuseTakenName(source.name);
      await this.#db.updateTable('sources').set(sourceRow(source)).where('id', '=', id).execute();
      this.#replace(before, source);
      return source;
    });
  }

  /**
   * Takes many steps in one transaction. Answers the sources in the order of the steps, undefined for those that
   * could not be taken.
   * @param refused is told of each of these
   * @param goOn is asked when all is known and nothing is written; without its yes nothing is changed
   */
  applyAll(
    steps: readonly SourceStep[],
    cause: Cause,
    refused: (error: RegistryError, index: number) => void,
    goOn: () => boolean,
  ): Promise<(Source | undefined)[]> {
    return this.#changes.run(async () => {
      const after = await this.#planned(steps, cause, refused);
      if (!goOn()) return after;
      const pairs = after.flatMap((source) =>
        source ? [{ source, before: this.#sources.get(source.id) }] : [],
      );
      await this.#db.transaction().execute(async (transaction) => {
        for (const [index, { source, before }] of pairs.entries()) {
          const row = sourceRow(source);
          await (before
            ? transaction.updateTable('sources').set(row).where('id', '=', source.id).execute()
            : transaction.insertInto('sources').values(row).execute());
          if (index % ROWS_AT_A_TIME === ROWS_AT_A_TIME - 1) await otherWork();
        }
      });
      if (pairs.some(({ before, source }) => before?.name !== source.name)) this.#sorted.clear();
      for (const { source, before } of pairs) {
        if (before) this.#replace(before, source);
        else {
          this.#keep(source);
          this.#announce({ kind: 'source', source });
        }
      }
      return after;
    });
  }

  /** What the steps make; each sees the names of those before it. */
  async #planned(
    steps: readonly SourceStep[],
    cause: Cause,
    refused: (error: RegistryError, index: number) => void,
  ): Promise<(Source | undefined)[]> {
    const names = new Set<string>();
    const edited = new Set<string>();
    const planned: (Source | undefined)[] = [];
    for (const [index, step] of steps.entries()) {
      try {
        const before = 'edit' in step ? this.#existing(step.edit) : undefined;
        const source =
          'edit' in step
            ? this.#edited(this.#existing(step.edit), step.changes, cause, step.version)
            : this.#made(step.add);
        if (source.name !== before?.name) this.#refuseTakenName(source.name);
        if (names.has(source.name) || edited.has(source.id)) {
          throw new RegistryError('conflict', `source ${source.name} stands there twice`, 'name');
        }
        names.add(source.name);
        edited.add(source.id);
        planned.push(source);
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        refused(error, index);
        planned.push(undefined);
      }
      if (index % ROWS_AT_A_TIME === ROWS_AT_A_TIME - 1) await otherWork();
    }
    return planned;
  }

  remove(id: string): Promise<void> {
    return this.#changes.run(async () => {
      const source = this.#existing(id);
      await this.#db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('credentials').where('source', '=', id).execute();
        await transaction.deleteFrom('sources').where('id', '=', id).execute();
      });
      this.#drop(source);
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
      const before = this.#existingCredential(id);
      if (before.state === 'revoked') return before;
      const credential: Credential = { ...before, state: 'revoked', rotation: undefined };
      const other = before.rotation && this.#credentials.get(before.rotation.other);
      // whichever of both goes, the rotation is over
      const rest = other?.rotation?.other === id ? [{ ...other, rotation: undefined }] : [];
      await this.#writeCredentials([credential, ...rest]);
      return credential;
    });
  }

  /** @param changes an end of `null` takes the end away. */
  editCredential(
    id: string,
    changes: { label?: string; expiresAt?: number | null },
    still: (before: Credential) => void = () => {},
  ): Promise<Credential> {
    return this.#changes.run(async () => {
      const before = this.#existingCredential(id);
      still(before);
      if (before.state === 'revoked') {
        throw new RegistryError('conflict', `credential ${id} has been revoked; add a new one`);
      }
      const { label = before.label, expiresAt = before.expiresAt } = changes;
      const credential: Credential = { ...before, label, expiresAt: expiresAt ?? undefined };
      await this.#writeCredentials([credential]);
      return credential;
    });
  }

  /** Puts a new secret beside that of a credential: same account and other factors. See `beginRotation`. */
  rotateCredential(
    id: string,
    replacement: Replacement,
    end: RotationEnd,
  ): Promise<{ credential: Credential; replaced: Credential }> {
    return this.#changes.run(async () => {
      const before = this.#existingCredential(id);
      const newId = newIdentifier('crd', this.#random);
      const { replaced, fresh } = beginRotation(before, replacement, newId, this.#clock.now(), end);
      const { id: _, ...fields } = fresh;
      const credential = { ...this.#newCredential(fields), id: newId };
      await this.#writeCredentials([replaced], credential);
      return { credential, replaced };
    });
  }

  /**
   * Ends a rotation, of which `id` names either side; see `endRotation`. Answers what has changed.
   * @param still throws when the reason to end it is gone by the time that it is its turn.
   */
  endRotation(
    id: string,
    how: RotationOutcome,
    still: (credential: Credential) => void = () => {},
  ): Promise<Credential[]> {
    return this.#changes.run(async () => {
      const one = this.#existingCredential(id);
      still(one);
      const ended = endRotation(one, one.rotation && this.#credentials.get(one.rotation.other), how);
      await this.#writeCredentials(ended);
      return ended;
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

  #made(fields: NewSource): Source {
    return newSource(fields, newIdentifier('src', this.#random), this.#clock.now());
  }

  #edited(before: Source, changes: SourceChanges, cause: Cause, version?: number): Source {
    return editedSource(before, changes, { now: this.#clock.now(), cause, version });
  }

  #replace(before: Source, source: Source): void {
    this.#keep(source, before);
    this.#announce({ kind: 'source', source, before });
    if (source.state !== before.state) this.#events.write(stateEvent(before, source));
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#changes.run(work);
  }

  /** @param cause stands beside each change of state */
  stage(batch: SourceBatch, cause: Cause): Staged {
    const names = new Set<string>();
    const added = batch.added.map(({ id, ...fields }) => {
      const source = { ...this.#made(fields), id };
      this.#refuseTakenName(source.name);
      if (names.has(source.name))
        throw new RegistryError('conflict', `the name ${source.name} stands twice`, 'name');
      names.add(source.name);
      return source;
    });
    const edited = batch.edited.map(({ id, changes }) => {
      const before = this.#existing(id);
      return { before, source: this.#edited(before, changes, cause) };
    });
    const removed = batch.removed.map((id) => this.#existing(id));
    const credentials = this.#stageCredentials(batch, new Map(added.map((source) => [source.id, source])));
    return {
      write: async (transaction) => {
        await writeEach(removed, async ({ id }) => {
          await transaction.deleteFrom('credentials').where('source', '=', id).execute();
          await transaction.deleteFrom('sources').where('id', '=', id).execute();
        });
        await writeEach(added, (source) =>
          transaction.insertInto('sources').values(sourceRow(source)).execute(),
        );
        await writeEach(edited, ({ source }) =>
          transaction.updateTable('sources').set(sourceRow(source)).where('id', '=', source.id).execute(),
        );
        await writeEach(credentials, ({ credential, before }) =>
          before
            ? transaction
                .updateTable('credentials')
                .set(credentialRow(credential))
                .where('id', '=', credential.id)
                .execute()
            : transaction.insertInto('credentials').values(credentialRow(credential)).execute(),
        );
      },
      commit: () => {
        if (added.length + removed.length > 0) this.#sorted.clear();
        for (const source of removed) this.#drop(source);
        for (const source of added) this.#keep(source);
        for (const { credential } of credentials) {
          const { lastUsedAt, lastUsedFrom } = this.#credentials.get(credential.id) ?? credential;
          this.#credentials.set(Object.assign(credential, { lastUsedAt, lastUsedFrom }));
        }
        for (const source of removed)
          this.#announce({ kind: 'source', source, before: source, removed: true });
        for (const source of added) this.#announce({ kind: 'source', source });
        for (const { source, before } of edited) this.#replace(before, source);
        for (const change of credentials) this.#announce({ kind: 'credential', ...change });
      },
    };
  }

  /** Checked against what will be there after the batch: what it ends makes room for what it adds. */
  #stageCredentials(
    { removed, credentials }: SourceBatch,
    added: ReadonlyMap<string, Source>,
  ): { credential: Credential; before?: Credential }[] {
    const existing = (id: string): Credential => {
      const credential = this.#credentials.get(id);
      if (!credential) throw new RegistryError('not-found', `there is no credential ${id}`);
      return credential;
    };
    const ended = credentials.revoked
      .map(existing)
      .map((before) => ({ before, credential: { ...before, state: 'revoked' as const } }));
    const changed = credentials.changed.map(({ id, changes }) => {
      const before = existing(id);
      const { id: _, createdAt: __, ...fields } = { ...before, ...changes };
      check(credentialFields, fields);
      return { before, credential: { ...before, ...changes } };
    });
    const fresh = credentials.added.map((fields) => ({ credential: this.#newCredential(fields, added) }));
    const besides = new Set([...ended, ...changed].map(({ before }) => before.id));
    for (const id of removed) for (const one of this.#credentials.ofSource(id)) besides.add(one.id);
    const together = new CredentialIndex();
    for (const { credential } of [...changed, ...fresh]) {
      this.#refuseAmbiguous(credential, this.#credentials, besides);
      this.#refuseAmbiguous(credential, together, NONE);
      together.set(credential);
    }
    return [...ended, ...changed, ...fresh];
  }

  #drop(source: Source): void {
    const { id, name } = source;
    for (const credential of this.#credentials.ofSource(id)) this.#credentials.delete(credential.id);
    this.#sources.delete(id);
    this.#names.delete(name);
    this.#sorted.delete(source);
  }

  #keep(source: Source, before?: Source): void {
    if (before && before.name !== source.name) this.#names.delete(before.name);
    this.#sources.set(source.id, source);
    this.#names.set(source.name, source);
    this.#sorted.put(source, before, this.#sources);
  }

  #announce(change: SourceChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #existing(id: string): Source {
    const source = this.#sources.get(id);
    if (!source) throw new RegistryError('not-found', `there is no source ${id}`);
    return source;
  }

  #existingCredential(id: string): Credential {
    const credential = this.#credentials.get(id);
    if (!credential) throw new RegistryError('not-found', `there is no credential ${id}`);
    return credential;
  }

  /** Writes changed ones and a new one together, or nothing; they count in one turn. */
  async #writeCredentials(changed: Credential[], added?: Credential): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const credential of changed) {
        await transaction
          .updateTable('credentials')
          .set(credentialRow(credential))
          .where('id', '=', credential.id)
          .execute();
      }
      if (added) await transaction.insertInto('credentials').values(credentialRow(added)).execute();
    });
    for (const credential of [...changed, ...(added ? [added] : [])]) {
      const before = this.#credentials.get(credential.id);
      // it may have been used while it was written
      const used = before && { lastUsedAt: before.lastUsedAt, lastUsedFrom: before.lastUsedFrom };
      this.#credentials.set(used?.lastUsedAt === undefined ? credential : Object.assign(credential, used));
      this.#announce({ kind: 'credential', credential, before });
    }
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

  /** @param added sources that come with it, and are not yet there */
  #newCredential(
    fields: Omit<Credential, 'id' | 'createdAt'>,
    added?: ReadonlyMap<string, Source>,
  ): Credential {
    const valid = check(credentialFields, fields);
    if (!added?.has(valid.source)) this.#existing(valid.source);
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

  /**
   * Refuses what would leave open whose message it is.
   * @param besides identifiers of credentials that end, or change, together with this one
   */
  #refuseAmbiguous(
    credential: Credential,
    index: CredentialIndex = this.#credentials,
    besides: ReadonlySet<string> = NONE,
  ): void {
    const { account, certificate, oauth, apiKeyHash } = credential;
    const others = (found: Credential[]) => this.#live(found).filter(({ id }) => !besides.has(id));
    const nameOf = (source: string) => this.#sources.get(source)?.name ?? 'that is added with it';
    if (account !== undefined && others(index.byAccount(account)).length > 0) {
      throw new RegistryError('conflict', `there is an account ${account} already`, 'account');
    }
    const sameKey = apiKeyHash === undefined ? undefined : index.byApiKeyHash(apiKeyHash);
    if (sameKey && !besides.has(sameKey.id)) {
      throw new RegistryError('conflict', 'the API key is in use', 'apiKeyHash');
    }
    const same = others([
      ...(certificate && 'subject' in certificate ? index.bySubject(certificate.subject) : []),
      ...(certificate && 'fingerprint256' in certificate
        ? index.byFingerprint(certificate.fingerprint256)
        : []),
      ...(oauth ? index.byOAuthClient(oauth.issuer, oauth.clientId) : []),
    ]).find(
      ({ source, networks }) =>
        source !== credential.source && networks.length * credential.networks.length === 0,
    );
    if (same) {
      throw new RegistryError(
        'conflict',
        `source ${nameOf(same.source)} has the same ${oauth ? 'OAuth client' : 'certificate'}; give both credentials networks to tell them apart`,
        oauth ? 'oauth' : 'certificate',
      );
    }
    if (!isNetworkAlone(credential)) return;
    for (const block of credential.networks) {
      const [address = ''] = block.split('/');
      const taken = others(index.byNetwork(address)).find(
        ({ source, networks }) => source !== credential.source && networks.includes(block),
      );
      if (taken) {
        throw new RegistryError(
          'conflict',
          `${block} is the network of source ${nameOf(taken.source)}`,
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

/** The cause of a change for which nobody gave one. */
const UNNAMED: Cause = { by: 'relay', reason: '' };

/** Sockets and timers get their turn. */
function otherWork(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
