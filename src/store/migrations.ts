import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { createAlertTables } from './alert-tables.ts';
import { createEdgeTables } from './edge-tables.ts';
import { createPeopleTables } from './people-tables.ts';
import { createRefusalTables } from './refusal-tables.ts';
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
  '0010-lifecycle': {
    async up(db) {
      for (const [column, value] of [
        ['contact', ''],
        ['tags', '[]'],
        ['notes', ''],
        ['site', ''],
        ['course', '{}'],
      ] as const) {
        await db.schema
          .alterTable('sources')
          .addColumn(column, 'text', (added) => added.notNull().defaultTo(value))
          .execute();
      }
      await db.updateTable('sources').set({ state: 'suspended' }).where('state', '=', 'disabled').execute();
      await db.schema
        .createTable('recertification_rounds')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('title', 'text', (column) => column.notNull())
        .addColumn('filter', 'text', (column) => column.notNull())
        .addColumn('brown_out', 'text', (column) => column.notNull())
        .addColumn('started_at', 'bigint', (column) => column.notNull())
        .addColumn('started_by', 'text', (column) => column.notNull())
        .addColumn('deadline', 'bigint', (column) => column.notNull())
        .addColumn('reminded_at', 'bigint')
        .addColumn('closed_at', 'bigint')
        .execute();
      await db.schema
        .createTable('recertification_answers')
        .addColumn('round', 'text', (column) =>
          column.notNull().references('recertification_rounds.id').onDelete('cascade'),
        )
        .addColumn('source', 'text', (column) =>
          column.notNull().references('sources.id').onDelete('cascade'),
        )
        .addColumn('answer', 'text', (column) => column.notNull())
        .addColumn('answered_at', 'bigint')
        .addColumn('answered_by', 'text')
        .addColumn('comment', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('recertification_answers_of_round', ['round', 'source'])
        .execute();
    },
  },
  '0020-credentials': {
    async up(db) {
      await db.schema
        .alterTable('credentials')
        .addColumn('canary', 'integer', (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema.alterTable('credentials').addColumn('rotation', 'text').execute();
      await db.schema
        .createTable('credential_uses')
        .addColumn('credential', 'text', (column) =>
          column.notNull().references('credentials.id').onDelete('cascade'),
        )
        .addColumn('network', 'text', (column) => column.notNull())
        .addColumn('first_at', 'bigint', (column) => column.notNull())
        .addColumn('last_at', 'bigint', (column) => column.notNull())
        .addColumn('uses', 'bigint', (column) => column.notNull())
        .addColumn('hello', 'text', (column) => column.notNull())
        .addColumn('method', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('credential_uses_of_network', ['credential', 'network'])
        .execute();
      await db.schema.createIndex('credential_uses_age').on('credential_uses').column('last_at').execute();
      await db.schema
        .createTable('credential_notices')
        .addColumn('credential', 'text', (column) =>
          column.notNull().references('credentials.id').onDelete('cascade'),
        )
        .addColumn('notice', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('credential_notices_of_credential', ['credential', 'notice'])
        .execute();
      await db.schema
        .createTable('handovers')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('credential', 'text', (column) =>
          column.notNull().references('credentials.id').onDelete('cascade'),
        )
        .addColumn('token_hash', 'text', (column) => column.notNull().unique())
        .addColumn('secret', 'text')
        .addColumn('pin_hash', 'text')
        .addColumn('wrong_pins', 'integer', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('opened_at', 'bigint')
        .addColumn('opened', 'integer', (column) => column.notNull())
        .addColumn('ended_at', 'bigint')
        .addColumn('ended_from', 'text')
        .execute();
      await db.schema.createIndex('handovers_of_source').on('handovers').column('source').execute();
    },
  },
  '0040-discovery': {
    async up(db) {
      await db.schema
        .createTable('discovered_devices')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('network', 'text', (column) => column.notNull().unique())
        .addColumn('source', 'text')
        .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
        .addColumn('observed', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('discovery_blocks')
        .addColumn('network', 'text', (column) => column.primaryKey())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '0060-exceptions': {
    async up(db) {
      await db.schema
        .createTable('exceptions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('source', 'text')
        .addColumn('networks', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('ends_at', 'bigint', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('ended_at', 'bigint')
        .addColumn('ended_by', 'text')
        .addColumn('uses', 'bigint', (column) => column.notNull())
        .addColumn('last_used_at', 'bigint')
        .addColumn('last_used_from', 'text')
        .addColumn('warned', 'integer')
        .addColumn('version', 'integer', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('exceptions_by_state').on('exceptions').column('state').execute();
      await db.schema
        .createTable('fingerprints')
        .addColumn('source', 'text', (column) => column.primaryKey())
        .addColumn('seen', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '0070-history': {
    async up(db) {
      await db.schema
        .createTable('history')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('made_by', 'text', (column) => column.notNull())
        .addColumn('comment', 'text', (column) => column.notNull())
        .addColumn('reverts', 'integer')
        .addColumn('changes', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '0090-containment': {
    async up(db) {
      await db.schema
        .createTable('normals')
        .addColumn('source', 'text', (column) => column.primaryKey())
        .addColumn('learnt', 'text', (column) => column.notNull())
        .addColumn('level', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('normals_by_level').on('normals').column('level').execute();
    },
  },
  '0050-refusals': { up: createRefusalTables },
  '0030-people': { up: createPeopleTables },
  '0080-alerts': { up: createAlertTables },
  '0091-containment-mode': {
    async up(db) {
      await db.schema.alterTable('normals').addColumn('mode', 'text').execute();
    },
  },
  '0100-edge': { up: createEdgeTables },
  '0110-edge-checks': {
    async up(db) {
      await db.schema
        .createTable('greylist')
        .addColumn('network', 'text', (column) => column.primaryKey())
        .addColumn('seen_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('greylist_by_age').on('greylist').column('seen_at').execute();
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
