import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { AuditTables, FactRow } from '../../store/audit-store.ts';
import { type Fact, mergeFacts } from './fact.ts';
import {
  eachOf,
  FactReader,
  KEY_NAMES,
  type KeptFact,
  type KeptFacts,
  keptOf,
  type KeyName,
} from './kept-facts.ts';
import { KeyFilter } from './key-filter.ts';
import { isSameMessage, type Keys, momentsOf } from './keys.ts';

const KEY_COLUMNS = {
  network: 'network',
  message: 'message',
  whole: 'whole',
  moment: 'moment',
  row: 'row_key',
} as const satisfies Record<KeyName, keyof FactRow>;

/** A message to thousands is joined with what its recipient-less evidence tells for so many of them. */
const MOST_FOUND = 20_000;
/** Facts that are joined at a time. */
const BATCH = 4096;
const NONE: readonly Entry[] = [];

/** Joins new facts with the stored ones: loads all that may be the same by their keys, merges in memory, writes back. */
export class FactTable {
  readonly #reader = new FactReader();
  /** There are messages without an identifier of the service; undefined: not asked yet. */
  #isNameless: boolean | undefined;
  readonly #indexed = new Set<KeyName>();
  /** Of messages as a whole, all that are stored; null: others were stored before. A first reading joins little. */
  #stored: KeyFilter | null | undefined;

