import type { EventSink, RecordedEvent } from '../../journal/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ControlStore } from '../../store/control.ts';
import { emptyFingerprint, type Fingerprint, merge, observe, TRAITS } from './fingerprint.ts';

/** Sources that one transaction writes, so that nothing waits long for it. */
const BATCH = 100;
/** Sources that may wait to be written; of others nothing is noted until then. */
const MOST_WAITING = 20_000;

/**
 * What every source was seen to do. Events are gathered in memory and added to the store now and then: what was
 * seen in the last seconds before a crash is lost, and comes again.
 */
export class Fingerprints {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #events: EventSink;
  #fresh = new Map<string, Fingerprint>();
  #writing: Promise<void> | undefined;

  constructor(db: ControlStore, clock: Clock, events: EventSink) {
    this.#db = db;
    this.#clock = clock;
    this.#events = events;
  }

  /** Takes notice of an event of the journal. */
  seen(event: RecordedEvent): void {
    const { source } = event;
    if (source === undefined) return;
    let fingerprint = this.#fresh.get(source);
    if (!fingerprint) {
      if (this.#fresh.size >= MOST_WAITING) return;
      this.#fresh.set(source, (fingerprint = emptyFingerprint(event.at)));
    }
    observe(fingerprint, event);
  }

  /** With what is not yet written. */
  async get(source: string): Promise<Fingerprint | undefined> {
    await this.flush();
    // a write that was under way had begun without it
    if (this.#fresh.has(source)) await this.flush();
    const row = await this.#db
      .selectFrom('fingerprints')
      .select('seen')
      .where('source', '=', source)
      .executeTakeFirst();
    return row && read(row.seen);
  }

  async forget(source: string): Promise<void> {
    this.#fresh.delete(source);
    await this.#db.deleteFrom('fingerprints').where('source', '=', source).execute();
  }

  /** Writes what was gathered. Never rejects. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#fresh.size === 0) return;
    const waiting = [...this.#fresh];
    this.#fresh = new Map();
    try {
      while (waiting.length > 0) {
        await this.#add(waiting.slice(0, BATCH));
        waiting.splice(0, BATCH);
        // others have their turn between two batches
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      for (const [source, fingerprint] of waiting) {
        const meanwhile = this.#fresh.get(source);
        if (meanwhile) merge(fingerprint, meanwhile);
        this.#fresh.set(source, fingerprint);
      }
      this.#events.write({ type: 'system', text: `fingerprints could not be written: ${String(error)}` });
    }
  }

  #add(batch: [string, Fingerprint][]): Promise<void> {
    return this.#db.transaction().execute(async (transaction) => {
      const sources = batch.map(([source]) => source);
      const rows = await transaction
        .selectFrom('fingerprints')
        .select(['source', 'seen'])
        .where('source', 'in', sources)
        .execute();
      const known = new Map(rows.map(({ source, seen }) => [source, seen]));
      for (const [source, fresh] of batch) {
        const before = known.get(source);
        const whole = before === undefined ? fresh : read(before);
        if (before !== undefined) merge(whole, fresh);
        const row = { seen: JSON.stringify(whole), updated_at: this.#clock.now() };
        await transaction
          .insertInto('fingerprints')
          .values({ source, ...row })
          .onConflict((conflict) => conflict.column('source').doUpdateSet(row))
          .execute();
      }
    });
  }
}

function read(json: string): Fingerprint {
  const fingerprint = JSON.parse(json) as Fingerprint;
  for (const trait of TRAITS) fingerprint.seen[trait] ??= {};
  return fingerprint;
}
