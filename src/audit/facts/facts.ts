import { sql } from 'kysely';
import type { AuditStore } from '../../store/audit-store.ts';
import type { Tenant } from '../../edge/tenant.ts';
import type { EvidenceKind, Observation } from '../evidence/observation.ts';
import { type Fact, factOf } from './fact.ts';
import { FactTable } from './fact-table.ts';
import { hashOf } from './keys.ts';
import { type Relevance, relevanceOf } from './relevance.ts';
import { Sketch } from './sketch.ts';

const DAY = 86_400_000;
const BATCH = 4096;
/** One of so many messages of others is remembered with its address: enough to see who stands before the service. */
const SAMPLE = 64;
const MOST_SENT = 65_536;

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
  #pending: Fact[] = [];
  #tallies = new Map<string, Sketch>();
  #sent = new Set<number>();
  #samples = new Map<number, { address: string; day: number }>();

  constructor(db: AuditStore, tenant: Tenant) {
    this.#db = db;
    this.#tenant = tenant;
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
    this.#pending = [];
    this.#tallies.clear();
    this.#sent.clear();
    this.#samples.clear();
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

  /** Takes one row of evidence. @returns whether enough has gathered for a checkpoint; memory grows without it */
  add(observation: Observation): boolean {
    const relevance = relevanceOf(this.#tenant, observation);
    this.#count(observation, relevance);
    if (relevance === 'keep') this.#pending.push(factOf(observation));
    else if (relevance === 'foreign') this.#sample(observation);
    if (relevance === 'internal' || (relevance === 'outgoing' && observation.direction !== 'incoming')) {
      if (observation.messageId) this.#sent.add(hashOf(observation.messageId));
    } else if (relevance === 'keep' && observation.direction === 'originating' && observation.messageId) {
      this.#sent.add(hashOf(observation.messageId));
    }
    return this.#pending.length >= BATCH || this.#sent.size >= MOST_SENT || this.#samples.size >= BATCH;
  }

  /** Makes durable what was added, together with the position after it. */
  async checkpoint(file: number, position: unknown, done = false): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      await new FactTable(trx).join(this.#pending);
      for (const [key, sketch] of this.#tallies) {
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
      if (this.#sent.size > 0) {
        const hashes = new Uint8Array(Float64Array.from(this.#sent).sort().buffer);
        await sql`insert into sent_messages (hashes) values (${hashes})`.execute(trx);
      }
      const samples = [...this.#samples].map(([message, { address, day }]) => [message, address, day]);
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
    this.#pending = [];
    this.#tallies.clear();
    this.#sent.clear();
    this.#samples.clear();
  }

  /** All facts that were kept, a page at a time, in the order of their first mention. */
  async *scan(): AsyncGenerator<Fact> {
    let last = 0;
    for (;;) {
      const page = await this.#db
        .selectFrom('facts')
        .select(['id', 'body'])
        .where('id', '>', last)
        .where('shadow', '=', 0)
        .orderBy('id')
        .limit(2000)
        .execute();
      for (const { body } of page) yield JSON.parse(body) as Fact;
      if (page.length < 2000) return;
      last = page.at(-1)!.id;
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

  /** Which of the messages the organisation itself had sent before. @param ids Message-IDs */
  async sentBefore(ids: Iterable<string>): Promise<Set<string>> {
    const wanted = new Map<number, string>();
    for (const id of ids) wanted.set(hashOf(id), id);
    const found = new Set<string>();
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
      // a copy: the database's block need not begin where numbers may
      for (const hash of new Float64Array(block.hashes.slice().buffer)) {
        const id = wanted.get(hash);
        if (id !== undefined) found.add(id);
      }
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

  #count(observation: Observation, relevance: Relevance): void {
    const { at, kind, recipient = '', row, file, event } = observation;
    if (at === undefined || observation.count !== undefined) return;
    if (event !== undefined && event !== 'receive' && event !== 'refusal' && relevance === 'keep') return;
    const key = `${Math.floor(at / DAY)} ${kind} ${relevance}`;
    let sketch = this.#tallies.get(key);
    if (!sketch) this.#tallies.set(key, (sketch = new Sketch()));
    const id = observation.networkMessageId ?? observation.traceId ?? observation.messageId;
    sketch.add(hashOf(id === undefined ? `${file} ${row} ${recipient}` : `${id} ${recipient}`));
  }

  #sample({ messageId, networkMessageId, address, at }: Observation): void {
    const id = messageId ?? networkMessageId;
    if (id === undefined || !address || at === undefined) return;
    const hash = hashOf(id);
    if (hash % SAMPLE === 0) this.#samples.set(hash, { address, day: Math.floor(at / DAY) });
  }
}
