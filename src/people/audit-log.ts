import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { ControlStore } from '../store/control.ts';
import type { AuditRow } from '../store/people-rows.ts';
import type { Seal } from '../store/seal.ts';
import { Serial } from '../store/serial.ts';
import { checkChain, FIRST, type Head, type Verification } from './audit-chain.ts';
import { canonicalJson } from './canonical-json.ts';
import { digest } from './digest.ts';

const HEAD = 'audit-log-head';
/** Larger values are named by their hash alone. */
const MOST_OCTETS = 32_768;
const MOST_TEXT = 2000;
/** Entries that wait for a store that does not take them. */
const MOST_WAITING = 1000;

/** An entry that is never there for anybody to see. */
const PROBE: AuditFact = { actor: { kind: 'root', id: '', name: '' }, network: '', action: 'probe' };

/** One thing that somebody did. */
export interface AuditFact {
  actor: { kind: string; id: string; name: string };
  /** The client's address. */
  network: string;
  /** In words. */
  action: string;
  /** Identifier of the source that it was about. */
  source?: string;
  before?: unknown;
  after?: unknown;
}

export interface AuditEntry extends AuditFact {
  sequence: number;
  /** Wall time, milliseconds. */
  at: number;
  /** Hash of the entry before. */
  previous: string;
}

export interface AuditFilter {
  actor?: string;
  source?: string;
  since?: number;
  until?: number;
}

/**
 * What people and programs did, in a chain: each entry holds the hash of the one before. How long the chain is and
 * how it ends is kept sealed beside it, so that who can write to the database, and has not the sealing key, can
 * neither shorten the chain nor write it anew without being found out.
 */
export class AuditLog {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #seal: Seal;
  readonly #events: EventSink;
  readonly #serial = new Serial();
  #head: Head = FIRST;
  #waiting: { at: number; fact: AuditFact }[] = [];
  #isFailing = false;

  constructor(db: ControlStore, clock: Clock, seal: Seal, events: EventSink) {
    this.#db = db;
    this.#clock = clock;
    this.#seal = seal;
    this.#events = events;
  }

