import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  DEFERRED,
  FINISHED,
  type StoredMessage,
  type StoredRequest,
  type StoredSettlement,
} from './batch.ts';
import { HELD, QUEUED } from './schema.ts';

/** The row of `total`. */
export interface Totals {
  messages: number;
  queued: number;
  held: number;
  bytes: number;
  highest: number;
  skew: number;
}

/**
 * One connection's transactions, one at a time: `begin`, any number of changes, `commit`. What follows from
 * them in memory takes effect with the commit alone.
 */
export class Transactions {
  readonly database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #insertMessage: StatementSync;
  readonly #insertDelivery: StatementSync;
  readonly #find: StatementSync;
  readonly #removeDelivery: StatementSync;
  readonly #removeMessage: StatementSync;
  readonly #defer: StatementSync;
  readonly #hold: StatementSync;
  readonly #saveTotals: StatementSync;
  #committed: Totals;
  /** Of the transaction that is open. */
  totals: Totals;
  /** Body files that it frees. */
  freed: string[] = [];

  constructor(database: DatabaseSync) {
    this.database = database;
    const prepare = (sql: string) => database.prepare(sql);
    this.#begin = prepare('BEGIN IMMEDIATE');
    this.#commit = prepare('COMMIT');
    this.#insertMessage = prepare('INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#insertDelivery = prepare(
      `INSERT INTO delivery (message, part, domain, state, next, attempts, received, size, delay_notified,
         source, sender, recipients, hold) VALUES (?, ?, ?, ?, ?, 0, ?, ?, 0, ?, ?, ?, ?)`,
    );
    this.#find = prepare(
      `SELECT state, message.size, body_file FROM delivery JOIN message ON id = message
       WHERE message = ? AND part = ?`,
    );
    this.#removeDelivery = prepare('DELETE FROM delivery WHERE message = ? AND part = ?');
    this.#removeMessage = prepare(
      'DELETE FROM message WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM delivery WHERE message = ?1)',
    );
    this.#defer = prepare(
      `UPDATE delivery SET recipients = ?, next = ?, attempts = ?, reply = ?, delay_notified = ?
       WHERE message = ? AND part = ?`,
    );
    this.#hold = prepare(
      'UPDATE delivery SET state = 1, hold = ?, reply = coalesce(?, reply) WHERE message = ? AND part = ?',
    );
    this.#saveTotals = prepare(
      'UPDATE total SET messages = ?, queued = ?, held = ?, bytes = ?, highest = ?, skew = ?',
    );
    this.#committed = prepare(
      'SELECT messages, queued, held, bytes, highest, skew FROM total',
    ).get() as unknown as Totals;
    this.totals = { ...this.#committed };
  }

  begin(): void {
    this.totals = { ...this.#committed };
    this.freed = [];
    this.#begin.run();
  }

  /** Answers the body files that may be removed now. */
  commit(): string[] {
    const { totals } = this;
    // an empty spool has no message whose identifier ran ahead
    if (totals.messages === 0) totals.skew = 0;
    const { messages, queued, held, bytes, highest, skew } = totals;
    this.#saveTotals.run(messages, queued, held, bytes, highest, skew);
    this.#commit.run();
    this.#committed = totals;
    return this.freed;
  }

  /** Carries `request` out whole, or undoes it alone and throws. */
  applyAlone(request: StoredRequest): void {
    const totals = { ...this.totals };
    const freed = this.freed.length;
    this.database.exec('SAVEPOINT request');
    try {
      this.apply(request);
    } catch (error) {
      // a fault of storage ends the whole transaction by itself, and the savepoint with it
      if (this.database.isTransaction) this.database.exec('ROLLBACK TO request; RELEASE request');
      this.totals = totals;
      this.freed.length = freed;
      throw error;
    }
    this.database.exec('RELEASE request');
  }

  apply(request: StoredRequest): void {
    if (request.kind === 'store') this.store(request.message);
    else for (const settlement of request.settlements) this.settle(settlement);
  }

  store(message: StoredMessage): void {
    const { id, received, size, source, sender, hold, parts } = message;
    const { traits, longestLine, head, bodyFile, envelope, content } = message;
    this.#insertMessage.run(id, received, size, traits, longestLine, head, bodyFile, envelope, content);
    const state = hold === null ? QUEUED : HELD;
    for (let index = 0; index < parts.length; index += 2) {
      const domain = parts[index] as string;
      const recipients = parts[index + 1] as string;
      const part = index / 2;
      this.#insertDelivery.run(
        id,
        part,
        domain,
        state,
        received,
        received,
        size,
        source,
        sender,
        recipients,
        hold,
      );
    }
    const { totals } = this;
    totals.messages += 1;
    totals.bytes += size;
    if (state === QUEUED) totals.queued += parts.length / 2;
    else totals.held += parts.length / 2;
    if (id > totals.highest) totals.highest = id;
    const skew = Math.ceil(id / 1000) - received;
    if (skew > totals.skew) totals.skew = skew;
  }

  /** What has left the spool meanwhile (an administrator removed it) is not touched, and nobody is told of it. */
  settle({ message, part, outcome, notifications }: StoredSettlement): void {
    const found = this.#delivery(message, part);
    if (!found) return;
    if (outcome.kind === FINISHED) {
      this.#remove(message, part, found);
    } else if (outcome.kind === DEFERRED) {
      const { recipients, next, attempts, reply, delayNotified } = outcome;
      this.#defer.run(recipients, next, attempts, reply, delayNotified, message, part);
    } else {
      this.#hold.run(outcome.reason, outcome.reply, message, part);
      if (found.state === QUEUED) {
        this.totals.queued -= 1;
        this.totals.held += 1;
      }
    }
    for (const notification of notifications) this.store(notification);
  }

  /** Takes a delivery out, and with the last of its message the message. */
  remove(message: number, part: number): void {
    const found = this.#delivery(message, part);
    if (found) this.#remove(message, part, found);
  }

  #delivery(message: number, part: number): Found | undefined {
    return this.#find.get(message, part) as Found | undefined;
  }

  #remove(message: number, part: number, { state, size, body_file: bodyFile }: Found): void {
    this.#removeDelivery.run(message, part);
    if (state === QUEUED) this.totals.queued -= 1;
    else this.totals.held -= 1;
    if (this.#removeMessage.run(message).changes === 0) return;
    this.totals.messages -= 1;
    this.totals.bytes -= size;
    if (bodyFile !== null) this.freed.push(bodyFile);
  }
}

interface Found {
  state: number;
  size: number;
  body_file: string | null;
}
