import type { AlertDispatchRow, AlertRow } from '../store/alert-tables.ts';
import type { ControlStore } from '../store/control.ts';
import type { Alert, Notice } from './alert.ts';

export type DispatchState = 'pending' | 'sent' | 'failed';

/** One message on its way to one channel. */
export interface Dispatch {
  /** `dsp_` and 16 characters; the same over all attempts. */
  id: string;
  channel: string;
  notice: Notice;
  state: DispatchState;
  attempts: number;
  nextAttemptAt: number;
  lastError?: string;
  createdAt: number;
  finishedAt?: number;
}

export interface AlertFilter {
  state?: Alert['state'];
  rule?: string;
  source?: string;
}

/** Alerts and the messages about them in the control store, so that neither is forgotten by a restart. */
export class StoredAlerts {
  readonly #db: ControlStore;

  constructor(db: ControlStore) {
    this.#db = db;
  }

  async open(): Promise<Alert[]> {
    const rows = await this.#db.selectFrom('alerts').selectAll().where('state', '=', 'open').execute();
    return rows.map(alertOf);
  }

  /** What has changed, in one transaction. */
  async save(alerts: Alert[], dispatches: Dispatch[]): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const alert of alerts) {
        const row = rowOf(alert);
        await transaction
          .insertInto('alerts')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute();
      }
      for (const dispatch of dispatches) {
        const row = dispatchRow(dispatch);
        await transaction
          .insertInto('alert_dispatches')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute();
      }
    });
  }

  /** Newest first. @param before the last one of the page before */
  async list(filter: AlertFilter, limit: number, before?: { at: number; id: string }): Promise<Alert[]> {
    let query = this.#db.selectFrom('alerts').selectAll();
    if (filter.state !== undefined) query = query.where('state', '=', filter.state);
    if (filter.rule !== undefined) query = query.where('rule', '=', filter.rule);
    if (filter.source !== undefined) query = query.where('source', '=', filter.source);
    if (before) {
      query = query.where((where) =>
        where.or([
          where('first_at', '<', before.at),
          where.and([where('first_at', '=', before.at), where('id', '<', before.id)]),
        ]),
      );
    }
    const rows = await query.orderBy('first_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
    return rows.map(alertOf);
  }

  async byId(id: string): Promise<Alert | undefined> {
    const row = await this.#db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
    return row && alertOf(row);
  }

  /** The messages about one alert, oldest first. */
  async dispatchesOf(alert: string): Promise<Dispatch[]> {
    const rows = await this.#db
      .selectFrom('alert_dispatches')
      .selectAll()
      .where('alert', '=', alert)
      .orderBy('created_at')
      .limit(500)
      .execute();
    return rows.map(dispatchOf);
  }

  /** What a channel still has to send, what is due first first; nothing that was made before `since`. */
  async pending(channel: string, limit: number, since: number): Promise<Dispatch[]> {
    const rows = await this.#db
      .selectFrom('alert_dispatches')
      .selectAll()
      .where('channel', '=', channel)
      .where('state', '=', 'pending')
      .where('created_at', '>=', since)
      .orderBy('next_attempt_at')
      .limit(limit)
      .execute();
    return rows.map(dispatchOf);
  }

  /** What no channel will send any more. */
  async abandon(channel: string, reason: string, at: number): Promise<void> {
    await this.#db
      .updateTable('alert_dispatches')
      .set({ state: 'failed', last_error: reason, finished_at: at })
      .where('channel', '=', channel)
      .where('state', '=', 'pending')
      .execute();
  }

  /** Gives up what waits since before `before`. Answers how many. */
  async expire(before: number, at: number): Promise<number> {
    const result = await this.#db
      .updateTable('alert_dispatches')
      .set({ state: 'failed', finished_at: at })
      .where('state', '=', 'pending')
      .where('created_at', '<', before)
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  /** Removes what was closed or finished before `before`, and the oldest above `most` closed alerts. */
  async forget(before: number, most: number): Promise<void> {
    const above = await this.#db
      .selectFrom('alerts')
      .select('closed_at')
      .where('state', '=', 'closed')
      .orderBy('closed_at', 'desc')
      .offset(most)
      .limit(1)
      .executeTakeFirst();
    const end = Math.max(before, (above?.closed_at ?? before - 1) + 1);
    await this.#db.deleteFrom('alerts').where('closed_at', '<', end).execute();
    await this.#db.deleteFrom('alert_dispatches').where('finished_at', '<', end).execute();
  }
}

function rowOf(alert: Alert): AlertRow {
  return {
    id: alert.id,
    rule: alert.rule,
    state: alert.state,
    source: alert.source ?? null,
    first_at: alert.firstAt,
    closed_at: alert.closedAt ?? null,
    definition: JSON.stringify(alert),
  };
}

const alertOf = ({ definition }: AlertRow): Alert => JSON.parse(definition) as Alert;

function dispatchRow(dispatch: Dispatch): AlertDispatchRow {
  return {
    id: dispatch.id,
    alert: dispatch.notice.alert.id,
    channel: dispatch.channel,
    notice: JSON.stringify(dispatch.notice),
    state: dispatch.state,
    attempts: dispatch.attempts,
    next_attempt_at: dispatch.nextAttemptAt,
    last_error: dispatch.lastError ?? null,
    created_at: dispatch.createdAt,
    finished_at: dispatch.finishedAt ?? null,
  };
}

function dispatchOf(row: AlertDispatchRow): Dispatch {
  return {
    id: row.id,
    channel: row.channel,
    notice: JSON.parse(row.notice) as Notice,
    state: row.state as DispatchState,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    lastError: row.last_error ?? undefined,
    createdAt: row.created_at,
    finishedAt: row.finished_at ?? undefined,
  };
}
