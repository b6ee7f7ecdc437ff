import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type AuditStore, openAuditStore } from '../../store/audit-store.ts';
import { FolderLocked, type FolderLock, lockFolder } from '../../store/folder-lock.ts';
import type { Answer } from '../answer.ts';
import { AuditError } from '../audit-error.ts';
import type { Organisation } from '../classify/decision.ts';
import type { Mapping } from '../evidence/fields.ts';
import type { FileReport } from '../evidence/report.ts';
import { SenderDecisions } from '../inventory/decisions.ts';
import { SenderNotes } from '../inventory/notes.ts';
import type { Known, NameReport } from '../names/reverse-names.ts';
import type { Finding } from './posture.ts';

/** The result of a run, as it is kept. */
export interface StoredAnswer {
  /** Wall time of the run's end, ms. */
  at: number;
  organisation: Organisation;
  /** What the run was limited to, ms. */
  from?: number;
  to?: number;
  switchedAt?: number;
  answer: Answer;
  /** All files of evidence that were ever read for this audit. */
  files: FileReport[];
  findings: Finding[];
  /** What was asked of reverse DNS, where that was wanted. */
  names?: NameReport;
}

/** The folder of one audit: its facts, notes, and the last answer. Several may read it, one at a time runs. */
export class AuditBook {
  readonly folder: string;
  readonly db: AuditStore;
  readonly notes: SenderNotes;
  readonly decisions: SenderDecisions;

  private constructor(folder: string, db: AuditStore) {
    this.folder = folder;
    this.db = db;
    this.notes = new SenderNotes(db);
    this.decisions = new SenderDecisions(db);
  }

  /** Opens the audit in a folder, or begins one. @throws AuditError `folder` */
  static async open(folder: string): Promise<AuditBook> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return new AuditBook(folder, await openAuditStore(path.join(folder, 'audit.db')));
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown reason';
      throw new AuditError('folder', `the audit in ${folder} can not be opened: ${reason}`, { cause: error });
    }
  }

  close(): Promise<void> {
    return this.db.destroy();
  }

  /** Held while something is read. @throws AuditError `folder` when another run holds it */
  lock(): FolderLock {
    try {
      return lockFolder(this.folder, 'run-lock.db');
    } catch (error) {
      if (!(error instanceof FolderLocked)) throw error;
      throw new AuditError('folder', `another run reads into ${this.folder}: let it end first`, {
        cause: error,
      });
    }
  }

  answer(): Promise<StoredAnswer | undefined> {
    return this.#read<StoredAnswer>('answer');
  }

  keepAnswer(answer: StoredAnswer): Promise<void> {
    return this.#write('answer', answer);
  }

  /** Wall time of the last answer, without reading it. */
  answeredAt(): Promise<number | undefined> {
    return this.#read<number>('answered-at');
  }

  organisation(): Promise<Organisation | undefined> {
    return this.#read<Organisation>('organisation');
  }

  keepOrganisation(organisation: Organisation): Promise<void> {
    return this.#write('organisation', organisation);
  }

  /** Names of addresses that DNS has told. */
  async names(): Promise<Record<string, Known>> {
    return (await this.#read<Record<string, Known>>('names')) ?? {};
  }

  keepNames(names: Record<string, Known>): Promise<void> {
    return this.#write('names', names);
  }

  async mappings(): Promise<Mapping[]> {
    return (await this.#read<Mapping[]>('mappings')) ?? [];
  }

  /** Adds to what is remembered; the newest word on a table is the one that counts. */
  async keepMappings(more: readonly Mapping[]): Promise<void> {
    if (more.length === 0) return;
    const known = await this.mappings();
    const kept = known.filter(({ table }) => !more.some((one) => one.table === table));
    await this.#write('mappings', [...kept, ...more].slice(-200));
  }

  /** Anything else that is kept with the audit, as JSON. */
  setting<T>(name: 'collection'): Promise<T | undefined> {
    return this.#read<T>(name);
  }

  keepSetting(name: 'collection', value: unknown): Promise<void> {
    return this.#write(name, value);
  }

  async #read<T>(name: string): Promise<T | undefined> {
    const row = await this.db
      .selectFrom('audit_settings')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst();
    return row && (JSON.parse(row.value) as T);
  }

  async #write(name: string, value: unknown): Promise<void> {
    const rows = [{ name, value: JSON.stringify(value) }];
    if (name === 'answer') rows.push({ name: 'answered-at', value: String((value as StoredAnswer).at) });
    await this.db.transaction().execute(async (trx) => {
      for (const row of rows)
        await trx
          .insertInto('audit_settings')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: row.value }))
          .execute();
    });
  }
}
