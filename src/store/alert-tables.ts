import type { Kysely } from 'kysely';

export interface AlertRuleRow {
  name: string;
  /** JSON of Rule. */
  definition: string;
  updated_at: number;
}

export interface AlertChannelRow {
  name: string;
  /** JSON of Channel; secrets in it are sealed. */
  definition: string;
  updated_at: number;
}

export interface AlertMuteRow {
  id: string;
  /** JSON of Mute. */
  definition: string;
  until: number;
}

export interface AlertRow {
  id: string;
  rule: string;
  state: string;
  source: string | null;
  first_at: number;
  closed_at: number | null;
  /** JSON of Alert. */
  definition: string;
}

export interface AlertDispatchRow {
  id: string;
  alert: string;
  channel: string;
  /** JSON of Notice. */
  notice: string;
  /** pending, sent, failed */
  state: string;
  attempts: number;
  next_attempt_at: number;
  last_error: string | null;
  created_at: number;
  finished_at: number | null;
}

export interface DigestMailRow {
  /** First day of the period and its length: `2026-01-05/week`. */
  period: string;
  owner: string;
  sent_at: number;
}

export async function createAlertTables(db: Kysely<unknown>): Promise<void> {
  for (const table of ['alert_rules', 'alert_channels']) {
    await db.schema
      .createTable(table)
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('definition', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
  }
  await db.schema
    .createTable('alert_mutes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('definition', 'text', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('alerts')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('source', 'text')
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('closed_at', 'bigint')
    .addColumn('definition', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('alerts_by_time').on('alerts').columns(['first_at', 'id']).execute();
  await db.schema.createIndex('alerts_by_state').on('alerts').columns(['state', 'first_at']).execute();
  await db.schema
    .createTable('alert_dispatches')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('alert', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('notice', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('next_attempt_at', 'bigint', (column) => column.notNull())
    .addColumn('last_error', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('finished_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('alert_dispatches_of_alert')
    .on('alert_dispatches')
    .columns(['alert', 'created_at'])
    .execute();
  await db.schema
    .createIndex('alert_dispatches_pending')
    .on('alert_dispatches')
    .columns(['channel', 'state', 'next_attempt_at'])
    .execute();
  await db.schema
    .createTable('digest_mails')
    .addColumn('period', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('sent_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('digest_mails_once', ['period', 'owner'])
    .execute();
}
