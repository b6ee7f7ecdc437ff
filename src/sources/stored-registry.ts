import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ControlStore } from '../store/control.ts';
import { Serial } from '../store/serial.ts';
import { type Staged, writeEach } from '../store/staged.ts';
import {
  beginRotation,
  endRotation,
  type Replacement,
  revokedWith,
  type RotationEnd,
  type RotationOutcome,
} from './credential-rotation.ts';
import { newIdentifier } from './identifier.ts';
import { LastUses } from './last-uses.ts';
import type { Cause } from './lifecycle.ts';
import {
  type NewSource,
  RegistryError,
  type SourceBatch,
  type SourceChange,
  type SourceChanges,
  type SourceRegistry,
} from './registry.ts';
import { planSteps, type SourceStep, stageBatch } from './registry-batch.ts';
import { RegistryMemory } from './registry-memory.ts';
import { credentialOf, credentialRow, sourceOf, sourceRow } from './rows.ts';
import { stateEvent } from './source-changes.ts';
import type { Credential, Source } from './source.ts';
import { UnstoredStops } from './unstored-stops.ts';

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
  readonly #memory: RegistryMemory;
  readonly #uses: LastUses;
  readonly #unstored: UnstoredStops;
  readonly #listeners = new Set<(change: SourceChange) => void>();

  /** @param events hears of a disk that did not take the last uses */
  constructor(db: ControlStore, clock: Clock, random: Random, events: EventSink) {
    this.#db = db;
    this.#clock = clock;
    this.#random = random;
    this.#events = events;
    this.#memory = new RegistryMemory(clock, random);
    this.#uses = new LastUses(db, clock, events);
    this.#unstored = new UnstoredStops(clock, events, (id) =>
      this.#changes.run(async () => {
        const source = this.#memory.byId(id);
        if (source) await this.#update(source);
      }),
    );
  }

  /** Reads everything from the store; before it, the registry is empty and nobody may send. */
  async open(): Promise<void> {
    for (const row of await this.#db.selectFrom('sources').selectAll().execute())
      this.#memory.keep(sourceOf(row));
    for (const row of await this.#db.selectFrom('credentials').selectAll().execute()) {
      this.#memory.credentials.set(credentialOf(row));
    }
  }

  /** Writes what `touched` has gathered, and what could not be written before. */
  async close(): Promise<void> {
    await this.#unstored.close();
    await this.#uses.close();
  }

  byId(id: string): Source | undefined {
    return this.#memory.byId(id);
  }

  byName(name: string): Source | undefined {
    return this.#memory.byName(name);
  }

  /** In the order of names; a change makes a new array, so that one may be read at leisure. */
  list(): Source[] {
    return this.#memory.list();
  }

  credentials(source: string): Credential[] {
    return this.#memory.credentials.ofSource(source);
  }

  credential(id: string): Credential | undefined {
    return this.#memory.credentials.get(id);
  }

  byAccount(account: string): Credential[] {
    return this.#memory.credentials.byAccount(account);
  }

  /** As all look-ups but `byAccount`, it leaves revoked and expired credentials out. */
  byNetwork(address: string): Credential[] {
    return this.#memory.live(this.#memory.credentials.byNetwork(address));
  }

  byCertificate({ fingerprint256, subject }: { fingerprint256: string; subject: string }): Credential[] {
    return this.#memory.live([
      ...this.#memory.credentials.byFingerprint(fingerprint256),
      ...this.#memory.credentials.bySubject(subject),
    ]);
  }

  byOAuthClient(issuer: string, clientId: string): Credential[] {
    return this.#memory.live(this.#memory.credentials.byOAuthClient(issuer, clientId));
  }

  byApiKeyHash(hash: string): Credential | undefined {
    const credential = this.#memory.credentials.byApiKeyHash(hash);
    return credential && this.#memory.isLive(credential) ? credential : undefined;
  }

  add(fields: NewSource): Promise<Source> {
    return this.#changes.run(async () => {
      const source = this.#memory.made(fields);
      this.#memory.refuseTakenName(source.name);
      await this.#db.insertInto('sources').values(sourceRow(source)).execute();
      this.#memory.keep(source);
      this.#announce({ kind: 'source', source });
      return source;
    });
  }

  edit(id: string, changes: SourceChanges, version?: number, cause: Cause = UNNAMED): Promise<Source> {
    return this.#changes.run(async () => {
      const before = this.#memory.source(id);
      const source = this.#memory.edited(before, changes, cause, version);
      if (source.name !== before.name) this.#memory.refuseTakenName(source.name);
      await this.#update(source);
      this.#replace(before, source);
      return source;
    });
  }

  /**
   * Stops a source whatever becomes of the store: where that takes no writes the source is stopped in memory, and written
   * as soon as it can be.
   * @returns whether it is stored; if not, a restart lets the source send again
   * @throws RegistryError as `edit`
   */
  suspend(id: string, cause: Cause): Promise<{ source: Source; stored: boolean }> {
    return this.#changes.run(async () => {
      const before = this.#memory.source(id);
      if (before.state === 'suspended') return { source: before, stored: !this.#unstored.has(id) };
      const source = this.#memory.edited(before, { state: 'suspended' }, cause);
      let failure: { error: unknown } | undefined;
      try {
        await this.#update(source);
      } catch (error) {
        failure = { error };
      }
      this.#replace(before, source);
      if (failure) this.#unstored.add(source, failure.error);
      return { source, stored: failure === undefined };
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
      const after = await planSteps(this.#memory, steps, cause, refused);
      if (!goOn()) return after;
      const pairs = after.flatMap((source) =>
        source ? [{ source, before: this.#memory.byId(source.id) }] : [],
      );
      await this.#db.transaction().execute(async (transaction) => {
        await writeEach(pairs, ({ source, before }) => {
          const row = sourceRow(source);
          return before
            ? transaction.updateTable('sources').set(row).where('id', '=', source.id).execute()
            : transaction.insertInto('sources').values(row).execute();
        });
      });
      if (pairs.some(({ before, source }) => before?.name !== source.name)) this.#memory.unsort();
      for (const { source, before } of pairs) {
        if (before) this.#replace(before, source);
        else {
          this.#memory.keep(source);
          this.#announce({ kind: 'source', source });
        }
      }
      return after;
    });
  }

  remove(id: string): Promise<void> {
    return this.#changes.run(async () => {
      const source = this.#memory.source(id);
      await this.#db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('credentials').where('source', '=', id).execute();
        await transaction.deleteFrom('sources').where('id', '=', id).execute();
      });
      this.#memory.drop(source);
      this.#announce({ kind: 'source', source, before: source, removed: true });
    });
  }

  addCredential(fields: Omit<Credential, 'id' | 'createdAt'>): Promise<Credential> {
    return this.#changes.run(async () => {
      const credential = this.#memory.newCredential(fields);
      this.#memory.refuseAmbiguous(credential);
      await this.#db.insertInto('credentials').values(credentialRow(credential)).execute();
      this.#memory.credentials.set(credential);
      this.#announce({ kind: 'credential', credential });
      return credential;
    });
  }

  revokeCredential(id: string): Promise<Credential> {
    return this.#changes.run(async () => {
      const before = this.#memory.credential(id);
      if (before.state === 'revoked') return before;
      const changed = revokedWith(before, this.#memory.otherSide(before));
      await this.#writeCredentials(changed);
      return changed[0] as Credential;
    });
  }

  /** @param changes an end of `null` takes the end away. */
  editCredential(
    id: string,
    changes: { label?: string; expiresAt?: number | null },
    still: (before: Credential) => void = () => {},
  ): Promise<Credential> {
    return this.#changes.run(async () => {
      const before = this.#memory.credential(id);
      still(before);
      if (before.state === 'revoked') {
        throw new RegistryError('conflict', `credential ${id} has been revoked; add a new one`);
      }
      const { label = before.label, expiresAt = before.expiresAt } = changes;
      const credential: Credential = { ...before, label, expiresAt: expiresAt ?? undefined };
      this.#memory.refuseAmbiguousRevival(before, credential);
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
      const before = this.#memory.credential(id);
      const newId = newIdentifier('crd', this.#random);
      const { replaced, fresh } = beginRotation(before, replacement, newId, this.#clock.now(), end);
      const { id: _, ...fields } = fresh;
      const credential = { ...this.#memory.newCredential(fields), id: newId };
      this.#memory.refuseAmbiguousRevival(before, credential);
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
      const one = this.#memory.credential(id);
      still(one);
      const ended = endRotation(one, this.#memory.otherSide(one), how);
      await this.#writeCredentials(ended);
      return ended;
    });
  }

  touched(id: string, at: number, from: string): void {
    const credential = this.#memory.credentials.get(id);
    if (!credential) return;
    credential.lastUsedAt = at;
    credential.lastUsedFrom = from;
    this.#uses.add(id, at, from);
  }

  onChange(listener: (change: SourceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #update(source: Source): Promise<void> {
    await this.#db.updateTable('sources').set(sourceRow(source)).where('id', '=', source.id).execute();
  }

  #replace(before: Source, source: Source): void {
    this.#memory.keep(source, before);
    this.#announce({ kind: 'source', source, before });
    if (source.state !== before.state) this.#events.write(stateEvent(before, source));
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#changes.run(work);
  }

  /** @param cause stands beside each change of state */
  stage(batch: SourceBatch, cause: Cause): Staged {
    return stageBatch(this.#memory, batch, cause, {
      announce: (change) => this.#announce(change),
      replace: (before, source) => this.#replace(before, source),
    });
  }

  #announce(change: SourceChange): void {
    for (const listener of this.#listeners) listener(change);
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
      const before = this.#memory.credentials.get(credential.id);
      // it may have been used while it was written
      const used = before && { lastUsedAt: before.lastUsedAt, lastUsedFrom: before.lastUsedFrom };
      this.#memory.credentials.set(
        used?.lastUsedAt === undefined ? credential : Object.assign(credential, used),
      );
      this.#announce({ kind: 'credential', credential, before });
    }
  }
}

/** The cause of a change for which nobody gave one. */
const UNNAMED: Cause = { by: 'relay', reason: '' };
