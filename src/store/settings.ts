import type { ControlStore } from './control.ts';

/** Single values that outlive a restart: the hash of the administrator's token, counters of rate limits. */
export class Settings {
  readonly #db: ControlStore;

  constructor(db: ControlStore) {
    this.#db = db;
  }

  async get(name: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('settings')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.value;
  }

  /** @param at wall time, milliseconds */
  async set(name: string, value: string, at: number): Promise<void> {
    await this.#db
      .insertInto('settings')
      .values({ name, value, updated_at: at })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value, updated_at: at }))
      .execute();
  }
}
