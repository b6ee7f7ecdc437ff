import type { AuditStore } from '../../store/audit-store.ts';
import type { SenderNote } from './notes.ts';

/** Who changed what about a sender, and when. */
export interface SenderDecision {
  /** Grows with time. */
  id: number;
  at: number;
  /** Key of the sender. */
  sender: string;
  /** Its name as it was. */
  name: string;
  by: string;
  before?: SenderNote;
  after: SenderNote;
}

const MOST_NAME = 300;

/** The history of decisions; it stays with the audit, whether a relay or a command line made them. */
export class SenderDecisions {
  readonly #db: Pick<AuditStore, 'insertInto' | 'selectFrom'>;

  constructor(db: Pick<AuditStore, 'insertInto' | 'selectFrom'>) {
    this.#db = db;
  }

  async add({ before, after, name, by, ...row }: Omit<SenderDecision, 'id'>): Promise<void> {
    await this.#db
      .insertInto('sender_decisions')
      .values({
        ...row,
        name: name.slice(0, MOST_NAME),
        by: by.slice(0, MOST_NAME),
        before: before === undefined ? null : JSON.stringify(before),
        after: JSON.stringify(after),
      } as never)
      .execute();
  }

  /** The newest first. @param before number of the last one had */
  async list({
    sender,
    before,
    limit,
  }: {
    sender?: string;
    before?: number;
    limit: number;
  }): Promise<SenderDecision[]> {
    let query = this.#db.selectFrom('sender_decisions').selectAll().orderBy('id', 'desc').limit(limit);
    if (sender !== undefined) query = query.where('sender', '=', sender);
    if (before !== undefined) query = query.where('id', '<', before);
    return (await query.execute()).map(({ before: earlier, after, ...row }) => ({
      ...row,
      ...(earlier !== null && { before: JSON.parse(earlier) as SenderNote }),
      after: JSON.parse(after) as SenderNote,
    }));
  }
}