  /** Reads where the chain ends; an end that is not where it was left is an alarm. */
  async open(): Promise<void> {
    const last = await this.#db
      .selectFrom('audit_log')
      .select(['sequence', 'hash'])
      .orderBy('sequence', 'desc')
      .executeTakeFirst();
    const found: Head = last ? { count: last.sequence, hash: last.hash } : FIRST;
    const sealed = await this.#sealedHead();
    // what is missing stays missing: the chain goes on from where it truly ended
    this.#head = sealed ?? found;
    if (found.count > this.#head.count) this.#head = { count: found.count, hash: this.#head.hash };
    if (sealed ? sealed.hash !== found.hash : found.count > 0) {
      this.#events.write({
        type: 'alarm',
        code: 'audit-log-damaged',
        outcome: 'critical',
        text: `The audit log does not end where it was left (${sealed?.count ?? 'unknown'} entries, ${found.count} found). postern audit-log verify says more.`,
      });
    }
  }

  /** Number of entries and hash of the last: to be noted down elsewhere, it proves later that none was cut off. */
  get head(): Head {
    return this.#head;
  }

  /** Whether another entry may wait for a store that takes none. */
  get hasRoom(): boolean {
    return this.#waiting.length < MOST_WAITING;
  }

  /** Adds an entry; `flush` tells when it is on stable storage. */
  append(fact: AuditFact): void {
    if (this.hasRoom) this.#waiting.push({ at: this.#clock.now(), fact });
  }

  /**
   * Resolves when everything that was appended is stored.
   * @throws when the store does not take it: it is kept for the next time, and the first time it is an alarm
   */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    await this.#serial.run(async () => {
      const batch = this.#waiting.slice();
      if (batch.length === 0) return;
      try {
        await this.#write(batch);
      } catch (error) {
        this.#failed(error);
        throw error;
      }
      this.#isFailing = false;
      this.#waiting = this.#waiting.slice(batch.length);
    });
  }

  /**
   * Resolves when all is stored that was appended, and one more entry could be: it is written to stable storage and
   * taken away again in one transaction.
   * @throws as `flush`
   */
  async assertWritable(): Promise<void> {
    await this.flush();
    await this.#serial.run(async () => {
      try {
        const row = rowOf(PROBE, this.#clock.now(), this.#head);
        await this.#db.transaction().execute(async (transaction) => {
          await transaction.insertInto('audit_log').values(row).execute();
          await transaction.deleteFrom('audit_log').where('sequence', '=', row.sequence).execute();
        });
      } catch (error) {
        this.#failed(error);
        throw error;
      }
      this.#isFailing = false;
    });
  }

  /** Newest first; `before` is the cursor. */
  async list(
    filter: AuditFilter,
    limit: number,
    before = Number.MAX_SAFE_INTEGER,
  ): Promise<(AuditEntry & { hash: string })[]> {
    const { actor, source, since, until } = filter;
    let query = this.#db.selectFrom('audit_log').selectAll().where('sequence', '<', before);
    if (actor !== undefined) query = query.where('actor', '=', actor);
    if (source !== undefined) query = query.where('source', '=', source);
    if (since !== undefined) query = query.where('at', '>=', since);
    if (until !== undefined) query = query.where('at', '<', until);
    const rows = await query.orderBy('sequence', 'desc').limit(limit).execute();
    return rows.map(({ entry, hash }) => ({ ...(JSON.parse(entry) as AuditEntry), hash }));
  }

  /** As they are stored, oldest first, for keeping elsewhere. */
  async rows(after: number, limit: number): Promise<AuditRow[]> {
    return this.#db
      .selectFrom('audit_log')
      .selectAll()
      .where('sequence', '>', after)
      .orderBy('sequence')
      .limit(limit)
      .execute();
  }

  /**
   * Goes over the whole chain.
   * @param noted what was noted down of it earlier
   */
  async verify(noted?: Head): Promise<Verification> {
    await this.flush();
    return checkChain(
      (after, limit) => this.rows(after, limit),
      (finish) =>
        this.#serial.run(async () => finish({ known: this.#head, sealed: await this.#sealedHead() })),
      noted,
    );
  }

  async #write(facts: { at: number; fact: AuditFact }[]): Promise<void> {
    let head = this.#head;
    const rows = facts.map(({ at, fact }) => {
      const row = rowOf(fact, at, head);
      head = { count: row.sequence, hash: row.hash };
      return row;
    });
    const now = this.#clock.now();
    const value = this.#seal.seal(JSON.stringify(head), HEAD);
    await this.#db.transaction().execute(async (transaction) => {
      for (const row of rows) await transaction.insertInto('audit_log').values(row).execute();
      await transaction
        .insertInto('settings')
        .values({ name: HEAD, value, updated_at: now })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value, updated_at: now }))
        .execute();
    });
    this.#head = head;
  }

  #failed(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#events.write({
      type: 'alarm',
      code: 'audit-log-unwritable',
      outcome: 'critical',
      text: `The audit log can not be written (${String(error)}). Until it can, nothing is changed but what stops a source, a credential or a token.`,
    });
  }

  async #sealedHead(): Promise<Head | undefined> {
    const row = await this.#db
      .selectFrom('settings')
      .select('value')
      .where('name', '=', HEAD)
      .executeTakeFirst();
    if (!row) return undefined;
    try {
      return JSON.parse(this.#seal.open(row.value, HEAD)) as Head;
    } catch {
      // written by somebody else, or under another key: as good as none, which `verify` reports
      return undefined;
    }
  }
}

function rowOf(fact: AuditFact, at: number, head: Head): AuditRow {
  const { actor, network, action, source, before, after } = fact;
  const entry: AuditEntry = {
    sequence: head.count + 1,
    at,
    previous: head.hash,
    actor,
    network,
    action: action.slice(0, MOST_TEXT),
    source,
    before: bounded(before),
    after: bounded(after),
  };
  const text = canonicalJson(entry);
  return {
    sequence: entry.sequence,
    at,
    actor: actor.id,
    source: source ?? null,
    entry: text,
    hash: digest(text),
  };
}

function bounded(value: unknown): unknown {
  if (value === undefined) return undefined;
  let text: string;
  try {
    // one level down: it stands in the entry
    text = canonicalJson(value, 1);
  } catch (error) {
    // an entry that can not be written would keep all later ones from being written
    return { leftOut: String(error) };
  }
  const octets = Buffer.byteLength(text);
  return octets <= MOST_OCTETS ? value : { leftOut: `${octets} octets`, sha256: digest(text) };
}
