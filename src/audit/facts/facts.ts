import { sql } from 'kysely';
import type { AuditStore } from '../../store/audit-store.ts';
import type { Tenant } from '../../edge/tenant.ts';
import type { EvidenceKind, Observation } from '../evidence/observation.ts';
import type { RowFilter } from '../evidence/row-filter.ts';
import type { Fact } from './fact.ts';
import { FactTable } from './fact-table.ts';
import { HashIndex } from './hash-index.ts';
import { FactReader, type WrittenFact } from './kept-facts.ts';
import type { Relevance } from './relevance.ts';
import type { Gleaning } from './gleaning.ts';
import { Sieve } from './sieve.ts';
import { Sketch } from './sketch.ts';

/** Facts that are judged at a time. */
const PAGE = 2000;

export interface EvidenceFile {
  number: number;
  /** Where to go on, as the reader said at the last checkpoint; absent: from the beginning. */
  position?: unknown;
  /** All of it was read: nothing to do. */
  done: boolean;
}

export interface Tally {
  /** Days since 1970. */
  day: number;
  kind: EvidenceKind;
  relevance: Relevance;
  /** Messages and recipients, each once however many files tell of them; the error is about 2 %. */
  count: number;
}

/**
 * What the evidence tells, joined and kept. Observations are taken one by one; `checkpoint` writes all that came since
 * the last one, and the reader's position with it, in one transaction: a run that is killed continues there, and
 * what it reads twice changes nothing.
 */
export class Facts {
  readonly #db: AuditStore;
  readonly #tenant: Tenant;
  readonly #table = new FactTable();
  readonly #sieve: Sieve;

  constructor(db: AuditStore, tenant: Tenant) {
    this.#db = db;
    this.#tenant = tenant;
    this.#sieve = new Sieve(tenant);
  }

  /** Domains that were not known when evidence was read: rows about them were counted away, and it has to be read again. */
  async domainsMissed(): Promise<string[]> {
    const row = await this.#db
      .selectFrom('audit_settings')
      .select('value')
      .where('name', '=', 'domains')
      .executeTakeFirst();
    const read = row ? (JSON.parse(row.value) as string[]) : undefined;
    return read ? this.#tenant.domains.map(({ name }) => name).filter((name) => !read.includes(name)) : [];
  }

