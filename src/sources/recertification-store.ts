import type { ControlStore } from '../store/control.ts';
import type { RecertificationRoundRow } from '../store/schema.ts';
import type { RetirementPlan } from './retirement.ts';
import type { SourceFilter } from './search.ts';

export const ANSWERS = ['keep', 'not-mine', 'retire'] as const;
export type Answer = (typeof ANSWERS)[number];

/** One time of asking owners whether their sources are still needed. */
export interface Round {
  /** `rcf_` and 16 characters. */
  id: string;
  title: string;
  filter: SourceFilter;
  /** What happens to sources for which nobody has said `keep` by the deadline. */
  plan: RetirementPlan;
  /** Wall times, milliseconds. */
  startedAt: number;
  startedBy: string;
  deadline: number;
  remindedAt?: number;
  closedAt?: number;
}

export interface RoundAnswer {
  source: string;
  answer: Answer | 'waiting';
  answeredAt?: number;
  answeredBy?: string;
  comment: string;
}

const ROWS_AT_A_TIME = 100;

/** Rounds and answers in the control store. */
export class RecertificationStore {
  readonly #db: ControlStore;

  constructor(db: ControlStore) {
    this.#db = db;
  }

  async add(round: Round, sources: readonly string[]): Promise<void> {
    const rows = sources.map((source) => ({
      round: round.id,
      source,
      answer: 'waiting',
      answered_at: null,
      answered_by: null,
      comment: '',
    }));
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('recertification_rounds')
        .values({
          id: round.id,
          title: round.title,
          filter: JSON.stringify(round.filter),
          brown_out: JSON.stringify(round.plan),
          started_at: round.startedAt,
          started_by: round.startedBy,
          deadline: round.deadline,
          reminded_at: null,
          closed_at: null,
        })
        .execute();
      for (let at = 0; at < rows.length; at += ROWS_AT_A_TIME) {
        await transaction
          .insertInto('recertification_answers')
          .values(rows.slice(at, at + ROWS_AT_A_TIME))
          .execute();
      }
    });
  }

  /** The newest first. */
  async rounds(most: number): Promise<Round[]> {
    const rows = await this.#db
      .selectFrom('recertification_rounds')
      .selectAll()
      .orderBy('started_at', 'desc')
      .orderBy('id')
      .limit(most)
      .execute();
    return rows.map(roundOf);
  }

  async open(): Promise<Round[]> {
    const rows = await this.#db
      .selectFrom('recertification_rounds')
      .selectAll()
      .where('closed_at', 'is', null)
      .execute();
    return rows.map(roundOf);
  }

  async round(id: string): Promise<Round | undefined> {
    const row = await this.#db
      .selectFrom('recertification_rounds')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && roundOf(row);
  }

  async reminded(id: string, at: number): Promise<void> {
    await this.#db
      .updateTable('recertification_rounds')
      .set({ reminded_at: at })
      .where('id', '=', id)
      .execute();
  }

  async closed(id: string, at: number): Promise<void> {
    await this.#db
      .updateTable('recertification_rounds')
      .set({ closed_at: at })
      .where('id', '=', id)
      .execute();
  }

  /** In the order of source identifiers; absent `most`: all of them. */
  async answers(round: string, most?: number, after = ''): Promise<RoundAnswer[]> {
    let query = this.#db
      .selectFrom('recertification_answers')
      .selectAll()
      .where('round', '=', round)
      .where('source', '>', after)
      .orderBy('source');
    if (most !== undefined) query = query.limit(most);
    return (await query.execute()).map((row) => ({
      source: row.source,
      answer: row.answer as RoundAnswer['answer'],
      answeredAt: row.answered_at ?? undefined,
      answeredBy: row.answered_by ?? undefined,
      comment: row.comment,
    }));
  }

  async counts(round: string): Promise<Record<RoundAnswer['answer'], number>> {
    const counts = { waiting: 0, keep: 0, 'not-mine': 0, retire: 0 };
    const rows = await this.#db
      .selectFrom('recertification_answers')
      .select(({ fn }) => ['answer', fn.countAll<number>().as('count')])
      .where('round', '=', round)
      .groupBy('answer')
      .execute();
    for (const { answer, count } of rows) counts[answer as RoundAnswer['answer']] = count;
    return counts;
  }

  /** The rounds that ask, or have asked, about a source; the newest first. */
  async roundsOf(source: string): Promise<Round[]> {
    const rows = await this.#db
      .selectFrom('recertification_rounds')
      .innerJoin('recertification_answers', 'recertification_answers.round', 'recertification_rounds.id')
      .selectAll('recertification_rounds')
      .where('recertification_answers.source', '=', source)
      .orderBy('started_at', 'desc')
      .limit(100)
      .execute();
    return rows.map(roundOf);
  }

  async answer(
    rounds: readonly string[],
    { source, answer, answeredAt, answeredBy, comment }: RoundAnswer,
  ): Promise<void> {
    await this.#db
      .updateTable('recertification_answers')
      .set({ answer, answered_at: answeredAt ?? null, answered_by: answeredBy ?? null, comment })
      .where('round', 'in', rounds)
      .where('source', '=', source)
      .execute();
  }
}

function roundOf(row: RecertificationRoundRow): Round {
  return {
    id: row.id,
    title: row.title,
    filter: JSON.parse(row.filter) as SourceFilter,
    plan: JSON.parse(row.brown_out) as RetirementPlan,
    startedAt: row.started_at,
    startedBy: row.started_by,
    deadline: row.deadline,
    remindedAt: row.reminded_at ?? undefined,
    closedAt: row.closed_at ?? undefined,
  };
}
