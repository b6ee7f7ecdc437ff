import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ControlStore } from '../store/control.ts';
import type { PersonRow, SessionRow } from '../store/people-rows.ts';
import { digest } from './digest.ts';

/** How somebody has signed in. */
export type SignInMethod = 'password' | 'password+totp' | 'password+recovery' | 'passkey' | 'oidc';

export interface SessionOptions {
  /** Milliseconds without a request after which a session ends. */
  idleMs: number;
  /** Milliseconds after which it ends in any case. */
  lifeMs: number;
}

const MOST_OF_PERSON = 20;
/** The last use is written at most this often. */
const TOUCH_MS = 60_000;
/** A clock that was set back this far ends what began in its future: nobody knows how long it has lasted. */
const CLOCK_SLIP_MS = 300_000;

/** Sessions of people who have signed in. The store holds hashes: who reads it can be nobody. */
export class Sessions {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #options: SessionOptions;

  constructor(db: ControlStore, clock: Clock, random: Random, options: SessionOptions) {
    this.#db = db;
    this.#clock = clock;
    this.#random = random;
    this.#options = options;
  }

  /** Always a new identifier, whatever the client brought along. */
  async start(
    person: string,
    method: SignInMethod,
    { network, agent }: { network: string; agent: string },
  ): Promise<string> {
    const value = this.#random.bytes(32).toString('base64url');
    const now = this.#clock.now();
    await this.#db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('sessions').where('expires_at', '<=', now).execute();
      const open = await transaction
        .selectFrom('sessions')
        .select('hash')
        .where('person', '=', person)
        .orderBy('used_at', 'desc')
        .execute();
      const surplus = open.slice(MOST_OF_PERSON - 1).map(({ hash }) => hash);
      if (surplus.length > 0) await transaction.deleteFrom('sessions').where('hash', 'in', surplus).execute();
      await transaction
        .insertInto('sessions')
        .values({
          hash: digest(value),
          person,
          method,
          created_at: now,
          used_at: now,
          expires_at: now + this.#options.lifeMs,
          network,
          // what a client says of itself is shown to people
          agent: agent.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200),
        })
        .execute();
    });
    return value;
  }

  /**
   * The session and its person, when both still count.
   * @param isUse false for who only looks whether it does: an open window must not keep a session from ending
   */
  async find(value: string, isUse = true): Promise<{ session: SessionRow; person: PersonRow } | undefined> {
    const session = await this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('hash', '=', digest(value))
      .executeTakeFirst();
    if (!session) return undefined;
    const now = this.#clock.now();
    if (!this.#counts(session, now)) {
      await this.end(session.hash);
      return undefined;
    }
    const person = await this.#db
      .selectFrom('people')
      .selectAll()
      .where('id', '=', session.person)
      .executeTakeFirst();
    if (person?.state !== 'active') return undefined;
    if (isUse && now - session.used_at >= TOUCH_MS) {
      await this.#db.updateTable('sessions').set({ used_at: now }).where('hash', '=', session.hash).execute();
    }
    return { session, person };
  }

  /** Those that count, the one used last first. */
  async list(person: string): Promise<SessionRow[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('person', '=', person)
      .orderBy('used_at', 'desc')
      .execute();
    const now = this.#clock.now();
    return rows.filter((row) => this.#counts(row, now));
  }

  async end(hash: string): Promise<void> {
    await this.#db.deleteFrom('sessions').where('hash', '=', hash).execute();
  }

  /** @param except the hash of one that stays */
  async endAll(person: string, except = ''): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('sessions')
      .where('person', '=', person)
      .where('hash', '!=', except)
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  #counts({ created_at: created, used_at: used, expires_at: expires }: SessionRow, now: number): boolean {
    return now < expires && now - used < this.#options.idleMs && created - now <= CLOCK_SLIP_MS;
  }
}
