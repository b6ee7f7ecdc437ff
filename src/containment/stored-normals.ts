import type { ControlStore } from '../store/control.ts';
import { writeEach } from '../store/staged.ts';
import type { NormalStore, StoredNormal } from './containment.ts';

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

  async marked(): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('normals')
      .select('source')
      .where(({ eb, or }) => or([eb('level', '!=', 'none'), eb('mode', 'is not', null)]))
      .execute();
    return rows.map(({ source }) => source);
  }

  async save(normals: readonly StoredNormal[], at: number): Promise<void> {
    await this.#db.transaction().execute((transaction) =>
      writeEach(normals, ({ source, learnt, level, mode }) => {
        const values = { learnt, level, mode: mode ?? null, updated_at: at };
        return transaction
          .insertInto('normals')
          .values({ source, ...values })
          .onConflict((conflict) => conflict.column('source').doUpdateSet(values))
          .execute();
      }),
    );
  }

  async remove(source: string): Promise<void> {
    await this.#db.deleteFrom('normals').where('source', '=', source).execute();
  }
}
