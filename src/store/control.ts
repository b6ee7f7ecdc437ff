import { Kysely } from 'kysely';
import { NodeSqliteDialect } from './dialect.ts';
import { migrate } from './migrations.ts';
import type { ControlTables } from './schema.ts';

/**
 * Control data: what administrators set, as opposed to mail and events. Few writes, each durable when its
 * promise resolves; the rooms that use it keep it in memory, so that nothing on the hot path comes here.
 */
export type ControlStore = Kysely<ControlTables>;

/**
 * Opens (or makes) the control database and brings its schema up to date.
 * @param path file of the database; `:memory:` for tests.
 * @throws the system's or SQLite's error when the file can not be used, or was made by a newer version.
 */
export async function openControlStore(path: string): Promise<ControlStore> {
  const db: ControlStore = new Kysely({ dialect: new NodeSqliteDialect(path) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}
