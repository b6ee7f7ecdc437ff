import type { DatabaseSync } from 'node:sqlite';
import type { StoredRequest } from './batch.ts';
import type { Condition, Position } from './filter.ts';
import { faultOf } from './schema.ts';
import { Transactions, type Totals } from './transaction.ts';
import { stretchAfter } from './walk.ts';

/** Why a request failed: the disk is full, storage is at fault, or the request is (its identifier is taken). */
export interface WriteFailure {
  index: number;
  fault: 'full' | 'storage' | 'statement';
  text: string;
}

export interface BatchOutcome {
  failures: WriteFailure[];
  /** Body files whose message has left the spool. */
  freed: string[];
}

/** One step of an administrator's command. */
export interface Change {
  kind: 'hold' | 'release' | 'retry' | 'remove' | 'reroute';
  condition: Condition;
  /** Wall time, for release and retry. */
  now: number;
  /** For hold; `reply` is kept with it when given. */
  reason?: string;
  reply?: string;
  /** For reroute; absent: by the rules again. */
  route?: string;
  after: Position;
  /** How many rows the step looks at. */
  rows: number;
}

export interface ChangeOutcome {
  changed: number;
  freed: string[];
  /** Where the next step begins; absent after the last. */
  next?: Position;
}

/**
 * The side of the spool that writes: one connection, one transaction a batch. After a fault of storage the
 * connection is given up and opened anew by the next request, because what a failed fsync has left in the
 * memory of the system can not be known from inside (https://lwn.net/Articles/752063/).
 */
export class SpoolWriter {
  readonly #open: () => DatabaseSync;
  #transactions: Transactions | undefined;
  /** Messages whose commit was answered as failed, though it may stand whole in the write-ahead log. */
  #disowned: number[] = [];
  /** Messages of the commit that is under way. */
  #committing: number[] = [];
  #suspicious = false;

  /** @param open opens the database for writing; called again after each fault of storage */
  constructor(open: () => DatabaseSync) {
    this.#open = open;
  }

