import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { ControlTables } from './schema.ts';

/**
 * The one list of changes to the schema, in order. An entry that was released is never edited: what comes
 * later is a new entry. Only what SQLite and PostgreSQL both take.
 */
const MIGRATIONS: Record<string, Migration> = {
  '0001-control-data': {
    async up(db) {
      await db.schema
        .createTable('sources')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .addColumn('description', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('policy', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('credentials')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('source', 'text', (column) =>
          column.notNull().references('sources.id').onDelete('cascade'),
        )
        .addColumn('label', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('account', 'text')
        .addColumn('factors', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint')
        .addColumn('last_used_at', 'bigint')
        .addColumn('last_used_from', 'text')
        .execute();
      await db.schema.createIndex('credentials_of_source').on('credentials').column('source').execute();
      await db.schema
        .createTable('domains')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('internal', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('keys')
        .addColumn('domain', 'text', (column) =>
          column.notNull().references('domains.name').onDelete('cascade'),
        )
        .addColumn('selector', 'text', (column) => column.notNull())
        .addColumn('algorithm', 'text', (column) => column.notNull())
        .addColumn('stage', 'text', (column) => column.notNull())
        .addColumn('private_key', 'text', (column) => column.notNull())
        .addColumn('public_key', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('published_at', 'bigint')
        .addPrimaryKeyConstraint('keys_of_domain', ['domain', 'selector'])
        .execute();
      await db.schema
        .createTable('routes')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('definition', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('settings')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('idempotency')
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('idempotency_key', 'text', (column) => column.notNull())
        .addColumn('fingerprint', 'text', (column) => column.notNull())
        .addColumn('status', 'integer', (column) => column.notNull())
        .addColumn('answer', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('idempotency_of_source', ['source', 'idempotency_key'])
        .execute();
      await db.schema.createIndex('idempotency_expiry').on('idempotency').column('expires_at').execute();
    },
  },
};

/**
 * Brings the schema to this version's; each migration is one transaction.
 * @throws when one fails, or when the database was made by a newer version.
 */
export async function migrate(db: Kysely<ControlTables>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => MIGRATIONS },
    migrationTableName: 'schema_version',
    migrationLockTableName: 'schema_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  const reason = error instanceof Error ? error.message : 'unknown reason';
  throw new Error(
    reason.startsWith('corrupted migrations')
      ? 'the control data was made by a newer version of Postern; start that version, or restore a backup'
      : `the control data could not be brought up to date: ${reason}`,
    { cause: error },
  );
}
