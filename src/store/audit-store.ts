import { Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { NodeSqliteDialect } from './dialect.ts';

/**
 * What the Direct Send audit has gathered, in a database of its own: it may be large, can be made again from the
 * evidence, and never holds up the control data.
 */
export type AuditStore = Kysely<AuditTables>;

export interface AuditTables {
  evidence_files: EvidenceFileRow;
  facts: FactRow;
  tallies: TallyRow;
  sent_messages: SentMessagesRow;
  foreign_samples: ForeignSampleRow;
  sender_notes: SenderNoteRow;
  sender_decisions: SenderDecisionRow;
  audit_settings: AuditSettingRow;
}

export interface EvidenceFileRow {
  number: number;
  /** Digest of what the file holds; one that was renamed is the same. */
  fingerprint: string;
  name: string;
  /** JSON: where to go on; its shape is the reader's. */
  position: string | null;
  done: number;
}

/** Keys are 53 bits of a hash; who finds a row compares what is in it. A key has its index once it was asked for. */
export interface FactRow {
  id: number;
  network: number | null;
  message: number | null;
  whole: number | null;
  moment: number | null;
  row_key: number | null;
  /** Days since 1970, or null where no time was told. */
  day: number | null;
  /** 1: its recipient is not known, and others of the same message have taken over what it tells. */
  shadow: number;
  /** JSON of Fact; its origins are left out where all is of its one kind. */
  body: string;
}

export interface TallyRow {
  day: number;
  kind: string;
  relevance: string;
  sketch: Uint8Array;
}

export interface SentMessagesRow {
  id: number;
  /** Float64: hashes of Message-IDs that the organisation itself has sent. */
  hashes: Uint8Array;
}

export interface ForeignSampleRow {
  message: number;
  address: string;
  day: number;
}

export interface SenderNoteRow {
  sender: string;
  /** JSON of SenderNote. */
  note: string;
  updated_at: number;
  version: number;
}

/** A change of a note, by whom; none is ever changed or taken away. */
export interface SenderDecisionRow {
  id: number;
  /** Wall time, ms. */
  at: number;
  sender: string;
  name: string;
  by: string;
  /** JSON of SenderNote, or null for none. */
  before: string | null;
  after: string;
}

export interface AuditSettingRow {
  name: string;
  value: string;
}

const MIGRATIONS: Record<string, Migration> = {
  '0001-audit': {
    async up(db) {
      await db.schema
        .createTable('evidence_files')
        .addColumn('number', 'integer', (column) => column.primaryKey())
        .addColumn('fingerprint', 'text', (column) => column.notNull().unique())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('position', 'text')
        .addColumn('done', 'integer', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('facts')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('network', 'bigint')
        .addColumn('message', 'bigint')
        .addColumn('whole', 'bigint')
        .addColumn('moment', 'bigint')
        .addColumn('row_key', 'bigint')
        .addColumn('day', 'integer')
        .addColumn('shadow', 'integer', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('tallies')
        .addColumn('day', 'integer', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('relevance', 'text', (column) => column.notNull())
        .addColumn('sketch', 'blob', (column) => column.notNull())
        .addPrimaryKeyConstraint('tallies_of_day', ['day', 'kind', 'relevance'])
        .execute();
      await db.schema
        .createTable('sent_messages')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('hashes', 'blob', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('foreign_samples')
        .addColumn('message', 'bigint', (column) => column.primaryKey())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('day', 'integer', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('sender_notes')
        .addColumn('sender', 'text', (column) => column.primaryKey())
        .addColumn('note', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('audit_settings')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '0003-decisions': {
    async up(db) {
      await db.schema
        .createTable('sender_decisions')
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('sender', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('by', 'text', (column) => column.notNull())
        .addColumn('before', 'text')
        .addColumn('after', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('sender_decisions_by_sender')
        .on('sender_decisions')
        .column('sender')
        .execute();
    },
  },
};

/**
 * Opens (or makes) the audit's database and brings its schema up to date.
 * @param path file of the database; `:memory:` for tests
 * @throws the system's or SQLite's error when the file can not be used, or was made by a newer version
 */
export async function openAuditStore(path: string): Promise<AuditStore> {
  const db: AuditStore = new Kysely({ dialect: new NodeSqliteDialect(path) });
  // keys of facts are hashes and go anywhere in their indexes: those have to be at hand
  await sql`pragma cache_size = -16384`.execute(db);
  await sql`pragma wal_autocheckpoint = 16384`.execute(db);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (!error) return db;
  await db.destroy();
  const reason = error instanceof Error ? error.message : 'unknown reason';
  throw new Error(
    reason.startsWith('corrupted migrations')
      ? 'the audit was made by a newer version of Postern; start that version, or begin a new audit'
      : `the audit could not be brought up to date: ${reason}`,
    { cause: error },
  );
}
