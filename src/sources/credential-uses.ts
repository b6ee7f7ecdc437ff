import type { EventSink } from '../journal/event.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { ControlStore } from '../store/control.ts';
import { writeEach } from '../store/staged.ts';

const WRITE_AFTER_MS = 5000;
/** Uses that wait to be written. Beyond, the oldest way to lose one is to lose the newest: the next use comes soon. */
const MOST_WAITING = 20_000;
const LONGEST_HELLO = 255;

/** One use of a credential, as it is let in. */
export interface CredentialUse {
  credential: string;
  /** Wall time, milliseconds. */
  at: number;
  /** The client's address. */
  network: string;
  /** What it called itself; empty over HTTP. */
  hello: string;
  method: string;
}

/** Everything that is known of the uses from one address. */
export interface UseSummary {
  network: string;
  firstAt: number;
  lastAt: number;
  uses: number;
  hello: string;
  method: string;
}

interface Waiting extends CredentialUse {
  firstAt: number;
  uses: number;
}

/**
 * From where each credential is used: which device still shows the old password. Gathered in memory, and written
 * in batches to the store, where it is asked for; nothing of it is needed to let anybody in.
 */
export class CredentialUses {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #events: EventSink;
  /** A new one for each batch, so that what was written is let go whole. */
  #waiting = new Map<string, Waiting>();
  #timer: Timer | undefined;

  /** @param events hears of a disk that did not take them */
  constructor(db: ControlStore, clock: Clock, events: EventSink) {
    this.#db = db;
    this.#clock = clock;
    this.#events = events;
  }

  /** Cheap: called at each authentication. */
  record(seen: CredentialUse): void {
    const use = { ...seen, hello: seen.hello.slice(0, LONGEST_HELLO) };
    const key = `${use.credential} ${use.network}`;
    const known = this.#waiting.get(key);
    if (known) {
      Object.assign(known, use);
      known.uses++;
      return;
    }
    if (this.#waiting.size >= MOST_WAITING) return;
    this.#waiting.set(key, { ...use, firstAt: use.at, uses: 1 });
    this.#timer ??= this.#clock.after(WRITE_AFTER_MS, () => void this.flush());
  }

  /** The latest first. */
  async of(credential: string, limit = 200): Promise<UseSummary[]> {
    await this.flush();
    const rows = await this.#db
      .selectFrom('credential_uses')
      .selectAll()
      .where('credential', '=', credential)
      .orderBy('last_at', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ network, first_at, last_at, uses, hello, method }) => ({
      network,
      uses,
      hello,
      method,
      firstAt: first_at,
      lastAt: last_at,
    }));
  }

  /** Forgets what was last used before `at`. */
  async forgetBefore(at: number): Promise<void> {
    await this.#db.deleteFrom('credential_uses').where('last_at', '<', at).execute();
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const batch = this.#waiting;
    if (batch.size === 0) return;
    this.#waiting = new Map();
    try {
      await this.#db.transaction().execute(async (transaction) => {
        await writeEach(batch.values(), async ({ credential, network, at, firstAt, uses, hello, method }) => {
          // a credential that was removed meanwhile has no uses to remember
          const known = await transaction
            .selectFrom('credentials')
            .select('id')
            .where('id', '=', credential)
            .executeTakeFirst();
          if (!known) return;
          await transaction
            .insertInto('credential_uses')
            .values({ credential, network, first_at: firstAt, last_at: at, uses, hello, method })
            .onConflict((conflict) =>
              conflict.columns(['credential', 'network']).doUpdateSet((expression) => ({
                last_at: at,
                uses: expression('credential_uses.uses', '+', uses),
                hello,
                method,
              })),
            )
            .execute();
        });
      });
    } catch (error) {
      this.#events.write({
        type: 'system',
        text: `uses of credentials could not be written: ${String(error)}`,
      });
    }
  }
}
