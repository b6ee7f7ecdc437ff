import type { ControlStore } from '../store/control.ts';

/** Refusals of one code of one source of which the owner was not told yet. */
export interface Waiting {
  source: string;
  code: string;
  count: number;
  /** Wall times, milliseconds. */
  first: number;
  last: number;
  /** Of the latest. */
  network?: string;
  facts: Record<string, string | number>;
}

/** Rows that one turn tells of at most; the rest waits for the next. */
const MOST_DUE = 5000;

/** Whom was told of what, and what waits: kept, so that a restart tells nobody twice. */
export class NoticeStore {
  readonly #db: ControlStore;

  constructor(db: ControlStore) {
    this.#db = db;
  }

  async add(waiting: Waiting[]): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const { source, code, count, first, last, network, facts } of waiting) {
        // a source may have been removed meanwhile
        const known = await transaction
          .selectFrom('sources')
          .select('id')
          .where('id', '=', source)
          .executeTakeFirst();
        if (!known) continue;
        const latest = { last_at: last, network: network ?? null, facts: JSON.stringify(facts) };
        const { numUpdatedRows } = await transaction
          .updateTable('owner_notices')
          .set((eb) => ({
            ...latest,
            first_at: eb.case().when('waiting', '=', 0).then(first).else(eb.ref('first_at')).end(),
            waiting: eb('waiting', '+', count),
          }))
          .where('source', '=', source)
          .where('code', '=', code)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) continue;
        await transaction
          .insertInto('owner_notices')
          .values({ source, code, told_at: null, waiting: count, first_at: first, ...latest })
          .execute();
      }
    });
  }

  /** What its owner may be told of now. A time of telling in the future comes from a clock that was set back. */
  async due(now: number, period: number): Promise<Waiting[]> {
    const rows = await this.#db
      .selectFrom('owner_notices')
      .selectAll()
      .where('waiting', '>', 0)
      .where((eb) =>
        eb.or([eb('told_at', 'is', null), eb('told_at', '<=', now - period), eb('told_at', '>', now)]),
      )
      .orderBy('first_at')
      .limit(MOST_DUE)
      .execute();
    return rows.map((row) => ({
      source: row.source,
      code: row.code,
      count: row.waiting,
      first: row.first_at,
      last: row.last_at,
      network: row.network ?? undefined,
      facts: JSON.parse(row.facts) as Waiting['facts'],
    }));
  }

  /** What came after `waiting` was read goes on waiting. */
  told(waiting: Waiting[], at: number): Promise<void> {
    return this.#finish(waiting, { told_at: at });
  }

  /** Nobody is to be told of them. */
  drop(waiting: Waiting[]): Promise<void> {
    return this.#finish(waiting, {});
  }

  async #finish(waiting: Waiting[], changes: { told_at?: number }): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const { source, code, count } of waiting) {
        await transaction
          .updateTable('owner_notices')
          .set((eb) => ({ ...changes, waiting: eb('waiting', '-', count) }))
          .where('source', '=', source)
          .where('code', '=', code)
          .execute();
      }
    });
  }

  async ofSource(source: string): Promise<{ code: string; toldAt?: number; waiting: number }[]> {
    const rows = await this.#db
      .selectFrom('owner_notices')
      .select(['code', 'told_at', 'waiting'])
      .where('source', '=', source)
      .orderBy('code')
      .execute();
    return rows.map(({ code, told_at, waiting }) => ({ code, toldAt: told_at ?? undefined, waiting }));
  }

  /** Leaves out what nobody was refused since `before`. */
  async forget(before: number): Promise<void> {
    await this.#db.deleteFrom('owner_notices').where('last_at', '<', before).execute();
  }
}