  /** Forgets what was read, so that it can be read again; notes on senders stay. */
  async forget(): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      for (const table of ['evidence_files', 'facts', 'tallies', 'sent_messages', 'foreign_samples'] as const)
        await trx.deleteFrom(table).execute();
      await trx.deleteFrom('audit_settings').where('name', '=', 'domains').execute();
    });
    this.#sieve.glean();
  }

  /** The file's number, and where to go on. @param fingerprint digest of what it holds */
  async file(fingerprint: string, name: string): Promise<EvidenceFile> {
    const known = await this.#db
      .selectFrom('evidence_files')
      .selectAll()
      .where('fingerprint', '=', fingerprint)
      .executeTakeFirst();
    if (known) {
      const { number, position, done } = known;
      return {
        number,
        done: done === 1,
        ...(position !== null && { position: JSON.parse(position) as unknown }),
      };
    }
    const { max } = await this.#db
      .selectFrom('evidence_files')
      .select((builder) => builder.fn.max('number').as('max'))
      .executeTakeFirstOrThrow();
    const number = (max ?? 0) + 1;
    await this.#db
      .insertInto('evidence_files')
      .values({ number, fingerprint, name: name.slice(0, 1000), position: null, done: 0 })
      .execute();
    return { number, done: false };
  }

  /** Gives a file the number under which its rows come; what was known under that number or name goes. */
  async begin(number: number, name: string): Promise<void> {
    const fingerprint = name.slice(0, 4000);
    await this.#db.transaction().execute(async (trx) => {
      await trx
        .deleteFrom('evidence_files')
        .where((where) => where.or([where('number', '=', number), where('fingerprint', '=', fingerprint)]))
        .execute();
      await trx
        .insertInto('evidence_files')
        .values({ number, fingerprint, name: name.slice(0, 1000), position: null, done: 0 })
        .execute();
    });
  }

  /** What was given as position at the last checkpoint of each file. */
  async positions(): Promise<unknown[]> {
    const rows = await this.#db.selectFrom('evidence_files').select('position').orderBy('number').execute();
    return rows
      .map(({ position }) => (position === null ? null : (JSON.parse(position) as unknown)))
      .filter((position) => position !== null);
  }

  /** For whoever reads: takes rows with less work than `add`. */
  get filter(): RowFilter {
    return this.#sieve;
  }

  /** Takes one row of evidence. @returns `isFull` */
  add(observation: Observation): boolean {
    this.#sieve.add(observation);
    return this.isFull;
  }

  /** Takes what was made of rows elsewhere. */
  join(gleaning: Gleaning): void {
    this.#sieve.join(gleaning);
  }

  /** Enough has gathered for a checkpoint; memory grows without it. */
  get isFull(): boolean {
    return this.#sieve.isFull;
  }

  /** Makes durable what was added, together with the position after it. */
  async checkpoint(file: number, position: unknown, done = false): Promise<void> {
    const { facts, tallies, sent, samples } = this.#sieve.glean();
    await this.#db.transaction().execute(async (trx) => {
      await this.#table.join(trx, facts);
      for (const [key, registers] of tallies) {
        const sketch = new Sketch(registers);
        const [day = '', kind = '', relevance = ''] = key.split(' ');
        const where = { day: Number(day), kind, relevance };
        const known = await trx
          .selectFrom('tallies')
          .select('sketch')
          .where('day', '=', where.day)
          .where('kind', '=', kind)
          .where('relevance', '=', relevance)
          .executeTakeFirst();
        if (known) sketch.merge(new Sketch(known.sketch));
        await trx
          .insertInto('tallies')
          .values({ ...where, sketch: sketch.registers })
          .onConflict((conflict) => conflict.doUpdateSet({ sketch: sketch.registers }))
          .execute();
      }
      if (sent.length > 0) {
        const hashes = new Uint8Array(sent.buffer);
        await sql`insert into sent_messages (hashes) values (${hashes})`.execute(trx);
      }
      if (samples.length > 0)
        await sql`
          insert or ignore into foreign_samples (message, address, day)
          select value ->> 0, value ->> 1, value ->> 2 from json_each(${JSON.stringify(samples)})
        `.execute(trx);
      await trx
        .updateTable('evidence_files')
        .set({ position: JSON.stringify(position ?? null), done: done ? 1 : 0 })
        .where('number', '=', file)
        .execute();
      const domains = JSON.stringify(this.#tenant.domains.map(({ name }) => name));
      await trx
        .insertInto('audit_settings')
        .values({ name: 'domains', value: domains })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    });
  }

  /** All facts that were kept, a page at a time, in the order of their first mention. */
  async *scan(): AsyncGenerator<Fact> {
    const reader = new FactReader();
    let last = 0;
    for (;;) {
      // a page as one text: to make each row a value of its own costs more than to read it; SQLite joins them as they come
      const { rows } = await sql<{ last: number; count: number; bodies: string }>`
        select max(id) as last, count(*) as count, '[' || group_concat(body, ',') || ']' as bodies from
          (select id, body from facts where id > ${last} and shadow = 0 order by id limit ${PAGE})
      `.execute(this.#db);
      const page = rows[0];
      if (!page || page.count === 0) return;
      for (const written of JSON.parse(page.bodies) as WrittenFact[]) yield reader.complete(written);
      if (page.count < PAGE) return;
      last = page.last;
    }
  }

  async tallies(): Promise<Tally[]> {
    const rows = await this.#db.selectFrom('tallies').selectAll().orderBy('day').execute();
    return rows.map(({ day, kind, relevance, sketch }) => ({
      day,
      kind: kind as EvidenceKind,
      relevance: relevance as Relevance,
      count: new Sketch(sketch).count,
    }));
  }

  /** Which of the messages the organisation itself had sent before. @param messages hashes of Message-IDs */
  async sentBefore(messages: Float64Array): Promise<Set<number>> {
    const wanted = new HashIndex(messages);
    const found = new Set<number>();
    let last = 0;
    while (found.size < wanted.size) {
      const block = await this.#db
        .selectFrom('sent_messages')
        .selectAll()
        .where('id', '>', last)
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      if (!block) break;
      last = block.id;
      wanted.among(numbersOf(block.hashes), found);
    }
    return found;
  }

  /** Addresses that mail of others came from, in a sample: who stands in front of the service. */
  async foreignSamples(): Promise<Map<string, number>> {
    const rows = await this.#db
      .selectFrom('foreign_samples')
      .select(['address', (builder) => builder.fn.countAll<number>().as('messages')])
      .groupBy('address')
      .orderBy('messages', 'desc')
      .limit(1000)
      .execute();
    return new Map(rows.map(({ address, messages }) => [address, messages]));
  }
}

/** A block of the database as numbers; copied only where it does not begin where numbers may. */
function numbersOf(block: Uint8Array): Float64Array {
  const { buffer, byteOffset, byteLength } = block.byteOffset % 8 === 0 ? block : block.slice();
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}
