import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Staged, writeEach } from '../store/staged.ts';
import { CredentialIndex } from './credential-index.ts';
import { revokedWith } from './credential-rotation.ts';
import type { Cause } from './lifecycle.ts';
import {
  type NewSource,
  RegistryError,
  type SourceBatch,
  type SourceChange,
  type SourceChanges,
} from './registry.ts';
import type { RegistryMemory } from './registry-memory.ts';
import { credentialRow, sourceRow } from './rows.ts';
import type { Credential, Source } from './source.ts';
import { check, credentialFields } from './source-fields.ts';

const NONE: ReadonlySet<string> = new Set();
/** Rows of a batch that are looked at before others get their turn on the thread. */
const ROWS_AT_A_TIME = 100;

/** One step of `applyAll`. */
export type SourceStep = { add: NewSource } | { edit: string; changes: SourceChanges; version?: number };

/** How others hear of what a batch has changed. */
export interface Telling {
  announce(change: SourceChange): void;
  /** Keeps the source in the place of `before`, and tells of it. */
  replace(before: Source, source: Source): void;
}

/** What the steps make; each sees the names of those before it. */
export async function planSteps(
  memory: RegistryMemory,
  steps: readonly SourceStep[],
  cause: Cause,
  refused: (error: RegistryError, index: number) => void,
): Promise<(Source | undefined)[]> {
  const names = new Set<string>();
  const edited = new Set<string>();
  const planned: (Source | undefined)[] = [];
  for (const [index, step] of steps.entries()) {
    try {
      const before = 'edit' in step ? memory.source(step.edit) : undefined;
      const source =
        'edit' in step
          ? memory.edited(memory.source(step.edit), step.changes, cause, step.version)
          : memory.made(step.add);
      if (source.name !== before?.name) memory.refuseTakenName(source.name);
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
    if (index % ROWS_AT_A_TIME === ROWS_AT_A_TIME - 1) await nextTurn();
  }
  return planned;
}

/** @param cause stands beside each change of state */
export function stageBatch(
  memory: RegistryMemory,
  batch: SourceBatch,
  cause: Cause,
  telling: Telling,
): Staged {
  const names = new Set<string>();
  const added = batch.added.map(({ id, ...fields }) => {
    const source = { ...memory.made(fields), id };
    memory.refuseTakenName(source.name);
    if (names.has(source.name))
      throw new RegistryError('conflict', `the name ${source.name} stands twice`, 'name');
    names.add(source.name);
    return source;
  });
  const edited = batch.edited.map(({ id, changes }) => {
    const before = memory.source(id);
    return { before, source: memory.edited(before, changes, cause) };
  });
  const removed = batch.removed.map((id) => memory.source(id));
  const credentials = stageCredentials(memory, batch, new Map(added.map((source) => [source.id, source])));
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
      if (added.length + removed.length > 0) memory.unsort();
      for (const source of removed) memory.drop(source);
      for (const source of added) memory.keep(source);
      for (const { credential } of credentials) {
        const { lastUsedAt, lastUsedFrom } = memory.credentials.get(credential.id) ?? credential;
        memory.credentials.set(Object.assign(credential, { lastUsedAt, lastUsedFrom }));
      }
      for (const source of removed)
        telling.announce({ kind: 'source', source, before: source, removed: true });
      for (const source of added) telling.announce({ kind: 'source', source });
      for (const { source, before } of edited) telling.replace(before, source);
      for (const change of credentials) telling.announce({ kind: 'credential', ...change });
    },
  };
}

/** Checked against what will be there after the batch: what it ends makes room for what it adds. */
function stageCredentials(
  memory: RegistryMemory,
  { removed, credentials }: SourceBatch,
  added: ReadonlyMap<string, Source>,
): { credential: Credential; before?: Credential }[] {
  /** By identifier, as the steps before have left it. */
  const after = new Map<string, Credential>();
  const current = (id: string): Credential => after.get(id) ?? memory.credential(id);
  for (const id of credentials.revoked) {
    const before = current(id);
    const other = memory.otherSide(before);
    for (const one of revokedWith(before, other && current(other.id))) after.set(one.id, one);
  }
  const besides = new Set(credentials.revoked);
  const changed = credentials.changed.map(({ id, changes }) => {
    const credential: Credential = { ...current(id), ...changes };
    const { id: _, createdAt: __, ...fields } = credential;
    check(credentialFields, fields);
    after.set(id, credential);
    besides.add(id);
    // both sides of a rotation have the same account
    if (credential.rotation) besides.add(credential.rotation.other);
    return credential;
  });
  const fresh = credentials.added.map((fields) => memory.newCredential(fields, added));
  for (const id of removed) for (const one of memory.credentials.ofSource(id)) besides.add(one.id);
  const together = new CredentialIndex();
  for (const credential of [...changed, ...fresh]) {
    memory.refuseAmbiguous(credential, memory.credentials, besides);
    memory.refuseAmbiguous(credential, together, NONE);
    together.set(credential);
  }
  return [
    ...[...after.values()].map((credential) => ({ credential, before: memory.credential(credential.id) })),
    ...fresh.map((credential) => ({ credential })),
  ];
}
