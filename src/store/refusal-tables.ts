import type { Kysely } from 'kysely';

/** What owners of sources were told of refusals, and of what they are still to be told. */
export async function createRefusalTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('owner_notices')
    .addColumn('source', 'text', (column) => column.notNull().references('sources.id').onDelete('cascade'))
    .addColumn('code', 'text', (column) => column.notNull())
    .addColumn('told_at', 'bigint')
    .addColumn('waiting', 'integer', (column) => column.notNull())
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('network', 'text')
    .addColumn('facts', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('notices_of_source', ['source', 'code'])
    .execute();
}