  /** @throws the library's error */
  totals(): Totals {
    return { ...this.#connect().totals };
  }

  /** Octets inside the database that new messages take before the file grows. @throws the library's error */
  reusable(): number {
    const { database } = this.#connect();
    const pages = database.prepare('PRAGMA freelist_count').get() as { freelist_count: number };
    const size = database.prepare('PRAGMA page_size').get() as { page_size: number };
    return pages.freelist_count * size.page_size;
  }

  /** Takes the requests in one durable step, or tells which failed and why. */
  apply(requests: StoredRequest[]): BatchOutcome {
    try {
      return { failures: [], freed: this.#together(requests) };
    } catch (error) {
      const fault = this.#failed(error);
      if (fault !== 'statement') return refuseAll(requests, fault, error);
    }
    try {
      return this.#singly(requests);
    } catch (error) {
      return refuseAll(requests, this.#failed(error), error);
    }
  }

  #together(requests: StoredRequest[]): string[] {
    const transactions = this.#connect();
    transactions.begin();
    for (const request of requests) transactions.apply(request);
    return this.#commit(transactions, requests);
  }

  /** The same again, so that the request that is wrong takes no other with it. */
  #singly(requests: StoredRequest[]): BatchOutcome {
    const transactions = this.#connect();
    const failures: WriteFailure[] = [];
    const applied: StoredRequest[] = [];
    transactions.begin();
    for (const [index, request] of requests.entries()) {
      try {
        transactions.applyAlone(request);
        applied.push(request);
      } catch (error) {
        if (faultOf(error) !== 'statement') throw error;
        failures.push({ index, fault: 'statement', text: (error as Error).message });
      }
    }
    return { failures, freed: this.#commit(transactions, applied) };
  }

  #commit(transactions: Transactions, requests: StoredRequest[]): string[] {
    this.#committing = messagesOf(requests);
    const freed = transactions.commit();
    this.#committing = [];
    return freed;
  }

  /** @throws the library's error; then nothing has changed */
  change(change: Change): ChangeOutcome {
    try {
      return this.#change(change);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  #change({ kind, condition, now, reason, reply, route, after, rows }: Change): ChangeOutcome {
    const transactions = this.#connect();
    const { database } = transactions;
    const stretch = stretchAfter(database, after, rows);
    const where = `WHERE ${stretch.sql} AND ${condition.sql}`;
    const parameters = [...stretch.parameters, ...condition.parameters];
    const update = (set: string, values: (string | number | null)[], state?: number, more = '1') => {
      const ofState = state === undefined ? '1' : `+state = ${state}`;
      const statement = database.prepare(`UPDATE delivery SET ${set} ${where} AND ${ofState} AND ${more}`);
      return Number(statement.run(...values, ...parameters).changes);
    };
    let changed: number;
    transactions.begin();
    const { totals } = transactions;
    if (kind === 'hold') {
      changed = update('state = 1, hold = ?, reply = coalesce(?, reply)', [reason ?? null, reply ?? null], 0);
      totals.queued -= changed;
      totals.held += changed;
    } else if (kind === 'release') {
      changed = update('state = 0, hold = NULL, next = ?', [now], 1);
      totals.queued += changed;
      totals.held -= changed;
    } else if (kind === 'reroute') {
      changed = update('route = ?, next = iif(state = 0, ?, next)', [route ?? null, now]);
    } else if (kind === 'retry') {
      changed = update('next = ?', [now], 0, `+next > ${Math.trunc(now)}`);
    } else {
      const statement = database.prepare(`SELECT message, part FROM delivery ${where}`);
      const found = statement.all(...parameters) as unknown as Position[];
      for (const { message, part } of found) transactions.remove(message, part);
      changed = found.length;
    }
    let freed: string[] = [];
    if (changed > 0) freed = transactions.commit();
    else database.exec('ROLLBACK');
    return { changed, freed, next: stretch.next };
  }

  /** Undoes what is open, and gives the connection up when storage may have failed under it. */
  #failed(error: unknown): WriteFailure['fault'] {
    const fault = faultOf(error);
    const committing = this.#committing;
    this.#committing = [];
    const database = this.#transactions?.database;
    if (!database) return fault;
    if (fault === 'storage') {
      this.#disowned.push(...committing);
      this.#suspicious = true;
      this.#abandon();
      return fault;
    }
    try {
      if (database.isTransaction) database.exec('ROLLBACK');
      // lets the commits that follow write over the log instead of behind it
      if (fault === 'full') database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // this connection is of no use any more; `error` is what the caller is told
      this.#abandon();
    }
    return fault;
  }

  #abandon(): void {
    const transactions = this.#transactions;
    this.#transactions = undefined;
    transactions?.database.close();
  }

  /** Writes the log out into the database, as far as nobody reads it. @throws the library's error */
  checkpoint(): void {
    this.#connect().database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  close(): void {
    this.#abandon();
  }

  #connect(): Transactions {
    if (this.#transactions) return this.#transactions;
    const database = this.#open();
    try {
      const transactions = new Transactions(database);
      if (this.#suspicious) this.#makeSure(transactions);
      this.#transactions = transactions;
      return transactions;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /**
   * Drops the messages whose senders were told that they were not taken; then has everything written and
   * synced anew outside of the log, of which the system may hold pages in memory that never reached the disk.
   */
  #makeSure(transactions: Transactions): void {
    const { database } = transactions;
    const parts = database.prepare('SELECT part FROM delivery WHERE message = ?');
    transactions.begin();
    for (const message of this.#disowned) {
      for (const { part } of parts.all(message) as { part: number }[]) transactions.remove(message, part);
    }
    transactions.commit();
    this.#disowned = [];
    const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
    if (busy !== 0) throw Object.assign(new Error('the log could not be written out'), { errcode: 5 });
    this.#suspicious = false;
  }
}

function refuseAll(requests: StoredRequest[], fault: WriteFailure['fault'], error: unknown): BatchOutcome {
  const text = error instanceof Error ? error.message : String(error);
  return { failures: requests.map((_, index) => ({ index, fault, text })), freed: [] };
}

function messagesOf(requests: StoredRequest[]): number[] {
  return requests.flatMap((request) =>
    request.kind === 'store'
      ? [request.message.id]
      : request.settlements.flatMap(({ notifications }) => notifications.map(({ id }) => id)),
  );
}