  /** @param db within a transaction */
  async join(db: Kysely<AuditTables>, facts: KeptFacts): Promise<void> {
    if (facts.texts.length === 0) return;
    if (this.#stored === undefined) this.#stored = (await isEmpty(db)) ? new KeyFilter() : null;
    const entries = [...eachOf(facts)].map((kept) => new Entry(kept, this.#reader));
    for (let at = 0; at < entries.length; at += BATCH) {
      const batch = entries.slice(at, at + BATCH);
      const book = await this.#load(db, batch);
      for (const entry of batch) place(book, entry);
      await write(db, book.entries);
      if (this.#stored !== null)
        for (const { keys } of book.entries) if (keys.whole !== undefined) this.#stored.add(keys.whole);
    }
  }

  async #load(db: Kysely<AuditTables>, entries: readonly Entry[]): Promise<Book> {
    this.#isNameless ??= await hasNameless(db);
    this.#isNameless ||= entries.some(({ keys }) => keys.network === undefined && keys.row === undefined);
    const book = new Book(this.#isNameless);
    const wanted = new Map<KeyName, Set<number>>(KEY_NAMES.map((name) => [name, new Set()]));
    const ids = new Set<number>();
    for (const entry of entries) {
      const { keys } = entry;
      // whoever has an identifier of the service is found by it alone, as long as all others have one too
      const isNamed = !this.#isNameless && keys.network !== undefined;
      for (const name of KEY_NAMES) {
        if (isNamed && (name === 'message' || name === 'moment' || name === 'network')) continue;
        if (keys[name] === undefined || (name === 'whole' && this.#stored?.mayHave(keys[name]) === false))
          continue;
        wanted.get(name)!.add(keys[name]);
      }
      if (!isNamed) for (const moment of momentsOf(entry.fact.told)) wanted.get('moment')!.add(moment);
    }
    for (const [name, keys] of wanted) {
      const found = await this.#find(db, book, ids, name, keys);
      // a message to more recipients than are loaded: at least those that are asked for
      if (name === 'whole' && found === MOST_FOUND)
        await this.#find(
          db,
          book,
          ids,
          'network',
          new Set(entries.flatMap((entry) => entry.keys.network ?? [])),
        );
    }
    return book;
  }

  /** Adds the stored facts of some keys to the book. @returns how many there were */
  async #find(
    db: Kysely<AuditTables>,
    book: Book,
    ids: Set<number>,
    name: KeyName,
    keys: ReadonlySet<number>,
  ): Promise<number> {
    if (keys.size === 0) return 0;
    const column = sql.ref(KEY_COLUMNS[name]);
    if (!this.#indexed.has(name)) {
      // many audits never ask for most keys, and an index costs as much as all else that is written
      await sql`create index if not exists ${sql.ref(`facts_by_${KEY_COLUMNS[name]}`)} on facts (${column})`.execute(
        db,
      );
      this.#indexed.add(name);
    }
    const { rows } = await sql<FactRow>`
      select * from facts
      where ${column} in (select value from json_each(${JSON.stringify([...keys])})) limit ${MOST_FOUND}
    `.execute(db);
    for (const row of rows) {
      if (ids.has(row.id)) continue;
      ids.add(row.id);
      book.add(new Entry(storedIn(row), this.#reader, { id: row.id, shadow: row.shadow === 1 }));
    }
    return rows.length;
  }
}

async function isEmpty(db: Kysely<AuditTables>): Promise<boolean> {
  const { rows } = await sql`select 1 from facts limit 1`.execute(db);
  return rows.length === 0;
}

/** Whether there are messages that only Message-ID, time and address tell. */
async function hasNameless(db: Kysely<AuditTables>): Promise<boolean> {
  await sql`create index if not exists facts_without_name on facts (id) where network is null and row_key is null`.execute(
    db,
  );
  const { rows } = await sql`select 1 from facts where network is null and row_key is null limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** A stored fact, or one that is to be stored. */
class Entry {
  /** Undefined: not stored yet. */
  readonly id: number | undefined;
  kept: KeptFact;
  shadow: boolean;
  changed: boolean;
  gone = false;
  readonly #reader: FactReader;
  #fact: Fact | undefined;

  constructor(kept: KeptFact, reader: FactReader, stored?: { id: number; shadow: boolean }) {
    this.kept = kept;
    this.#reader = reader;
    this.id = stored?.id;
    this.shadow = stored?.shadow ?? false;
    this.changed = stored === undefined;
  }

  get keys(): Keys {
    return this.kept.keys;
  }

  /** Most facts are stored without being looked at. */
  get fact(): Fact {
    return (this.#fact ??= this.#reader.read(this.kept.text));
  }

  /** @returns whether this is another fact than before */
  become(fact: Fact): boolean {
    const kept = keptOf(fact);
    if (kept.text === this.kept.text) return false;
    this.kept = kept;
    this.#fact = fact;
    this.changed = true;
    return true;
  }
}

async function write(db: Kysely<AuditTables>, entries: readonly Entry[]): Promise<void> {
  const gone = entries.filter((entry) => entry.gone && entry.id !== undefined).map(({ id }) => id);
  const rows = entries.filter(({ changed, gone }) => changed && !gone);
  if (gone.length > 0)
    await sql`delete from facts where id in (select value from json_each(${JSON.stringify(gone)}))`.execute(
      db,
    );
  for (let at = 0; at < rows.length; ) {
    const count = rows.length - at < ROWS ? 1 : ROWS;
    const values = rows.slice(at, at + count).flatMap(valuesOf);
    await db.executeQuery(CompiledQuery.raw(count === 1 ? INSERT_ONE : INSERT_MANY, values));
    at += count;
  }
}

/** Rows of one statement: few texts of statements, since each is prepared once. */
const ROWS = 128;
const ROW = '(?, ?, ?, ?, ?, ?, ?, ?, ?)';
const INSERT_ONE = `insert or replace into facts (id, network, message, whole, moment, row_key, day, shadow, body) values ${ROW}`;
const INSERT_MANY = `${INSERT_ONE}${`, ${ROW}`.repeat(ROWS - 1)}`;

function valuesOf({ id, kept: { text, keys, day }, shadow }: Entry): (number | string | null)[] {
  return [
    id ?? null,
    keys.network ?? null,
    keys.message ?? null,
    keys.whole ?? null,
    keys.moment ?? null,
    keys.row ?? null,
    day ?? null,
    shadow ? 1 : 0,
    text,
  ];
}

function storedIn({ body, day, ...row }: FactRow): KeptFact {
  const keys: Keys = {};
  for (const name of KEY_NAMES) {
    const key = row[KEY_COLUMNS[name]];
    if (key !== null) keys[name] = key;
  }
  return { text: body, keys, day: day ?? undefined };
}

/** The facts at hand, by each of their keys. */
class Book {
  /** Some of them have no identifier of the service. */
  readonly isNameless: boolean;
  readonly entries: Entry[] = [];
  readonly #byKey: Record<KeyName, Map<number, Entry[]>> = {
    network: new Map(),
    message: new Map(),
    whole: new Map(),
    moment: new Map(),
    row: new Map(),
  };

  constructor(isNameless: boolean) {
    this.isNameless = isNameless;
  }

  add(entry: Entry): void {
    this.entries.push(entry);
    this.index(entry);
  }

  index(entry: Entry): void {
    for (const name of KEY_NAMES) {
      const key = entry.keys[name];
      if (key === undefined) continue;
      const known = this.#byKey[name].get(key);
      if (!known) this.#byKey[name].set(key, [entry]);
      else if (!known.includes(entry)) known.push(entry);
    }
  }

  at(name: KeyName, key: number | undefined): readonly Entry[] {
    const found = key === undefined ? undefined : this.#byKey[name].get(key);
    return found?.some(({ gone }) => gone) ? found.filter(({ gone }) => !gone) : (found ?? NONE);
  }
}

/** Joins a new fact with those that tell of the same message, or adds it. */
function place(book: Book, entry: Entry): void {
  const [first, ...others] = candidates(book, entry);
  if (!first) {
    book.add(entry);
    shareWhole(book, entry);
    return;
  }
  let merged = mergeFacts(first.fact, entry.fact);
  for (const other of others) {
    // the new evidence has shown that two were one
    if (!isSameMessage(merged.told, other.fact.told)) continue;
    merged = mergeFacts(merged, other.fact);
    other.gone = true;
  }
  update(book, first, merged);
  shareWhole(book, first);
}

function candidates(book: Book, entry: Entry): Entry[] {
  const { keys } = entry;
  const found = new Set<Entry>();
  for (const name of ['network', 'message', 'row'] as const)
    for (const known of book.at(name, keys[name])) found.add(known);
  if (found.size === 0 && book.isNameless && keys.moment !== undefined)
    for (const moment of momentsOf(entry.fact.told))
      for (const known of book.at('moment', moment)) found.add(known);
  return [...found].filter((known) => isSameMessage(known.fact.told, entry.fact.told));
}

function update(book: Book, entry: Entry, fact: Fact): void {
  if (entry.become(fact)) book.index(entry);
}

/** What was told of a message without its recipient holds for each of them. */
function shareWhole(book: Book, entry: Entry): void {
  const family = book.at('whole', entry.keys.whole);
  if (family.length < 2) return;
  if (entry.fact.told.recipient === undefined) {
    const others = family.filter(({ fact }) => fact.told.recipient !== undefined);
    if (others.length === 0) return;
    for (const other of others) update(book, other, mergeFacts(other.fact, entry.fact));
    if (!entry.shadow) Object.assign(entry, { shadow: true, changed: true });
    return;
  }
  for (const other of family) {
    if (other.fact.told.recipient !== undefined) continue;
    update(book, entry, mergeFacts(entry.fact, other.fact));
    if (!other.shadow) Object.assign(other, { shadow: true, changed: true });
  }
}
