import type { Kysely } from 'kysely';

export interface EdgeDomainRow {
  name: string;
  /** authoritative, internal-relay */
  type: string;
  /** 1 or 0. */
  match_sub_domains: number;
  updated_at: number;
}

export interface EdgeConnectorRow {
  /** Its name in lower case. */
  id: string;
  /** JSON of InboundConnector. */
  definition: string;
  updated_at: number;
}

export interface EdgeRecipientRow {
  /** As `canonicalRecipient` has it. */
  address: string;
  domain: string;
  created_at: number;
}

export interface EdgeSafeSenderRow {
  /** An address or a domain. */
  entry: string;
  note: string;
  created_at: number;
}

export async function createEdgeTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('edge_domains')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('match_sub_domains', 'integer', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('edge_connectors')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('definition', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('edge_recipients')
    .addColumn('address', 'text', (column) => column.primaryKey())
    .addColumn('domain', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('edge_recipients_of_domain')
    .on('edge_recipients')
    .columns(['domain', 'address'])
    .execute();
  await db.schema
    .createTable('edge_safe_senders')
    .addColumn('entry', 'text', (column) => column.primaryKey())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
}
