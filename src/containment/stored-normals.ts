import type { ControlStore } from '../store/control.ts';
import type { Level, NormalStore } from './containment.ts';

/** What is usual for each source, in the control data. */
export class StoredNormals implements NormalStore {
  readonly #db: ControlStore;

  constructor(db: ControlStore) {
    this.#db = db;
  }

  async load(source: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('normals')
      .select('learnt')
      .where('source', '=', source)
      .executeTakeFirst();
    return row?.learnt;
  }

  async contained(): Promise<string[]> {
    const rows = await this.#db.selectFrom('normals').select('source').where('level', '!=', 'none').execute();
    return rows.map(({ source }) => source);
  }

  async save(source: string, learnt: string, level: Level, at: number): Promise<void> {
    const values = { learnt, level, updated_at: at };
    await this.#db
      .insertInto('normals')
      .values({ source, ...values })
      .onConflict((conflict) => conflict.column('source').doUpdateSet(values))
      .execute();
  }

  async remove(source: string): Promise<void> {
    await this.#db.deleteFrom('normals').where('source', '=', source).execute();
  }
}
