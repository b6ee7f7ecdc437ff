import type { Clock } from '../platform/clock.ts';
import type { ControlStore } from './control.ts';
import type { IdempotencyRow } from './schema.ts';

const LIFETIME_MS = 24 * 3600 * 1000;
const SWEEP_EVERY_MS = 10 * 60 * 1000;

export interface RememberedAnswer {
  status: number;
  /** JSON text, as it was sent. */
  answer: string;
}

export type Claim =
  /** Nobody has used the key: do the work, then `complete` or `release`. */
  | { kind: 'new' }
  | { kind: 'answered'; remembered: RememberedAnswer }
  /** Another request with the key has not ended. */
  | { kind: 'in-progress' }
  /** The key was used for another request. */
  | { kind: 'mismatch' };

interface Waiting {
  row: IdempotencyRow;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Answers of the send API by idempotency key, for 24 hours. Requests in progress are known to the process only:
 * after a kill the client asks again, and may cause a second message, as SMTP may too. Answers of one turn of the
 * event loop share one commit.
 */
export class IdempotencyStore {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #inProgress = new Map<string, string>();
  #waiting: Waiting[] = [];
  #sweptAt = 0;

  constructor(db: ControlStore, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** @param fingerprint SHA-256 of the request, hexadecimal */
  async claim(source: string, key: string, fingerprint: string): Promise<Claim> {
    const name = `${source}\n${key}`;
    const running = this.#inProgress.get(name);
    if (running !== undefined) return { kind: running === fingerprint ? 'in-progress' : 'mismatch' };
    // taken before the first await: a second request of the same turn finds it
    this.#inProgress.set(name, fingerprint);
    try {
      const row = await this.#db
        .selectFrom('idempotency')
        .selectAll()
        .where('source', '=', source)
        .where('idempotency_key', '=', key)
        .where('expires_at', '>', this.#clock.now())
        .executeTakeFirst();
      if (!row) return { kind: 'new' };
      this.#inProgress.delete(name);
      if (row.fingerprint !== fingerprint) return { kind: 'mismatch' };
      return { kind: 'answered', remembered: { status: row.status, answer: row.answer } };
    } catch (error) {
      this.#inProgress.delete(name);
      throw error;
    }
  }

  /** Keeps the answer; resolves when it is durable. */
  async complete(
    source: string,
    key: string,
    fingerprint: string,
    { status, answer }: RememberedAnswer,
  ): Promise<void> {
    const row: IdempotencyRow = {
      source,
      idempotency_key: key,
      fingerprint,
      status,
      answer,
      expires_at: this.#clock.now() + LIFETIME_MS,
    };
    try {
      await new Promise<void>((resolve, reject) => {
        if (this.#waiting.length === 0) setImmediate(() => void this.#commit());
        this.#waiting.push({ row, resolve, reject });
      });
    } finally {
      this.release(source, key);
    }
  }

  /** The request ended without an answer worth keeping (a temporary refusal): the key may be used again. */
  release(source: string, key: string): void {
    this.#inProgress.delete(`${source}\n${key}`);
  }

  async #commit(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const now = this.#clock.now();
      await this.#db.transaction().execute(async (transaction) => {
        if (now - this.#sweptAt > SWEEP_EVERY_MS) {
          this.#sweptAt = now;
          await transaction.deleteFrom('idempotency').where('expires_at', '<=', now).execute();
        }
        for (const { row } of batch) {
          await transaction
            .insertInto('idempotency')
            .values(row)
            .onConflict((conflict) =>
              conflict.columns(['source', 'idempotency_key']).doUpdateSet({
                fingerprint: row.fingerprint,
                status: row.status,
                answer: row.answer,
                expires_at: row.expires_at,
              }),
            )
            .execute();
        }
      });
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
