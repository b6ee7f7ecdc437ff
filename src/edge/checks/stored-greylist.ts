import type { ControlStore } from '../../store/control.ts';
import type { Greylist } from './greylist.ts';

/** Rows in one statement. */
const BATCH = 1000;

/** Brings known networks back as they were written down last. */
export async function loadGreylist(db: ControlStore, list: Greylist): Promise<void> {
  const rows = await db
    .selectFrom('greylist')
    .selectAll()
    .orderBy('seen_at', 'desc')
    .limit(list.places)
    .execute();
  // the newest last, so that they are the last to be forgotten
  list.load(rows.reverse().map(({ network, seen_at }) => ({ network, seenAt: seen_at })));
}

/**
 * Writes down which networks have become known, and removes those that count no more or have no place. What a crash
 * loses is asked to come again.
 */
export async function saveGreylist(db: ControlStore, list: Greylist): Promise<void> {
  const changes = list.takeChanges();
  for (let at = 0; at < changes.length; at += BATCH) {
    await db
      .insertInto('greylist')
      .values(changes.slice(at, at + BATCH).map(({ network, seenAt }) => ({ network, seen_at: seenAt })))
      .onConflict((conflict) =>
        conflict.column('network').doUpdateSet((row) => ({ seen_at: row.ref('excluded.seen_at') })),
      )
      .execute();
  }
  // somebody who has a network of /64s without end must not fill the disk with them
  const last = await db
    .selectFrom('greylist')
    .select('seen_at')
    .orderBy('seen_at', 'desc')
    .offset(list.places)
    .limit(1)
    .executeTakeFirst();
  const oldest = Math.max(list.oldest, last === undefined ? 0 : last.seen_at + 1);
  await db.deleteFrom('greylist').where('seen_at', '<', oldest).execute();
}
