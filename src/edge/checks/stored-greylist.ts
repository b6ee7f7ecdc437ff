import type { ControlStore } from '../../store/control.ts';
import type { Greylist } from './greylist.ts';

/** Rows in one statement: SQLite takes 32,766 values at most, four a row. */
const BATCH = 1000;

/** Brings the list back as it was written down last. */
export async function loadGreylist(db: ControlStore, list: Greylist, most: number): Promise<void> {
  const rows = await db.selectFrom('greylist').selectAll().orderBy('seen_at', 'desc').limit(most).execute();
  // the newest last, so that they are the last to be forgotten
  list.load(
    rows.reverse().map(({ key, first_at, seen_at, passed }) => ({
      key,
      firstAt: first_at,
      seenAt: seen_at,
      passed: passed === 1,
    })),
  );
}

/** Writes down what has changed, and removes what counts no more. What a crash loses is asked to come again. */
export async function saveGreylist(db: ControlStore, list: Greylist): Promise<void> {
  const changes = list.takeChanges();
  for (let at = 0; at < changes.length; at += BATCH) {
    await db
      .insertInto('greylist')
      .values(
        changes.slice(at, at + BATCH).map(({ key, firstAt, seenAt, passed }) => ({
          key,
          first_at: firstAt,
          seen_at: seenAt,
          passed: passed ? 1 : 0,
        })),
      )
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((row) => ({
          first_at: row.ref('excluded.first_at'),
          seen_at: row.ref('excluded.seen_at'),
          passed: row.ref('excluded.passed'),
        })),
      )
      .execute();
  }
  const { networks, attempts } = list.oldest;
  await db
    .deleteFrom('greylist')
    .where((row) =>
      row.or([
        row.and([row('passed', '=', 1), row('seen_at', '<', networks)]),
        row.and([row('passed', '=', 0), row('seen_at', '<', attempts)]),
      ]),
    )
    .execute();
}
