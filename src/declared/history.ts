import type { ControlStore } from '../store/control.ts';
import type { HistoryRow } from '../store/schema.ts';
import type { Staged } from '../store/staged.ts';
import type { Change } from './changes.ts';

/** One declaration that was applied, or taken back. */
export interface HistoryEntry {
  id: number;
  /** Wall time, milliseconds. */
  at: number;
  by: string;
  comment: string;
  /** The entry that this one takes back. */
  reverts?: number;
  changes: Change[];
}

/** What was applied, by whom and why; entries are added, never changed. */
export class History {
  readonly #db: ControlStore;

  constructor(db: ControlStore) {
    this.#db = db;
  }

  /** Newest first; `before` is the cursor. */
  async list(limit: number, before = Number.MAX_SAFE_INTEGER): Promise<HistoryEntry[]> {
    const rows = await this.#db
      .selectFrom('history')
      .selectAll()
      .where('id', '<', before)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(entryOf);
  }

  async entry(id: number): Promise<HistoryEntry | undefined> {
    const row = await this.#db.selectFrom('history').selectAll().where('id', '=', id).executeTakeFirst();
    return row && entryOf(row);
  }

  /** The next number; whoever asks must be the only one that adds until it is written. */
  async nextId(): Promise<number> {
    const row = await this.#db
      .selectFrom('history')
      .select('id')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return (row?.id ?? 0) + 1;
  }

  stage(entry: HistoryEntry): Staged {
    const { id, at, by, comment, reverts, changes } = entry;
    const row: HistoryRow = {
      id,
      at,
      made_by: by,
      comment,
      reverts: reverts ?? null,
      changes: JSON.stringify(changes),
    };
    return {
      write: async (transaction) => {
        await transaction.insertInto('history').values(row).execute();
      },
      commit: () => {},
    };
  }
}

function entryOf({ id, at, made_by, comment, reverts, changes }: HistoryRow): HistoryEntry {
  const entry: HistoryEntry = { id, at, by: made_by, comment, changes: JSON.parse(changes) as Change[] };
  if (reverts !== null) entry.reverts = reverts;
  return entry;
}
