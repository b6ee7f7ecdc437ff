import type { AuditStore } from '../../store/audit-store.ts';
import { SenderDecisions } from './decisions.ts';

/** What people have decided about a sender; it survives every run. */
export interface SenderNote {
  /**
   * approved: it may go on sending, by another way; migrated: it has been moved; ignored: what it sends may break; blocked:
   * it shall break.
   */
  decision?: 'approved' | 'migrated' | 'ignored' | 'blocked';
  owner?: string;
  wave?: number;
  text?: string;
  /** When the decision was made, wall time, ms, and by whom. */
  decidedAt?: number;
  by?: string;
}

export interface StoredNote {
  note: SenderNote;
  updatedAt: number;
  version: number;
}

/** Somebody else has changed the note since it was read. */
export class NoteConflict extends Error {
  override readonly name = 'NoteConflict';
}

const MOST_TEXT = 4000;
const DECISIONS: readonly unknown[] = ['approved', 'migrated', 'ignored', 'blocked'];
/** Control characters, and those that turn the direction of text. */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** The notes on senders, by the key of the sender. */
export class SenderNotes {
  readonly #db: AuditStore;

  constructor(db: AuditStore) {
    this.#db = db;
  }

  async all(): Promise<Map<string, StoredNote>> {
    const rows = await this.#db.selectFrom('sender_notes').selectAll().execute();
    return new Map(
      rows.map(({ sender, note, updated_at, version }) => [
        sender,
        { note: JSON.parse(note) as SenderNote, updatedAt: updated_at, version },
      ]),
    );
  }

  /**
   * Replaces the note on a sender.
   * @param version that was read, 0 for none; @param now wall time
   * @param change what stands in the history of decisions
   * @throws NoteConflict when it has changed since; RangeError for text that is too long or holds control characters
   */
  async set(
    sender: string,
    note: SenderNote,
    version: number,
    now: number,
    change: { name: string; by: string },
  ): Promise<StoredNote> {
    check(note);
    return await this.#db.transaction().execute(async (trx) => {
      const known = await trx
        .selectFrom('sender_notes')
        .select(['note', 'version'])
        .where('sender', '=', sender)
        .executeTakeFirst();
      if ((known?.version ?? 0) !== version)
        throw new NoteConflict('the note was changed by somebody else; read it again');
      const row = { note: JSON.stringify(note), updated_at: now, version: version + 1 };
      await trx
        .insertInto('sender_notes')
        .values({ sender, ...row })
        .onConflict((conflict) => conflict.column('sender').doUpdateSet(row))
        .execute();
      const before = known && (JSON.parse(known.note) as SenderNote);
      await new SenderDecisions(trx).add({
        at: now,
        sender,
        ...change,
        ...(before && { before }),
        after: note,
      });
      return { note, updatedAt: now, version: version + 1 };
    });
  }
}

function check({ decision, owner = '', text = '', wave }: SenderNote): void {
  if (decision !== undefined && !DECISIONS.includes(decision))
    throw new RangeError('a decision is approved, migrated, ignored or blocked');
  if (owner.length > 254 || text.length > MOST_TEXT)
    throw new RangeError(`an owner has at most 254 characters, a text ${MOST_TEXT}`);
  if (UNSAFE.test(owner) || UNSAFE.test(text))
    throw new RangeError('a note may not hold control or direction characters');
  if (wave !== undefined && !(Number.isInteger(wave) && wave >= 1 && wave <= 99))
    throw new RangeError('a wave is a number from 1 to 99');
}

/**
 * The note on a sender, also where it was made before its HELO was known, or before its one network had the name of a
 * service.
 */
export function noteOn(
  notes: ReadonlyMap<string, StoredNote>,
  key: string,
  networks: readonly string[] = [],
): SenderNote | undefined {
  if (notes.size === 0) return undefined;
  const [identity = '', flow = ''] = key.split('|');
  const [network, ...more] = networks;
  const nameless = identity.startsWith('service ') ? more.length === 0 && network : identity.split(' ')[0];
  return (notes.get(key) ?? notes.get(`${nameless}|${flow}`))?.note;
}
